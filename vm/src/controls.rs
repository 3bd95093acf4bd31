//! What a person at the machine has: the screen, the keyboard, the pointer, the power switch. All by
//! QMP.
//!
//! Keys and buttons are counted by the guest's X server, so each verb ends when its input has
//! arrived there, and input that got lost on the way is an error.

use std::{sync::Arc, time::Duration};

use deskbound_accessibility::ScreenPx;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{
    error::VmError,
    guest::Guest,
    keyboard,
    keys::{Chord, Key},
    lifetime::Lifetime,
    machine::Running,
    pointer::{self, Button, Direction, Pressed},
    qmp::Qmp,
    screen::{Frame, Screen},
    template::Template,
};

/// Clicks of one call: four select a paragraph, more mean nothing.
const CLICKS_MAX: u8 = 4;

/// Notches of one call.
const NOTCHES_MAX: u32 = 100;

/// Points of one drag.
const POINTS_MAX: usize = 256;

/// Longest time that a chord is held.
const HOLD_MS_MAX: u32 = 60_000;

/// Presses and moves that were given to QEMU are seen by the guest one after the other; an
/// application that looks where a drag goes needs a moment between them.
const DRAG_STEP: Duration = Duration::from_millis(10);

pub struct Controls {
    qmp: Arc<Qmp>,
    guest: Arc<Guest>,
    size: (u32, u32),
    screen: Screen,
    lifetime: Lifetime,
    held: Mutex<Held>,
}

/// What is down now and has to come up again. Whoever gives input holds it, so that no two verbs
/// mix.
#[derive(Debug, Default)]
struct Held {
    keys: Vec<&'static Key>,
    buttons: Vec<Button>,
}

impl Controls {
    /// Of a machine that was started from this template.
    pub(crate) fn of(running: &Running, template: &Template, lifetime: Lifetime) -> Self {
        let (qmp, guest) = (Arc::clone(&running.qmp), Arc::clone(&running.guest));
        let size = (template.recipe.width_px, template.recipe.height_px);
        Self { qmp, guest, size, lifetime, screen: Screen::default(), held: Mutex::default() }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// The whole screen as it is now.
    pub async fn frame(&self) -> Result<Frame, VmError> {
        self.screen.frame(&self.qmp).await
    }

    pub async fn move_to(&self, at: ScreenPx) -> Result<(), VmError> {
        let _alone = self.held.lock().await;
        self.send(pointer::move_to(at, self.size)?).await
    }

    /// Presses and lets go `count` times, at most four.
    pub async fn click(&self, at: ScreenPx, button: Button, count: u8) -> Result<(), VmError> {
        let mut held = self.held.lock().await;
        self.send(pointer::move_to(at, self.size)?).await?;
        for _ in 0..count.min(CLICKS_MAX) {
            self.press(&mut held, button).await?;
            self.let_go(&mut held, button).await?;
        }
        Ok(())
    }

    /// Holds a button where the pointer is, or lets go of it.
    pub async fn button(&self, button: Button, pressed: Pressed) -> Result<(), VmError> {
        let mut held = self.held.lock().await;
        match pressed {
            Pressed::Down => self.press(&mut held, button).await,
            Pressed::Up => self.let_go(&mut held, button).await,
        }
    }

    /// From the first point to the last over all between, with the button held.
    pub async fn drag(&self, path: &[ScreenPx], button: Button) -> Result<(), VmError> {
        let (Some(first), true) = (path.first(), path.len() <= POINTS_MAX) else {
            return Err(VmError::Amount { what: "points of a drag", max: POINTS_MAX as u32 });
        };
        // All of it or nothing: a drag that ends half way drops what it carries.
        let steps = path.windows(2).flat_map(|pair| pointer::way(pair[0], pair[1]));
        let steps =
            steps.map(|at| pointer::move_to(at, self.size)).collect::<Result<Vec<_>, _>>()?;
        let mut held = self.held.lock().await;
        self.send(pointer::move_to(*first, self.size)?).await?;
        self.press(&mut held, button).await?;
        for step in steps {
            self.send(step).await?;
            tokio::time::sleep(DRAG_STEP).await;
        }
        self.let_go(&mut held, button).await
    }

    /// Turns the wheel by so many notches where the pointer is.
    pub async fn scroll(&self, direction: Direction, notches: u32) -> Result<(), VmError> {
        if notches > NOTCHES_MAX {
            return Err(VmError::Amount { what: "notches of a wheel", max: NOTCHES_MAX });
        }
        let _alone = self.held.lock().await;
        for _ in 0..notches {
            self.send(pointer::notch(direction).to_vec()).await?;
        }
        Ok(())
    }

    /// Presses the keys together and lets go.
    pub async fn chord(&self, chord: &Chord) -> Result<(), VmError> {
        let held = self.held.lock().await;
        // In one message: a chord that is held while the guest is busy would repeat itself.
        let mut strokes = keyboard::chord(chord);
        strokes.retain(|(key, _)| !held.keys.contains(key));
        self.counted(keyboard::events(&strokes), strokes.len()).await
    }

    /// Presses the keys together and lets go when the time is over, a minute at most.
    pub async fn hold(&self, chord: &Chord, time: Duration) -> Result<(), VmError> {
        if time > Duration::from_millis(HOLD_MS_MAX.into()) {
            let what = "milliseconds that keys are held";
            return Err(VmError::Amount { what, max: HOLD_MS_MAX });
        }
        for key in chord.keys() {
            self.key(key, Pressed::Down).await?;
        }
        tokio::time::sleep(time).await;
        for key in chord.keys().rev() {
            self.key(key, Pressed::Up).await?;
        }
        Ok(())
    }

    /// Holds a key, or lets go of it.
    pub async fn key(&self, key: &'static Key, pressed: Pressed) -> Result<(), VmError> {
        let mut held = self.held.lock().await;
        let is_held = held.keys.contains(&key);
        match pressed {
            Pressed::Down if is_held => return Ok(()),
            Pressed::Down => held.keys.push(key),
            Pressed::Up if !is_held => return Ok(()),
            Pressed::Up => held.keys.retain(|other| *other != key),
        }
        self.counted(keyboard::events(&[(key, pressed)]), 1).await
    }

    /// Lets go of every key and button, without waiting for the guest.
    pub async fn release_all(&self) -> Result<(), VmError> {
        let mut held = self.held.lock().await;
        let keys: Vec<_> = held.keys.iter().rev().map(|key| (*key, Pressed::Up)).collect();
        let buttons = held.buttons.iter().map(|button| pointer::button(*button, Pressed::Up));
        let events: Vec<Value> = keyboard::events(&keys).into_iter().chain(buttons).collect();
        if !events.is_empty() {
            self.send(events).await?;
        }
        *held = Held::default();
        Ok(())
    }

    /// Freezes the machine, its clock and its [lifetime](crate::Vm::lifetime) included.
    pub async fn pause(&self) -> Result<(), VmError> {
        self.qmp.execute("stop", json!({})).await?;
        self.lifetime.pause();
        Ok(())
    }

    /// Goes on, with the host's time.
    pub async fn resume(&self) -> Result<(), VmError> {
        self.qmp.execute("cont", json!({})).await?;
        self.lifetime.resume();
        self.guest.set_clock().await
    }

    /// Whether the machine runs, as QEMU says, rather than being paused.
    pub async fn is_running(&self) -> Result<bool, VmError> {
        self.qmp.is_running().await
    }

    /// Ends the machine at once.
    pub async fn stop(&self) -> Result<(), VmError> {
        match self.qmp.execute("quit", json!({})).await {
            // It may be gone before it has answered.
            Ok(_) | Err(VmError::QmpBroken { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn press(&self, held: &mut Held, button: Button) -> Result<(), VmError> {
        if held.buttons.contains(&button) {
            return Ok(());
        }
        held.buttons.push(button);
        self.counted(vec![pointer::button(button, Pressed::Down)], 1).await
    }

    async fn let_go(&self, held: &mut Held, button: Button) -> Result<(), VmError> {
        if !held.buttons.contains(&button) {
            return Ok(());
        }
        held.buttons.retain(|other| *other != button);
        self.counted(vec![pointer::button(button, Pressed::Up)], 1).await
    }

    /// Sends what the guest is going to count, and waits until it has. Where nobody counts, for
    /// there is no session yet, it is only sent.
    async fn counted(&self, events: Vec<Value>, count: usize) -> Result<(), VmError> {
        let before = match self.guest.input(0).await {
            Ok(before) => Some(before),
            Err(VmError::GuestRefused { .. }) => None,
            Err(error) => return Err(error),
        };
        self.send(events).await?;
        let Some(before) = before else { return Ok(()) };
        let seen = self.guest.input(before + count as u64).await?.saturating_sub(before);
        if seen < count as u64 { Err(VmError::InputLost { sent: count, seen }) } else { Ok(()) }
    }

    async fn send(&self, events: Vec<Value>) -> Result<(), VmError> {
        self.qmp.execute("input-send-event", json!({ "events": events })).await.map(drop)
    }
}
