//! Counts what the machine's own keyboard and pointer do, as the X server sees it, so that the host
//! learns when its input has arrived, and whether all of it has.

use std::{
    error::Error,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Duration,
};

use deskbound_guest::protocol::INPUT_LIMIT;
use x11rb::{
    connection::Connection as _,
    protocol::{
        Event,
        xinput::{ConnectionExt as _, Device, EventMask, XIEventMask},
    },
    rust_connection::RustConnection,
};

/// Between two attempts to reach the X server.
const RETRY_EVERY: Duration = Duration::from_millis(500);

/// Buttons beyond it are the wheel's, of which the server makes as many events as it likes.
const BUTTON_MAX: u32 = 3;

/// Version 2.1: raw events come also while somebody has grabbed the device.
const XINPUT: (u16, u16) = (2, 1);

/// `None` while the X server is not reached.
type Count = Option<u64>;

#[derive(Clone)]
pub(super) struct InputWatch(Arc<(Mutex<Count>, Condvar)>);

impl InputWatch {
    pub(super) fn start() -> Self {
        let watch = Self(Arc::default());
        let counting = watch.clone();
        thread::spawn(move || {
            loop {
                // Every error is one of the connection's, and ends it.
                let _ = counting.follow();
                counting.set(|_| None);
                thread::sleep(RETRY_EVERY);
            }
        });
        watch
    }

    /// The count when it is `at_least` so many, or [`INPUT_LIMIT`] later.
    pub(super) fn wait(&self, at_least: u64) -> Count {
        let (count, changed) = &*self.0;
        let count = count.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(count, INPUT_LIMIT, |count| {
            count.is_some_and(|count| count < at_least)
        });
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn set(&self, change: impl FnOnce(Count) -> Count) {
        let (count, changed) = &*self.0;
        let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
        *count = change(*count);
        changed.notify_all();
    }

    fn follow(&self) -> Result<(), Box<dyn Error>> {
        let (connection, screen) = RustConnection::connect(Some(&super::name()))?;
        let root = connection.setup().roots[screen].root;
        connection.xinput_xi_query_version(XINPUT.0, XINPUT.1)?.reply()?;
        let devices = connection.xinput_xi_query_device(Device::ALL)?.reply()?.infos;
        let is_fake = |name: &[u8]| name.windows(5).any(|part| part == b"XTEST");
        let fake: Vec<u16> = devices
            .iter()
            .filter(|device| is_fake(&device.name))
            .map(|device| device.deviceid)
            .collect();
        let mask = XIEventMask::RAW_KEY_PRESS
            | XIEventMask::RAW_KEY_RELEASE
            | XIEventMask::RAW_BUTTON_PRESS
            | XIEventMask::RAW_BUTTON_RELEASE;
        let mask = EventMask { deviceid: Device::ALL_MASTER.into(), mask: vec![mask] };
        connection.xinput_xi_select_events(root, &[mask])?.check()?;
        self.set(|_| Some(0));
        loop {
            let (source, is_counted) = match connection.wait_for_event()? {
                Event::XinputRawKeyPress(key) => (key.sourceid, true),
                Event::XinputRawKeyRelease(key) => (key.sourceid, true),
                Event::XinputRawButtonPress(button) => {
                    (button.sourceid, button.detail <= BUTTON_MAX)
                }
                Event::XinputRawButtonRelease(button) => {
                    (button.sourceid, button.detail <= BUTTON_MAX)
                }
                _ => continue,
            };
            if is_counted && !fake.contains(&source) {
                self.set(|count| count.map(|count| count + 1));
            }
        }
    }
}
