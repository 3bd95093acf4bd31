//! What is painted on the screen, as it happens: a thread that hears the server tell of it
//! (XDamage), and knows what blinks by itself.
//!
//! ```text
//!   server ── rectangles ──▶ thread ──▶ Blinkers ── what is news ──▶ Watch::stirred
//! ```

use std::io::{self, PipeWriter};
use std::os::fd::AsFd as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use deskbound_accessibility::ScreenRect;
use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::watch;
use x11rb::connection::Connection as _;
use x11rb::errors::ConnectionError;
use x11rb::protocol::Event;
use x11rb::protocol::damage::{ConnectionExt as _, ReportLevel};
use x11rb::rust_connection::RustConnection;

use crate::blinkers::Blinkers;

pub(super) struct Watch {
    blinkers: Arc<Mutex<Blinkers>>,
    /// When there was news last.
    stirs: watch::Receiver<Instant>,
    saying: watch::Sender<Instant>,
    /// The thread ends with it.
    _lifeline: PipeWriter,
}

impl Watch {
    /// `None` where the server does not tell.
    pub(super) fn start(display: &str) -> Option<Self> {
        let (connection, screen) = RustConnection::connect(Some(display)).ok()?;
        let root = connection.setup().roots[screen].root;
        connection.damage_query_version(1, 1).ok()?.reply().ok()?;
        let damage = connection.generate_id().ok()?;
        let created = connection.damage_create(damage, root, ReportLevel::RAW_RECTANGLES).ok()?;
        created.check().ok()?;
        let (end, _lifeline) = io::pipe().ok()?;
        let (saying, stirs) = watch::channel(Instant::now());
        let blinkers = Arc::new(Mutex::new(Blinkers::default()));
        let (known, said) = (Arc::clone(&blinkers), saying.clone());
        // An error is the end of the server, which every other connection notices.
        std::thread::spawn(move || hear(&connection, &end, &known, &said));
        Some(Self { blinkers, stirs, saying, _lifeline })
    }

    /// Something is done: nothing stands still before it has been seen.
    pub(super) fn act(&mut self) {
        let now = Instant::now();
        lock(&self.blinkers).act(now);
        self.saying.send_replace(now);
        self.stirs.mark_unchanged();
    }

    /// How long there has been no news.
    pub(super) fn still_for(&self) -> Duration {
        self.stirs.borrow().elapsed()
    }

    /// Waits for news since the last time.
    pub(super) async fn stirred(&mut self) {
        if self.stirs.changed().await.is_err() {
            std::future::pending().await
        }
    }

    pub(super) fn blinking(&self) -> Vec<ScreenRect> {
        lock(&self.blinkers).places(Instant::now())
    }
}

fn hear(
    connection: &RustConnection,
    end: &io::PipeReader,
    blinkers: &Mutex<Blinkers>,
    saying: &watch::Sender<Instant>,
) -> Result<(), ConnectionError> {
    loop {
        while let Some(event) = connection.poll_for_event()? {
            let Event::DamageNotify(painted) = event else { continue };
            let area = painted.area;
            let rect = ScreenRect {
                x: area.x.into(),
                y: area.y.into(),
                width: area.width.into(),
                height: area.height.into(),
            };
            let now = Instant::now();
            if !lock(blinkers).paint(rect, now) {
                saying.send_replace(now);
            }
        }
        let (server, end) = (connection.stream().as_fd(), end.as_fd());
        let mut wait = [server, end].map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN));
        // An interrupted wait only looks earlier.
        let _ = poll(&mut wait, None);
        if !wait[1].revents().is_empty() {
            return Ok(());
        }
    }
}

fn lock(blinkers: &Mutex<Blinkers>) -> MutexGuard<'_, Blinkers> {
    blinkers.lock().unwrap_or_else(PoisonError::into_inner)
}
