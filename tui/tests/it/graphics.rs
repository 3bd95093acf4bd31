//! Pictures in a terminal's own pixels: asked for where a terminal can say so, in bounded time, and
//! half-blocks everywhere else.

use std::io::Cursor;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::program::Environment;
use crate::pty::{Pty, count, holds};
use crate::replay::recorded;

/// What every terminal is asked last.
const QUESTION: &str = "\u{1b}[c";
const KITTY: &str = "\u{1b}_Gi=31;OK\u{1b}\\\u{1b}[?62;c";
const KITTY_PICTURE: &str = "\u{1b}_Ga=T";
const KITTY_CLEAR: &str = "\u{1b}_Ga=d";
const SIXEL_PICTURE: &str = "\u{1b}P0;1;0q";
/// A cell of the picture, by its colour: both halves of it are alike.
const CELL: &str = "48;2;30;90;200";

fn opened(environment: &Environment, variables: &[(&str, &str)], answer: &'static str) -> Pty {
    let mut command = environment.command(&["replay", "last"]);
    command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8").envs(variables.iter().copied());
    let mut pty = Pty::start(command, QUESTION, answer);
    pty.wait_for("RECORD");
    pty
}

/// The pictures of kitty's protocol, each put together from its pieces.
fn kitty_pictures(bytes: &[u8]) -> Vec<image::RgbImage> {
    let text = String::from_utf8_lossy(bytes);
    let (mut pictures, mut payload) = (Vec::new(), String::new());
    for part in text.split("\u{1b}_G").skip(1) {
        // The last may still be on its way.
        let whole = part.split_once("\u{1b}\\").map(|(whole, _)| whole);
        let Some((head, piece)) = whole.and_then(|whole| whole.split_once(';')) else { continue };
        if !head.contains("m=") {
            continue;
        }
        assert!(piece.len() <= 4096, "a piece of {} bytes", piece.len());
        payload += piece;
        if head.ends_with("m=0") {
            let png = STANDARD.decode(std::mem::take(&mut payload)).expect("base64");
            let reader = image::ImageReader::with_format(Cursor::new(png), image::ImageFormat::Png);
            pictures.push(reader.decode().expect("a picture").to_rgb8());
        }
    }
    pictures
}

#[test]
fn kitty_is_given_pictures_once_and_takes_them_back() {
    let environment = Environment::new();
    recorded(&environment, 3);
    let mut pty = opened(&environment, &[], KITTY);
    pty.wait_until("a picture", |bytes| !kitty_pictures(bytes).is_empty());
    let first = kitty_pictures(&pty.bytes).remove(0);
    // The sample is 320 × 200, and no more is sent than there is.
    assert_eq!(first.dimensions(), (320, 200));
    assert!(first.pixels().any(|pixel| pixel.0 == [30, 90, 200]));
    // Something over the picture takes it away; half-blocks stand in.
    pty.press(":");
    pty.wait_until("commands, and cells", |bytes| {
        holds(bytes, "page-up") && holds(bytes, KITTY_CLEAR) && holds(bytes, CELL)
    });
    let before = count(&pty.bytes, KITTY_PICTURE);
    pty.press("\u{1b}");
    pty.wait_until("the picture again", |bytes| count(bytes, KITTY_PICTURE) > before);
    let bytes = pty.leave();
    let (cleared, left) = (last(&bytes, KITTY_CLEAR), last(&bytes, "\u{1b}[?1049l"));
    assert!(cleared < left, "taken away before the screen is given back");
}

fn last(bytes: &[u8], wanted: &str) -> usize {
    let found = bytes.windows(wanted.len()).rposition(|part| part == wanted.as_bytes());
    found.unwrap_or_else(|| panic!("no {wanted:?}"))
}

#[test]
fn a_picture_that_stays_is_not_sent_again() {
    let environment = Environment::new();
    recorded(&environment, 3);
    let mut pty = opened(&environment, &[], KITTY);
    // The target is marked on the second: the tree has to be read for that.
    pty.wait_until("both pictures", |bytes| kitty_pictures(bytes).len() == 2);
    pty.press("\t");
    pty.wait_for("▸screen");
    let sent = kitty_pictures(&pty.bytes);
    pty.press("\t");
    pty.wait_for("▸log");
    assert_eq!(kitty_pictures(&pty.bytes).len(), sent.len());
    assert!(sent.windows(2).all(|two| two[0] != two[1]), "the same was sent twice");
}

#[test]
fn a_terminal_with_sixels_gets_sixels() {
    let environment = Environment::new();
    recorded(&environment, 3);
    let mut pty = opened(&environment, &[], "\u{1b}[?62;4;22c");
    pty.wait_for(SIXEL_PICTURE);
    pty.wait_until("all of it", |bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.rsplit(SIXEL_PICTURE).next().is_some_and(|rest| rest.contains("\u{1b}\\"))
    });
    assert!(!holds(&pty.bytes, KITTY_PICTURE));
}

#[test]
fn whoever_does_not_answer_gets_half_blocks_soon() {
    let environment = Environment::new();
    recorded(&environment, 3);
    let mut command = environment.command(&["replay", "last"]);
    command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
    let mut pty = Pty::start(command, "never", "");
    pty.wait_for(QUESTION);
    let took = pty.wait_for("RECORD");
    assert!(took < Duration::from_secs(5), "{took:?}");
    pty.wait_for(CELL);
    assert!(!holds(&pty.bytes, KITTY_PICTURE) && !holds(&pty.bytes, SIXEL_PICTURE));
}

#[test]
fn nobody_is_asked_who_could_not_answer_for_himself() {
    let environment = Environment::new();
    recorded(&environment, 3);
    for (variables, is_blocks) in [
        (&[("TMUX", "/tmp/tmux-0/default,1,0")][..], true),
        (&[("TERM", "tmux-256color")], true),
        (&[("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")], true),
        (&[("NO_COLOR", "1")], false),
        (&[("DESKBOUND_GRAPHICS", "blocks")], true),
    ] {
        let mut pty = opened(&environment, variables, KITTY);
        if is_blocks {
            pty.wait_for(CELL);
        }
        let bytes = pty.leave();
        assert!(!holds(&bytes, QUESTION) && !holds(&bytes, "\u{1b}_G"), "{variables:?}");
    }
}

#[test]
fn what_is_asked_for_goes_through_tmux_in_its_wrapping() {
    let environment = Environment::new();
    recorded(&environment, 3);
    let variables = [("TMUX", "/tmp/tmux-0/default,1,0"), ("DESKBOUND_GRAPHICS", "kitty")];
    let mut pty = opened(&environment, &variables, "");
    pty.wait_for("\u{1b}Ptmux;\u{1b}\u{1b}_Ga=T");
    assert!(!holds(&pty.bytes, QUESTION));
}
