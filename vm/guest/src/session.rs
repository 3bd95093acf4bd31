//! The session part: the accessibility tree and actions through it, and the display, as the
//! desktop's user.

use std::{error::Error, io};

use deskbound_accessibility::{BusAddress, Reader, Tree};
use deskbound_guest::{Answer, Ask, Reply, Request, wire};
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
            wire::write(&mut io::stdout().lock(), &Reply { id, answer })?;
        }
        Ok(())
    })
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
                Ok(Answer::Acted(self.reader().await?.act(&node, &action).await))
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
