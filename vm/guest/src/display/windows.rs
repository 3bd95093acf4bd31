//! Windows as the window manager lists them (EWMH).

use std::{
    thread,
    time::{Duration, Instant},
};

use deskbound_accessibility::ScreenRect;
use deskbound_guest::{
    Answer,
    protocol::{ENTRIES_MAX, SessionState, Window as WindowInfo, WindowAct, WindowState},
};
use deskbound_windows::{FOCUS_LIMIT, WindowsError};
use x11rb::{
    connection::Connection as _,
    errors::ReplyError,
    protocol::xproto::{Atom, AtomEnum, ConnectionExt as _, Window},
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

use crate::job::refused;

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        UTF8_STRING,
        _NET_SUPPORTING_WM_CHECK,
        _NET_CLIENT_LIST,
        _NET_ACTIVE_WINDOW,
        _NET_WM_NAME,
        _NET_WM_PID,
        _NET_WM_STATE,
        _NET_WM_STATE_HIDDEN,
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Longest title or class, in four bytes.
const TEXT_MAX: u32 = 1024;

pub(super) struct Windows {
    connection: RustConnection,
    root: Window,
    atoms: Atoms,
    desk: deskbound_windows::Windows,
}

impl Windows {
    pub(super) fn connect() -> Result<Self, super::Failure> {
        let (connection, screen) = RustConnection::connect(Some(&super::name()))?;
        let root = connection.setup().roots[screen].root;
        let atoms = Atoms::new(&connection)?.reply()?;
        let desk = deskbound_windows::Windows::of(&connection, root)?;
        Ok(Self { connection, root, atoms, desk })
    }

    pub(super) fn session(&self) -> Result<Answer, ReplyError> {
        let check =
            self.numbers(self.root, self.atoms._NET_SUPPORTING_WM_CHECK, AtomEnum::WINDOW)?;
        let alive = match check.first() {
            // The property outlives a window manager that died; its window does not.
            Some(window) => self.connection.get_window_attributes(*window)?.reply().is_ok(),
            None => false,
        };
        let state = if alive { SessionState::Ready } else { SessionState::NoWindowManager };
        Ok(Answer::Session(state))
    }

    pub(super) fn list(&self) -> Result<Answer, ReplyError> {
        let active = self.active()?;
        let mut windows = Vec::new();
        for id in self.ids()? {
            // A window that has just gone is none.
            if let Ok(window) = self.window(id, active) {
                windows.push(window);
            }
        }
        Ok(Answer::Windows(windows))
    }

    pub(super) fn act(&self, id: u32, act: WindowAct) -> Result<Answer, WindowsError> {
        match self.desk.tell(&self.connection, id, act) {
            Err(error @ WindowsError::NoWindow { .. }) => return Ok(refused(&error.to_string())),
            told => told?,
        }
        if act == WindowAct::Focus {
            return self.await_focus(id);
        }
        self.connection.sync()?;
        Ok(Answer::Done)
    }

    fn await_focus(&self, id: Window) -> Result<Answer, WindowsError> {
        let asked = Instant::now();
        while asked.elapsed() < FOCUS_LIMIT {
            if self.desk.active(&self.connection)? == Some(id) {
                return Ok(Answer::Done);
            }
            thread::sleep(LOOK_EVERY);
        }
        Ok(refused(&WindowsError::NotInFront { id }.to_string()))
    }

    fn ids(&self) -> Result<Vec<Window>, ReplyError> {
        let mut ids = self.numbers(self.root, self.atoms._NET_CLIENT_LIST, AtomEnum::WINDOW)?;
        ids.truncate(ENTRIES_MAX);
        Ok(ids)
    }

    fn active(&self) -> Result<Option<Window>, ReplyError> {
        let active = self.numbers(self.root, self.atoms._NET_ACTIVE_WINDOW, AtomEnum::WINDOW)?;
        Ok(active.first().copied().filter(|window| *window != x11rb::NONE))
    }

    fn window(&self, id: Window, active: Option<Window>) -> Result<WindowInfo, ReplyError> {
        let title = self.text(id, self.atoms._NET_WM_NAME, self.atoms.UTF8_STRING)?;
        let title = match title.is_empty() {
            true => self.text(id, AtomEnum::WM_NAME.into(), AtomEnum::STRING.into())?,
            false => title,
        };
        // Two texts, each with a zero at its end: the instance, and the class.
        let class = self.text(id, AtomEnum::WM_CLASS.into(), AtomEnum::STRING.into())?;
        let class = class.split('\0').nth(1).unwrap_or_default().to_owned();
        let pid = self.numbers(id, self.atoms._NET_WM_PID, AtomEnum::CARDINAL)?.first().copied();
        let states = self.numbers(id, self.atoms._NET_WM_STATE, AtomEnum::ATOM)?;
        let state = match (active == Some(id), states.contains(&self.atoms._NET_WM_STATE_HIDDEN)) {
            (true, _) => WindowState::Active,
            (false, true) => WindowState::Minimised,
            (false, false) => WindowState::Shown,
        };
        let size = self.connection.get_geometry(id)?.reply()?;
        let at = self.connection.translate_coordinates(id, self.root, 0, 0)?.reply()?;
        let (width, height) = (i32::from(size.width), i32::from(size.height));
        let bounds = ScreenRect::from_extents(at.dst_x.into(), at.dst_y.into(), width, height);
        Ok(WindowInfo { id, title, class, pid, bounds, state })
    }

    fn text(&self, window: Window, name: Atom, kind: Atom) -> Result<String, ReplyError> {
        let asked = self.connection.get_property(false, window, name, kind, 0, TEXT_MAX)?;
        let value = asked.reply()?.value;
        // Latin-1 where it says so; anything else says that it is UTF-8.
        Ok(match String::from_utf8(value) {
            Ok(text) => text,
            Err(error) => error.into_bytes().into_iter().map(char::from).collect(),
        })
    }

    fn numbers(&self, window: Window, name: Atom, kind: AtomEnum) -> Result<Vec<u32>, ReplyError> {
        let most = u32::try_from(ENTRIES_MAX).expect("a small number");
        let found = self.connection.get_property(false, window, name, kind, 0, most)?.reply()?;
        Ok(found.value32().map(Iterator::collect).unwrap_or_default())
    }
}
