//! Steering a run by typed words, for terminals without a dashboard, screen readers and pipes.

use std::io::{self, BufRead as _, Read as _};
use std::thread;

use deskbound_accessibility::ScreenPx;
use deskbound_agent::action::{Action, Chord};
use deskbound_agent::control::{Answer, AskId, Command, Extent};
use tokio::sync::mpsc;

/// What was typed.
#[derive(Debug, PartialEq)]
pub(crate) enum Typed {
    Tell(Command),
    Stop,
    Help,
    Nothing,
}

pub(crate) const HELP: &str = "\
pause, step, resume    stand still, one step, go on
say TEXT               tell the models something, or answer what one asks
y, a, n                allow once, allow for this run, deny what is asked
take, give             take the desktop over, give it back
  click X,Y            while you have it: click there,
  key CHORD            press keys, such as ctrl+s,
  type TEXT            type a text,
  clipboard            say what is on its clipboard,
  reset                take a virtual one back to where it started
stop                   end the run
help                   this list";

/// Longest line.
const LINE_BYTES: u64 = 16 << 10;
/// Lines that were typed and not looked at yet.
const LINES_MAX: usize = 16;

/// The lines of standard input as they are typed, until it ends.
pub(crate) fn lines() -> mpsc::Receiver<String> {
    let (typed, lines) = mpsc::channel(LINES_MAX);
    // Of its own, for a read that waits for a person would keep a runtime from ending.
    thread::spawn(move || type_into(&typed));
    lines
}

fn type_into(typed: &mpsc::Sender<String>) {
    let mut input = io::stdin().lock();
    loop {
        let mut line = Vec::new();
        match (&mut input).take(LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        if typed.blocking_send(String::from_utf8_lossy(&line).into_owned()).is_err() {
            return;
        }
    }
}

/// `asked` is the question that waits for an answer.
pub(crate) fn read(line: &str, asked: Option<AskId>) -> Result<Typed, String> {
    let line = line.trim();
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim_start();
    let answer = |answer| match asked {
        Some(ask) => Ok(Typed::Tell(Command::Answer { ask, answer })),
        None => Err("nothing is asked".to_owned()),
    };
    let hand = |action| Ok(Typed::Tell(Command::Hand { action }));
    match word {
        "" => Ok(Typed::Nothing),
        "pause" => Ok(Typed::Tell(Command::Pause)),
        "step" => Ok(Typed::Tell(Command::Step)),
        "resume" => Ok(Typed::Tell(Command::Resume)),
        "take" => Ok(Typed::Tell(Command::TakeOver)),
        "give" => Ok(Typed::Tell(Command::GiveBack)),
        "clipboard" => Ok(Typed::Tell(Command::Carry)),
        "reset" => Ok(Typed::Tell(Command::Reset)),
        "stop" => Ok(Typed::Stop),
        "help" | "?" => Ok(Typed::Help),
        "y" | "yes" => answer(Answer::Approve { extent: Extent::Once }),
        "a" | "always" => answer(Answer::Approve { extent: Extent::Run }),
        "n" | "no" => answer(Answer::Deny),
        "say" if !rest.is_empty() => Ok(Typed::Tell(Command::Prompt { text: rest.to_owned() })),
        "say" => Err("`say` wants a text".to_owned()),
        "type" => hand(Action::Type { text: rest.to_owned() }),
        "key" => match rest.parse::<Chord>() {
            Ok(chord) => hand(Action::chord(chord)),
            Err(error) => Err(error.to_string()),
        },
        "click" => hand(Action::click(point(rest)?)),
        other => Err(format!("`{other}` is no command; `help` lists them")),
    }
}

fn point(text: &str) -> Result<ScreenPx, String> {
    let numbers = text.split_once([',', ' ']);
    let point = numbers
        .and_then(|(x, y)| Some(ScreenPx { x: x.trim().parse().ok()?, y: y.trim().parse().ok()? }));
    point.ok_or_else(|| format!("`{text}` is no place; 640,400 is one"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Result<Typed, &str>) {
        assert_eq!(read(line, Some(AskId(3))), expected.map_err(str::to_owned), "{line}");
    }

    #[test]
    fn words_become_commands() {
        let hand = |action| Ok(Typed::Tell(Command::Hand { action }));
        let answer = |answer| Ok(Typed::Tell(Command::Answer { ask: AskId(3), answer }));
        check("  pause ", Ok(Typed::Tell(Command::Pause)));
        check("y", answer(Answer::Approve { extent: Extent::Once }));
        check("a", answer(Answer::Approve { extent: Extent::Run }));
        check("no", answer(Answer::Deny));
        check("say  save it as b.txt", {
            Ok(Typed::Tell(Command::Prompt { text: "save it as b.txt".to_owned() }))
        });
        check("click 0,7", hand(Action::click(ScreenPx { x: 0, y: 7 })));
        check("click 5 6", hand(Action::click(ScreenPx { x: 5, y: 6 })));
        check("key ctrl+s", hand(Action::chord("ctrl+s".parse().unwrap())));
        check("type a  b", hand(Action::Type { text: "a  b".to_owned() }));
        check("clipboard", Ok(Typed::Tell(Command::Carry)));
        check("reset", Ok(Typed::Tell(Command::Reset)));
        check("", Ok(Typed::Nothing));
        check("stop", Ok(Typed::Stop));
        check("click here", Err("`here` is no place; 640,400 is one"));
        check("dance", Err("`dance` is no command; `help` lists them"));
        assert_eq!(read("y", None), Err("nothing is asked".to_owned()));
    }
}
