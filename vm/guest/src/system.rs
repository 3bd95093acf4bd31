//! The system part: owns the port, answers for commands, files and identity, and hands what the
//! session part must answer to that part.

use std::{
    error::Error,
    fs::File,
    io::Write as _,
    os::unix::net::UnixStream,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use deskbound_guest::{
    Answer, Ask, PROTOCOL_VERSION, Reply, Request,
    protocol::PORT,
    wire::{self, WireError},
};

use crate::{
    command, files, identity,
    job::{Fed, Job, Jobs, refused},
    network,
    user::SessionUser,
};

/// Replies that wait for the port; whoever makes more waits.
const REPLIES_WAITING_MAX: usize = 64;

/// The way to the port: frames, written one after the other.
#[derive(Clone)]
pub(crate) struct Replies(SyncSender<Vec<u8>>);

/// Nobody writes to the port any more.
#[derive(Debug)]
pub(crate) struct Gone;

impl Replies {
    pub(crate) fn send(&self, reply: Reply) -> Result<(), Gone> {
        let id = reply.id;
        let frame = wire::encode(&reply).or_else(|error| {
            wire::encode(&Reply { id, answer: Answer::Refused { reason: error.to_string() } })
        });
        self.pass_on(frame.map_err(|_| Gone)?)
    }

    /// A frame that somebody else has made.
    fn pass_on(&self, frame: Vec<u8>) -> Result<(), Gone> {
        self.0.send(frame).map_err(|_| Gone)
    }
}

pub(crate) fn serve() -> Result<(), Box<dyn Error>> {
    let path = format!("/dev/virtio-ports/{PORT}");
    let mut port = File::options().read(true).write(true).open(path)?;
    // Where it cannot be kept, commands have the name of the boot.
    let _ = identity::keep_name();
    let writer = port.try_clone()?;
    let (replies, waiting) = sync_channel(REPLIES_WAITING_MAX);
    let replies = Replies(replies);
    thread::spawn(move || write_frames(writer, &waiting));
    let system = System {
        user: SessionUser::find()?,
        jobs: Jobs::default(),
        session: Arc::default(),
        replies,
    };
    loop {
        match wire::read::<Request>(&mut port) {
            Ok(request) => system.answer(request),
            // The host has let go of the port; the unit starts this program afresh.
            Err(WireError::Ended) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

fn write_frames(mut port: File, waiting: &Receiver<Vec<u8>>) {
    for frame in waiting {
        if port.write_all(&frame).is_err() {
            return;
        }
    }
}

struct System {
    user: SessionUser,
    jobs: Jobs,
    /// The line to the session part, once it was needed.
    session: Arc<Mutex<Option<UnixStream>>>,
    replies: Replies,
}

impl System {
    fn answer(&self, request: Request) {
        let Request { id, ask } = request;
        if ask.is_for_session() {
            return self.hand_on(Request { id, ask });
        }
        match ask {
            Ask::Hello { .. } => self.reply(id, Answer::Hello { version: PROTOCOL_VERSION }),
            Ask::Network => self.reply(id, network::bring_up()),
            Ask::Adopt { unix_time, entropy, hostname } => {
                self.reply(id, identity::adopt(unix_time, &entropy, &hostname));
            }
            Ask::SetClock { unix_time } => self.reply(id, identity::set_clock(unix_time)),
            Ask::Cancel { id: job } => self.reply(id, self.jobs.cancel(job)),
            Ask::Signal { id: job, signal } => self.reply(id, self.jobs.signal(job, signal)),
            Ask::Resize { id: job, size } => self.reply(id, self.jobs.resize(job, size)),
            Ask::More { id: job, replies } => self.jobs.more(job, replies),
            Ask::Feed { id: job, bytes } => {
                if let Some(answer) = self.jobs.feed(job, Fed { id, bytes }) {
                    self.reply(id, answer);
                }
            }
            Ask::Run(spec) => {
                command::run(self.jobs.open(id, &self.replies), &spec, &self.user);
            }
            Ask::Stat { path } => self.reply(id, files::stat(&path)),
            Ask::List { path } => self.reply(id, files::list(&path)),
            Ask::Read { path } => self.start(id, move |job| files::read(job, &path)),
            Ask::ReadTree { path } => self.start(id, move |job| files::read_tree(job, &path)),
            Ask::Watch { path } => self.start(id, move |job| files::watch(job, &path)),
            Ask::Write { path, mode } => {
                let user = self.user.clone();
                self.take_in(id, move |job, fed| files::write(job, fed, &path, mode, &user));
            }
            Ask::WriteTree { path } => {
                let user = self.user.clone();
                self.take_in(id, move |job, fed| files::write_tree(job, fed, &path, &user));
            }
            _ => self.reply(id, refused("the session part answers this")),
        }
    }

    /// A job with a thread of its own.
    fn start(&self, id: u32, work: impl FnOnce(&Job) + Send + 'static) {
        let job = self.jobs.open(id, &self.replies);
        thread::spawn(move || work(&job));
    }

    /// A job that is fed; from now on, for what feeds it may come at once.
    fn take_in(&self, id: u32, work: impl FnOnce(&Job, Receiver<Fed>) + Send + 'static) {
        let job = self.jobs.open(id, &self.replies);
        let fed = job.feed();
        thread::spawn(move || work(&job, fed));
    }

    fn hand_on(&self, request: Request) {
        let mut line = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if line.is_none() {
            match self.start_session() {
                Ok(stream) => *line = Some(stream),
                Err(error) => {
                    let reason = format!("the session part does not start: {error}");
                    return self.reply(request.id, Answer::Refused { reason });
                }
            }
        }
        let stream = line.as_mut().expect("it was just put there");
        if let Err(error) = wire::write(stream, &request) {
            *line = None;
            let reason = format!("the session part has ended: {error}");
            self.reply(request.id, Answer::Refused { reason });
        }
    }

    fn start_session(&self) -> Result<UnixStream, Box<dyn Error>> {
        let (ours, theirs) = UnixStream::pair()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("session").env_clear().env("PATH", "/usr/bin:/bin");
        self.user.take_on(&mut command);
        command.stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs.try_clone()?)));
        command.stdout(Stdio::from(std::os::fd::OwnedFd::from(theirs)));
        let mut child = identity::in_session(|| command.spawn())?;
        // The command holds the other end too, and would keep the line open.
        drop(command);
        let mut answers = ours.try_clone()?;
        let (line, replies) = (Arc::clone(&self.session), self.replies.clone());
        thread::spawn(move || {
            // As they come: to look into a tree costs an emulated processor more than to send it.
            while let Ok(frame) = wire::read_frame(&mut answers) {
                if replies.pass_on(frame).is_err() {
                    break;
                }
            }
            *line.lock().unwrap_or_else(PoisonError::into_inner) = None;
            let _ = child.kill();
            let _ = child.wait();
        });
        Ok(ours)
    }

    fn reply(&self, id: u32, answer: Answer) {
        // Fails only when the writer is gone, and then the port is too.
        let _ = self.replies.send(Reply { id, answer });
    }
}
