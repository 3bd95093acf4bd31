//! A desktop that is an X server: the user's own session, or a private one of this process.
//!
//! Pictures by GetImage, input by XTEST, the tree from the accessibility bus. Calls to the server
//! are made in place: each is a round trip of a few milliseconds on a local socket.

mod private;
mod process;
mod screen;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use deskbound_accessibility::{BusAddress, Reader, ScreenPx, ScreenRect, Tree, TreeLimits};
use deskbound_vm::{TypeError, Typist};
use deskbound_windows::Windows;
use image::RgbImage;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, KEY_PRESS_EVENT,
    KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use crate::action::{Action, Button, Chord, Direction, Pressed};
use crate::desktop::{Command, Desktop, DesktopError, Observation, Output, Performed, Standing};
use crate::eye::{Eye, Sight};
use crate::launcher::Launcher;
use crate::limits::{CLICKS, NOTCHES};
use crate::secrets::Covers;
use crate::settle::{self, Source};

use private::Private;
use process::Session;
pub use screen::ScreenEye;

/// Between two places of a drag.
const DRAG_STEP: Duration = Duration::from_millis(10);

/// Where the session is.
#[derive(Debug)]
pub struct X11Session {
    /// Such as `:0`.
    pub display: String,
    pub bus: BusAddress,
    pub home: String,
    pub programs: Programs,
}

/// Who starts programs.
#[derive(Debug)]
pub enum Programs {
    /// This process, with this whole environment: they share its confinement.
    Ours { env: Vec<(String, String)> },
    /// A launcher from before the confinement: they are the user's own.
    Users(Launcher),
}

pub struct X11Desktop {
    display: String,
    connection: RustConnection,
    root: Window,
    size: (u16, u16),
    reader: Reader,
    windows: Windows,
    typist: Typist,
    covers: Covers,
    session: Session,
    /// Key codes and buttons that are down now.
    held: Vec<Held>,
    /// Dropped last: the server goes after those who are connected to it.
    private: Option<Private>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    Key(u8),
    Button(u8),
}

impl X11Desktop {
    pub async fn connect(session: X11Session) -> Result<Self, DesktopError> {
        let (connection, screen) =
            RustConnection::connect(Some(&session.display)).map_err(|error| {
                let what = format!("the X server {} cannot be reached", session.display);
                DesktopError::Other { what, source: Box::new(error) }
            })?;
        let screen = &connection.setup().roots[screen];
        let (root, size) = (screen.root, (screen.width_in_pixels, screen.height_in_pixels));
        let version = connection.xtest_get_version(2, 2).map_err(gone)?.reply();
        version.map_err(gone)?;
        let typist = Typist::connect(&session.display).map_err(not_typed)?;
        let windows = Windows::of(&connection, root).map_err(gone)?;
        let reader = Reader::connect(&session.bus).await.map_err(gone)?;
        let display = session.display;
        let session = Session { home: session.home, programs: session.programs };
        let (covers, held, private) = (Covers::default(), Vec::new(), None);
        Ok(Self {
            display,
            connection,
            root,
            size,
            reader,
            windows,
            typist,
            covers,
            session,
            held,
            private,
        })
    }

    /// Where the server of [`private`](Self::private) writes, wherever temporary files are.
    pub fn private_writes() -> Vec<PathBuf> {
        private::writes()
    }

    /// A fresh desktop that nobody else sees, with the applications of this machine and an empty
    /// home folder; all of it ends with the value.
    ///
    /// # Errors
    /// Where a program it is made of is missing, or does not answer.
    pub async fn private() -> Result<Self, DesktopError> {
        // Its parts are waited for, a moment each.
        let private = tokio::task::spawn_blocking(Private::start).await;
        let private = private.map_err(gone)??;
        let mut desktop = Self::connect(X11Session {
            display: private.display.clone(),
            bus: BusAddress::Session(private.bus.clone()),
            home: private.home().to_string_lossy().into_owned(),
            programs: Programs::Ours { env: private.env() },
        })
        .await?;
        desktop.private = Some(private);
        Ok(desktop)
    }

    fn fake(&mut self, kind: u8, detail: u8, at: (i16, i16)) -> Result<(), DesktopError> {
        let sent = self.connection.xtest_fake_input(kind, detail, 0, self.root, at.0, at.1, 0);
        sent.map_err(gone)?.check().map_err(gone)
    }

    fn press(&mut self, held: Held) -> Result<(), DesktopError> {
        self.held.push(held);
        match held {
            Held::Key(code) => self.fake(KEY_PRESS_EVENT, code, (0, 0)),
            Held::Button(number) => self.fake(BUTTON_PRESS_EVENT, number, (0, 0)),
        }
    }

    fn release(&mut self, held: Held) -> Result<(), DesktopError> {
        match held {
            Held::Key(code) => self.fake(KEY_RELEASE_EVENT, code, (0, 0))?,
            Held::Button(number) => self.fake(BUTTON_RELEASE_EVENT, number, (0, 0))?,
        }
        self.held.retain(|other| *other != held);
        Ok(())
    }

    fn release_held(&mut self) -> Result<(), DesktopError> {
        while let Some(held) = self.held.last().copied() {
            self.release(held)?;
        }
        Ok(())
    }

    /// A point as the server takes it, where it is on the screen.
    fn point(&self, ScreenPx { x, y }: ScreenPx) -> Result<(i16, i16), DesktopError> {
        let inside =
            (0..i32::from(self.size.0)).contains(&x) && (0..i32::from(self.size.1)).contains(&y);
        let point = i16::try_from(x).ok().zip(i16::try_from(y).ok()).filter(|_| inside);
        point.ok_or(DesktopError::OffScreen { x, y })
    }

    fn move_to(&mut self, at: ScreenPx) -> Result<(), DesktopError> {
        let point = self.point(at)?;
        self.fake(MOTION_NOTIFY_EVENT, 0, point)
    }

    fn click(&mut self, button: u8, count: u32) -> Result<(), DesktopError> {
        for _ in 0..count {
            self.press(Held::Button(button))?;
            self.release(Held::Button(button))?;
        }
        Ok(())
    }

    fn button(&mut self, button: Button, pressed: Pressed) -> Result<(), DesktopError> {
        let button = Held::Button(number(button));
        match pressed {
            Pressed::Down if self.held.contains(&button) => Ok(()),
            Pressed::Down => self.press(button),
            Pressed::Up => self.release(button),
        }
    }

    /// All of it or nothing: a drag that ends half way drops what it carries.
    async fn drag(&mut self, path: &[ScreenPx], button: Button) -> Result<(), DesktopError> {
        let Some((first, rest)) = path.split_first() else { return Ok(()) };
        path.iter().try_for_each(|at| self.point(*at).map(drop))?;
        self.move_to(*first)?;
        self.button(button, Pressed::Down)?;
        for at in rest {
            // An application that looks where a drag goes needs a moment between two places.
            tokio::time::sleep(DRAG_STEP).await;
            self.move_to(*at)?;
        }
        tokio::time::sleep(DRAG_STEP).await;
        self.button(button, Pressed::Up)
    }

    fn chord(&mut self, chord: &Chord) -> Result<(), DesktopError> {
        let keysyms: Vec<u32> = chord.keys().map(|key| key.keysym).collect();
        for code in self.typist.codes(&keysyms).map_err(not_typed)? {
            self.press(Held::Key(code))?;
        }
        self.release_held()
    }
}

impl Source for X11Desktop {
    async fn frame(&mut self) -> Result<Arc<RgbImage>, DesktopError> {
        screen::frame(&self.connection, self.root, self.size).map(Arc::new)
    }

    fn covers(&self) -> &Covers {
        &self.covers
    }

    async fn tree(&mut self) -> Result<Tree, DesktopError> {
        let mut tree = self.reader.snapshot(&TreeLimits::default()).await.map_err(gone)?;
        let (width, height) = (self.size.0.into(), self.size.1.into());
        let screen = ScreenRect { x: 0, y: 0, width, height };
        tree.place(self.windows.layout(&self.connection, screen).map_err(gone)?);
        Ok(tree)
    }
}

impl Desktop for X11Desktop {
    async fn observe(&mut self) -> Result<Observation, DesktopError> {
        settle::settled(self).await
    }

    async fn changed(&mut self, since: &RgbImage, limit: Duration) -> Result<(), DesktopError> {
        settle::changed(self, since, limit).await
    }

    async fn perform(&mut self, action: &Action) -> Result<Performed, DesktopError> {
        match action {
            Action::Click { at, button, count } => {
                self.move_to(*at)?;
                self.click(number(*button), u32::from((*count).min(CLICKS)))?;
            }
            Action::Move { to } => self.move_to(*to)?,
            Action::Button { button, pressed } => self.button(*button, *pressed)?,
            Action::Drag { path, button } => self.drag(path, *button).await?,
            Action::Scroll { at, direction, notches } => {
                self.move_to(*at)?;
                self.click(wheel(*direction), (*notches).min(NOTCHES))?;
            }
            Action::Key { chord } => self.chord(chord)?,
            Action::Type { text } => self.typist.type_text(text).map_err(not_typed)?,
            Action::Launch { program, args } => {
                self.session.launch(program, args)?;
                return Ok(Performed::Started);
            }
        }
        // A round trip, so that the server has seen all of it.
        self.connection.get_input_focus().map_err(gone)?.reply().map_err(gone)?;
        Ok(Performed::Input)
    }

    async fn release_all(&mut self) -> Result<(), DesktopError> {
        self.release_held()?;
        self.typist.give_back().map_err(not_typed)
    }

    async fn freeze(&mut self) -> Result<Standing, DesktopError> {
        Ok(Standing::Live)
    }

    async fn thaw(&mut self) -> Result<(), DesktopError> {
        Ok(())
    }

    fn eye(&self) -> Eye {
        let sight =
            ScreenEye::open(&self.display).map_or(Sight::None, |eye| Sight::X11(Box::new(eye)));
        Eye::new(sight, self.covers.clone())
    }

    fn home(&self) -> String {
        self.session.home.clone()
    }

    async fn run(&mut self, command: &Command) -> Result<Output, DesktopError> {
        self.session.run(command).await
    }

    async fn read_file(&mut self, path: &str) -> Result<Option<Vec<u8>>, DesktopError> {
        process::read_file(path).await
    }

    async fn write_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), DesktopError> {
        let written = tokio::fs::write(path, bytes).await;
        written.map_err(|source| DesktopError::File { path: path.to_owned(), source })
    }
}

fn number(button: Button) -> u8 {
    match button {
        Button::Left => 1,
        Button::Middle => 2,
        Button::Right => 3,
    }
}

/// The core protocol has buttons for the wheel.
fn wheel(direction: Direction) -> u8 {
    match direction {
        Direction::Up => 4,
        Direction::Down => 5,
        Direction::Left => 6,
        Direction::Right => 7,
    }
}

fn not_typed(error: TypeError) -> DesktopError {
    match error {
        TypeError::NoKey { character } | TypeError::NoneFree { character } => {
            DesktopError::NoKey { character }
        }
        error => DesktopError::Other {
            what: "the text cannot be typed".to_owned(),
            source: Box::new(error),
        },
    }
}

fn gone(error: impl std::fmt::Display) -> DesktopError {
    DesktopError::Gone { what: error.to_string() }
}
