//! The pictures of the README: a real run, asked about, answered and looked at again, in a real
//! terminal. `.ci/pictures` makes all of them again; without it they are made and thrown away.
//!
//! ```text
//!   tape ─▶ tmux (keys; what the screen says) ─▶ xterm (its pixels) ─▶ PNG
//! ```

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use deskbound_testbed::{App, Rect, Testbed, wait_until};
use image::RgbImage;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};

use crate::attach::Going;
use crate::program::Environment;
use crate::tmux::Tmux;

/// Names the folder that the pictures are for.
const INTO: &str = "DESKBOUND_PICTURES";
const SIZE: (u16, u16) = (130, 40);
const TITLE: &str = "deskbound";
const LIMIT: Duration = Duration::from_secs(60);
/// A window that looks the same for so long is drawn.
const STILL: Duration = Duration::from_millis(300);
/// A picture of one colour, or of a few, is none of a dashboard.
const COLOURS_MIN: usize = 30;

const INSTRUCTION: &str = "Move my holiday budget into the Archive folder";
/// All is allowed, but a person is asked before anything is clicked.
const POLICY: &str = r#"
[[rule]]
name = "work"
decision = "allow"

[[rule]]
name = "ask before anything is clicked"
decision = "ask"
verbs = ["click"]
"#;

enum Beat {
    /// A line for the shell.
    Line(&'static str),
    /// Letters as they are.
    Type(&'static str),
    /// Keys by their tmux names.
    Press(&'static str),
    /// The screen says this.
    Until(&'static str),
    Picture(&'static str),
}

/// In the record of the run, to its first click.
const TO_THE_CLICK: &[Beat] = &[
    Beat::Until("RECORD"),
    Beat::Press("/"),
    Beat::Until("find ›"),
    Beat::Type("click at"),
    Beat::Press("Enter"),
    Beat::Until("does    asks: click at"),
    Beat::Press("Down"),
    Beat::Until("does    click at"),
    // It comes with the screen, from the gallery.
    Beat::Until("changes ["),
];

/// The run is over.
const RECORD: &[Beat] = &[
    Beat::Press("z"),
    Beat::Until("×2"),
    Beat::Picture("dashboard"),
    Beat::Press("Enter"),
    Beat::Until("step 3, in full"),
    Beat::Picture("details"),
    // A key right behind Esc would be one with Alt.
    Beat::Press("Escape"),
    Beat::Until("─ log ─"),
    Beat::Press(":"),
    Beat::Until("play the steps"),
    Beat::Type("next"),
    Beat::Until(": next"),
    Beat::Picture("commands"),
    Beat::Press("Escape"),
    Beat::Until("Space play"),
    Beat::Press("q"),
    Beat::Until("ready>"),
];

const SIXELS: &[Beat] = &[Beat::Picture("sixels"), Beat::Press("q"), Beat::Until("ready>")];

/// A terminal on a screen of its own.
struct Stage {
    tmux: Tmux,
    bed: Testbed,
    into: PathBuf,
    _xterm: App,
}

impl Stage {
    fn set(environment: &Environment, into: &Path) -> Self {
        // Smaller first: with its new size it learns how many pixels a cell has.
        let tmux = Tmux::open(environment, (SIZE.0 - 1, SIZE.1));
        for words in [
            &["set", "-g", "status", "off"][..],
            &["set", "-as", "terminal-features", ",xterm*:RGB"],
            &["set", "-g", "allow-passthrough", "on"],
            &["set", "-g", "window-size", "latest"],
        ] {
            tmux.run(words);
        }
        let bed = Testbed::start().expect("a screen");
        let geometry = format!("{}x{}+0+0", SIZE.0, SIZE.1);
        let mut words = vec!["-geometry", &geometry, "-ti", "vt340", "-b", "2"];
        words.extend(["-fa", "DejaVu Sans Mono", "-fs", "10"]);
        words.extend(["-title", TITLE, "-bg", "#10141c", "-fg", "#d8dee9", "-e"]);
        let shown_by = tmux.shown_by();
        words.extend(shown_by.iter().map(String::as_str));
        let xterm = bed.launch("xterm", &words).expect("a terminal");
        let stage = Self { tmux, bed, into: into.to_owned(), _xterm: xterm };
        let columns = || stage.tmux.run(&["display-message", "-p", "#{window_width}"]).stdout;
        wait_until("xterm shows it", LIMIT, || {
            columns().starts_with(SIZE.0.to_string().as_bytes())
        })
        .expect("attached");
        stage
    }

    fn play(&self, tape: &[Beat]) {
        for beat in tape {
            match beat {
                Beat::Line(line) => self.tmux.line(line),
                Beat::Type(text) => drop(self.tmux.run(&["send-keys", "-l", text])),
                Beat::Press(keys) => self.tmux.press(keys),
                Beat::Until(text) => {
                    self.tmux.wait_for(text, |screen| screen.contains(text));
                }
                Beat::Picture(name) => self.take(name),
            }
        }
    }

    /// Where the terminal stands, without what the window manager puts around it.
    fn window(&self) -> Rect {
        let said = self.bed.command("xwininfo").args(["-name", TITLE]).output().expect("it runs");
        let said = String::from_utf8(said.stdout).expect("UTF-8");
        let side = |name: &str| {
            let line = said.lines().find_map(|line| line.trim().strip_prefix(name));
            let number = line.and_then(|number| number.trim().parse().ok());
            number.unwrap_or_else(|| panic!("no {name} in {said}"))
        };
        let (x, y) = (side("Absolute upper-left X:"), side("Absolute upper-left Y:"));
        Rect { x, y, width: side("Width:"), height: side("Height:") }
    }

    fn take(&self, name: &str) {
        let window = self.window();
        let now = || self.bed.picture().expect("a picture").part(window).expect("all of it");
        let (mut seen, mut since) = (now(), Instant::now());
        wait_until("the terminal stands still", LIMIT, || {
            let seen_now = now();
            if seen_now != seen {
                (seen, since) = (seen_now, Instant::now());
            }
            since.elapsed() >= STILL
        })
        .expect("still");
        let (width, height) = (window.width as u32, window.height as u32);
        let picture = RgbImage::from_raw(width, height, seen).expect("whole");
        let mut colours: Vec<_> = picture.pixels().map(|pixel| pixel.0).collect();
        colours.sort_unstable();
        colours.dedup();
        assert!(colours.len() >= COLOURS_MIN, "{name}: {} colours", colours.len());
        let file = File::create(self.into.join(format!("{name}.png"))).expect("a file");
        // Letters on one colour: what no filter has touched packs best.
        let encoder =
            PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::NoFilter);
        picture.write_with_encoder(encoder).expect("written");
    }
}

#[test]
#[ignore = "long: a run, in a terminal on a screen of its own"]
fn long_the_pictures_of_the_readme_are_made_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let into = env::var_os(INTO).map_or(folder.path().to_owned(), PathBuf::from);
    let environment = Environment::new();
    let bed = Testbed::start_large().expect("a desktop");
    fs::create_dir(bed.home().join("Archive")).expect("a folder of ours");
    for (name, text) in [("holiday-budget.txt", "two weeks\n"), ("kitchen-plan.txt", "sink\n")] {
        fs::write(bed.home().join(name), text).expect("a folder of ours");
    }
    let mut going = Going::on(bed, &environment, POLICY, INSTRUCTION);
    let stage = Stage::set(&environment, &into);
    stage.play(&[
        Beat::Line("clear; deskbound attach last --theme dark"),
        Beat::Until("ASKING: may this be done?"),
        Beat::Until("n no (Enter)"),
        Beat::Picture("question"),
    ]);
    stage.tmux.wait_for("the end", |screen| {
        if screen.contains("ASKING: may this be done?") {
            stage.tmux.press("y");
        }
        screen.contains("✓ DONE")
    });
    stage.play(&[Beat::Press("q"), Beat::Until("ready>")]);
    assert_eq!(going.ended(), Some(0));
    stage.play(&[Beat::Line("deskbound replay last --theme dark")]);
    stage.play(TO_THE_CLICK);
    stage.play(RECORD);
    stage.play(&[Beat::Line("clear; TMUX=on deskbound replay last --theme dark --graphics sixel")]);
    stage.play(TO_THE_CLICK);
    stage.play(SIXELS);
    // The file manager is white, and all else is dark: its pixels have come through tmux.
    let sixels = image::open(into.join("sixels.png")).expect("a picture").to_rgb8();
    let (width, height) = (sixels.width() / 3, sixels.height() / 3);
    let shown = image::imageops::crop_imm(&sixels, 0, 0, width, height).to_image();
    let white = shown.pixels().filter(|pixel| pixel.0 == [255; 3]).count();
    assert!(white > (width * height / 4) as usize, "{white} white pixels");
}
