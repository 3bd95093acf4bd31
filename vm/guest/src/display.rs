//! What the session part does on the X display. Each kind of request has a thread of its own, so
//! that a text that is typed slowly keeps nobody waiting but other texts.

mod input;
mod launch;
mod windows;

use std::{
    env,
    error::Error,
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use deskbound_guest::{
    Answer, Ask, Reply, Request, clipboard,
    protocol::{CLIPBOARD_BYTES_MAX, SessionState, TEXT_BYTES_MAX},
    typing::{TypeError, Typist},
    wire,
};

use self::{input::InputWatch, windows::Windows};
use crate::job::refused;

/// Texts that wait while one is typed.
const TEXTS_WAITING_MAX: usize = 16;

/// Between two attempts to reach an X server that is not up yet.
const RETRY_EVERY: Duration = Duration::from_millis(500);

/// Requests that wait while a window or the clipboard answers.
const OTHERS_WAITING_MAX: usize = 64;

/// Whatever went wrong on the way to the X server.
type Failure = Box<dyn Error + Send + Sync>;

pub(crate) struct Display {
    texts: SyncSender<(u32, String)>,
    others: SyncSender<Request>,
    input: InputWatch,
}

impl Display {
    pub(crate) fn start() -> Self {
        let (texts, waiting) = sync_channel(TEXTS_WAITING_MAX);
        thread::spawn(move || type_texts(&waiting));
        let (others, waiting) = sync_channel(OTHERS_WAITING_MAX);
        thread::spawn(move || answer_others(&waiting));
        Self { texts, others, input: InputWatch::start() }
    }

    pub(crate) fn answer(&self, request: Request) {
        let Request { id, ask } = request;
        match ask {
            Ask::Type { text } if text.len() > TEXT_BYTES_MAX => {
                refuse(id, format!("a text of more than {TEXT_BYTES_MAX} bytes"));
            }
            Ask::Type { text } => {
                if self.texts.try_send((id, text)).is_err() {
                    refuse(id, "too many texts wait already".into());
                }
            }
            Ask::Input { at_least } => {
                let input = self.input.clone();
                thread::spawn(move || match input.wait(at_least) {
                    Some(count) => reply(id, Answer::Input { count }),
                    None => refuse(id, "the X server is not watched".into()),
                });
            }
            Ask::SetClipboard { text } if text.len() > CLIPBOARD_BYTES_MAX => {
                refuse(id, format!("a text of more than {CLIPBOARD_BYTES_MAX} bytes"));
            }
            ask => {
                if self.others.try_send(Request { id, ask }).is_err() {
                    refuse(id, "too many requests wait already".into());
                }
            }
        }
    }
}

/// The display that the session's programs use.
fn name() -> String {
    env::var("DISPLAY").unwrap_or_else(|_| ":0".into())
}

/// Connects while the session starts, so that a template has its keys prepared.
fn type_texts(waiting: &Receiver<(u32, String)>) {
    let mut typist = None;
    loop {
        let (id, text) = match waiting.recv_timeout(RETRY_EVERY) {
            Ok(asked) => asked,
            Err(RecvTimeoutError::Timeout) if typist.is_none() => {
                typist = prepared();
                continue;
            }
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        match type_text(&mut typist, &text) {
            Ok(()) => reply(id, Answer::Done),
            Err(error) => {
                // The server may have been started again; the next text finds it afresh.
                typist = None;
                refuse(id, chain(&error));
            }
        }
    }
}

/// `None` where there is no X server yet.
fn prepared() -> Option<Typist> {
    let mut typist = Typist::connect(&name()).ok()?;
    typist.prepare().ok()?;
    Some(typist)
}

fn type_text(typist: &mut Option<Typist>, text: &str) -> Result<(), TypeError> {
    let typist = match typist {
        Some(typist) => typist,
        None => typist.insert(Typist::connect(&name())?),
    };
    typist.type_text(text)
}

fn answer_others(waiting: &Receiver<Request>) {
    let mut windows = None;
    for Request { id, ask } in waiting {
        let answered = answer_other(&mut windows, ask);
        let answer = answered.unwrap_or_else(|error| {
            // The server may have been started again; the next request finds it afresh.
            windows = None;
            refused(&chain(&*error))
        });
        reply(id, answer);
    }
}

fn answer_other(windows: &mut Option<Windows>, ask: Ask) -> Result<Answer, Failure> {
    let desk = match &ask {
        Ask::Session | Ask::Windows | Ask::Window { .. } if windows.is_none() => {
            match Windows::connect() {
                Ok(desk) => Some(windows.insert(desk)),
                Err(_) if ask == Ask::Session => {
                    return Ok(Answer::Session(SessionState::NoDisplay));
                }
                Err(error) => return Err(error),
            }
        }
        _ => windows.as_mut(),
    };
    Ok(match (ask, desk) {
        (Ask::Session, Some(desk)) => desk.session()?,
        (Ask::Windows, Some(desk)) => desk.list()?,
        (Ask::Window { id, act }, Some(desk)) => desk.act(id, act)?,
        (Ask::Launch { desktop_id, targets }, _) => launch::launch(&desktop_id, &targets),
        (Ask::Open { target }, _) => launch::open(&target),
        (Ask::Clipboard, _) => Answer::Clipboard(clipboard::get(&name())?),
        (Ask::SetClipboard { text }, _) => {
            clipboard::set(&name(), text)?;
            Answer::Done
        }
        _ => refused("the display part does not answer this"),
    })
}

fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |error: &&dyn Error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn refuse(id: u32, reason: String) {
    reply(id, Answer::Refused { reason });
}

/// A line that has gone away ends this program elsewhere.
fn reply(id: u32, answer: Answer) {
    let _ = wire::write(&mut io::stdout().lock(), &Reply { id, answer });
}
