//! Commands: each in a process group of its own, its output streamed as it comes.

use std::{
    fs::File,
    io::{self, Read, Write},
    os::{
        fd::OwnedFd,
        unix::process::{CommandExt as _, ExitStatusExt as _},
    },
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc,
        mpsc::{self, Receiver},
    },
    thread,
    time::Duration,
};

use deskbound_guest::{
    Answer, CommandSpec, Reply, Stream, User,
    protocol::{CHUNK_BYTES_MAX, Mode, TerminalSize},
};
use rustix::{
    process::{Pid, Signal, ioctl_tiocsctty, kill_process_group, setsid},
    pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt},
    termios::tcsetwinsize,
};

use crate::{
    identity,
    job::{Fed, Job, refused, winsize},
    system::Replies,
    user::SessionUser,
};

/// Where no limit is asked for.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(24 * 60 * 60);

/// A command's end is not held up by a grandchild that keeps its output open.
const OUTPUT_AFTER_END: Duration = Duration::from_millis(300);

/// A command that was started, and the terminal it is on, from outside.
struct Started {
    child: Child,
    terminal: Option<File>,
}

pub(crate) fn run(job: Job, spec: &CommandSpec, user: &SessionUser) {
    let Started { mut child, terminal } = match start(spec, user) {
        Ok(started) => started,
        Err(error) => {
            let program = spec.argv.first().map_or("", String::as_str);
            return job.end(refused(&format!("`{program}` does not start: {error}")));
        }
    };
    let pid = Pid::from_child(&child);
    if spec.mode == Mode::Background {
        thread::spawn(move || child.wait());
        return job.end(Answer::Started { pid: pid.as_raw_nonzero().get().unsigned_abs() });
    }
    job.has_group(pid);
    let mut outputs: Vec<(Stream, Box<dyn Read + Send>)> = Vec::new();
    let input: Option<Box<dyn Write + Send>> = match terminal {
        Some(terminal) => match shared(&terminal) {
            Ok([reading, resizing]) => {
                outputs.push((Stream::Stdout, Box::new(reading)));
                job.has_terminal(resizing);
                Some(Box::new(terminal))
            }
            Err(error) => return job.end(refused(&error.to_string())),
        },
        None => {
            outputs.extend(child.stdout.take().map(|pipe| (Stream::Stdout, Box::new(pipe) as _)));
            outputs.extend(child.stderr.take().map(|pipe| (Stream::Stderr, Box::new(pipe) as _)));
            child.stdin.take().map(|pipe| Box::new(pipe) as _)
        }
    };
    let feed = input.is_some().then(|| job.feed());
    let timeout = spec.timeout.unwrap_or(TIMEOUT_DEFAULT);
    thread::spawn(move || {
        let job = Arc::new(job);
        if let Some((input, feed)) = input.zip(feed) {
            let replies = job.replies.clone();
            thread::spawn(move || take_input(input, &feed, &replies));
        }
        let answer = follow(&job, &mut child, timeout, outputs);
        job.end(answer);
    });
}

fn shared(terminal: &File) -> io::Result<[File; 2]> {
    Ok([terminal.try_clone()?, terminal.try_clone()?])
}

fn start(spec: &CommandSpec, user: &SessionUser) -> io::Result<Started> {
    let Some((program, arguments)) = spec.argv.split_first() else {
        return Err(io::Error::other("an empty command"));
    };
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("LANG", "C.UTF-8");
    command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    let home = match spec.user {
        User::Session => {
            user.take_on(&mut command);
            &user.home
        }
        User::Root => {
            command.env("HOME", "/root").env("USER", "root").env("SHELL", "/bin/bash");
            "/root"
        }
    };
    command.current_dir(spec.cwd.as_deref().unwrap_or(home));
    let mut terminal = None;
    match spec.mode {
        Mode::Followed => {
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        }
        Mode::Fed => {
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        }
        Mode::Background => {
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        }
        Mode::Terminal(size) => {
            command.env("TERM", "xterm-256color");
            terminal = Some(give_terminal(&mut command, size, spec.user, user)?);
        }
    }
    if terminal.is_none() {
        command.process_group(0);
    }
    command.envs(spec.env.iter().map(|(name, value)| (name, value)));
    let child = match spec.mode {
        Mode::Background => identity::in_session(|| command.spawn())?,
        Mode::Followed | Mode::Fed | Mode::Terminal(_) => command.spawn()?,
    };
    Ok(Started { child, terminal })
}

/// A new terminal, which the command has for input and output and its session.
#[allow(unsafe_code, reason = "what must happen between fork and exec has no safe form")]
fn give_terminal(
    command: &mut Command,
    size: TerminalSize,
    who: User,
    user: &SessionUser,
) -> io::Result<File> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let outside = openpt(flags)?;
    grantpt(&outside)?;
    unlockpt(&outside)?;
    tcsetwinsize(&outside, winsize(size))?;
    let inside: OwnedFd = ioctl_tiocgptpeer(&outside, flags)?;
    if who == User::Session {
        std::os::unix::fs::fchown(&inside, Some(user.uid), None)?;
    }
    command.stdin(inside.try_clone()?).stdout(inside.try_clone()?).stderr(inside);
    // SAFETY: two system calls, both safe after a fork; standard input is the terminal by then.
    unsafe {
        command.pre_exec(|| {
            setsid()?;
            Ok(ioctl_tiocsctty(rustix::stdio::stdin())?)
        });
    }
    Ok(outside.into())
}

/// Passes on what is fed until its end, or until the command no longer reads.
fn take_input(mut input: Box<dyn Write + Send>, feed: &Receiver<Fed>, replies: &Replies) {
    for Fed { id, bytes } in feed {
        let written = input.write_all(&bytes).and_then(|()| input.flush());
        let failed = written.is_err();
        let answer = written.map_or_else(|error| refused(&error.to_string()), |()| Answer::Done);
        let sent = replies.send(Reply { id, answer });
        if sent.is_err() || failed || bytes.is_empty() {
            return;
        }
    }
}

/// Streams the output, waits for the end, kills the group when the time is over.
fn follow(
    job: &Arc<Job>,
    child: &mut Child,
    timeout: Duration,
    outputs: Vec<(Stream, Box<dyn Read + Send>)>,
) -> Answer {
    let (done, output_done) = mpsc::channel();
    for (stream, pipe) in outputs {
        let (job, done) = (Arc::clone(job), done.clone());
        thread::spawn(move || {
            pump(&job, stream, pipe);
            drop(job);
            drop(done);
        });
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
    await_output(job, &output_done);
    Answer::Exited { status: status.map_or(-1, shell_status), timed_out }
}

/// Until both pumps have ended: what the command wrote is all sent, however slowly the host takes
/// it, but nothing waits for a grandchild that writes nothing.
fn await_output(job: &Job, output_done: &mpsc::Receiver<()>) {
    // Nothing is ever sent: the channel closes when the pumps have ended.
    while output_done.recv_timeout(OUTPUT_AFTER_END) == Err(mpsc::RecvTimeoutError::Timeout) {
        if !job.is_waiting() {
            return;
        }
    }
}

fn pump(job: &Job, stream: Stream, mut pipe: impl Read) {
    let mut chunk = vec![0; CHUNK_BYTES_MAX];
    while let Ok(length @ 1..) = pipe.read(&mut chunk) {
        let answer = Answer::Output { stream, bytes: chunk[..length].to_vec() };
        if job.send(answer).is_err() {
            return;
        }
    }
}

fn shell_status(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}
