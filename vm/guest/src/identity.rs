//! What makes a clone its own: the clock, the random pool, the names. No command is spawned for
//! any of it.
//!
//! ```text
//!   template's name   init ─ X server ─ session and what it starts ─ what lives on
//!   clone's name      this program's main thread ─ commands and shells
//! ```
//!
//! The kernel has a host name for each UTS namespace. Programs of the session asked for theirs when
//! they started, and compare: the window manager would mark every window of another name as one of a
//! foreign machine. So the session keeps the namespace of the boot, and commands get one of their
//! own. `/etc/hostname` has the clone's name too, and the next boot takes it from there.

use std::{fs, io, os::fd::AsFd as _, thread, time::Duration};

use deskbound_guest::{Answer, hex};
use rustix::{
    system::{sethostname, uname},
    thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space, unshare_unsafe},
    time::{ClockId, Timespec, clock_settime},
};

const HOSTNAME: &str = "/etc/hostname";
const HOSTS: &str = "/etc/hosts";

/// Where Debian lets a machine find its own name.
const OWN_ADDRESS: &str = "127.0.1.1";

/// The namespace of the boot's host name, and that of whoever looks.
const NAME_OF_BOOT: &str = "/proc/1/ns/uts";
const NAME_OF_SELF: &str = "/proc/thread-self/ns/uts";

pub(crate) fn adopt(unix_time: Duration, entropy: &[u8; 32], hostname: &str) -> Answer {
    match try_adopt(unix_time, entropy, hostname) {
        Ok(()) => Answer::Done,
        Err(error) => {
            Answer::Refused { reason: format!("the clone cannot be made its own: {error}") }
        }
    }
}

fn try_adopt(unix_time: Duration, entropy: &[u8; 32], hostname: &str) -> io::Result<()> {
    reseed(entropy)?;
    fs::write(HOSTNAME, format!("{hostname}\n"))?;
    let hosts = fs::read_to_string(HOSTS).unwrap_or_default();
    fs::write(HOSTS, with_own_name(&hosts, hostname))?;
    take_name(hostname)?;
    fs::write("/etc/machine-id", format!("{}\n", hex(&entropy[..16])))?;
    // Last: whoever waits for a time of day wakes up, and has the processors for a while.
    try_set_clock(unix_time)
}

/// The list of hosts with this machine's name in it, in place of an earlier one.
fn with_own_name(hosts: &str, hostname: &str) -> String {
    let is_own = |line: &&str| line.split_whitespace().next() == Some(OWN_ADDRESS);
    let others = hosts.lines().filter(|line| !is_own(line));
    others
        .chain([&*format!("{OWN_ADDRESS} {hostname}")])
        .fold(String::new(), |all, line| all + line + "\n")
}

/// Takes the clone's name again, where this program was started anew inside it.
pub(crate) fn keep_name() -> io::Result<()> {
    let hostname = fs::read_to_string(HOSTNAME)?;
    let hostname = hostname.trim();
    if hostname.is_empty() || uname().nodename().to_bytes() == hostname.as_bytes() {
        return Ok(());
    }
    take_name(hostname)
}

/// From now on the calling thread, and what it starts, is on a machine of this name; so is what it
/// started before, but for the session.
fn take_name(hostname: &str) -> io::Result<()> {
    if !has_own_name()? {
        unshare_name()?;
    }
    Ok(sethostname(hostname.as_bytes())?)
}

fn has_own_name() -> io::Result<bool> {
    Ok(fs::read_link(NAME_OF_SELF)? != fs::read_link(NAME_OF_BOOT)?)
}

#[allow(unsafe_code, reason = "rustix has one call for all that can be parted")]
fn unshare_name() -> io::Result<()> {
    // SAFETY: descriptors stay shared; only the host name is parted.
    Ok(unsafe { unshare_unsafe(UnshareFlags::NEWUTS) }?)
}

/// Starts what belongs to the session, under the name that the session has.
pub(crate) fn in_session<T: Send>(start: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    if !has_own_name()? {
        return start();
    }
    // A namespace is a thread's: it is left for good, and the thread ends.
    let starting = || {
        let boot = fs::File::open(NAME_OF_BOOT)?;
        let kind = LinkNameSpaceType::HostNameAndNISDomainName;
        move_into_link_name_space(boot.as_fd(), Some(kind))?;
        start()
    };
    let started = thread::scope(|scope| scope.spawn(starting).join());
    started.map_err(|_| io::Error::other("the thread that starts it panicked"))?
}

pub(crate) fn set_clock(unix_time: Duration) -> Answer {
    match try_set_clock(unix_time) {
        Ok(()) => Answer::Done,
        Err(error) => Answer::Refused { reason: format!("the clock cannot be set: {error}") },
    }
}

fn try_set_clock(unix_time: Duration) -> io::Result<()> {
    let now = Timespec {
        tv_sec: i64::try_from(unix_time.as_secs()).map_err(io::Error::other)?,
        tv_nsec: unix_time.subsec_nanos().into(),
    };
    Ok(clock_settime(ClockId::Realtime, now)?)
}

/// Writing to `/dev/urandom` mixes without crediting; `RNDRESEEDCRNG` makes it take at once, so
/// that two clones of one template part ways before their first random number.
fn reseed(entropy: &[u8; 32]) -> io::Result<()> {
    let mut pool = fs::File::options().write(true).open("/dev/urandom")?;
    io::Write::write_all(&mut pool, entropy)?;
    reseed_ioctl(&pool)
}

#[allow(unsafe_code, reason = "the ioctl has no safe wrapper")]
fn reseed_ioctl(pool: &fs::File) -> io::Result<()> {
    // From linux/random.h: _IO('R', 0x07).
    const RNDRESEEDCRNG: rustix::ioctl::Opcode = 0x5207;
    // SAFETY: the operation takes no argument and returns none.
    unsafe { rustix::ioctl::ioctl(pool, rustix::ioctl::NoArg::<RNDRESEEDCRNG>::new()) }?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_name_is_the_one_that_is_found() {
        let boot = "127.0.0.1 localhost desk\n";
        let named = |name: &str| format!("{boot}{OWN_ADDRESS} {name}\n");
        assert_eq!(with_own_name(boot, "desk-1-1"), named("desk-1-1"));
        assert_eq!(with_own_name(&named("desk-1-1"), "desk-2-1"), named("desk-2-1"));
        assert_eq!(with_own_name("", "a"), "127.0.1.1 a\n");
    }
}
