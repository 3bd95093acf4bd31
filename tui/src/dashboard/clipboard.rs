//! From the desktop's clipboard to the terminal's own, by OSC 52: only where a person asked for it
//! and has seen how much it is, and never on a desktop's own account.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::ValueEnum;

/// What a user has settled about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Carrying {
    /// Every time, with its size and its beginning in sight.
    #[default]
    Ask,
    Never,
}

/// What makes a terminal put this on its clipboard. One that does not know of it ignores it; tmux
/// passes it on where `set-clipboard` is `on`.
pub(crate) fn sequence(text: &str) -> String {
    format!("\u{1b}]52;c;{}\u{7}", STANDARD.encode(text))
}

#[cfg(test)]
mod tests {
    use super::sequence;

    #[test]
    fn nothing_of_the_text_is_told_raw() {
        assert_eq!(sequence("hi\u{1b}[2J\u{7}"), "\u{1b}]52;c;aGkbWzJKBw==\u{7}");
    }
}
