//! Commands: each in a process group of its own, its output streamed as it comes.

use std::{
    collections::HashMap,
    io::Read,
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use deskbound_guest::{Answer, CommandSpec, Reply, Stream, User, protocol::CHUNK_BYTES_MAX};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::{system::Replies, user::SessionUser};

/// Where no limit is asked for.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(24 * 60 * 60);

/// A command's end is not held up by a grandchild that keeps its output open.
const OUTPUT_AFTER_END: Duration = Duration::from_millis(300);

/// The process groups that run now, by the request that started them.
#[derive(Clone, Default)]
pub(crate) struct Commands(Arc<Mutex<HashMap<u32, Pid>>>);

impl Commands {
    pub(crate) fn run(&self, id: u32, spec: CommandSpec, user: &SessionUser, replies: &Replies) {
        let started = start(&spec, user);
        let reply = |answer| drop(replies.send(Reply { id, answer }));
        let mut child = match started {
            Ok(child) => child,
            Err(error) => {
                let program = spec.argv.first().map_or("", String::as_str);
                return reply(Answer::Refused {
                    reason: format!("`{program}` does not start: {error}"),
                });
            }
        };
        let pid = Pid::from_child(&child);
        if spec.background {
            thread::spawn(move || child.wait());
            return reply(Answer::Started { pid: pid.as_raw_nonzero().get().unsigned_abs() });
        }
        self.groups().insert(id, pid);
        let (commands, replies) = (self.clone(), replies.clone());
        let timeout = spec.timeout.unwrap_or(TIMEOUT_DEFAULT);
        thread::spawn(move || {
            let answer = follow(id, &mut child, timeout, &replies);
            commands.groups().remove(&id);
            drop(replies.send(Reply { id, answer }));
        });
    }

    pub(crate) fn cancel(&self, id: u32) -> Answer {
        if let Some(group) = self.groups().get(&id) {
            // Gone already is as good.
            let _ = kill_process_group(*group, Signal::KILL);
        }
        Answer::Done
    }

    fn groups(&self) -> std::sync::MutexGuard<'_, HashMap<u32, Pid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn start(spec: &CommandSpec, user: &SessionUser) -> std::io::Result<Child> {
    let Some((program, arguments)) = spec.argv.split_first() else {
        return Err(std::io::Error::other("an empty command"));
    };
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("LANG", "C.UTF-8").process_group(0);
    command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    let home = match spec.user {
        User::Session => {
            user.take_on(&mut command);
            &user.home
        }
        User::Root => "/root",
    };
    command.current_dir(spec.cwd.as_deref().unwrap_or(home));
    command.envs(spec.env.iter().map(|(name, value)| (name, value)));
    let output = || if spec.background { Stdio::null() } else { Stdio::piped() };
    command.stdin(Stdio::null()).stdout(output()).stderr(output());
    command.spawn()
}

/// Streams the output, waits for the end, kills the group when the time is over.
fn follow(id: u32, child: &mut Child, timeout: Duration, replies: &Replies) -> Answer {
    let (done, output_done) = mpsc::channel();
    let pipes: [(Stream, Option<Box<dyn Read + Send>>); 2] = [
        (Stream::Stdout, child.stdout.take().map(|pipe| Box::new(pipe) as _)),
        (Stream::Stderr, child.stderr.take().map(|pipe| Box::new(pipe) as _)),
    ];
    for (stream, pipe) in pipes {
        let (replies, done) = (replies.clone(), done.clone());
        if let Some(pipe) = pipe {
            thread::spawn(move || {
                pump(id, stream, pipe, &replies);
                drop(done);
            });
        }
    }
    drop(done);
    let group = Pid::from_child(child);
    let (ended, end) = mpsc::channel::<()>();
    let alarm = thread::spawn(move || {
        let timed_out = end.recv_timeout(timeout) == Err(mpsc::RecvTimeoutError::Timeout);
        if timed_out {
            // Gone already is as good.
            let _ = kill_process_group(group, Signal::KILL);
        }
        timed_out
    });
    let status = child.wait();
    drop(ended);
    let timed_out = alarm.join().unwrap_or(false);
    // Nothing is ever sent: the channel closes when both pumps have ended.
    let _ = output_done.recv_timeout(OUTPUT_AFTER_END) as Result<(), _>;
    Answer::Exited { status: status.map_or(-1, shell_status), timed_out }
}

fn pump(id: u32, stream: Stream, mut pipe: impl Read, replies: &Replies) {
    let mut chunk = vec![0; CHUNK_BYTES_MAX];
    while let Ok(length @ 1..) = pipe.read(&mut chunk) {
        let answer = Answer::Output { stream, bytes: chunk[..length].to_vec() };
        if replies.send(Reply { id, answer }).is_err() {
            return;
        }
    }
}

fn shell_status(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}
