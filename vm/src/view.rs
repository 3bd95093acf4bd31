//! A desktop shown to a VNC viewer, on a unix socket in a folder of this user's own. There is no
//! port, and QEMU has no part in it: frames and input go through the desktop's doors, so that what a
//! viewer may only look at is decided here.
//!
//! ```text
//!   viewer ──RFB──▶ View ──(what may be done)──▶ RemoteControls, Guest
//!          ◀─rows that changed─┘
//! ```

mod rfb;

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use deskbound_accessibility::ScreenPx;
use image::RgbImage;
use tempfile::TempDir;
use tokio::{
    io::{AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream, unix::OwnedWriteHalf},
    sync::mpsc,
    time::{Instant, sleep, sleep_until, timeout},
};

use self::rfb::{ClientMessage, PixelFormat};
use crate::{
    door::Visit,
    error::VmError,
    keys::{KEYS, Key},
    pointer::{Button, Direction, Pressed},
    screen::Frame,
    store::Store,
};

/// Between two looks whether the screen has changed.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Between two looks whether the desktop is still there.
const GONE_EVERY: Duration = Duration::from_secs(1);

/// For a viewer to introduce itself, or to take a frame.
const VIEWER_LIMIT: Duration = Duration::from_secs(20);

/// What a viewer says that waits to be done.
const MESSAGES_WAITING_MAX: usize = 64;

/// What a viewer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Full,
    /// Keys, pointer and clipboard of the viewer are thrown away.
    ReadOnly,
}

/// A socket that viewers may come to, one after the other; gone when dropped.
pub struct View {
    listener: UnixListener,
    path: PathBuf,
    _folder: TempDir,
}

impl View {
    /// In the folder of the desktop of that name, and gone with it at the latest.
    pub fn listen(store: &Store, name: &str) -> Result<Self, VmError> {
        store.expect_running(name)?;
        let cannot = |error| VmError::file("made", "a socket for viewers")(error);
        // Made for its owner alone.
        let folder = tempfile::Builder::new().prefix("view-").tempdir_in(store.clones().join(name));
        let folder = folder.map_err(cannot)?;
        let path = folder.path().join("vnc");
        let listener = UnixListener::bind(&path).map_err(cannot)?;
        Ok(Self { listener, path, _folder: folder })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Serves viewers until the desktop is gone, which a viewer that asks for nothing would not
    /// notice, and nobody at all neither.
    pub async fn serve(&self, visit: &Visit, name: &str, access: Access) -> Result<(), VmError> {
        let served = tokio::select! {
            served = self.serve_each(visit, name, access) => served,
            () = gone(visit) => Ok(()),
        };
        served.or_else(|error| if is_gone(&error) { Ok(()) } else { Err(error) })
    }

    /// One after the other; it ends with an error alone.
    async fn serve_each(&self, visit: &Visit, name: &str, access: Access) -> Result<(), VmError> {
        loop {
            let accepted = self.listener.accept().await;
            let (stream, _) = accepted.map_err(VmError::file("used", &self.path))?;
            match Viewer::admit(stream, visit, name, access).await {
                Ok(mut viewer) => viewer.serve().await?,
                Err(Failure::Viewer) => {}
                Err(Failure::Desktop(error)) => return Err(error),
            }
        }
    }
}

/// Comes about when the desktop has ended. It may stand still for as long as it likes.
async fn gone(visit: &Visit) {
    loop {
        sleep(GONE_EVERY).await;
        if visit.controls().is_running().await.is_err_and(|error| is_gone(&error)) {
            return;
        }
    }
}

/// What is said by the doors of a desktop that has ended.
fn is_gone(error: &VmError) -> bool {
    matches!(error, VmError::GuestWire(_) | VmError::GuestGone)
}

/// A viewer that goes away is no failure of the desktop's.
enum Failure {
    Viewer,
    Desktop(VmError),
}

impl From<io::Error> for Failure {
    fn from(_: io::Error) -> Self {
        Self::Viewer
    }
}

impl From<VmError> for Failure {
    fn from(error: VmError) -> Self {
        Self::Desktop(error)
    }
}

struct Viewer<'v> {
    visit: &'v Visit,
    access: Access,
    writer: OwnedWriteHalf,
    messages: mpsc::Receiver<ClientMessage>,
    format: PixelFormat,
    /// What the viewer shows.
    shown: Option<Arc<RgbImage>>,
    /// Whether it waits for a frame.
    is_waiting: bool,
    buttons: u8,
    /// Where its pointer was last.
    at: ScreenPx,
    /// Keys that it holds, by their symbols.
    held: BTreeSet<u32>,
}

impl<'v> Viewer<'v> {
    async fn admit(
        stream: UnixStream,
        visit: &'v Visit,
        name: &str,
        access: Access,
    ) -> Result<Self, Failure> {
        let size = visit.controls().size().await?;
        let (reader, mut writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        let greeting = rfb::greet(&mut reader, &mut writer, size, name);
        timeout(VIEWER_LIMIT, greeting).await.map_err(io::Error::other)??;
        let (said, messages) = mpsc::channel(MESSAGES_WAITING_MAX);
        tokio::spawn(async move {
            while let Ok(message) = rfb::read(&mut reader).await {
                if said.send(message).await.is_err() {
                    return;
                }
            }
        });
        let format = PixelFormat::OURS;
        Ok(Self {
            visit,
            access,
            writer,
            messages,
            format,
            shown: None,
            is_waiting: false,
            buttons: 0,
            at: ScreenPx { x: 0, y: 0 },
            held: BTreeSet::new(),
        })
    }

    /// Until the viewer goes away. What it held then is let go.
    async fn serve(&mut self) -> Result<(), VmError> {
        self.serve_held().await?;
        let let_go = async {
            for keysym in std::mem::take(&mut self.held) {
                self.key(keysym, Pressed::Up).await?;
            }
            if self.buttons != 0 {
                self.pointer(0, self.at).await?;
            }
            Ok(())
        };
        match let_go.await {
            Ok(()) | Err(Failure::Viewer) => Ok(()),
            Err(Failure::Desktop(error)) => Err(error),
        }
    }

    async fn serve_held(&mut self) -> Result<(), VmError> {
        let mut look_at = Instant::now();
        loop {
            let done = tokio::select! {
                message = self.messages.recv() => match message {
                    Some(message) => self.obey(message).await,
                    None => return Ok(()),
                },
                () = sleep_until(look_at), if self.is_waiting => {
                    look_at = Instant::now() + LOOK_EVERY;
                    self.show().await
                }
            };
            match done {
                Ok(()) => {}
                Err(Failure::Viewer) => return Ok(()),
                Err(Failure::Desktop(error)) => return Err(error),
            }
        }
    }

    async fn obey(&mut self, message: ClientMessage) -> Result<(), Failure> {
        let is_input = matches!(message, ClientMessage::Key { .. } | ClientMessage::Pointer { .. });
        if is_input && self.access == Access::ReadOnly {
            return Ok(());
        }
        match message {
            ClientMessage::Format(format) => {
                self.format = format;
                self.shown = None;
            }
            ClientMessage::Update { incremental } => {
                self.is_waiting = true;
                if !incremental {
                    self.shown = None;
                }
            }
            ClientMessage::Key { keysym, pressed } => {
                match pressed {
                    // As many as there are keys, whatever a viewer says.
                    Pressed::Down if key_of(keysym).is_some() => self.held.insert(keysym),
                    Pressed::Down => false,
                    Pressed::Up => self.held.remove(&keysym),
                };
                self.key(keysym, pressed).await?;
            }
            ClientMessage::Pointer { buttons, at } => {
                self.at = at;
                self.pointer(buttons, at).await?;
            }
            ClientMessage::Other => {}
        }
        Ok(())
    }

    async fn show(&mut self) -> Result<(), Failure> {
        let Frame { image, .. } = self.visit.controls().frame().await?;
        let rows = match &self.shown {
            Some(shown) => changed_rows(shown, &image),
            None => Some((0, image.height())),
        };
        let Some((from, to)) = rows else { return Ok(()) };
        let update = rfb::update(&image, from, to, &self.format);
        timeout(VIEWER_LIMIT, self.writer.write_all(&update)).await.map_err(io::Error::other)??;
        (self.shown, self.is_waiting) = (Some(image), false);
        Ok(())
    }

    async fn key(&self, keysym: u32, pressed: Pressed) -> Result<(), VmError> {
        if let Some(key) = key_of(keysym) {
            return self.visit.controls().key(key, pressed).await;
        }
        match character_of(keysym) {
            Some(character) if pressed == Pressed::Down => {
                self.visit.guest().type_text(character.encode_utf8(&mut [0; 4])).await
            }
            _ => Ok(()),
        }
    }

    async fn pointer(&mut self, buttons: u8, at: ScreenPx) -> Result<(), VmError> {
        let controls = self.visit.controls();
        let (width, height) = controls.size().await?;
        let last = |length: u32| i32::try_from(length).unwrap_or(i32::MAX) - 1;
        // A viewer whose window is larger than the screen points beyond it.
        let at = ScreenPx { x: at.x.min(last(width)), y: at.y.min(last(height)) };
        controls.move_to(at).await?;
        let changed = self.buttons ^ buttons;
        self.buttons = buttons;
        for (bit, button) in [(0, Button::Left), (1, Button::Middle), (2, Button::Right)] {
            if changed >> bit & 1 == 1 {
                let is_down = buttons >> bit & 1 == 1;
                let pressed = if is_down { Pressed::Down } else { Pressed::Up };
                controls.button(button, pressed).await?;
            }
        }
        let wheel =
            [(3, Direction::Up), (4, Direction::Down), (5, Direction::Left), (6, Direction::Right)];
        for (bit, direction) in wheel {
            if (changed & buttons) >> bit & 1 == 1 {
                controls.scroll(direction, 1).await?;
            }
        }
        Ok(())
    }
}

/// The key that has the symbol on it, with Shift or without: the viewer tells of Shift by itself.
fn key_of(keysym: u32) -> Option<&'static Key> {
    let named = |character: char| Key::stroke_named(character.encode_utf8(&mut [0; 4])).ok();
    match char::from_u32(keysym).filter(char::is_ascii_graphic) {
        Some(character) => named(character).map(|stroke| stroke.key),
        None => KEYS.iter().find(|key| key.keysym == keysym),
    }
}

/// The character that a symbol without a key of ours stands for.
fn character_of(keysym: u32) -> Option<char> {
    match keysym {
        0xa0..=0xff => char::from_u32(keysym),
        0x0100_0100..=0x0110_ffff => char::from_u32(keysym - 0x0100_0000),
        _ => None,
    }
}

/// From the first row that differs to behind the last; `None` where all are the same.
fn changed_rows(before: &Arc<RgbImage>, now: &Arc<RgbImage>) -> Option<(u32, u32)> {
    if Arc::ptr_eq(before, now) {
        return None;
    }
    if before.dimensions() != now.dimensions() {
        return Some((0, now.height()));
    }
    let width = usize::try_from(now.width()).ok()? * 3;
    let rows = || before.as_raw().chunks(width).zip(now.as_raw().chunks(width));
    let from = rows().position(|(one, other)| one != other)?;
    let to = rows().rposition(|(one, other)| one != other)? + 1;
    Some((u32::try_from(from).ok()?, u32::try_from(to).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_have_keys_or_characters() {
        for (keysym, key, character) in [
            (0x61, Some("a"), None),
            (0x41, Some("a"), None),
            (0x21, Some("1"), None),
            (0x20, Some("Space"), None),
            (0xff0d, Some("Return"), None),
            (0xe9, None, Some('é')),
            (0x0101_f980, None, Some('🦀')),
            (0x1008_ff11, None, None),
        ] {
            assert_eq!(key_of(keysym).map(|key| key.name), key, "{keysym:#x}");
            if key.is_none() {
                assert_eq!(character_of(keysym), character, "{keysym:#x}");
            }
        }
    }

    #[test]
    fn only_rows_that_changed_are_sent() {
        let black = Arc::new(RgbImage::new(4, 10));
        assert_eq!(changed_rows(&black, &black), None);
        assert_eq!(changed_rows(&black, &Arc::new(RgbImage::new(4, 10))), None);
        let mut dotted = RgbImage::new(4, 10);
        dotted.put_pixel(3, 2, image::Rgb([1, 0, 0]));
        dotted.put_pixel(0, 7, image::Rgb([0, 0, 1]));
        assert_eq!(changed_rows(&black, &Arc::new(dotted)), Some((2, 8)));
        assert_eq!(changed_rows(&black, &Arc::new(RgbImage::new(4, 5))), Some((0, 5)));
    }
}
