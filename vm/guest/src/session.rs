//! The session part: the accessibility tree and actions through it, and the display, as the
//! desktop's user.

use std::{
    error::Error,
    io::{self, Write},
};

use deskbound_accessibility::{BusAddress, Reader, Tree};
use deskbound_guest::{
    Answer, Ask, Reply, Request,
    wire::{self, WireError},
};
use deskbound_windows::Screen;
use tokio::sync::mpsc;

use crate::display::Display;

/// Requests that wait while one is answered.
const REQUESTS_WAITING_MAX: usize = 16;

pub(crate) fn serve() -> Result<(), Box<dyn Error>> {
    let (asked, mut requests) = mpsc::channel(REQUESTS_WAITING_MAX);
    std::thread::spawn(move || {
        let mut port = io::stdin().lock();
        let display = Display::start();
        while let Ok(request) = wire::read::<Request>(&mut port) {
            if request.ask.is_for_display() {
                display.answer(request);
            } else if asked.blocking_send(request).is_err() {
                break;
            }
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut session = Session::default();
        while let Some(Request { id, ask }) = requests.recv().await {
            let answer = session.answer(ask).await.unwrap_or_else(|error| {
                // The bus may have been started again; the next request finds it afresh.
                session.reader = None;
                Answer::Refused { reason: error.to_string() }
            });
            reply(&mut io::stdout().lock(), Reply { id, answer })?;
        }
        Ok(())
    })
}

/// An answer that is too long for a frame costs whoever asked for it, not the session.
fn reply(port: &mut impl Write, reply: Reply) -> Result<(), WireError> {
    let id = reply.id;
    match wire::write(port, &reply) {
        Err(error @ WireError::TooLong { .. }) => {
            wire::write(port, &Reply { id, answer: Answer::Refused { reason: error.to_string() } })
        }
        written => written,
    }
}

#[derive(Default)]
struct Session {
    reader: Option<Reader>,
    screen: Option<Screen>,
}

impl Session {
    async fn answer(&mut self, ask: Ask) -> Result<Answer, Box<dyn Error>> {
        match ask {
            Ask::Tree { limits } => {
                let mut tree = self.reader().await?.snapshot(&limits).await?;
                self.place(&mut tree);
                Ok(Answer::Tree(Box::new(tree)))
            }
            Ask::Act { node, action } => {
                let acted = self.reader().await?.act(&node, &action).await;
                Ok(Answer::Acted(acted.map(Into::into)))
            }
            _ => Ok(Answer::Refused { reason: "the system part answers this".into() }),
        }
    }

    /// Among the windows, as far as the X server tells: a tree without them is still one.
    fn place(&mut self, tree: &mut Tree) {
        if self.screen.is_none() {
            self.screen = Screen::open(None).ok();
        }
        if self.screen.as_ref().is_some_and(|screen| screen.place(tree).is_err()) {
            // The X server may have been started again; the next tree finds it afresh.
            self.screen = None;
        }
    }

    async fn reader(&mut self) -> Result<Reader, Box<dyn Error>> {
        if let Some(reader) = &self.reader {
            return Ok(reader.clone());
        }
        let address = std::env::var("DBUS_SESSION_BUS_ADDRESS")?;
        let reader = Reader::connect(&BusAddress::Session(address)).await?;
        self.reader = Some(reader.clone());
        Ok(reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_for_a_frame_is_refused_and_the_next_answer_goes_out() {
        let mut port = Vec::new();
        let long = Answer::Content { bytes: vec![0; wire::FRAME_BYTES_MAX + 1] };
        for (id, answer) in [(1, long), (2, Answer::Done)] {
            reply(&mut port, Reply { id, answer }).unwrap();
        }
        let mut port = port.as_slice();
        let mut next = || wire::read::<Reply>(&mut port).unwrap();
        let refused = next();
        assert_eq!(refused.id, 1);
        assert!(matches!(refused.answer, Answer::Refused { .. }), "{:?}", refused.answer);
        assert_eq!(next(), Reply { id: 2, answer: Answer::Done });
    }
}
