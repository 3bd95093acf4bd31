//! A terminal whose other end is this test: it answers what terminals are asked, or does not, and
//! keeps every byte that it was sent.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

const LIMIT: Duration = Duration::from_secs(60);
/// 80 × 24 cells of 10 × 20 pixels.
const SIZE: Winsize = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 800, ws_ypixel: 480 };

pub(crate) struct Pty {
    child: Child,
    keys: File,
    shown: Receiver<Vec<u8>>,
    /// All that was sent.
    pub(crate) bytes: Vec<u8>,
}

impl Pty {
    /// Once `question` has been sent, `answer` is given.
    pub(crate) fn start(
        mut command: Command,
        question: &'static str,
        answer: &'static str,
    ) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("ours");
        let name = ptsname(&master, Vec::new()).expect("a name");
        let flags = OFlags::RDWR | OFlags::NOCTTY;
        let slave = File::from(open(name.as_c_str(), flags, Mode::empty()).expect("its end"));
        tcsetwinsize(&slave, SIZE).expect("a size");
        let end = || Stdio::from(slave.try_clone().expect("a descriptor"));
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().expect("it starts");
        let (said, shown) = mpsc::channel();
        let mut reading = File::from(master);
        let keys = reading.try_clone().expect("a descriptor");
        let mut answering = reading.try_clone().expect("a descriptor");
        thread::spawn(move || {
            let (mut buffer, mut seen, mut is_answered) = (vec![0; 1 << 16], Vec::new(), false);
            while let Ok(count @ 1..) = reading.read(&mut buffer) {
                if !is_answered {
                    seen.extend_from_slice(&buffer[..count]);
                    is_answered = holds(&seen, question);
                    if is_answered && answering.write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
                if said.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { child, keys, shown, bytes: Vec::new() }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("it reads keys");
    }

    /// Until what was sent is as wanted; how long that took.
    pub(crate) fn wait_until(&mut self, what: &str, fits: impl Fn(&[u8]) -> bool) -> Duration {
        let begun = Instant::now();
        while !fits(&self.bytes) {
            let left = LIMIT.saturating_sub(begun.elapsed());
            match self.shown.recv_timeout(left) {
                Ok(bytes) => self.bytes.extend(bytes),
                Err(_) => panic!("waited for {what} in {:?}", String::from_utf8_lossy(&self.bytes)),
            }
        }
        begun.elapsed()
    }

    pub(crate) fn wait_for(&mut self, wanted: &str) -> Duration {
        self.wait_until(wanted, |bytes| holds(bytes, wanted))
    }

    /// Everything until the program has ended.
    pub(crate) fn leave(mut self) -> Vec<u8> {
        self.press("q");
        let begun = Instant::now();
        while self.child.try_wait().expect("a child").is_none() {
            assert!(begun.elapsed() < LIMIT, "it does not leave");
            self.bytes.extend(self.shown.try_iter().flatten());
            thread::sleep(Duration::from_millis(5));
        }
        while let Ok(bytes) = self.shown.recv_timeout(Duration::from_millis(200)) {
            self.bytes.extend(bytes);
        }
        std::mem::take(&mut self.bytes)
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // It may have ended: as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn holds(bytes: &[u8], wanted: &str) -> bool {
    count(bytes, wanted) > 0
}

pub(crate) fn count(bytes: &[u8], wanted: &str) -> usize {
    bytes.windows(wanted.len()).filter(|part| *part == wanted.as_bytes()).count()
}
