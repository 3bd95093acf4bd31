//! A visitor of the machine: what [`Controls`] can do, asked for by another program. What a visitor
//! holds is let go when it leaves.

use std::{sync::Arc, time::Duration};

use deskbound_accessibility::ScreenPx;
use deskbound_guest::wire::{self, WireError};
use image::RgbImage;
use serde::{Deserialize, Serialize};
use tokio::{io::AsyncWriteExt as _, net::UnixStream, sync::Mutex, time::timeout};

use crate::{
    controls::Controls,
    error::VmError,
    keys::{Chord, Key},
    pointer::{Button, Direction, Pressed},
    screen::Frame,
};

/// For the owner to do what takes no time of its own. An emulated machine that takes its input may
/// need most of it.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug, Serialize, Deserialize)]
struct Request {
    id: u32,
    ask: Ask,
}

#[derive(Debug, Serialize, Deserialize)]
enum Ask {
    Size,
    Frame {
        /// The digest of the frame that the visitor has.
        unless: Option<u64>,
    },
    Move {
        at: ScreenPx,
    },
    Click {
        at: ScreenPx,
        button: Button,
        count: u8,
    },
    Drag {
        path: Vec<ScreenPx>,
        button: Button,
    },
    Button {
        button: Button,
        pressed: Pressed,
    },
    Key {
        name: String,
        pressed: Pressed,
    },
    Scroll {
        direction: Direction,
        notches: u32,
    },
    Chord {
        names: Vec<String>,
    },
    Hold {
        names: Vec<String>,
        time: Duration,
    },
    ReleaseAll,
    Pause,
    Resume,
    IsRunning,
    Stop,
}

#[derive(Debug, Serialize, Deserialize)]
struct Reply {
    id: u32,
    answer: Answer,
}

#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    Done,
    Size {
        width: u32,
        height: u32,
    },
    Frame {
        width: u32,
        height: u32,
        digest: u64,
        /// Red, green and blue, row by row.
        #[serde(with = "serde_bytes")]
        pixels: Vec<u8>,
    },
    SameFrame,
    IsRunning(bool),
    OffScreen {
        x: i32,
        y: i32,
        width: u32,
        height: u32,
    },
    Refused {
        reason: String,
    },
}

pub(super) async fn receive(mut stream: UnixStream, controls: Arc<Controls>) {
    let mut holds = false;
    serve(&mut stream, &controls, &mut holds).await;
    if holds {
        // A machine that is gone holds nothing.
        let _ = controls.release_all().await;
    }
}

async fn serve(stream: &mut UnixStream, controls: &Controls, holds: &mut bool) {
    while let Ok(Request { id, ask }) = wire::read_async(stream).await {
        *holds |= matches!(ask, Ask::Button { .. } | Ask::Key { .. });
        let answer = match answer(controls, ask).await {
            Ok(answer) => answer,
            Err(VmError::OffScreen { x, y, width, height }) => {
                Answer::OffScreen { x, y, width, height }
            }
            Err(error) => Answer::Refused { reason: error.to_string() },
        };
        let Ok(frame) = wire::encode(&Reply { id, answer }) else { return };
        if stream.write_all(&frame).await.is_err() {
            return;
        }
    }
}

async fn answer(controls: &Controls, ask: Ask) -> Result<Answer, VmError> {
    match ask {
        Ask::Size => {
            let (width, height) = controls.size();
            return Ok(Answer::Size { width, height });
        }
        Ask::Frame { unless } => {
            let Frame { image, digest } = controls.frame().await?;
            if unless == Some(digest) {
                return Ok(Answer::SameFrame);
            }
            let ((width, height), pixels) = (image.dimensions(), image.as_raw().clone());
            return Ok(Answer::Frame { width, height, digest, pixels });
        }
        Ask::IsRunning => return controls.is_running().await.map(Answer::IsRunning),
        Ask::Move { at } => controls.move_to(at).await?,
        Ask::Click { at, button, count } => controls.click(at, button, count).await?,
        Ask::Drag { path, button } => controls.drag(&path, button).await?,
        Ask::Button { button, pressed } => controls.button(button, pressed).await?,
        Ask::Key { name, pressed } => {
            let key = Key::named(&name);
            let key = key.map_err(|error| VmError::OwnerRefused { reason: error.to_string() })?;
            controls.key(key, pressed).await?;
        }
        Ask::Scroll { direction, notches } => controls.scroll(direction, notches).await?,
        Ask::Chord { names } => controls.chord(&chord(&names)?).await?,
        Ask::Hold { names, time } => controls.hold(&chord(&names)?, time).await?,
        Ask::ReleaseAll => controls.release_all().await?,
        Ask::Pause => controls.pause().await?,
        Ask::Resume => controls.resume().await?,
        Ask::Stop => controls.stop().await?,
    }
    Ok(Answer::Done)
}

fn chord(names: &[String]) -> Result<Chord, VmError> {
    let chord = Chord::of_names(names.iter().map(String::as_str));
    chord.map_err(|error| VmError::OwnerRefused { reason: error.to_string() })
}

/// [`Controls`] of a desktop that another process owns.
pub struct RemoteControls {
    line: Arc<Mutex<Line>>,
    last: Mutex<Option<Frame>>,
}

struct Line {
    stream: UnixStream,
    next_id: u32,
}

impl RemoteControls {
    pub(super) fn new(stream: UnixStream) -> Self {
        let line = Arc::new(Mutex::new(Line { stream, next_id: 0 }));
        Self { line, last: Mutex::default() }
    }

    /// As [`Controls::size`].
    pub async fn size(&self) -> Result<(u32, u32), VmError> {
        match self.ask(Ask::Size, ANSWER_LIMIT).await? {
            Answer::Size { width, height } => Ok((width, height)),
            other => Err(unexpected(&other)),
        }
    }

    /// As [`Controls::frame`]; the picture itself comes only when it has changed.
    pub async fn frame(&self) -> Result<Frame, VmError> {
        let mut last = self.last.lock().await;
        let unless = last.as_ref().map(|frame| frame.digest);
        let frame = match (self.ask(Ask::Frame { unless }, ANSWER_LIMIT).await?, last.as_ref()) {
            (Answer::SameFrame, Some(frame)) => frame.clone(),
            (Answer::Frame { width, height, digest, pixels }, _) => {
                let broken =
                    || VmError::OwnerRefused { reason: "a frame of the wrong size".into() };
                let image = RgbImage::from_raw(width, height, pixels).ok_or_else(broken)?;
                Frame { image: Arc::new(image), digest }
            }
            (other, _) => return Err(unexpected(&other)),
        };
        *last = Some(frame.clone());
        Ok(frame)
    }

    /// As [`Controls::move_to`].
    pub async fn move_to(&self, at: ScreenPx) -> Result<(), VmError> {
        self.done(Ask::Move { at }).await
    }

    /// As [`Controls::click`].
    pub async fn click(&self, at: ScreenPx, button: Button, count: u8) -> Result<(), VmError> {
        self.done(Ask::Click { at, button, count }).await
    }

    /// As [`Controls::button`]; let go when this program ends.
    pub async fn button(&self, button: Button, pressed: Pressed) -> Result<(), VmError> {
        self.done(Ask::Button { button, pressed }).await
    }

    /// As [`Controls::key`]; let go when this program ends.
    pub async fn key(&self, key: &'static Key, pressed: Pressed) -> Result<(), VmError> {
        self.done(Ask::Key { name: key.name.to_owned(), pressed }).await
    }

    /// As [`Controls::drag`].
    pub async fn drag(&self, path: &[ScreenPx], button: Button) -> Result<(), VmError> {
        self.done(Ask::Drag { path: path.to_vec(), button }).await
    }

    /// As [`Controls::scroll`].
    pub async fn scroll(&self, direction: Direction, notches: u32) -> Result<(), VmError> {
        self.done(Ask::Scroll { direction, notches }).await
    }

    /// As [`Controls::chord`].
    pub async fn chord(&self, chord: &Chord) -> Result<(), VmError> {
        self.done(Ask::Chord { names: names(chord) }).await
    }

    /// As [`Controls::hold`].
    pub async fn hold(&self, chord: &Chord, time: Duration) -> Result<(), VmError> {
        let limit = ANSWER_LIMIT.saturating_add(time);
        done(self.ask(Ask::Hold { names: names(chord), time }, limit).await?)
    }

    /// As [`Controls::release_all`].
    pub async fn release_all(&self) -> Result<(), VmError> {
        self.done(Ask::ReleaseAll).await
    }

    /// As [`Controls::pause`].
    pub async fn pause(&self) -> Result<(), VmError> {
        self.done(Ask::Pause).await
    }

    /// As [`Controls::resume`].
    pub async fn resume(&self) -> Result<(), VmError> {
        self.done(Ask::Resume).await
    }

    /// As [`Controls::is_running`].
    pub async fn is_running(&self) -> Result<bool, VmError> {
        match self.ask(Ask::IsRunning, ANSWER_LIMIT).await? {
            Answer::IsRunning(is) => Ok(is),
            other => Err(unexpected(&other)),
        }
    }

    /// As [`Controls::stop`]. The owner may be gone before it has answered.
    pub async fn stop(&self) -> Result<(), VmError> {
        match self.done(Ask::Stop).await {
            Err(VmError::GuestWire(_)) => Ok(()),
            done => done,
        }
    }

    async fn done(&self, ask: Ask) -> Result<(), VmError> {
        done(self.ask(ask, ANSWER_LIMIT).await?)
    }

    async fn ask(&self, ask: Ask, limit: Duration) -> Result<Answer, VmError> {
        let line = Arc::clone(&self.line);
        // In a task of its own: who stops waiting leaves no half of a message behind.
        let asking = tokio::spawn(async move {
            let mut line = line.lock().await;
            timeout(limit, line.ask(ask)).await
        });
        let late = |_| VmError::TooLate { what: "the owner's answer".into(), limit };
        let answered =
            asking.await.map_err(|error| VmError::OwnerRefused { reason: error.to_string() })?;
        match answered.map_err(late)?.map_err(VmError::GuestWire)? {
            Answer::Refused { reason } => Err(VmError::OwnerRefused { reason }),
            Answer::OffScreen { x, y, width, height } => {
                Err(VmError::OffScreen { x, y, width, height })
            }
            answer => Ok(answer),
        }
    }
}

impl Line {
    async fn ask(&mut self, ask: Ask) -> Result<Answer, WireError> {
        let id = self.next_id;
        self.next_id = id.wrapping_add(1);
        self.stream.write_all(&wire::encode(&Request { id, ask })?).await?;
        loop {
            let reply: Reply = wire::read_async(&mut self.stream).await?;
            // Answers to what was given up come first.
            if reply.id == id {
                return Ok(reply.answer);
            }
        }
    }
}

fn names(chord: &Chord) -> Vec<String> {
    chord.keys().map(|key| key.name.to_owned()).collect()
}

fn done(answer: Answer) -> Result<(), VmError> {
    match answer {
        Answer::Done => Ok(()),
        other => Err(unexpected(&other)),
    }
}

fn unexpected(answer: &Answer) -> VmError {
    let kind = match answer {
        Answer::Done => "done",
        Answer::Size { .. } => "a size",
        Answer::Frame { .. } | Answer::SameFrame => "a frame",
        Answer::IsRunning(_) => "a state",
        Answer::OffScreen { .. } | Answer::Refused { .. } => "a refusal",
    };
    VmError::OwnerRefused { reason: format!("{kind} is no answer to what was asked") }
}
