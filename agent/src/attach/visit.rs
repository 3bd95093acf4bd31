//! One visitor, from its greeting until it goes.

use std::sync::Arc;
use std::time::Duration;

use deskbound_vm::wire::{self, WireError};
use image::RgbImage;
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::door::House;
use super::message::{FromRun, PROTOCOL, Parcel, Part, ToRun};
use crate::control::Attendance;

/// For the greeting.
const HELLO_LIMIT: Duration = Duration::from_secs(5);
/// For a visitor to take one message; a stopped one is sent away.
const TAKE_LIMIT: Duration = Duration::from_secs(10);
/// Messages of a visitor that were read and wait to be answered.
const WAITING_MAX: usize = 16;
/// The most pictures a visitor gets in a second.
const PICTURES_MAX: u8 = 30;

/// Why a visit is over.
pub(super) enum Gone {
    Wire,
    Nonsense,
    Late,
}

impl From<WireError> for Gone {
    fn from(_: WireError) -> Self {
        Self::Wire
    }
}

struct Visit<'h> {
    house: &'h House,
    number: u64,
    writer: OwnedWriteHalf,
    /// While it holds the control.
    attendance: Option<Attendance>,
    per_second: u8,
    last: Option<Arc<RgbImage>>,
}

pub(super) async fn visit(stream: UnixStream, house: &House) -> Result<(), Gone> {
    let (mut reader, writer) = stream.into_split();
    let hello = timeout(HELLO_LIMIT, read(&mut reader)).await.map_err(|_| Gone::Late)??;
    let ToRun::Hello { protocol, part } = hello else { return Err(Gone::Nonsense) };
    let (attendance, per_second, last) = (None, 0, None);
    let mut visit = Visit { house, number: house.number(), writer, attendance, per_second, last };
    let control = protocol == PROTOCOL && visit.takes_control(part);
    visit.say(&FromRun::Welcome { protocol: PROTOCOL, control }).await?;
    if protocol != PROTOCOL {
        return Err(Gone::Nonsense);
    }
    let (heard, hearing) = mpsc::channel(WAITING_MAX);
    // Reading a message cannot be given up half way, so it is done beside.
    let listening = tokio::spawn(async move {
        while let Ok(message) = read(&mut reader).await {
            if heard.send(message).await.is_err() {
                return;
            }
        }
    });
    let over = visit.serve(hearing).await;
    listening.abort();
    over
}

async fn read(reader: &mut OwnedReadHalf) -> Result<ToRun, Gone> {
    match wire::read_async(reader).await? {
        Parcel::Words(text) => serde_json::from_str(&text).map_err(|_| Gone::Nonsense),
        Parcel::Picture { .. } => Err(Gone::Nonsense),
    }
}

impl Visit<'_> {
    /// Whether this visitor holds the control now.
    fn takes_control(&mut self, part: Part) -> bool {
        let number = self.number;
        let taken = self.house.holder.send_if_modified(|holder| {
            let free = holder.is_none() || part == Part::Successor;
            let takes = part != Part::Watcher && free;
            if takes {
                *holder = Some(number);
            }
            takes
        });
        self.attendance = taken.then(|| self.house.control.attend());
        taken
    }

    async fn serve(&mut self, mut hearing: mpsc::Receiver<ToRun>) -> Result<(), Gone> {
        let mut phase = self.house.control.phase();
        let mut records = self.house.records.clone();
        let mut carried = self.house.control.carried();
        let mut holder = self.house.holder.subscribe();
        phase.mark_changed();
        records.mark_changed();
        let mut ticks = interval_at(Instant::now(), Duration::from_secs(1));
        loop {
            tokio::select! {
                message = hearing.recv() => match message {
                    Some(ToRun::Pictures { per_second }) => {
                        self.per_second = per_second.min(PICTURES_MAX);
                        if let Some(wait) = Duration::from_secs(1).checked_div(self.per_second.into()) {
                            ticks = interval_at(Instant::now(), wait);
                            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                        }
                    }
                    Some(message) => self.take(message).await?,
                    None => return Ok(()),
                },
                Ok(()) = phase.changed() => {
                    let phase = *phase.borrow_and_update();
                    self.say(&FromRun::Phase { phase }).await?;
                }
                Ok(()) = records.changed() => {
                    let records = *records.borrow_and_update();
                    self.say(&FromRun::Recorded { records }).await?;
                }
                Ok(()) = carried.changed() => {
                    let text = carried.borrow_and_update().as_deref().map(str::to_owned);
                    // Nobody else's business.
                    if let Some(text) = text.filter(|_| self.attendance.is_some()) {
                        self.say(&FromRun::Carried { text }).await?;
                    }
                }
                Ok(()) = holder.changed() => {
                    let is_holder = *holder.borrow_and_update() == Some(self.number);
                    if !is_holder && self.attendance.take().is_some() {
                        self.say(&FromRun::Succeeded).await?;
                    }
                }
                _ = ticks.tick(), if self.per_second > 0 => self.show().await?,
            }
        }
    }

    async fn take(&mut self, message: ToRun) -> Result<(), Gone> {
        let refused = match message {
            _ if self.attendance.is_none() => Some("this visitor only watches".to_owned()),
            ToRun::Stop => {
                self.house.control.stop().ask();
                None
            }
            ToRun::Tell { command } => {
                self.house.control.tell(command).err().map(|error| error.to_string())
            }
            ToRun::Hello { .. } | ToRun::Pictures { .. } => return Err(Gone::Nonsense),
        };
        match refused {
            Some(reason) => self.say(&FromRun::NotTaken { reason }).await,
            None => Ok(()),
        }
    }

    /// The screen, where it is not as this visitor saw it last.
    async fn show(&mut self) -> Result<(), Gone> {
        // A desktop that is being left has no picture; the visit ends with the run, not here.
        let Ok(Some(frame)) = self.house.eye.lock().await.frame().await else { return Ok(()) };
        let same =
            self.last.as_ref().is_some_and(|last| Arc::ptr_eq(last, &frame) || *last == frame);
        if same {
            return Ok(());
        }
        let ((width, height), pixels) = (frame.dimensions(), frame.as_raw().clone());
        self.last = Some(frame);
        self.send(&Parcel::Picture { width, height, pixels }).await
    }

    async fn say(&mut self, message: &FromRun) -> Result<(), Gone> {
        self.send(&Parcel::words(message)).await
    }

    async fn send(&mut self, parcel: &Parcel) -> Result<(), Gone> {
        let frame = wire::encode(parcel)?;
        let sent = timeout(TAKE_LIMIT, self.writer.write_all(&frame)).await;
        sent.map_err(|_| Gone::Late)?.map_err(|_| Gone::Wire)
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        let number = self.number;
        self.house.holder.send_if_modified(|holder| {
            let held = *holder == Some(number);
            if held {
                *holder = None;
            }
            held
        });
    }
}
