//! Pictures of a screen: how they come, what they cost where nothing changes, and what is not
//! waited for. A client of ours paints on it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use deskbound_accessibility::{BusAddress, ScreenPx, ScreenRect};
use deskbound_agent::action::{Action, Button};
use deskbound_agent::desktop::{Desktop, DesktopError, Monitor, Observation};
use deskbound_agent::x11::{Programs, Way, X11Desktop, X11Session};
use deskbound_testbed::{App, Testbed, wait_for};
use x11rb::connection::Connection as _;
use x11rb::protocol::randr::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ConnectionExt as _, CreateWindowAux, PropMode, Window,
    WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::bed::Bed;

const START_LIMIT: Duration = Duration::from_secs(60);
/// What no wait in a test reaches, unless it is in vain.
const LONG: Duration = Duration::from_secs(60);
const SPOT: ScreenRect = ScreenRect { x: 300, y: 200, width: 40, height: 20 };

/// A rectangle of one colour on a screen, on top of all.
struct Painter {
    connection: RustConnection,
    root: Window,
    window: Window,
}

impl Painter {
    fn at(display: &str, place: ScreenRect) -> Self {
        let (connection, screen) = RustConnection::connect(Some(display)).expect("it connects");
        let root = connection.setup().roots[screen].root;
        let window = connection.generate_id().expect("there are numbers");
        let look = CreateWindowAux::new().background_pixel(0).override_redirect(1);
        let (x, y) = (place.x as i16, place.y as i16);
        let (width, height) = (place.width as u16, place.height as u16);
        let class = WindowClass::INPUT_OUTPUT;
        connection
            .create_window(0, window, root, x, y, width, height, 0, class, 0, &look)
            .expect("it is made");
        connection.map_window(window).expect("it is shown");
        connection.sync().expect("it is there");
        Self { connection, root, window }
    }

    fn paint(&self, rgb: u32) {
        let look = ChangeWindowAttributesAux::new().background_pixel(rgb);
        self.connection.change_window_attributes(self.window, &look).expect("it is changed");
        self.connection.clear_area(false, self.window, 0, 0, 0, 0).expect("it is painted");
        self.connection.sync().expect("it is there");
    }

    fn paint_for_ever(self, every: Duration) {
        std::thread::spawn(move || {
            for shade in (0..200).cycle() {
                let look = ChangeWindowAttributesAux::new().background_pixel(shade << 8);
                let painted = self.connection.change_window_attributes(self.window, &look);
                let cleared = self.connection.clear_area(false, self.window, 0, 0, 0, 0);
                if painted.is_err() || cleared.is_err() || self.connection.sync().is_err() {
                    return;
                }
                std::thread::sleep(every);
            }
        });
    }
}

/// A server of our own beside that of the bed, which lends its bus.
async fn server(bed: &Testbed, refused: &[&str]) -> (App, String, X11Desktop) {
    let mut args =
        vec!["-displayfd", "1", "-screen", "0", "640x480x24", "-nolisten", "tcp", "-noreset"];
    args.extend(refused.iter().flat_map(|extension| ["-extension", extension]));
    let server = bed.launch("Xvfb", &args).expect("it starts");
    let number = wait_for("a display", START_LIMIT, || {
        let log = server.log();
        let complete = &log[..log.rfind('\n')?];
        complete.lines().find_map(|line| line.trim().parse::<u32>().ok())
    });
    let display = format!(":{}", number.expect("it names its display"));
    let desktop = X11Desktop::connect(X11Session {
        display: display.clone(),
        bus: BusAddress::Accessibility(bed.a11y_bus_address().to_owned()),
        home: bed.home().to_string_lossy().into_owned(),
        programs: Programs::Ours { env: bed.env() },
    });
    (server, display, desktop.await.expect("it answers"))
}

fn colour(seen: &Observation, at: ScreenPx) -> u32 {
    let [red, green, blue] = seen.frame.get_pixel(at.x as u32, at.y as u32).0;
    u32::from_be_bytes([0, red, green, blue])
}

async fn look(desktop: &mut X11Desktop) -> Observation {
    desktop.observe().await.expect("it can be looked at")
}

/// What is painted is seen, and only what is painted makes another picture.
async fn sees(desktop: &mut X11Desktop, display: &str) {
    let painter = Painter::at(display, SPOT);
    let first = look(desktop).await;
    let again = look(desktop).await;
    assert!(Arc::ptr_eq(&first.frame, &again.frame), "an unchanged screen is the same picture");
    painter.paint(0x00_12_34_56);
    desktop.changed(&first.frame, LONG).await.expect("it is waited for");
    let painted = look(desktop).await;
    assert_eq!(colour(&painted, SPOT.centre()), 0x12_34_56);
    for (x, y, pixel) in painted.frame.enumerate_pixels() {
        let inside = SPOT.contains(ScreenPx { x: x as i32, y: y as i32 });
        assert!(inside || pixel == first.frame.get_pixel(x, y), "{x},{y} was not painted");
    }
    // Painted, and as before.
    painter.paint(0x00_12_34_56);
    assert!(Arc::ptr_eq(&painted.frame, &look(desktop).await.frame));
}

async fn pictures_come(refused: &[&str], way: Way) {
    let bed = Testbed::start().expect("a private desktop starts");
    let (_server, display, mut desktop) = server(&bed, refused).await;
    assert_eq!(desktop.way(), way, "{refused:?}");
    sees(&mut desktop, &display).await;
    let monitors = desktop.monitors().await.expect("it has one");
    let whole = ScreenRect { x: 0, y: 0, width: 640, height: 480 };
    assert_eq!(monitors.iter().map(|it| it.bounds).collect::<Vec<_>>(), [whole]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_come_by_shared_memory() {
    pictures_come(&[], Way::Shared).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_sent_where_no_memory_is_shared() {
    pictures_come(&["MIT-SHM"], Way::Sent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_compared_where_nobody_tells_what_was_painted() {
    pictures_come(&["DAMAGE"], Way::Shared).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_blinks_is_not_waited_for() {
    let bed = Testbed::start().expect("a private desktop starts");
    let (_server, display, mut desktop) = server(&bed, &[]).await;
    Painter::at(&display, SPOT).paint_for_ever(Duration::from_millis(30));
    // It takes a second to know it for what it is, and longer on a busy machine.
    let (begun, limit) = (Instant::now(), Duration::from_millis(400));
    loop {
        let seen = look(&mut desktop).await;
        let waited = Instant::now();
        desktop.changed(&seen.frame, limit).await.expect("it is waited for");
        if waited.elapsed() >= limit && seen.settle < Duration::from_millis(500) {
            break;
        }
        assert!(begun.elapsed() < LONG, "a blinker is no change: {:?}", seen.settle);
    }
    // Something else is news at once.
    let other = Painter::at(&display, ScreenRect { y: 300, ..SPOT });
    let seen = look(&mut desktop).await;
    other.paint(0xff_00_00);
    let begun = Instant::now();
    desktop.changed(&seen.frame, LONG).await.expect("it is waited for");
    assert!(begun.elapsed() < LONG);
    assert_eq!(colour(&look(&mut desktop).await, ScreenPx { x: 320, y: 310 }), 0xff_00_00);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_stands_still_is_not_waited_for() {
    let mut bed = Bed::start().await;
    let begun = Instant::now();
    // A desktop that has just begun may still paint.
    loop {
        let first = look(&mut bed.desktop).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let second = look(&mut bed.desktop).await;
        let is_same = Arc::ptr_eq(&first.frame, &second.frame);
        if is_same && second.settle < Duration::from_millis(20) {
            return;
        }
        assert!(begun.elapsed() < LONG, "{is_same} {:?}", second.settle);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pointer_is_told_and_not_drawn() {
    let mut bed = Bed::start().await;
    let point = |x, y| Action::Move { to: ScreenPx { x, y } };
    bed.desktop.perform(&point(700, 400)).await.expect("it is moved");
    let first = look(&mut bed.desktop).await;
    bed.desktop.perform(&point(703, 391)).await.expect("it is moved");
    let second = look(&mut bed.desktop).await;
    let at = |seen: &Observation| seen.pointer.as_ref().map(|pointer| pointer.at);
    assert_eq!(at(&first), Some(ScreenPx { x: 700, y: 400 }));
    assert_eq!(at(&second), Some(ScreenPx { x: 703, y: 391 }));
    assert!(Arc::ptr_eq(&first.frame, &second.frame), "a pointer that moves changes no picture");
}

/// Shrinks the screen as `xrandr --mode` does.
fn resize(painter: &Painter, (width, height): (u16, u16)) {
    let (connection, root) = (&painter.connection, painter.root);
    let told = connection
        .randr_get_screen_resources(root)
        .expect("the server answers")
        .reply()
        .expect("the server answers");
    let (output, crtc) = (told.outputs[0], told.crtcs[0]);
    let name = format!("{width}x{height}");
    let mode = randr::ModeInfo {
        width,
        height,
        dot_clock: 60_000_000,
        htotal: width + 100,
        vtotal: height + 30,
        name_len: name.len() as u16,
        ..Default::default()
    };
    let made =
        connection.randr_create_mode(root, mode, name.as_bytes()).expect("the server answers");
    let mode = made.reply().expect("the server answers").mode;
    connection
        .randr_add_output_mode(output, mode)
        .expect("the server answers")
        .check()
        .expect("the server answers");
    let (rotation, time) = (randr::Rotation::ROTATE0, x11rb::CURRENT_TIME);
    let stamp = told.config_timestamp;
    connection
        .randr_set_crtc_config(crtc, time, stamp, 0, 0, mode, rotation, &[output])
        .expect("the server answers")
        .reply()
        .expect("the server answers");
    connection
        .randr_set_screen_size(root, width, height, 200, 150)
        .expect("the server answers")
        .check()
        .expect("the server answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_may_become_another_under_us() {
    let bed = Testbed::start().expect("a private desktop starts");
    let (_server, display, mut desktop) = server(&bed, &[]).await;
    let painter = Painter::at(&display, SPOT);
    let corner = |x, y| Action::press(ScreenPx { x, y }, Button::Left, 1);
    assert_eq!(look(&mut desktop).await.frame.dimensions(), (640, 480));
    desktop.perform(&corner(639, 479)).await.expect("it is on the screen");
    resize(&painter, (400, 300));
    painter.paint(0x00_ff_00);
    let seen = look(&mut desktop).await;
    assert_eq!(seen.frame.dimensions(), (400, 300));
    assert_eq!(colour(&seen, SPOT.centre()), 0x00_ff_00);
    desktop.perform(&corner(399, 299)).await.expect("it is on the screen");
    let beyond = desktop.perform(&corner(400, 100)).await;
    assert!(matches!(beyond, Err(DesktopError::OffScreen { x: 400, y: 100 })), "{beyond:?}");
    assert_eq!(
        desktop
            .eye()
            .frame()
            .await
            .expect("the server answers")
            .expect("the server answers")
            .dimensions(),
        (400, 300)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn there_may_be_more_than_one_monitor() {
    let bed = Testbed::start().expect("a private desktop starts");
    let (_server, display, mut desktop) = server(&bed, &[]).await;
    let Painter { connection, root, .. } = Painter::at(&display, SPOT);
    let told = connection
        .randr_get_screen_resources(root)
        .expect("the server answers")
        .reply()
        .expect("the server answers");
    // Side by side, the right one not so high: what is below it is shown nowhere.
    for (name, x, height, outputs) in
        [("left", 0, 480, vec![told.outputs[0]]), ("right", 320, 300, vec![])]
    {
        let atom = connection
            .intern_atom(false, name.as_bytes())
            .expect("the server answers")
            .reply()
            .expect("the server answers")
            .atom;
        let monitor = randr::MonitorInfo {
            name: atom,
            primary: name == "left",
            automatic: false,
            x,
            y: 0,
            width: 320,
            height,
            width_in_millimeters: 100,
            height_in_millimeters: 100,
            outputs,
        };
        connection
            .randr_set_monitor(root, monitor)
            .expect("the server answers")
            .check()
            .expect("the server answers");
    }
    let (resources, kind) = (AtomEnum::RESOURCE_MANAGER, AtomEnum::STRING);
    connection
        .change_property8(PropMode::REPLACE, root, resources, kind, b"Xft.dpi:\t192\n")
        .expect("the server answers")
        .check()
        .expect("the server answers");
    let mut monitors = desktop.monitors().await.expect("it knows them");
    monitors.sort_by_key(|monitor| monitor.bounds.x);
    let expected = |name: &str, x, height, is_primary| {
        let bounds = ScreenRect { x, y: 0, width: 320, height };
        Monitor { name: name.to_owned(), bounds, is_primary, scale: 2.0 }
    };
    assert_eq!(monitors, [expected("left", 0, 480, true), expected("right", 320, 300, false)]);
    for (x, y, is_shown) in [(319, 479, true), (320, 299, true), (320, 300, false)] {
        let moved = desktop.perform(&Action::Move { to: ScreenPx { x, y } }).await;
        assert_eq!(moved.is_ok(), is_shown, "{x},{y}: {moved:?}");
    }
}
