//! Steps before a task, and before its score is taken.

use serde_json::Value;

use super::getter::shell;
use super::{CacheFolder, HOME};
use crate::task::Move;

/// Where the output of steps is kept that a task asks for afterwards.
pub(super) const KEPT: &str = "{home}/.deskbound-kept";
/// Runs the words after it, and keeps what they print.
const KEEPING: &str = "mkdir -p \"$1\" && out=\"$1/$2\" && shift 2 && exec \"$@\" >\"$out\"";
/// Longest of a task's own sleeps.
const WAIT_MAX_S: f64 = 60.0;

/// Paths below the home folder, and bytes.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// All steps that can be done here; what cannot is added to the reasons.
pub(super) fn steps(
    list: &Value,
    cache: &CacheFolder,
    files: &mut Files,
    reasons: &mut Vec<String>,
) -> Vec<Move> {
    let mut moves = Vec::new();
    for step in list.as_array().into_iter().flatten() {
        match one(step, cache, files) {
            Ok(some) => moves.extend(some),
            Err(reason) => reasons.push(reason),
        }
    }
    moves
}

fn one(step: &Value, cache: &CacheFolder, files: &mut Files) -> Result<Vec<Move>, String> {
    let parameters = &step["parameters"];
    let text = |name: &str| parameters[name].as_str().map(at_home);
    let shell = shell(parameters);
    match step["type"].as_str().unwrap_or_default() {
        "download" => {
            for file in parameters["files"].as_array().into_iter().flatten() {
                let (Some(url), Some(path)) = (file["url"].as_str(), file["path"].as_str()) else {
                    return Err("a download without an address".to_owned());
                };
                // What has no folder goes where their server was started: the home folder.
                let below = match path.strip_prefix(HOME) {
                    Some(below) => below.strip_prefix('/'),
                    None => Some(path).filter(|path| !path.starts_with('/')),
                };
                let below = below.ok_or("a file outside of the home folder")?;
                crate::task::below_home(below).map_err(|_| "a path that leads astray")?;
                files.push((below.to_owned(), cache.file(url).map_err(|missing| missing.0)?));
            }
            Ok(Vec::new())
        }
        "launch" => Ok(vec![Move::Launch { words: words(&parameters["command"], shell)? }]),
        "execute" | "command" => {
            for wish in ["stderr", "until"] {
                if !matches!(&parameters[wish], Value::Null)
                    && parameters[wish] != ""
                    && parameters[wish] != serde_json::json!({})
                {
                    return Err(format!("a step that keeps or waits for {wish}"));
                }
            }
            let words = words(&parameters["command"], shell)?;
            match parameters["stdout"].as_str().filter(|name| !name.is_empty()) {
                Some(name) => Ok(vec![kept(name, words)?]),
                None => executed(words),
            }
        }
        "open" => {
            let path = text("path").ok_or("an `open` without a path")?;
            Ok(vec![Move::Launch { words: vec!["xdg-open".to_owned(), path] }])
        }
        "activate_window" => {
            let title = text("window_name").ok_or("a window without a name")?;
            Ok(vec![Move::Try { words: ["wmctrl", "-a", &title].map(str::to_owned).into() }])
        }
        "close_window" => {
            let title = text("window_name").ok_or("a window without a name")?;
            Ok(vec![Move::Try { words: ["wmctrl", "-c", &title].map(str::to_owned).into() }])
        }
        "sleep" => Ok(vec![wait(parameters["seconds"].as_f64().unwrap_or(1.0))]),
        other => Err(format!("the step {other}")),
    }
}

/// A command whose output a getter asks for by this name.
fn kept(name: &str, words: Vec<String>) -> Result<Move, String> {
    if name.contains('/') {
        return Err("an output in another folder".to_owned());
    }
    let keeping = ["sh", "-c", KEEPING, "sh", KEPT, name].map(str::to_owned);
    Ok(Move::Try { words: keeping.into_iter().chain(words).collect() })
}

fn wait(seconds: f64) -> Move {
    Move::Wait { seconds: seconds.clamp(0.0, WAIT_MAX_S) }
}

/// A command as a list, or as a line that is a shell's where it says so.
pub(super) fn words(command: &Value, shell: bool) -> Result<Vec<String>, String> {
    let words: Vec<String> = match command {
        Value::String(line) if shell => ["sh", "-c", line].map(str::to_owned).into(),
        Value::String(line) => line.split_whitespace().map(str::to_owned).collect(),
        Value::Array(list) => {
            let words = list.iter().map(|word| word.as_str().map(str::to_owned));
            let words = words.collect::<Option<Vec<_>>>().ok_or("a command that is no words")?;
            match shell {
                true => ["sh", "-c", &words.join(" ")].map(str::to_owned).into(),
                false => words,
            }
        }
        _ => return Err("a command that is no words".to_owned()),
    };
    let words: Vec<String> = words.iter().map(|word| at_home(word)).collect();
    if words.iter().any(|word| word.contains("{CLIENT_PASSWORD}")) {
        return Err("a password of the desktop's user".to_owned());
    }
    if words.is_empty() { Err("an empty command".to_owned()) } else { Ok(words) }
}

/// Their home is ours, and so is their screen.
pub(super) fn at_home(text: &str) -> String {
    text.replace(HOME, "{home}")
        .replace("{SCREEN_WIDTH_HALF}", "640")
        .replace("{SCREEN_HEIGHT_HALF}", "400")
        .replace("{SCREEN_WIDTH}", "1280")
        .replace("{SCREEN_HEIGHT}", "800")
}

/// A command; one that is a few lines of pyautogui is done by our own hands.
fn executed(words: Vec<String>) -> Result<Vec<Move>, String> {
    match &words[..] {
        [python, dash, code]
            if python.starts_with("python") && dash == "-c" && code.contains("pyautogui") =>
        {
            code.split([';', '\n'])
                .map(str::trim)
                .filter_map(|line| statement(line).transpose())
                .collect()
        }
        _ => Ok(vec![Move::Try { words }]),
    }
}

/// `None` for what does nothing.
fn statement(line: &str) -> Result<Option<Move>, String> {
    let unknown = || format!("pyautogui: {}", line.split('(').next().unwrap_or_default());
    if line.is_empty() || line.starts_with("import ") {
        return Ok(None);
    }
    let (call, rest) = line.split_once('(').ok_or_else(unknown)?;
    let arguments = rest.strip_suffix(')').ok_or_else(unknown)?;
    let arguments = arguments.trim().trim_start_matches('[').trim_end_matches(']');
    let words: Vec<String> = arguments
        .split(',')
        .map(|word| word.trim().trim_matches(['"', '\'']).to_owned())
        .filter(|word| !word.is_empty())
        .collect();
    let chord = |keys: &[String]| -> Result<Option<Move>, String> {
        let keys = keys.iter().map(|key| key_name(key)).collect::<Vec<_>>().join("+");
        let chord = keys.parse().map_err(|_| format!("the keys {keys}"))?;
        Ok(Some(Move::Key { chord }))
    };
    match call.trim() {
        "time.sleep" => Ok(Some(wait(arguments.parse().map_err(|_| unknown())?))),
        "pyautogui.hotkey" => chord(&words),
        "pyautogui.press" => chord(words.get(..1).ok_or_else(unknown)?),
        "pyautogui.write" | "pyautogui.typewrite" => {
            let text = arguments.trim().trim_matches(['"', '\'']).to_owned();
            Ok(Some(Move::Type { text }))
        }
        name @ ("pyautogui.click" | "pyautogui.doubleClick" | "pyautogui.moveTo") => {
            let [x, y] = &words[..] else { return Err(unknown()) };
            let number = |text: &String| text.parse::<i32>().map_err(|_| unknown());
            let count = match name {
                "pyautogui.click" => 1,
                "pyautogui.doubleClick" => 2,
                _ => 0,
            };
            Ok(Some(Move::ClickAt { x: number(x)?, y: number(y)?, count }))
        }
        // Up is more there, and less here.
        "pyautogui.scroll" => match &words[..] {
            [notches] => {
                let notches: i32 = notches.parse().map_err(|_| unknown())?;
                Ok(Some(Move::Scroll { notches: -notches }))
            }
            _ => Err(unknown()),
        },
        _ => Err(unknown()),
    }
}

/// Names of keys as pyautogui has them.
fn key_name(name: &str) -> String {
    match name.to_lowercase().as_str() {
        "enter" | "return" => "Return".to_owned(),
        "esc" | "escape" => "Escape".to_owned(),
        "tab" => "Tab".to_owned(),
        "right" => "Right".to_owned(),
        "left" => "Left".to_owned(),
        "up" => "Up".to_owned(),
        "down" => "Down".to_owned(),
        "delete" => "Delete".to_owned(),
        "backspace" => "BackSpace".to_owned(),
        other => other.to_owned(),
    }
}
