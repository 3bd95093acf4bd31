//! What the demo is about: a letter that is finished under another name, and a picture that is put
//! where it belongs.

use std::fs;
use std::io;
use std::path::Path;

use image::{Rgb, RgbImage};

/// What a person would type.
pub(super) const INSTRUCTION: &str = "Open the Letters folder, open letter.txt, add the line \
    \u{201c}Yours, Ada\u{201d}, save it as letter-final.txt and move sunset.png to the Pictures folder";

/// Where things lie in the home folder, before and afterwards.
const LETTER: &str = "Letters/letter.txt";
const FINISHED: &str = "Letters/letter-final.txt";
const PICTURE: &str = "Letters/sunset.png";
const MOVED: &str = "Pictures/sunset.png";
/// For a folder that has to be there; nothing is in it.
const KEEPER: &str = "Pictures/.keep";

const TEXT: &str = "Dear Charles,\n\nthe engine weaves algebraic patterns.\n";
const LINE: &str = "Yours, Ada\n";

const WIDTH_PX: u32 = 320;
const HEIGHT_PX: u32 = 200;

/// The files on this machine, and the words with which a run is given them.
pub(super) fn lay_out(folder: &Path) -> io::Result<Vec<String>> {
    fs::write(folder.join("letter.txt"), TEXT)?;
    sunset().save(folder.join("sunset.png")).map_err(io::Error::other)?;
    fs::write(folder.join("keep"), "")?;
    let files = [("letter.txt", LETTER), ("sunset.png", PICTURE), ("keep", KEEPER)];
    let words = files.map(|(here, there)| {
        ["--file".to_owned(), format!("{}:{there}", folder.join(here).display())]
    });
    Ok(words.into_iter().flatten().collect())
}

/// What a run is told to look at, and to take out, once it has ended.
pub(super) fn look() -> Vec<String> {
    let check = ["--check".to_owned(), format!("missing={PICTURE}")].into_iter();
    let files = [FINISHED, MOVED].into_iter();
    check.chain(files.flat_map(|name| ["--collect".to_owned(), name.to_owned()])).collect()
}

/// Each thing that was to be, in words, and whether it is, by what was taken out.
pub(super) fn found(given: &Path, taken: &Path) -> [(String, bool); 2] {
    let finished = fs::read_to_string(taken.join("letter-final.txt")).unwrap_or_default();
    let is_finished = finished.trim_end() == format!("{TEXT}{LINE}").trim_end();
    let (before, after) = (fs::read(given.join("sunset.png")), fs::read(taken.join("sunset.png")));
    let is_moved = matches!((before, after), (Ok(before), Ok(after)) if before == after);
    [
        (format!("{FINISHED} is the letter with “{}” at its end", LINE.trim_end()), is_finished),
        (format!("{MOVED} is the picture, to the byte"), is_moved),
    ]
}

fn sunset() -> RgbImage {
    RgbImage::from_fn(WIDTH_PX, HEIGHT_PX, |x, y| {
        let (dx, dy) = (f64::from(x) - 160.0, f64::from(y) - 120.0);
        if dx.hypot(dy) < 36.0 {
            return Rgb([255, 214, 120]);
        }
        let down = y * 255 / HEIGHT_PX;
        let fade = |from: u32, to: u32| u8::try_from((from * (255 - down) + to * down) / 255);
        Rgb([(40, 240), (24, 120), (96, 64)].map(|(from, to)| fade(from, to).unwrap_or(u8::MAX)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_asked_for_is_found() {
        let (given, taken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        lay_out(given.path()).unwrap();
        let check = |expected: [bool; 2]| {
            let holds = found(given.path(), taken.path()).map(|(_, holds)| holds);
            assert_eq!(holds, expected);
        };
        check([false, false]);
        fs::write(taken.path().join("letter-final.txt"), TEXT).unwrap();
        fs::write(taken.path().join("sunset.png"), "").unwrap();
        check([false, false]);
        fs::write(taken.path().join("letter-final.txt"), format!("{TEXT}{LINE}")).unwrap();
        fs::copy(given.path().join("sunset.png"), taken.path().join("sunset.png")).unwrap();
        check([true, true]);
    }
}
