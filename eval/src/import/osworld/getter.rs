//! What is fetched from a desktop, or from the cache, to be scored.

use std::time::Duration;

use deskbound_agent::desktop::{Desktop, DesktopError};
use serde_json::{Value, json};

use super::CacheFolder;
use super::chrome::Fact;
use super::evaluator::NotHere;
use super::metric::Fetched;
use super::setup::{KEPT, at_home, words};
use crate::home::Home;
use crate::script::{ScriptError, follow};
use crate::task::Move;

/// Of one command whose output is looked at.
const COMMAND_LIMIT: Duration = Duration::from_secs(60);
/// Asks which program opens each kind of video, one line for each that has one.
const PLAYERS: &str = "for kind in 3gp 3gpp 3gpp2 avi divx dv fli flv mp2t mp4 mp4v-es mpeg \
    mpeg-system msvideo ogg quicktime vnd.divx vnd.mpegurl vnd.rn-realvideo webm x-anim x-avi \
    x-flc x-fli x-flv x-m4v x-matroska x-mpeg x-mpeg-system x-mpeg2 x-ms-asf x-ms-asf-plugin \
    x-ms-asx x-ms-wm x-ms-wmv x-ms-wmx x-ms-wvx x-msvideo x-nsv x-nsv x-ogm x-ogm+ogg x-theora \
    x-theora+ogg; do xdg-mime query default video/$kind; done";
/// How VLC is asked what it plays, where its web interface is on.
const PLAYING: [&str; 6] =
    ["curl", "-s", "-f", "-u", ":password", "http://localhost:8080/requests/status.xml"];
const WALLPAPER: [&str; 4] = ["gsettings", "get", "org.gnome.desktop.background", "picture-uri"];

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Getter {
    Nothing,
    /// What a command prints, or what it complains.
    Command {
        words: Vec<String>,
        stream: Stream,
    },
    /// A file of the desktop, after some last steps.
    File {
        before: Vec<Move>,
        path: String,
    },
    /// A file of the cache.
    Cached(Vec<u8>),
    Rule(Value),
    /// A setting of Chrome.
    Chrome(Fact),
    ScreenSize,
    /// Of the window whose class has this in it.
    WindowSize {
        class: String,
    },
    /// The names in a folder.
    Listing {
        path: String,
    },
    /// What the terminal in front shows.
    Terminal,
    /// The picture behind the windows.
    Wallpaper,
    /// The program that opens most kinds of video.
    Player,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
}

impl Getter {
    pub(super) fn read(value: &Value, cache: &CacheFolder) -> Result<Self, NotHere> {
        let Some(kind) = value["type"].as_str() else { return Ok(Self::Nothing) };
        let missing = || NotHere(format!("the getter {kind}"));
        let text = |name: &str| value[name].as_str().ok_or_else(missing);
        let one = value["multi"] != true;
        let file = |path: String| Self::File { before: Vec::new(), path };
        let said = |words: &[&str]| Self::Command {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            stream: Stream::Out,
        };
        let command = |stream| match words(&value["command"], shell(value)) {
            Ok(words) => Ok(Self::Command { words, stream }),
            Err(what) => Err(NotHere(what)),
        };
        Ok(match kind {
            "vm_command_line" => command(Stream::Out)?,
            "vm_command_error" => command(Stream::Err)?,
            "vm_file" if one && value["time_suffix"] != true => file(at_home(text("path")?)),
            "cloud_file" if one => Self::Cached(cache.file(text("path")?)?),
            "cache_file" => file(format!("{KEPT}/{}", text("path")?)),
            "rule" => Self::Rule(value["rules"].clone()),
            "gimp_config_file" => {
                file(format!("{{home}}/.config/GIMP/2.10/{}", text("file_name")?))
            }
            "vlc_config" => file("{home}/.config/vlc/vlcrc".to_owned()),
            "vlc_playing_info" => said(&PLAYING),
            "vscode_config" => {
                let chord = |keys: &str| keys.parse().expect("it is a chord");
                let before = vec![
                    Move::Key { chord: chord("ctrl+shift+p") },
                    Move::Type { text: text("vscode_extension_command")?.to_owned() },
                    Move::Key { chord: chord("Return") },
                    Move::Wait { seconds: 1.0 },
                ];
                Self::File { before, path: at_home(text("path")?) }
            }
            "vm_screen_size" => Self::ScreenSize,
            "vm_window_size" => Self::WindowSize { class: text("app_class_name")?.to_owned() },
            "list_directory" => Self::Listing { path: at_home(text("path")?) },
            "vm_terminal_output" => Self::Terminal,
            "vm_wallpaper" => Self::Wallpaper,
            "default_video_player" => Self::Player,
            other => Self::Chrome(Fact::named(other).ok_or_else(missing)?),
        })
    }

    pub(super) async fn fetch<D: Desktop>(
        &self,
        home: &mut Home<'_, D>,
    ) -> Result<Fetched, DesktopError> {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Ok(match self {
            Self::Nothing => Fetched::Nothing,
            Self::Rule(rules) => Fetched::Rule(rules.clone()),
            Self::Cached(bytes) => Fetched::File(bytes.clone()),
            Self::File { before, path } => match follow(home, before).await {
                Ok(_) => at(home, path).await?,
                Err(ScriptError::Failed { .. }) => Fetched::Nothing,
                Err(ScriptError::Desktop { source, .. }) => return Err(source),
            },
            Self::Command { words, stream } => {
                output(home, words.clone(), *stream).await?.map_or(Fetched::Nothing, Fetched::Text)
            }
            Self::Chrome(fact) => {
                let path = format!("{{home}}/.config/google-chrome/{}", fact.file());
                let read = home
                    .read_at(&path)
                    .await?
                    .and_then(|bytes| serde_json::from_slice(&bytes).ok());
                fact.of(read.as_ref()).map_or(Fetched::Nothing, Fetched::Value)
            }
            Self::ScreenSize => {
                let frame = home.observe().await?.frame;
                Fetched::Value(json!({"width": frame.width(), "height": frame.height()}))
            }
            Self::WindowSize { class } => {
                let listed = output(home, owned(&["wmctrl", "-lGx"]), Stream::Out).await?;
                let size = listed.and_then(|listed| window_size(&listed, class));
                size.map_or(Fetched::Nothing, Fetched::Value)
            }
            Self::Listing { path } => {
                let find = ["find", path, "-mindepth", "1", "-maxdepth", "1", "-printf", "%f\\n"];
                let listed = output(home, owned(&find), Stream::Out).await?;
                listed.map_or(Fetched::Nothing, |listed| {
                    Fetched::Value(listed.lines().map(str::to_owned).collect())
                })
            }
            Self::Terminal => {
                let seen = home.observe().await?;
                let shown = seen.find("terminal").unwrap_or_default().into_iter().next_back();
                shown.map_or(Fetched::Nothing, |it| Fetched::Text(it.text.trim_end().to_owned()))
            }
            Self::Wallpaper => {
                let said = output(home, owned(&WALLPAPER), Stream::Out).await?.unwrap_or_default();
                let path = said.trim().trim_matches('\'').trim_start_matches("file://").to_owned();
                if path.is_empty() { Fetched::Nothing } else { at(home, &path).await? }
            }
            Self::Player => {
                let said = output(home, owned(&["sh", "-c", PLAYERS]), Stream::Out).await?;
                Fetched::Text(said.and_then(|said| most(&said)).unwrap_or("unknown".to_owned()))
            }
        })
    }
}

/// A flag, which some tasks write as a text.
pub(super) fn shell(value: &Value) -> bool {
    value["shell"] == true || value["shell"] == "true"
}

async fn at<D: Desktop>(home: &mut Home<'_, D>, path: &str) -> Result<Fetched, DesktopError> {
    Ok(home.read_at(path).await?.map_or(Fetched::Nothing, Fetched::File))
}

/// A program that is not there is the task's finding, not the desktop's fault.
async fn output<D: Desktop>(
    home: &mut Home<'_, D>,
    words: Vec<String>,
    stream: Stream,
) -> Result<Option<String>, DesktopError> {
    match tokio::time::timeout(COMMAND_LIMIT, home.run(&words)).await {
        Ok(Ok(output)) => {
            let bytes = match stream {
                Stream::Out => output.stdout,
                Stream::Err => output.stderr,
            };
            Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
        }
        Ok(Err(DesktopError::Start { .. } | DesktopError::Late { .. })) | Err(_) => Ok(None),
        Ok(Err(error)) => Err(error),
    }
}

/// Of a list as `wmctrl -lGx` prints it: number, desktop, x, y, width, height, class, and the rest.
fn window_size(listed: &str, class: &str) -> Option<Value> {
    listed.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_it = words.get(6)?.to_lowercase().contains(&class.to_lowercase());
        let size = |at: usize| words[at].parse::<u32>().ok();
        is_it.then(|| Some(json!({"width": size(4)?, "height": size(5)?})))?
    })
}

/// The commonest line, with its end; of those as common the first.
fn most(said: &str) -> Option<String> {
    let lines: Vec<&str> = said.lines().filter(|line| !line.is_empty()).collect();
    let times = |line: &str| lines.iter().filter(|other| **other == line).count();
    let best = lines.iter().map(|line| times(line)).max()?;
    lines.iter().find(|line| times(line) == best).map(|line| format!("{line}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_known_by_its_class() {
        let listed = "0x01  0 10 20 300 200 mousepad.Mousepad  here notes\n\
                      0x02  0 0 0 1280 800 vlc.vlc  here a film\n";
        assert_eq!(window_size(listed, "vlc"), Some(json!({"width": 1280, "height": 800})));
        assert_eq!(window_size(listed, "gimp"), None);
        assert_eq!(window_size("", "vlc"), None);
    }

    #[test]
    fn the_commonest_program_is_the_one() {
        assert_eq!(most("a\nb\n\nb\n").as_deref(), Some("b\n"));
        assert_eq!(most("a\nb\n").as_deref(), Some("a\n"));
        assert_eq!(most("\n"), None);
    }
}
