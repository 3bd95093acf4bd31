//! Every key that can be pressed, in one table: our name, its other spellings, the X keysym and
//! QEMU's key code.

mod chord;

pub use self::chord::{Chord, ChordError};

/// One key of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Key {
    /// The one name that is written.
    pub name: &'static str,
    /// Other spellings that are read, lower case.
    aliases: &'static [&'static str],
    /// X keysym.
    pub keysym: u32,
    /// QEMU's key code, as `input-send-event` takes it.
    pub qcode: &'static str,
}

const fn key(
    name: &'static str,
    aliases: &'static [&'static str],
    keysym: u32,
    qcode: &'static str,
) -> Key {
    Key { name, aliases, keysym, qcode }
}

/// The table. Letters and digits have no other names; everything else lists what people and models
/// write.
#[rustfmt::skip]
pub static KEYS: &[Key] = &[
    key("a", &[], 0x61, "a"), key("b", &[], 0x62, "b"), key("c", &[], 0x63, "c"),
    key("d", &[], 0x64, "d"), key("e", &[], 0x65, "e"), key("f", &[], 0x66, "f"),
    key("g", &[], 0x67, "g"), key("h", &[], 0x68, "h"), key("i", &[], 0x69, "i"),
    key("j", &[], 0x6a, "j"), key("k", &[], 0x6b, "k"), key("l", &[], 0x6c, "l"),
    key("m", &[], 0x6d, "m"), key("n", &[], 0x6e, "n"), key("o", &[], 0x6f, "o"),
    key("p", &[], 0x70, "p"), key("q", &[], 0x71, "q"), key("r", &[], 0x72, "r"),
    key("s", &[], 0x73, "s"), key("t", &[], 0x74, "t"), key("u", &[], 0x75, "u"),
    key("v", &[], 0x76, "v"), key("w", &[], 0x77, "w"), key("x", &[], 0x78, "x"),
    key("y", &[], 0x79, "y"), key("z", &[], 0x7a, "z"),
    key("0", &[], 0x30, "0"), key("1", &[], 0x31, "1"), key("2", &[], 0x32, "2"),
    key("3", &[], 0x33, "3"), key("4", &[], 0x34, "4"), key("5", &[], 0x35, "5"),
    key("6", &[], 0x36, "6"), key("7", &[], 0x37, "7"), key("8", &[], 0x38, "8"),
    key("9", &[], 0x39, "9"),
    key("Space", &["spc", " "], 0x20, "spc"),
    key("Minus", &["-", "hyphen"], 0x2d, "minus"),
    key("Equal", &["=", "equals"], 0x3d, "equal"),
    key("BracketLeft", &["["], 0x5b, "bracket_left"),
    key("BracketRight", &["]"], 0x5d, "bracket_right"),
    key("Semicolon", &[";"], 0x3b, "semicolon"),
    key("Apostrophe", &["'", "quote"], 0x27, "apostrophe"),
    key("Grave", &["`", "backtick"], 0x60, "grave_accent"),
    key("Backslash", &["\\"], 0x5c, "backslash"),
    key("Comma", &[","], 0x2c, "comma"),
    key("Period", &[".", "dot"], 0x2e, "dot"),
    key("Slash", &["/"], 0x2f, "slash"),
    key("Return", &["enter", "ret"], 0xff0d, "ret"),
    key("KP_Enter", &["kpenter"], 0xff8d, "kp_enter"),
    key("Tab", &[], 0xff09, "tab"),
    key("Escape", &["esc"], 0xff1b, "esc"),
    key("BackSpace", &["bksp"], 0xff08, "backspace"),
    key("Delete", &["del"], 0xffff, "delete"),
    key("Insert", &["ins"], 0xff63, "insert"),
    key("Home", &[], 0xff50, "home"),
    key("End", &[], 0xff57, "end"),
    key("PageUp", &["page_up", "pgup", "prior"], 0xff55, "pgup"),
    key("PageDown", &["page_down", "pgdn", "next"], 0xff56, "pgdn"),
    key("Left", &["arrowleft"], 0xff51, "left"),
    key("Up", &["arrowup"], 0xff52, "up"),
    key("Right", &["arrowright"], 0xff53, "right"),
    key("Down", &["arrowdown"], 0xff54, "down"),
    key("Menu", &["contextmenu"], 0xff67, "menu"),
    key("F1", &[], 0xffbe, "f1"), key("F2", &[], 0xffbf, "f2"), key("F3", &[], 0xffc0, "f3"),
    key("F4", &[], 0xffc1, "f4"), key("F5", &[], 0xffc2, "f5"), key("F6", &[], 0xffc3, "f6"),
    key("F7", &[], 0xffc4, "f7"), key("F8", &[], 0xffc5, "f8"), key("F9", &[], 0xffc6, "f9"),
    key("F10", &[], 0xffc7, "f10"), key("F11", &[], 0xffc8, "f11"),
    key("F12", &[], 0xffc9, "f12"),
    key("Ctrl", &["control", "control_l", "ctrl_l"], 0xffe3, "ctrl"),
    key("Shift", &["shift_l"], 0xffe1, "shift"),
    key("Alt", &["alt_l", "option"], 0xffe9, "alt"),
    key("Super", &["super_l", "meta", "win", "cmd"], 0xffeb, "meta_l"),
    key("Ctrl_R", &["control_r"], 0xffe4, "ctrl_r"),
    key("Shift_R", &[], 0xffe2, "shift_r"),
    key("AltGr", &["alt_r", "iso_level3_shift"], 0xffea, "alt_r"),
    key("Super_R", &["meta_r"], 0xffec, "meta_r"),
    key("CapsLock", &["caps_lock", "caps"], 0xffe5, "caps_lock"),
    key("NumLock", &["num_lock"], 0xff7f, "num_lock"),
    key("ScrollLock", &["scroll_lock"], 0xff14, "scroll_lock"),
    key("Print", &["printscreen", "sysrq"], 0xff61, "print"),
    key("Pause", &["break"], 0xff13, "pause"),
    key("KP_0", &["kp0"], 0xffb0, "kp_0"), key("KP_1", &["kp1"], 0xffb1, "kp_1"),
    key("KP_2", &["kp2"], 0xffb2, "kp_2"), key("KP_3", &["kp3"], 0xffb3, "kp_3"),
    key("KP_4", &["kp4"], 0xffb4, "kp_4"), key("KP_5", &["kp5"], 0xffb5, "kp_5"),
    key("KP_6", &["kp6"], 0xffb6, "kp_6"), key("KP_7", &["kp7"], 0xffb7, "kp_7"),
    key("KP_8", &["kp8"], 0xffb8, "kp_8"), key("KP_9", &["kp9"], 0xffb9, "kp_9"),
    key("KP_Add", &["kpadd"], 0xffab, "kp_add"),
    key("KP_Subtract", &["kpsubtract"], 0xffad, "kp_subtract"),
    key("KP_Multiply", &["kpmultiply"], 0xffaa, "kp_multiply"),
    key("KP_Divide", &["kpdivide"], 0xffaf, "kp_divide"),
    key("KP_Decimal", &["kpdecimal"], 0xffae, "kp_decimal"),
];

/// Characters that need Shift on the US layout, their names, and the character on the same key that
/// does not.
#[rustfmt::skip]
const SHIFTED: &[(char, &str, char)] = &[
    ('!', "exclam", '1'), ('@', "at", '2'), ('#', "numbersign", '3'), ('$', "dollar", '4'),
    ('%', "percent", '5'), ('^', "asciicircum", '6'), ('&', "ampersand", '7'),
    ('*', "asterisk", '8'), ('(', "parenleft", '9'), (')', "parenright", '0'),
    ('_', "underscore", '-'), ('+', "plus", '='), ('{', "braceleft", '['),
    ('}', "braceright", ']'), (':', "colon", ';'), ('"', "quotedbl", '\''),
    ('~', "asciitilde", '`'), ('|', "bar", '\\'), ('<', "less", ','), ('>', "greater", '.'),
    ('?', "question", '/'),
];

/// A key, and whether Shift is held with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stroke {
    pub key: &'static Key,
    pub shift: bool,
}

/// No key has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no key is called `{name}`; the nearest is `{nearest}`")]
pub struct UnknownKey {
    pub name: String,
    pub nearest: &'static str,
}

impl Key {
    /// Finds a key by any of its spellings, in any case.
    pub fn named(name: &str) -> Result<&'static Key, UnknownKey> {
        let wanted = name.to_lowercase();
        let fits = |key: &&Key| {
            key.name.eq_ignore_ascii_case(&wanted) || key.aliases.contains(&wanted.as_str())
        };
        KEYS.iter()
            .find(fits)
            .ok_or_else(|| UnknownKey { name: name.to_owned(), nearest: nearest(&wanted) })
    }

    /// As [`named`](Self::named), and also the characters that need Shift, by themselves or by
    /// their names.
    pub fn stroke_named(name: &str) -> Result<Stroke, UnknownKey> {
        let is_named = |(character, named, _): &&(char, &str, char)| {
            name.eq_ignore_ascii_case(named) || name.strip_prefix(*character) == Some("")
        };
        match SHIFTED.iter().find(is_named) {
            Some((.., plain)) => {
                Key::named(&plain.to_string()).map(|key| Stroke { key, shift: true })
            }
            None => Key::named(name).map(|key| Stroke { key, shift: false }),
        }
    }

    pub(crate) fn shift() -> &'static Key {
        Key::named("Shift").expect("the table has Shift")
    }
}

fn nearest(wanted: &str) -> &'static str {
    let spellings =
        KEYS.iter().flat_map(|key| key.aliases.iter().chain([&key.name]).map(move |s| (key, s)));
    spellings
        .min_by_key(|(_, spelling)| distance(&spelling.to_lowercase(), wanted))
        .map_or("Return", |(key, _)| key.name)
}

/// Levenshtein's.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_one_key() {
        let mut seen = std::collections::HashSet::new();
        for key in KEYS {
            assert!(seen.insert(key.name.to_lowercase()), "{} twice", key.name);
            assert_eq!(Key::named(key.name), Ok(key));
            for alias in key.aliases {
                assert!(seen.insert((*alias).to_owned()), "{alias} twice");
                assert_eq!(*alias, alias.to_lowercase());
            }
        }
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        for (name, nearest) in
            [("Retrun", "Return"), ("escap", "Escape"), ("pagedwn", "PageDown"), ("F13", "F1")]
        {
            assert_eq!(Key::named(name).map_err(|error| error.nearest), Err(nearest), "{name}");
        }
    }

    #[test]
    fn every_printable_character_has_a_stroke() {
        for (name, expected) in [
            ("a", ("a", false)),
            ("*", ("8", true)),
            ("asterisk", ("8", true)),
            ("/", ("slash", false)),
            (" ", ("spc", false)),
            ("Enter", ("ret", false)),
            ("enter", ("ret", false)),
            ("KP_Enter", ("kp_enter", false)),
            ("~", ("grave_accent", true)),
        ] {
            let found = Key::stroke_named(name).map(|stroke| (stroke.key.qcode, stroke.shift));
            assert_eq!(found, Ok(expected), "{name}");
        }
        assert!((' '..='~').all(|character| Key::stroke_named(&character.to_string()).is_ok()));
        assert!(Key::stroke_named("ö").is_err());
    }
}
