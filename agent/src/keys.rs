//! Every key the agent can press, in one table: our name, its other spellings, the X keysym and
//! QEMU's key code. A character that is typed goes through here too, for desktops that only have
//! keys.

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

/// Letters and digits are not aliased; everything else lists what people and models write.
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
];

/// Characters that need Shift on the US layout, with the character on the same key that does not.
const SHIFTED: &[(char, char)] = &[
    ('!', '1'),
    ('@', '2'),
    ('#', '3'),
    ('$', '4'),
    ('%', '5'),
    ('^', '6'),
    ('&', '7'),
    ('*', '8'),
    ('(', '9'),
    (')', '0'),
    ('_', '-'),
    ('+', '='),
    ('{', '['),
    ('}', ']'),
    (':', ';'),
    ('"', '\''),
    ('~', '`'),
    ('|', '\\'),
    ('<', ','),
    ('>', '.'),
    ('?', '/'),
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

    /// The key and Shift that give this character on the US layout; `None` where no key does.
    pub fn stroke(character: char) -> Option<Stroke> {
        let plain = SHIFTED.iter().find(|(shifted, _)| *shifted == character);
        let (base, shift) = match (character, plain) {
            ('\n', _) => return Key::named("Return").ok().map(|key| Stroke { key, shift: false }),
            ('\t', _) => return Key::named("Tab").ok().map(|key| Stroke { key, shift: false }),
            (_, Some((_, plain))) => (*plain, true),
            _ => (character.to_ascii_lowercase(), character.is_ascii_uppercase()),
        };
        let keysym = base.is_ascii().then_some(u32::from(base))?;
        let key = KEYS.iter().find(|key| key.keysym == keysym)?;
        Some(Stroke { key, shift })
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
    fn characters_have_strokes() {
        for (character, expected) in [
            ('a', Some(("a", false))),
            ('A', Some(("a", true))),
            ('*', Some(("8", true))),
            ('/', Some(("slash", false))),
            (' ', Some(("spc", false))),
            ('\n', Some(("ret", false))),
            ('~', Some(("grave_accent", true))),
            ('ö', None),
            ('€', None),
        ] {
            let found = Key::stroke(character).map(|stroke| (stroke.key.qcode, stroke.shift));
            assert_eq!(found, expected, "{character}");
        }
        assert!((' '..='~').all(|character| Key::stroke(character).is_some()));
    }
}
