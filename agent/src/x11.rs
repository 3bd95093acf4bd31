//! A desktop that is an X server: the user's own session, or a private one of this process.
//!
//! Pictures by MIT-SHM (GetImage where that is refused), what was painted by XDamage, input by
//! XTEST, the pointer by XFixes, monitors by RandR, windows by EWMH, the clipboard by owning it, the
//! tree from the accessibility bus. Calls to the server are made in place: each is a round trip of
//! less than a millisecond on a local socket.
//!
//! ```text
//!   ScreenEye ── frames ────────────┐
//!   Watch ────── what is painted ───┼──▶ settle ──▶ Observation
//!   Reader, Windows ── the tree ────┘
//!   Action ──▶ input (XTEST, Typist) · element (the tree) · windows · clipboard
//! ```

mod ground;
mod input;
mod pointer;
mod private;
mod process;
mod screen;
mod segment;
mod watch;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use deskbound_accessibility::{
    ActError, BusAddress, NodeAction, NodeRef, Reader, ScreenRect, Tree, TreeLimits,
};
use deskbound_vm::{TypeError, Typist, clipboard};
use deskbound_windows::{FOCUS_LIMIT, Windows, WindowsError};
use image::RgbImage;
use tokio::time::timeout;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::Window;
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use crate::action::{Action, WindowAct};
use crate::desktop::{
    Command, Desktop, DesktopError, Monitor, Observation, Output, Performed, Pointer, Standing,
};
use crate::element::by_hand;
use crate::eye::{Eye, Sight};
use crate::launcher::Launcher;
use crate::secrets::Covers;
use crate::settle::{self, Polls, Source};

use input::Held;
use process::Session;
pub use screen::{ScreenEye, Way};
use watch::Watch;

/// Trees of one observation: an application that changes all the time is taken as it is.
const TREES_MAX: u32 = 3;
/// For a text that was given up in the middle to let go of the keyboard.
const GIVE_BACK_LIMIT: Duration = Duration::from_millis(150);
/// Between two looks whether a window is in front.
const LOOK_EVERY: Duration = Duration::from_millis(10);

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
    screen: ScreenEye,
    /// `None` where the server does not tell what is painted; then frames are compared.
    watch: Option<Watch>,
    polls: Polls,
    reader: Reader,
    windows: Windows,
    typist: Arc<Mutex<Typist>>,
    covers: Covers,
    session: Session,
    /// Key codes and buttons that are down now.
    held: Vec<Held>,
    /// Dropped last: the server goes after those who are connected to it.
    private: Option<deskbound_private::Private>,
}

impl X11Desktop {
    pub async fn connect(session: X11Session) -> Result<Self, DesktopError> {
        let (connection, screen) =
            RustConnection::connect(Some(&session.display)).map_err(|error| {
                let what = format!("the X server {} cannot be reached", session.display);
                DesktopError::Other { what, source: Box::new(error) }
            })?;
        let root = connection.setup().roots[screen].root;
        let version = connection.xtest_get_version(2, 2).map_err(gone)?.reply();
        version.map_err(gone)?;
        let full = || gone("it takes no more connections");
        let screen = ScreenEye::open(&session.display).ok_or_else(full)?;
        let watch = Watch::start(&session.display);
        let typist = Typist::connect(&session.display).map_err(not_typed)?;
        let typist = Arc::new(Mutex::new(typist));
        let windows = Windows::of(&connection, root).map_err(gone)?;
        let reader = Reader::connect(&session.bus).await.map_err(gone)?;
        let display = session.display;
        let session = Session { home: session.home, programs: session.programs };
        let (covers, held, private) = (Covers::default(), Vec::new(), None);
        Ok(Self {
            display,
            connection,
            root,
            screen,
            watch,
            polls: Polls::default(),
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
        let private = tokio::task::spawn_blocking(private::start).await;
        let private = private.map_err(gone)??;
        let mut desktop = Self::connect(X11Session {
            display: private.display().to_owned(),
            bus: BusAddress::Session(private.session_bus_address().to_owned()),
            home: private.home().to_string_lossy().into_owned(),
            programs: Programs::Ours { env: private.env() },
        })
        .await?;
        desktop.private = Some(private);
        Ok(desktop)
    }

    /// How pictures come from the server.
    pub fn way(&self) -> Way {
        self.screen.way()
    }

    /// A tree of which nothing was told while it was taken, or that came out the same twice.
    async fn still_tree(&self) -> Result<Tree, DesktopError> {
        let limits = TreeLimits::default();
        let mut changes = self.reader.changes().await;
        let mut tree = self.reader.snapshot(&limits).await.map_err(gone)?;
        for _ in 1..TREES_MAX {
            if timeout(Duration::ZERO, changes.next()).await.is_err() {
                break;
            }
            let again = self.reader.snapshot(&limits).await.map_err(gone)?;
            if again == tree {
                break;
            }
            tree = again;
        }
        Ok(tree)
    }

    /// Through the tree where the toolkit honours that, else by hand.
    async fn element(
        &mut self,
        node: &NodeRef,
        bounds: Option<ScreenRect>,
        act: &NodeAction,
    ) -> Result<Performed, DesktopError> {
        let error = match self.reader.act(node, act).await {
            Ok(effect) => return Ok(Performed::Tree { effect }),
            Err(error) => error,
        };
        let is_refused = matches!(error, ActError::Refused { .. });
        match by_hand(node, bounds, act).filter(|_| is_refused) {
            Some(actions) => {
                for action in &actions {
                    self.input(action).await?;
                }
                Ok(Performed::Input)
            }
            None => Err(not_acted(error)),
        }
    }

    /// A window that is to be in front is waited for.
    async fn window(&self, id: Window, act: WindowAct) -> Result<(), DesktopError> {
        self.windows.tell(&self.connection, id, act).map_err(not_told)?;
        if act != WindowAct::Focus {
            return Ok(());
        }
        let asked = Instant::now();
        while self.windows.active(&self.connection).map_err(not_told)? != Some(id) {
            if asked.elapsed() >= FOCUS_LIMIT {
                return Err(not_told(WindowsError::NotInFront { id }));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    async fn copy(&self, text: String) -> Result<(), DesktopError> {
        let display = self.display.clone();
        let set = tokio::task::spawn_blocking(move || clipboard::set(&display, text)).await;
        let refused = |error| DesktopError::refused("the clipboard is not set", error);
        set.map_err(gone)?.map_err(refused)
    }
}

impl Source for X11Desktop {
    async fn frame(&mut self) -> Result<Arc<RgbImage>, DesktopError> {
        let frame = self.screen.frame()?;
        if !self.screen.is_told() {
            self.watch = None;
        }
        Ok(frame)
    }

    fn covers(&self) -> &Covers {
        &self.covers
    }

    async fn tree(&mut self) -> Result<Tree, DesktopError> {
        let mut tree = self.still_tree().await?;
        let (width, height) = self.screen.size();
        let (width, height) = (width.into(), height.into());
        let screen = ScreenRect { x: 0, y: 0, width, height };
        tree.place(self.windows.layout(&self.connection, screen).map_err(gone)?);
        Ok(tree)
    }

    fn still_for(&self) -> Duration {
        self.watch.as_ref().map_or(Duration::ZERO, Watch::still_for)
    }

    async fn stirred(&mut self, limit: Duration) -> Result<bool, DesktopError> {
        match &mut self.watch {
            Some(watch) => Ok(timeout(limit, watch.stirred()).await.is_ok()),
            None => settle::polled(self, |desktop| &mut desktop.polls, limit).await,
        }
    }

    fn blinking(&self) -> Vec<ScreenRect> {
        self.watch.as_ref().map_or_else(|| self.polls.blinking(), Watch::blinking)
    }

    fn pointer(&mut self) -> Result<Option<Pointer>, DesktopError> {
        pointer::pointer(&self.connection)
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
        self.polls.act();
        if let Some(watch) = &mut self.watch {
            watch.act();
        }
        match action {
            Action::Launch { program, args } => {
                self.session.launch(program, args)?;
                Ok(Performed::Started)
            }
            Action::Open { target } => {
                self.session.open(target)?;
                Ok(Performed::Started)
            }
            Action::Element { node, bounds, act } => self.element(node, *bounds, act).await,
            Action::Window { window, act } => {
                self.window(*window, *act).await?;
                Ok(Performed::Told)
            }
            Action::Copy { text } => {
                self.copy(text.clone()).await?;
                Ok(Performed::Told)
            }
            Action::Shell { .. }
            | Action::ReadClipboard
            | Action::ReadFile { .. }
            | Action::WriteFile { .. } => Err(DesktopError::not_by_hand(action)),
            input => self.input(input).await.map(|()| Performed::Input),
        }
    }

    async fn release_all(&mut self) -> Result<(), DesktopError> {
        self.release_held()?;
        // Only somebody whose keys an application does not read is late; those stay lent.
        let giving = self.typing(|typist| typist.give_back());
        timeout(GIVE_BACK_LIMIT, giving).await.unwrap_or(Ok(()))
    }

    async fn freeze(&mut self) -> Result<Standing, DesktopError> {
        Ok(Standing::Live)
    }

    async fn thaw(&mut self) -> Result<(), DesktopError> {
        Ok(())
    }

    async fn clipboard(&mut self) -> Result<Option<String>, DesktopError> {
        let display = self.display.clone();
        // Its owner may take its time.
        let read = tokio::task::spawn_blocking(move || clipboard::get(&display)).await;
        let refused = |error| DesktopError::refused("the clipboard cannot be read", error);
        read.map_err(gone)?.map_err(refused)
    }

    async fn monitors(&mut self) -> Result<Vec<Monitor>, DesktopError> {
        ground::monitors(&self.connection, self.root)
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

fn not_acted(error: ActError) -> DesktopError {
    match error {
        ActError::BusLost { reason } => gone(reason),
        error => DesktopError::refused("the element was not acted on", error),
    }
}

fn not_told(error: WindowsError) -> DesktopError {
    match error {
        WindowsError::NoWindow { .. } | WindowsError::NotInFront { .. } => {
            DesktopError::refused("the window manager does not do it", error)
        }
        error => gone(error),
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
