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

use crate::{command::Commands, files, identity, user::SessionUser};

/// Replies that wait for the port; whoever makes more waits.
const REPLIES_WAITING_MAX: usize = 64;

pub(crate) type Replies = SyncSender<Reply>;

pub(crate) fn serve() -> Result<(), Box<dyn Error>> {
    let path = format!("/dev/virtio-ports/{PORT}");
    let mut port = File::options().read(true).write(true).open(path)?;
    let writer = port.try_clone()?;
    let (replies, waiting) = sync_channel(REPLIES_WAITING_MAX);
    thread::spawn(move || write_replies(writer, &waiting));
    let system = System {
        user: SessionUser::find()?,
        commands: Commands::default(),
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

fn write_replies(mut port: File, waiting: &Receiver<Reply>) {
    for reply in waiting {
        let frame = wire::encode(&reply).or_else(|error| {
            wire::encode(&Reply {
                id: reply.id,
                answer: Answer::Refused { reason: error.to_string() },
            })
        });
        let written = frame.map(|frame| port.write_all(&frame));
        if !matches!(written, Ok(Ok(()))) {
            return;
        }
    }
}

struct System {
    user: SessionUser,
    commands: Commands,
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
        let answer = match ask {
            Ask::Hello { .. } => Answer::Hello { version: PROTOCOL_VERSION },
            Ask::Adopt { unix_time, entropy, hostname } => {
                identity::adopt(unix_time, &entropy, &hostname)
            }
            Ask::Run(spec) => return self.commands.run(id, spec, &self.user, &self.replies),
            Ask::Cancel { id } => self.commands.cancel(id),
            Ask::Read { path } => {
                let replies = self.replies.clone();
                thread::spawn(move || files::read(id, &path, &replies));
                return;
            }
            Ask::Write { path, offset, bytes } => files::write(&path, offset, &bytes, &self.user),
            Ask::Tree { .. } | Ask::Act { .. } => {
                Answer::Refused { reason: "the session part answers this".into() }
            }
        };
        self.reply(id, answer);
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
        let mut child = command.spawn()?;
        // The command holds the other end too, and would keep the line open.
        drop(command);
        let mut answers = ours.try_clone()?;
        let (line, replies) = (Arc::clone(&self.session), self.replies.clone());
        thread::spawn(move || {
            while let Ok(reply) = wire::read::<Reply>(&mut answers) {
                if replies.send(reply).is_err() {
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
