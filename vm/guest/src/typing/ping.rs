//! Asking the application in front whether it has read all keys so far.

use std::{
    cell::Cell,
    thread,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, poll};
use x11rb::{
    connection::Connection as _,
    protocol::{
        Event,
        xproto::{
            AtomEnum, ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt as _, EventMask,
            MapState, Window,
        },
    },
    rust_connection::RustConnection,
};

use super::TypeError;

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        WM_PROTOCOLS,
        _NET_WM_PING,
        _NET_ACTIVE_WINDOW,
    }
}

/// An emulated application that starts, or builds its shortcuts anew after a key has changed, reads
/// nothing for seconds.
pub const TAKEN_LIMIT: Duration = Duration::from_secs(30);

/// For a window that answers no questions there is no state to wait for.
const UNASKED: Duration = Duration::from_millis(200);

/// Between two looks whether the window is still there.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Longest list of protocols that is read, in four bytes.
const PROTOCOLS_MAX: u32 = 64;

pub(super) struct Ping {
    atoms: Atoms,
    /// Tells one question's answer from another's.
    asked: Cell<u32>,
}

impl Ping {
    pub(super) fn new(connection: &RustConnection) -> Result<Self, TypeError> {
        // Not 0, which stands for the current time.
        Ok(Self { atoms: Atoms::new(connection)?.reply()?, asked: Cell::new(1) })
    }

    /// Whether the application in front has read what was sent to it; where it is gone, or cannot
    /// be asked, yes.
    pub(super) fn taken(
        &self,
        connection: &RustConnection,
        root: Window,
    ) -> Result<bool, TypeError> {
        let Some(window) = self.active(connection, root)? else { return Ok(true) };
        if !self.can_answer(connection, window)? {
            thread::sleep(UNASKED);
            return Ok(true);
        }
        // Answers are sent to the root window. Nothing is heard there for longer than needed:
        // events that nobody reads pile up in the server.
        hear(connection, root, EventMask::SUBSTRUCTURE_NOTIFY)?;
        let taken = self.ask(connection, window);
        hear(connection, root, EventMask::NO_EVENT)?;
        taken
    }

    fn ask(&self, connection: &RustConnection, window: Window) -> Result<bool, TypeError> {
        let serial = self.asked.replace(self.asked.get().wrapping_add(1).max(1));
        let data = [self.atoms._NET_WM_PING, serial, window, 0, 0];
        let question = ClientMessageEvent::new(32, window, self.atoms.WM_PROTOCOLS, data);
        connection.send_event(false, window, EventMask::NO_EVENT, question)?;
        connection.flush()?;
        let begun = Instant::now();
        while begun.elapsed() < TAKEN_LIMIT {
            while let Some(event) = connection.poll_for_event()? {
                if self.answers(&event, serial, window) {
                    return Ok(true);
                }
            }
            if !is_shown(connection, window) {
                return Ok(true);
            }
            let mut wait = [PollFd::new(connection.stream(), PollFlags::IN)];
            let limit = LOOK_EVERY.try_into().expect("50 ms is a time");
            // An interrupted wait only looks earlier.
            let _ = poll(&mut wait, Some(&limit));
        }
        Ok(false)
    }

    fn answers(&self, event: &Event, serial: u32, window: Window) -> bool {
        let Event::ClientMessage(message) = event else { return false };
        message.type_ == self.atoms.WM_PROTOCOLS
            && message.format == 32
            && message.data.as_data32()[..3] == [self.atoms._NET_WM_PING, serial, window]
    }

    fn active(
        &self,
        connection: &RustConnection,
        root: Window,
    ) -> Result<Option<Window>, TypeError> {
        let name = self.atoms._NET_ACTIVE_WINDOW;
        let asked = connection.get_property(false, root, name, AtomEnum::WINDOW, 0, 1)?;
        let active = asked.reply()?.value32().and_then(|mut windows| windows.next());
        Ok(active.filter(|window| *window != x11rb::NONE))
    }

    fn can_answer(&self, connection: &RustConnection, window: Window) -> Result<bool, TypeError> {
        let name = self.atoms.WM_PROTOCOLS;
        let asked =
            connection.get_property(false, window, name, AtomEnum::ATOM, 0, PROTOCOLS_MAX)?;
        // An error means that the window is gone, and who is not there cannot answer.
        let Ok(found) = asked.reply() else { return Ok(false) };
        Ok(found.value32().is_some_and(|mut all| all.any(|one| one == self.atoms._NET_WM_PING)))
    }
}

fn hear(connection: &RustConnection, root: Window, events: EventMask) -> Result<(), TypeError> {
    let mask = ChangeWindowAttributesAux::new().event_mask(events);
    Ok(connection.change_window_attributes(root, &mask)?.check()?)
}

fn is_shown(connection: &RustConnection, window: Window) -> bool {
    let asked = connection.get_window_attributes(window);
    let found = asked.ok().and_then(|asked| asked.reply().ok());
    found.is_some_and(|found| found.map_state == MapState::VIEWABLE)
}
