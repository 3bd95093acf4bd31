//! What a user has settled for all runs: a flag goes before the environment, the environment
//! before `config.toml`, and the file before what is built in.
//!
//! A setting is nothing but another default of a flag. So there is one place that says what a value
//! may be, and help tells what holds.

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Command;
use toml::{Table, Value};

use crate::dashboard::keymap::{Keymap, KeymapError};

/// The longest file that is read.
const FILE_BYTES: u64 = 64 * 1024;

/// One setting, and the flags that it is a default of.
struct Key {
    /// In the file: section and name.
    name: &'static str,
    variable: &'static str,
    flag: &'static str,
    verbs: &'static [&'static str],
}

const KEYS: [Key; 14] = [
    key("run.desktop", "DESKBOUND_DESKTOP", "desktop", &["run"]),
    key("run.recipe", "DESKBOUND_RECIPE", "recipe", &["run", "serve"]),
    key("run.policy", "DESKBOUND_POLICY", "policy", &["run", "serve"]),
    key("run.max-steps", "DESKBOUND_MAX_STEPS", "max_steps", &["run"]),
    key("run.max-time", "DESKBOUND_MAX_TIME", "max_time", &["run"]),
    key("run.max-tokens", "DESKBOUND_MAX_TOKENS", "max_tokens", &["run"]),
    key("models.shipped", "DESKBOUND_MODELS", "models", &["run", "demo"]),
    key("models.action", "DESKBOUND_ACTION", "given", &["run"]),
    key("models.grounding", "DESKBOUND_GROUNDING", "given", &["run"]),
    key("models.device", "DESKBOUND_DEVICE", "device", &["run"]),
    key("view.theme", "DESKBOUND_THEME", "theme", VIEWS),
    key("view.graphics", "DESKBOUND_GRAPHICS", "graphics", VIEWS),
    key("view.clipboard", "DESKBOUND_CLIPBOARD", "clipboard", VIEWS),
    key("models.threads", "DESKBOUND_THREADS", "threads", &["run"]),
];

/// Verbs that open a view.
const VIEWS: &[&str] = &["run", "attach", "replay", "home", "eval watch"];
/// The section with a user's keys for the dashboard, by the names of its commands.
const OWN_KEYS: &str = "keys";

const fn key(
    name: &'static str,
    variable: &'static str,
    flag: &'static str,
    verbs: &'static [&'static str],
) -> Key {
    Key { name, variable, flag, verbs }
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("`{}` cannot be read", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}` has {bytes} bytes, more than the {FILE_BYTES} that are read", path.display())]
    TooLong { path: PathBuf, bytes: u64 },
    #[error("`{}` is no TOML", path.display())]
    Toml { path: PathBuf, source: Box<toml::de::Error> },
    #[error("`{}` has `{found}`, which is no setting; the nearest is `{nearest}`", path.display())]
    Unknown { path: PathBuf, found: String, nearest: &'static str },
    #[error("the keys in `{}` cannot be used", path.display())]
    Keys { path: PathBuf, source: KeymapError },
    #[error("`{found}` in `{}` is neither a text nor a whole number", path.display())]
    Kind { path: PathBuf, found: String },
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Environment,
    File,
}

/// All that is settled.
#[derive(Debug, Default)]
pub(crate) struct Config {
    values: BTreeMap<&'static str, (String, Source)>,
    keymap: Keymap,
}

/// One setting, as `config show` tells it.
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) variable: &'static str,
    /// `None`: what is built in.
    pub(crate) value: Option<(String, Source)>,
}

impl Config {
    /// # Errors
    /// If the file is there and cannot be used.
    pub(crate) fn read(folder: &Path) -> Result<Self, ConfigError> {
        let path = file(folder);
        let text = match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(ConfigError::Read { path, source }),
            Ok(about) if about.len() > FILE_BYTES => {
                return Err(ConfigError::TooLong { path, bytes: about.len() });
            }
            Ok(_) => fs::read_to_string(&path)
                .map_err(|source| ConfigError::Read { path: path.clone(), source })?,
        };
        Self::parse(&path, &text, |name| env::var(name).ok())
    }

    fn parse(
        path: &Path,
        text: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let path = || path.to_owned();
        let table: Table = text
            .parse()
            .map_err(|source| ConfigError::Toml { path: path(), source: Box::new(source) })?;
        let (mut values, mut own) = (BTreeMap::new(), BTreeMap::new());
        for (section, value) in &table {
            let names: Vec<(String, &Value)> = match value {
                Value::Table(inner) => {
                    inner.iter().map(|(name, value)| (format!("{section}.{name}"), value)).collect()
                }
                value => vec![(section.clone(), value)],
            };
            for (found, value) in names {
                let name = found.strip_prefix(OWN_KEYS).and_then(|rest| rest.strip_prefix('.'));
                if let Some(name) = name {
                    let Value::String(keys) = value else {
                        return Err(ConfigError::Kind { path: path(), found });
                    };
                    own.insert(name.to_owned(), keys.clone());
                    continue;
                }
                let Some(key) = KEYS.iter().find(|key| key.name == found) else {
                    let nearest = nearest(&found);
                    return Err(ConfigError::Unknown { path: path(), found, nearest });
                };
                let text = match value {
                    Value::String(text) => text.clone(),
                    Value::Integer(number) => number.to_string(),
                    _ => return Err(ConfigError::Kind { path: path(), found }),
                };
                values.insert(key.name, (text, Source::File));
            }
        }
        for key in &KEYS {
            if let Some(value) = variable(key.variable).filter(|value| !value.is_empty()) {
                values.insert(key.name, (value, Source::Environment));
            }
        }
        let keymap = Keymap::with(&own);
        let keymap = keymap.map_err(|source| ConfigError::Keys { path: path(), source })?;
        Ok(Self { values, keymap })
    }

    /// The keys of the dashboard.
    pub(crate) fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// The command table with these values in the place of what is built in.
    pub(crate) fn apply(&self, command: Command) -> Command {
        let mut defaults: BTreeMap<(&str, &'static str), Vec<String>> = BTreeMap::new();
        for key in &KEYS {
            let Some((value, _)) = self.values.get(key.name) else { continue };
            let value = match key.name {
                "models.action" => format!("action={value}"),
                "models.grounding" => format!("grounding={value}"),
                _ => value.clone(),
            };
            for verb in key.verbs {
                defaults.entry((verb, key.flag)).or_default().push(value.clone());
            }
        }
        defaults.into_iter().fold(command, |command, ((verb, flag), values)| {
            let (outer, inner) = verb.split_once(' ').unwrap_or((verb, ""));
            let given = |verb: Command| {
                verb.mut_arg(flag, |arg| arg.required(false).default_values(values))
            };
            command.mut_subcommand(outer, |verb| match inner {
                "" => given(verb),
                inner => verb.mut_subcommand(inner, given),
            })
        })
    }

    /// All settings, in the order of the file's manual.
    pub(crate) fn settings(&self) -> impl Iterator<Item = Setting> {
        KEYS.iter().map(|key| Setting {
            name: key.name,
            variable: key.variable,
            value: self.values.get(key.name).cloned(),
        })
    }
}

/// What the settings say of one flag where nobody says anything else.
pub(crate) fn built_in(command: &Command, name: &str) -> Option<String> {
    let key = KEYS.iter().find(|key| key.name == name)?;
    let verb = command.find_subcommand(key.verbs.first()?)?;
    let arg = verb.get_arguments().find(|arg| arg.get_id() == key.flag)?;
    let values = arg.get_default_values().iter().map(|value| value.to_string_lossy());
    Some(values.collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty())
}

pub(crate) fn file(folder: &Path) -> PathBuf {
    folder.join("config.toml")
}

fn nearest(found: &str) -> &'static str {
    let likeness = |key: &&Key| strsim::jaro_winkler(key.name, found);
    let nearest = KEYS.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    nearest.expect("there are settings").name
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "environment",
            Self::File => "file",
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::verb::Cli;

    fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Config::parse(Path::new("config.toml"), text, variable).map_err(|error| error.to_string())
    }

    /// What holds of a flag of `run`, with these words behind it.
    fn run(config: &Config, words: &[&str], flag: &str) -> Vec<String> {
        let command = config.apply(Cli::command());
        let words = [&["deskbound", "run", "do it"], words].concat();
        let matches = command.try_get_matches_from(words).unwrap();
        let (_, run) = matches.subcommand().unwrap();
        let raw = run.get_raw(flag).into_iter().flatten();
        raw.map(|value| value.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_flag_goes_before_the_environment_and_that_before_the_file() {
        let text = "[run]\nrecipe = \"xfce\"\nmax-steps = 7\n[models]\naction = \"a@qwen\"\ngrounding = \"b\"";
        let config = parse(text, &[("DESKBOUND_MAX_STEPS", "9")]).unwrap();
        assert_eq!(run(&config, &[], "recipe"), ["xfce"]);
        assert_eq!(run(&config, &[], "max_steps"), ["9"]);
        assert_eq!(run(&config, &["--max-steps", "3"], "max_steps"), ["3"]);
        assert_eq!(run(&config, &[], "given"), ["action=a@qwen", "grounding=b"]);
        assert_eq!(run(&Config::default(), &[], "recipe"), ["minimal"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |text: &str, part: &str| {
            let error = parse(text, &[]).unwrap_err();
            assert!(error.contains(part), "{error}");
        };
        check("[run]\nrecipie = \"xfce\"", "the nearest is `run.recipe`");
        check("recipe = \"xfce\"", "`recipe`");
        check("[run]\nrecipe = [1]", "neither a text");
        check("[run", "no TOML");
        check("[keys]\npause = 7", "neither a text");
        check("[keys]\npause = \"?\"", "the keys in `config.toml`");
    }

    #[test]
    fn every_setting_is_of_flags_that_there_are() {
        let command = Cli::command();
        for key in &KEYS {
            for verb in key.verbs {
                let verb = verb
                    .split(' ')
                    .fold(&command, |command, name| command.find_subcommand(name).unwrap());
                assert!(verb.get_arguments().any(|arg| arg.get_id() == key.flag), "{}", key.name);
            }
        }
    }
}
