//! What is done to windows, by asking the window manager (EWMH).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use x11rb::{
    connection::Connection,
    protocol::xproto::{
        Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, Window as WindowId,
    },
};

use crate::{Windows, WindowsError, property};

/// For the window manager to bring a window to the front, emulated and busy.
pub const FOCUS_LIMIT: Duration = Duration::from_secs(5);

/// In a message: it comes from a tool of the user's, not from an application.
const SOURCE_USER: u32 = 2;

/// In `_NET_MOVERESIZE_WINDOW`: the place of the window itself counts, not of its frame.
const STATIC_GRAVITY: u32 = 10;
/// There, by which of `x, y, width, height` are meant.
const PLACE: u32 = 0b0011 << 8;
const SIZE: u32 = 0b1100 << 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WindowAct {
    /// Brings it to the front; done when the window manager says so.
    Focus,
    Move {
        x: i32,
        y: i32,
    },
    Resize {
        width: u32,
        height: u32,
    },
    /// Asks the application to close it, which may ask back.
    Close,
}

impl Windows {
    /// Asks the window manager. Whether it has done [`WindowAct::Focus`] says
    /// [`active`](Self::active), within [`FOCUS_LIMIT`].
    pub fn tell<C: Connection>(
        &self,
        connection: &C,
        id: WindowId,
        act: WindowAct,
    ) -> Result<(), WindowsError> {
        if !self.ids(connection)?.contains(&id) {
            return Err(WindowsError::NoWindow { id });
        }
        let moved = self.atoms._NET_MOVERESIZE_WINDOW;
        let (message, data) = match act {
            WindowAct::Focus => (self.atoms._NET_ACTIVE_WINDOW, [SOURCE_USER, 0, 0, 0, 0]),
            WindowAct::Close => (self.atoms._NET_CLOSE_WINDOW, [0, SOURCE_USER, 0, 0, 0]),
            WindowAct::Move { x, y } => {
                let flags = STATIC_GRAVITY | PLACE | SOURCE_USER << 12;
                (moved, [flags, x.cast_unsigned(), y.cast_unsigned(), 0, 0])
            }
            WindowAct::Resize { width, height } => {
                let flags = STATIC_GRAVITY | SIZE | SOURCE_USER << 12;
                (moved, [flags, 0, 0, width, height])
            }
        };
        self.send(connection, id, message, data)
    }

    /// The window that has the keyboard, as the window manager says.
    pub fn active<C: Connection>(&self, connection: &C) -> Result<Option<WindowId>, WindowsError> {
        let kind = AtomEnum::WINDOW.into();
        let asked = property(connection, self.root, self.atoms._NET_ACTIVE_WINDOW, kind)?;
        let active = asked.reply()?.value32().into_iter().flatten().next();
        Ok(active.filter(|id| *id != x11rb::NONE))
    }

    fn send<C: Connection>(
        &self,
        connection: &C,
        id: WindowId,
        message: Atom,
        data: [u32; 5],
    ) -> Result<(), WindowsError> {
        let event = ClientMessageEvent::new(32, id, message, data);
        let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        Ok(connection.send_event(false, self.root, mask, event)?.check()?)
    }
}
