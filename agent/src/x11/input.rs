//! Pointer and keys, by XTEST. What goes down is remembered until it is up again.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use deskbound_accessibility::{NodeAction, ScreenPx};
use deskbound_vm::{TypeError, Typist, keysym};
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, KEY_PRESS_EVENT,
    KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT,
};
use x11rb::protocol::xtest::ConnectionExt as _;

use super::ground::Ground;
use super::{X11Desktop, gone, not_acted, not_typed};
use crate::action::{Action, Button, Chord, Direction, Modifier, Pressed};
use crate::desktop::DesktopError;
use crate::limits::{CLICKS, HOLD_LIMIT, NOTCHES};

/// Between two places of a drag.
const DRAG_STEP: Duration = Duration::from_millis(10);

/// Of a text, between two moments at which it can be stopped.
const PIECE_CHARS: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Key(u8),
    Button(u8),
}

impl X11Desktop {
    /// What a person does with pointer and keys; nothing else is done here. What fails leaves nothing
    /// held that was not held before.
    pub(super) async fn input(&mut self, action: &Action) -> Result<(), DesktopError> {
        let before = self.held.clone();
        let given = self.give(action).await;
        if given.is_err() {
            let left: Vec<Held> =
                self.held.iter().copied().filter(|held| !before.contains(held)).collect();
            self.let_go(&left)?;
        }
        given
    }

    async fn give(&mut self, action: &Action) -> Result<(), DesktopError> {
        match action {
            Action::Click { at, button, count, modifiers, on } => {
                if let Some(node) = on {
                    self.reader.act(node, &NodeAction::Check).await.map_err(not_acted)?;
                }
                self.move_to(*at)?;
                let held = self.hold(Modifier::chord(modifiers).as_ref()).await?;
                self.click(number(*button), u32::from((*count).min(CLICKS)))?;
                self.let_go(&held)?;
            }
            Action::Move { to } => self.move_to(*to)?,
            Action::Button { button, pressed } => self.button(*button, *pressed)?,
            Action::Drag { path, button } => self.drag(path, *button).await?,
            Action::Scroll { at, direction, notches } => {
                self.move_to(*at)?;
                self.click(wheel(*direction), (*notches).min(NOTCHES))?;
            }
            Action::Key { chord, hold } => {
                let held = self.hold(Some(chord)).await?;
                if let Some(time) = hold {
                    tokio::time::sleep((*time).min(HOLD_LIMIT)).await;
                }
                self.let_go(&held)?;
            }
            Action::Hold { chord, pressed: Pressed::Down } => drop(self.hold(Some(chord)).await?),
            Action::Hold { chord, pressed: Pressed::Up } => {
                let held = self.keys(Some(chord)).await?;
                self.let_go(&held)?;
            }
            Action::Type { text } => self.type_text(text).await?,
            Action::Launch { .. }
            | Action::Open { .. }
            | Action::Element { .. }
            | Action::Window { .. }
            | Action::Copy { .. }
            | Action::Shell { .. }
            | Action::ReadClipboard
            | Action::ReadFile { .. }
            | Action::WriteFile { .. } => unreachable!("this is not done by hand"),
        }
        // A round trip, so that the server has seen all of it.
        self.connection.get_input_focus().map_err(gone)?.reply().map_err(gone)?;
        while let Some(event) = self.connection.poll_for_event().map_err(gone)? {
            if let Event::Error(error) = event {
                return Err(gone(format!("it refuses input: {error:?}")));
            }
        }
        Ok(())
    }

    /// Beside this task, for applications take their time to read. Where that is given up, what was
    /// begun goes on to its end, and no further.
    pub(super) async fn typing<T: Send + 'static>(
        &self,
        doing: impl FnOnce(&mut Typist) -> Result<T, TypeError> + Send + 'static,
    ) -> Result<T, DesktopError> {
        let typist = Arc::clone(&self.typist);
        let typing = tokio::task::spawn_blocking(move || {
            doing(&mut typist.lock().unwrap_or_else(PoisonError::into_inner))
        });
        typing.await.map_err(gone)?.map_err(not_typed)
    }

    /// Piece by piece: between two of them it can be stopped.
    async fn type_text(&mut self, text: &str) -> Result<(), DesktopError> {
        // All of it or nothing, where a character has no key at all.
        if let Some(character) = text.chars().find(|character| keysym(*character).is_err()) {
            return Err(DesktopError::NoKey { character });
        }
        let characters: Vec<char> = text.chars().collect();
        for piece in characters.chunks(PIECE_CHARS) {
            let piece: String = piece.iter().collect();
            self.typing(move |typist| typist.type_text(&piece)).await?;
        }
        Ok(())
    }

    /// Returns once the server has let go of all: whoever looks then finds nothing held.
    pub(super) fn release_held(&mut self) -> Result<(), DesktopError> {
        if self.held.is_empty() {
            return Ok(());
        }
        while let Some(held) = self.held.last().copied() {
            self.release(held)?;
        }
        // Its answers come in the order of what it was asked.
        self.connection.get_input_focus().map_err(gone)?.reply().map(drop).map_err(gone)
    }

    fn fake(&mut self, kind: u8, detail: u8, at: (i16, i16)) -> Result<(), DesktopError> {
        let sent = self.connection.xtest_fake_input(kind, detail, 0, self.root, at.0, at.1, 0);
        sent.map(drop).map_err(gone)?;
        // At once: what is held, is held for somebody who looks.
        self.connection.flush().map_err(gone)
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

    async fn keys(&self, chord: Option<&Chord>) -> Result<Vec<Held>, DesktopError> {
        let keysyms: Vec<u32> =
            chord.into_iter().flat_map(Chord::keys).map(|key| key.keysym).collect();
        if keysyms.is_empty() {
            return Ok(Vec::new());
        }
        let codes = self.typing(move |typist| typist.codes(&keysyms)).await?;
        Ok(codes.into_iter().map(Held::Key).collect())
    }

    /// Presses the keys of a chord that are not down yet.
    async fn hold(&mut self, chord: Option<&Chord>) -> Result<Vec<Held>, DesktopError> {
        let mut fresh = self.keys(chord).await?;
        fresh.retain(|key| !self.held.contains(key));
        fresh.iter().try_for_each(|key| self.press(*key))?;
        Ok(fresh)
    }

    /// What of it is down comes up.
    fn let_go(&mut self, held: &[Held]) -> Result<(), DesktopError> {
        let down: Vec<Held> =
            held.iter().rev().copied().filter(|key| self.held.contains(key)).collect();
        down.into_iter().try_for_each(|key| self.release(key))
    }

    /// The screen may be another one than it was a moment ago.
    fn move_to(&mut self, at: ScreenPx) -> Result<(), DesktopError> {
        let point = Ground::of(&self.connection, self.root)?.point(at)?;
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
        let ground = Ground::of(&self.connection, self.root)?;
        path.iter().try_for_each(|at| ground.point(*at).map(drop))?;
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
}

fn number(button: Button) -> u8 {
    match button {
        Button::Left => 1,
        Button::Middle => 2,
        Button::Right => 3,
        // Between them are the wheel's.
        Button::Back => 8,
        Button::Forward => 9,
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
