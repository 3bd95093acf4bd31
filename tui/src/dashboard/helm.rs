//! The line to a run that goes on: what it says comes in as events, what a person wants goes out.
//! Both ends are tasks of the runtime, so the thread that draws never waits for the run.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use deskbound_agent::attach::{AttachError, FromRun, Heard, Hearing, Part, Telling, Visitor};
use deskbound_agent::control::Command;
use deskbound_agent::{chain, sanitize};
use image::RgbImage;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::{JoinHandle, block_in_place};

use super::Event;
use super::doorway::Doorway;

/// Orders that wait to be sent; more are refused, not queued.
const ORDERS_MAX: usize = 64;
/// Pictures that are asked for in a second; fewer are drawn where the line is slow.
const PICTURES_PER_SECOND: u8 = 5;

/// Between two looks at what the run takes.
const SPENT_EVERY: Duration = Duration::from_secs(2);
/// Of `/proc`, on every machine that this is built for.
const PAGE_BYTES: u64 = 4096;

/// What a process takes of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spent {
    /// Models among it: they are mapped, and what is used of them is here.
    pub(crate) resident_mb: u64,
}

impl Spent {
    fn of(process: i32) -> Option<Self> {
        let statm = fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
        let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
        // One that has ended and is not waited for yet takes none.
        (pages > 0).then_some(Self { resident_mb: pages * PAGE_BYTES / 1_000_000 })
    }
}

/// Something for the run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Order {
    Tell(Command),
    Stop,
    /// The control is to be this view's.
    TakeControl,
}

/// A picture from between two records. Two are the same only if they are one.
#[derive(Clone, Debug)]
pub(crate) struct Sight(pub(crate) Arc<RgbImage>);

impl PartialEq for Sight {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Sight {}

pub(crate) struct Helm {
    orders: Sender<Order>,
    tasks: Vec<JoinHandle<()>>,
}

impl Helm {
    /// All tasks end with the helm, or with the run, which lies in this folder.
    pub(crate) fn hold(
        visitor: Visitor,
        run: PathBuf,
        doorway: &Doorway,
        runtime: &Handle,
    ) -> Self {
        let Visitor { hearing, telling, process, .. } = visitor;
        let (orders, waiting) = mpsc::channel(ORDERS_MAX);
        let line = Line { run, doorway: doorway.clone(), telling, hearing: Listening(None) };
        let mut tasks = vec![runtime.spawn(line.hold(hearing, waiting))];
        tasks.extend(process.map(|process| runtime.spawn(spends(process, doorway.clone()))));
        Self { orders, tasks }
    }

    /// Never waits; tells whether there was room.
    pub(crate) fn order(&self, order: Order) -> bool {
        self.orders.try_send(order).is_ok()
    }
}

impl Drop for Helm {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn hear(mut hearing: Hearing, doorway: Doorway) {
    loop {
        let event = match hearing.next().await {
            // The next picture shows it too.
            Ok(Heard::Picture(image)) => {
                if !doorway.hand_in_if_free(Event::Sighted(Sight(image))) {
                    return;
                }
                continue;
            }
            Ok(Heard::Said(FromRun::Phase { phase })) => Event::Phase(phase),
            Ok(Heard::Said(FromRun::NotTaken { reason })) => Event::Refused(reason),
            Ok(Heard::Said(FromRun::Succeeded)) => Event::Succeeded,
            Ok(Heard::Said(FromRun::Carried { text })) => Event::Carried(text),
            // The journal itself is read.
            Ok(Heard::Said(FromRun::Welcome { .. } | FromRun::Recorded { .. })) => continue,
            Err(error) => {
                block_in_place(|| doorway.hand_in(Event::Parted(sanitize::line(&chain(&error)))));
                return;
            }
        };
        if !block_in_place(|| doorway.hand_in(event)) {
            return;
        }
    }
}

/// What the run's process takes of this machine, until it ends.
async fn spends(process: i32, doorway: Doorway) {
    let mut ticks = tokio::time::interval(SPENT_EVERY);
    loop {
        ticks.tick().await;
        let Some(spent) = Spent::of(process) else { return };
        if !doorway.hand_in_if_free(Event::Spent(spent)) {
            return;
        }
    }
}

/// The task that hears what the run says; it ends with this.
struct Listening(Option<JoinHandle<()>>);

impl Listening {
    /// From now on, to this.
    fn turn_to(&mut self, hearing: Hearing, doorway: &Doorway) {
        let before = self.0.replace(tokio::spawn(hear(hearing, doorway.clone())));
        before.iter().for_each(JoinHandle::abort);
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

struct Line {
    run: PathBuf,
    doorway: Doorway,
    telling: Telling,
    hearing: Listening,
}

impl Line {
    async fn hold(mut self, hearing: Hearing, mut orders: Receiver<Order>) {
        self.hearing.turn_to(hearing, &self.doorway);
        let mut outcome = self.telling.pictures(PICTURES_PER_SECOND).await;
        loop {
            if let Err(error) = outcome {
                let why = sanitize::line(&chain(&error));
                block_in_place(|| self.doorway.hand_in(Event::Refused(why)));
                break;
            }
            outcome = match orders.recv().await {
                Some(Order::Tell(command)) => self.telling.tell(command).await,
                Some(Order::Stop) => self.telling.stop().await,
                Some(Order::TakeControl) => {
                    if let Err(error) = self.take_control().await {
                        let why = sanitize::line(&chain(&error));
                        block_in_place(|| self.doorway.hand_in(Event::Refused(why)));
                    }
                    Ok(())
                }
                None => return,
            };
        }
        // What else the run says is still heard.
        std::future::pending::<()>().await;
    }

    /// As another visitor, to whom whoever holds the control gives way.
    async fn take_control(&mut self) -> Result<(), AttachError> {
        let heir = Visitor::connect(&self.run, Part::Successor).await?;
        self.hearing.turn_to(heir.hearing, &self.doorway);
        self.telling = heir.telling;
        if heir.control {
            block_in_place(|| self.doorway.hand_in(Event::Controls));
        }
        self.telling.pictures(PICTURES_PER_SECOND).await
    }
}
