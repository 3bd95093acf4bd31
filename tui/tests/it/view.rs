//! A viewer at a desktop, by the bytes that any viewer speaks (RFC 6143): what it is shown, and what
//! it may do.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use deskbound_testbed::{Rect, Testbed, wait_until};

use crate::desktop::data_home;
use crate::driving::Desk;

const LIMIT: Duration = Duration::from_secs(120);
const NOTE: &str = "/home/desk/note.txt";
const CONTROL: u32 = 0xffe3;

/// `vm view`, ended with the test.
struct Served {
    process: Child,
    socket: String,
}

impl Served {
    fn start(desk: &Desk, flags: &[&str]) -> Self {
        Self::start_with(desk, &[&["--no-viewer"], flags].concat(), &[])
    }

    fn start_with(desk: &Desk, flags: &[&str], env: &[(String, String)]) -> Self {
        let words = [&["vm", "view", desk.name()], flags].concat();
        let mut command = desk.environment.command(&words);
        command.envs(env.iter().map(|(name, value)| (name, value)));
        command.env("XDG_DATA_HOME", data_home()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the program starts");
        let mut socket = String::new();
        let said = process.stdout.take().expect("it is piped");
        BufReader::new(said).read_line(&mut socket).expect("it names its socket");
        Self { process, socket: socket.trim().to_owned() }
    }

    /// As at a terminal: the viewer that it started ends with it.
    fn interrupt(mut self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("it runs").success());
        self.process.wait().expect("it ends");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Viewer {
    stream: UnixStream,
    width: u16,
    height: u16,
}

impl Viewer {
    fn connect(served: &Served) -> Self {
        let mut stream = UnixStream::connect(&served.socket).expect("it listens");
        stream.set_read_timeout(Some(LIMIT)).expect("a limit");
        let mut version = [0; 12];
        stream.read_exact(&mut version).expect("its version");
        assert_eq!(&version, b"RFB 003.008\n");
        stream.write_all(&version).expect("ours");
        let mut kinds = [0; 2];
        stream.read_exact(&mut kinds).expect("the kinds of security");
        assert_eq!(kinds, [1, 1], "none but the socket's own");
        stream.write_all(&[1]).expect("chosen");
        let mut allowed = [0; 4];
        stream.read_exact(&mut allowed).expect("an answer");
        assert_eq!(allowed, [0; 4]);
        stream.write_all(&[1]).expect("shared");
        let mut init = [0; 24];
        stream.read_exact(&mut init).expect("what it shows");
        let number = |at: usize| u16::from_be_bytes([init[at], init[at + 1]]);
        let (width, height) = (number(0), number(2));
        let length = u32::from_be_bytes([init[20], init[21], init[22], init[23]]);
        let mut name = vec![0; length as usize];
        stream.read_exact(&mut name).expect("its name");
        Self { stream, width, height }
    }

    /// The first whole picture has more than one colour.
    fn sees(&mut self) {
        let [width, height] = [self.width, self.height].map(u16::to_be_bytes);
        let asked = [&[3, 0, 0, 0, 0, 0][..], &width, &height].concat();
        self.stream.write_all(&asked).expect("it is asked");
        let mut head = [0; 4];
        self.stream.read_exact(&mut head).expect("an update");
        let mut pixels = Vec::new();
        for _ in 0..u16::from_be_bytes([head[2], head[3]]) {
            let mut place = [0; 12];
            self.stream.read_exact(&mut place).expect("a rectangle");
            assert_eq!(place[8..], [0; 4], "pixels as they are");
            let side = |at: usize| usize::from(u16::from_be_bytes([place[at], place[at + 1]]));
            let mut part = vec![0; side(4) * side(6) * 4];
            self.stream.read_exact(&mut part).expect("its pixels");
            pixels.extend(part);
        }
        assert!(pixels.chunks_exact(4).any(|pixel| pixel != &pixels[..4]), "all is one colour");
    }

    fn key(&mut self, symbol: u32, pressed: bool) {
        let message = [&[4, u8::from(pressed), 0, 0][..], &symbol.to_be_bytes()].concat();
        self.stream.write_all(&message).expect("it is taken");
    }

    fn types(&mut self, letter: char) {
        for pressed in [true, false] {
            self.key(u32::from(letter), pressed);
        }
        // An answer to what comes later says that this was heard.
        self.sees();
    }
}

/// Saves, until the file says so.
fn saved(desk: &Desk, expected: &str) {
    let started = Instant::now();
    loop {
        desk.done(&["key", desk.name(), "ctrl+s"]);
        let said = desk.done(&["run", desk.name(), "--", "cat", NOTE]);
        if said == expected {
            return;
        }
        assert!(started.elapsed() < LIMIT, "{said:?} is not {expected:?}");
    }
}

#[test]
fn a_viewer_sees_and_does_what_it_may() {
    let desk = Desk::start();
    desk.done(&["run", desk.name(), "--", "sh", "-c", "printf a > note.txt"]);
    desk.done(&["run", desk.name(), "--background", "--", "mousepad", NOTE]);
    let started = Instant::now();
    while !desk.done(&["tree", desk.name(), "--json"]).contains("note.txt") {
        assert!(started.elapsed() < LIMIT, "the editor does not come up");
    }
    desk.done(&["key", desk.name(), "ctrl+End"]);
    {
        let served = Served::start(&desk, &["--read-only"]);
        let mut viewer = Viewer::connect(&served);
        viewer.sees();
        viewer.types('x');
    }
    desk.done(&["type", desk.name(), "b"]);
    saved(&desk, "ab");
    let served = Served::start(&desk, &[]);
    let mut viewer = Viewer::connect(&served);
    viewer.types('c');
    saved(&desk, "abc");
    // It goes away with a key held, which must not be held for whoever comes next.
    viewer.key(CONTROL, true);
    drop(viewer);
    Viewer::connect(&served).types('d');
    saved(&desk, "abcd");
    // Nobody looks, and somebody does: both end with the desktop, and well.
    let mut unseen = Served::start(&desk, &[]);
    let mut served = served;
    let _viewer = Viewer::connect(&served);
    desk.done(&["stop", desk.name()]);
    for view in [&mut unseen, &mut served] {
        wait_until("the view ends", LIMIT, || view.process.try_wait().is_ok_and(|s| s.is_some()))
            .expect("it ends");
        assert!(view.process.wait().expect("it has ended").success());
    }
}

/// What a viewer of Debian's shows on a screen of ours, and what a click in it does.
#[test]
#[ignore = "long: a viewer on a screen of its own"]
fn long_a_viewer_of_debians_shows_the_desktop_and_drives_it() {
    /// Of a click that must do nothing.
    const NOTHING_FOR: Duration = Duration::from_secs(5);
    /// Bare on the desktop, and in a viewer that stands in a corner of a screen of the same size.
    const BARE: Rect = Rect { x: 700, y: 500, width: 200, height: 200 };
    let desk = Desk::start();
    let bed = Testbed::start_large().expect("a screen");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("now.png");
    let digest = || {
        let words = ["screenshot", desk.name(), file.to_str().expect("UTF-8"), "--json"];
        let told: serde_json::Value = serde_json::from_str(&desk.done(&words)).expect("JSON");
        told["digest"].as_str().expect("a digest").to_owned()
    };
    let before = digest();
    let colour = image::open(&file).expect("a picture").to_rgb8().get_pixel(800, 600).0;
    let shown = || bed.picture().expect("a picture").share(BARE, 0, colour) > 0.99;
    let click = || {
        let mut xdotool = bed.command("xdotool");
        xdotool.args(["mousemove", "800", "600", "click", "3"]);
        assert!(xdotool.status().expect("it runs").success());
    };
    let read_only = Served::start_with(&desk, &["--read-only"], &bed.env());
    wait_until("the viewer shows the desktop", LIMIT, shown).expect("shown");
    click();
    std::thread::sleep(NOTHING_FOR);
    assert_eq!(digest(), before, "a viewer that may only look has done something");
    read_only.interrupt();
    wait_until("the viewer goes", LIMIT, || !shown()).expect("gone");
    let full = Served::start_with(&desk, &[], &bed.env());
    wait_until("the viewer shows the desktop", LIMIT, shown).expect("shown");
    click();
    wait_until("a menu opens inside", LIMIT, || digest() != before).expect("opened");
    full.interrupt();
}
