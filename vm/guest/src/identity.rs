//! What makes a clone its own: the clock, the random pool, the names. No command is spawned for
//! any of it.
//!
//! The kernel's own host name stays the template's. Programs of the session asked for it when they
//! started, and compare: with another name from then on, the window manager would mark every new
//! window as one of a foreign machine, and X clients would look for their server on one. The
//! clone's name is in `/etc/hostname`, where the next boot takes it from.

use std::{fs, io, time::Duration};

use deskbound_guest::{Answer, hex};
use rustix::time::{ClockId, Timespec, clock_settime};

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
    fs::write("/etc/hostname", format!("{hostname}\n"))?;
    fs::write("/etc/machine-id", format!("{}\n", hex(&entropy[..16])))?;
    // Last: whoever waits for a time of day wakes up, and has the processors for a while.
    try_set_clock(unix_time)
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
