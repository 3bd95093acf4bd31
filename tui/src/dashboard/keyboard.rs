//! The keyboard, and all else that a terminal tells.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{self, Event as Input};
use ratatui::layout::Size;

use super::Event;
use super::doorway::{Doorway, ROOM_POLL};

/// How long the keyboard's thread waits before it looks whether it is still needed.
const KEYS_POLL: Duration = Duration::from_millis(100);
/// How long the keyboard's thread has to end.
const KEYS_LIMIT: Duration = Duration::from_millis(500);

/// The keyboard's thread. Once this is dropped, it takes no key any more: the next is another's.
pub(super) struct Keyboard {
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Keyboard {
    pub(super) fn listen(doorway: Doorway) -> Self {
        let ended = Arc::<AtomicBool>::default();
        let over = Arc::clone(&ended);
        let thread = thread::spawn(move || {
            while !over.load(Ordering::SeqCst) {
                let event = match event::poll(KEYS_POLL) {
                    Ok(false) => continue,
                    Ok(true) => event::read(),
                    Err(error) => Err(error),
                };
                let event = match event {
                    Ok(Input::Key(key)) => Event::Key(key),
                    Ok(Input::Paste(text)) => Event::Pasted(text),
                    Ok(Input::Mouse(mouse)) => Event::Mouse(mouse),
                    Ok(Input::Resize(width, height)) => Event::Resized(Size { width, height }),
                    Ok(_) => continue,
                    // The terminal is gone; the signal that says so comes too.
                    Err(_) => return,
                };
                if !doorway.hand_in_unless(event, &over) {
                    return;
                }
            }
        });
        Self { ended, thread: Some(thread) }
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let begun = Instant::now();
        // At a terminal that has gone away, a read of keys never comes back. The process ends then.
        let waits = |thread: &JoinHandle<()>| !thread.is_finished() && begun.elapsed() < KEYS_LIMIT;
        while self.thread.as_ref().is_some_and(waits) {
            thread::sleep(ROOM_POLL);
        }
    }
}
