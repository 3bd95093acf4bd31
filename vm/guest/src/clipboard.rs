//! The clipboard, which in X belongs to whoever offers it. Setting it means owning it until
//! somebody else does, so its owner is a thread of its own, with a connection of its own.

use std::{
    thread,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, poll};
use x11rb::{
    CURRENT_TIME,
    connection::Connection as _,
    errors::{ConnectError, ConnectionError, ReplyError, ReplyOrIdError},
    protocol::{
        Event,
        xproto::{
            Atom, AtomEnum, ChangeWindowAttributesAux, ConnectionExt as _, CreateWindowAux,
            EventMask, PropMode, Property, SelectionNotifyEvent, SelectionRequestEvent, Window,
            WindowClass,
        },
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

use crate::protocol::CLIPBOARD_BYTES_MAX;

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        CLIPBOARD,
        TARGETS,
        UTF8_STRING,
        TEXT,
        INCR,
        TEXT_PLAIN_UTF8: b"text/plain;charset=utf-8",
        DESKBOUND_CLIPBOARD,
    }
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClipboardError {
    #[error("the application that owns the clipboard does not answer within {OWNER_LIMIT:?}")]
    Silent,
    #[error("the clipboard holds more than {most} bytes")]
    TooMuch { most: usize },
    #[error("what is in the clipboard says that it is text, and is none")]
    NotText,
    #[error("the X server does not give the clipboard")]
    NotGiven,
    #[error("the X server is not reached")]
    Connect(#[from] ConnectError),
    #[error("the X server is lost")]
    Lost(#[from] ConnectionError),
    #[error("the X server refuses what a clipboard takes")]
    Server(#[from] ReplyError),
    #[error("the X server has no room for a clipboard")]
    NoRoom(#[from] ReplyOrIdError),
}

const TOO_MUCH: ClipboardError = ClipboardError::TooMuch { most: CLIPBOARD_BYTES_MAX };

/// For the owner of the clipboard to hand over its text, or the next piece of it.
const OWNER_LIMIT: Duration = Duration::from_secs(10);

/// Between two looks whether a time is over.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A text longer than this goes over in pieces of this size; every X server takes such requests.
const PIECE_BYTES: usize = 128 * 1024;

/// Longest property that is read at once, in four bytes.
const READ_MAX: u32 = 1024 * 1024;

/// A connection with a window that is never shown, for selections need one.
struct Desk {
    connection: RustConnection,
    window: Window,
    atoms: Atoms,
}

impl Desk {
    fn connect(display: &str) -> Result<Self, ClipboardError> {
        let (connection, screen) = RustConnection::connect(Some(display))?;
        let (window, root) = (connection.generate_id()?, connection.setup().roots[screen].root);
        let look = CreateWindowAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        let class = WindowClass::INPUT_ONLY;
        connection.create_window(0, window, root, 0, 0, 1, 1, 0, class, 0, &look)?.check()?;
        let atoms = Atoms::new(&connection)?.reply()?;
        Ok(Self { connection, window, atoms })
    }

    /// The next event that `wanted` makes something of.
    fn await_event<T>(&self, wanted: impl Fn(&Event) -> Option<T>) -> Result<T, ClipboardError> {
        let begun = Instant::now();
        self.connection.flush()?;
        while begun.elapsed() < OWNER_LIMIT {
            while let Some(event) = self.connection.poll_for_event()? {
                if let Some(found) = wanted(&event) {
                    return Ok(found);
                }
            }
            let mut wait = [PollFd::new(self.connection.stream(), PollFlags::IN)];
            let limit = LOOK_EVERY.try_into().expect("a short time");
            // An interrupted wait only looks earlier.
            let _ = poll(&mut wait, Some(&limit));
        }
        Err(ClipboardError::Silent)
    }

    /// A property's value, which is deleted: in a transfer by pieces that asks for the next.
    fn take(&self, name: Atom) -> Result<(Atom, Vec<u8>), ClipboardError> {
        let (window, any) = (self.window, AtomEnum::ANY);
        let found = self.connection.get_property(true, window, name, any, 0, READ_MAX)?.reply()?;
        if found.bytes_after > 0 {
            return Err(TOO_MUCH);
        }
        Ok((found.type_, found.value))
    }
}

/// The clipboard's text; `None` where it has none.
///
/// # Errors
/// Where its owner does not hand it over in time, or hands over too much.
pub fn get(display: &str) -> Result<Option<String>, ClipboardError> {
    let desk = Desk::connect(display)?;
    let Atoms { CLIPBOARD, UTF8_STRING, INCR, DESKBOUND_CLIPBOARD, .. } = desk.atoms;
    if desk.connection.get_selection_owner(CLIPBOARD)?.reply()?.owner == x11rb::NONE {
        return Ok(None);
    }
    let place = DESKBOUND_CLIPBOARD;
    desk.connection.convert_selection(desk.window, CLIPBOARD, UTF8_STRING, place, CURRENT_TIME)?;
    let given = desk.await_event(|event| match event {
        Event::SelectionNotify(note) => Some(note.property),
        _ => None,
    })?;
    if given == x11rb::NONE {
        return Ok(None);
    }
    let (kind, mut text) = desk.take(place)?;
    if kind == INCR {
        text.clear();
        loop {
            desk.await_event(|event| match event {
                Event::PropertyNotify(note)
                    if note.atom == place && note.state == Property::NEW_VALUE =>
                {
                    Some(())
                }
                _ => None,
            })?;
            let (_, piece) = desk.take(place)?;
            if piece.is_empty() {
                break;
            }
            text.extend(piece);
            if text.len() > CLIPBOARD_BYTES_MAX {
                return Err(TOO_MUCH);
            }
        }
    }
    String::from_utf8(text).map(Some).map_err(|_| ClipboardError::NotText)
}

/// Offers the text until somebody else offers another, this program with its next text among them.
///
/// # Errors
/// Where it is too long, or the server does not give the clipboard.
pub fn set(display: &str, text: String) -> Result<(), ClipboardError> {
    if text.len() > CLIPBOARD_BYTES_MAX {
        return Err(TOO_MUCH);
    }
    let desk = Desk::connect(display)?;
    let selection = desk.atoms.CLIPBOARD;
    desk.connection.set_selection_owner(desk.window, selection, CURRENT_TIME)?.check()?;
    if desk.connection.get_selection_owner(selection)?.reply()?.owner != desk.window {
        return Err(ClipboardError::NotGiven);
    }
    thread::spawn(move || drop(offer(&desk, text.as_bytes())));
    Ok(())
}

/// A text on its way to one application, piece by piece.
struct Transfer {
    to: Window,
    property: Atom,
    target: Atom,
    sent: usize,
}

/// Applications that take a long text at one time; the rest is refused.
const TRANSFERS_MAX: usize = 16;

fn offer(desk: &Desk, text: &[u8]) -> Result<(), ClipboardError> {
    let mut transfers: Vec<Transfer> = Vec::new();
    loop {
        match desk.connection.wait_for_event()? {
            Event::SelectionClear(_) => return Ok(()),
            Event::SelectionRequest(asked) => {
                let began = begin(desk, text, &asked, transfers.len() < TRANSFERS_MAX);
                // Whoever asked may be gone already.
                let began = began.unwrap_or(None);
                transfers.retain(|other| began.as_ref().is_none_or(|new| new.to != other.to));
                transfers.extend(began);
            }
            Event::PropertyNotify(note) if note.state == Property::DELETE => {
                transfers.retain_mut(|transfer| {
                    let is_its = transfer.to == note.window && transfer.property == note.atom;
                    !is_its || go_on(desk, text, transfer).unwrap_or(false)
                });
            }
            _ => {}
        }
    }
}

fn begin(
    desk: &Desk,
    text: &[u8],
    asked: &SelectionRequestEvent,
    has_room: bool,
) -> Result<Option<Transfer>, ClipboardError> {
    let Atoms { TARGETS, UTF8_STRING, TEXT, INCR, TEXT_PLAIN_UTF8, .. } = desk.atoms;
    let texts = [UTF8_STRING, TEXT_PLAIN_UTF8, TEXT, AtomEnum::STRING.into()];
    // Old programs name no property.
    let property = if asked.property == x11rb::NONE { asked.target } else { asked.property };
    let (to, target) = (asked.requestor, asked.target);
    let connection = &desk.connection;
    let (mut given, mut transfer) = (property, None);
    if target == TARGETS {
        let all: Vec<Atom> = [TARGETS].into_iter().chain(texts).collect();
        connection.change_property32(PropMode::REPLACE, to, property, AtomEnum::ATOM, &all)?;
    } else if texts.contains(&target) && text.len() <= PIECE_BYTES {
        let kind = if target == TEXT { UTF8_STRING } else { target };
        connection.change_property8(PropMode::REPLACE, to, property, kind, text)?;
    } else if texts.contains(&target) && has_room {
        let look = ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        connection.change_window_attributes(to, &look)?;
        let length = u32::try_from(text.len()).expect("a bounded text");
        connection.change_property32(PropMode::REPLACE, to, property, INCR, &[length])?;
        transfer = Some(Transfer { to, property, target, sent: 0 });
    } else {
        given = x11rb::NONE;
    }
    let note = SelectionNotifyEvent {
        response_type: x11rb::protocol::xproto::SELECTION_NOTIFY_EVENT,
        sequence: 0,
        time: asked.time,
        requestor: to,
        selection: asked.selection,
        target,
        property: given,
    };
    connection.send_event(false, to, EventMask::NO_EVENT, note)?;
    connection.flush()?;
    Ok(transfer)
}

/// The next piece, and after the last an empty one; whether there are more.
fn go_on(desk: &Desk, text: &[u8], transfer: &mut Transfer) -> Result<bool, ClipboardError> {
    let end = text.len().min(transfer.sent + PIECE_BYTES);
    let piece = &text[transfer.sent..end];
    let Transfer { to, property, target, .. } = *transfer;
    desk.connection.change_property8(PropMode::REPLACE, to, property, target, piece)?;
    desk.connection.flush()?;
    transfer.sent = end;
    Ok(!piece.is_empty())
}
