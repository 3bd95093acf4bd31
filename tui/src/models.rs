//! Which models a run is to use, as the user names them.
//!
//! ```text
//!   --models trained|shuffled:SEED|rules     the shipped ones, for every role that is not given away
//!   --model action=NAME[@PROFILE]            one of open weights, for one role; or grounding, vision
//!   --model action=unix:SOCKET[@PROFILE]     one that another program on this machine computes
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use deskbound_agent::chain;
use deskbound_agent::elsewhere::{Elsewhere, ElsewhereError};
use deskbound_agent::run::Roles;
use deskbound_models::engine::{DeviceChoice, EngineOptions};
use deskbound_models::loaded::{Loaded, LoadedError, LoadedViewer};
use deskbound_models::profile::{Profile, Profiles};
use deskbound_models::store::{FileKind, ModelName, Store, Verified};
use deskbound_models::{ModelError, Starter, StarterKind};

use crate::failure::Failure;
use crate::terminal::note;
use crate::verb::models::{profiles, verified};

/// What stands before the path of a socket.
const UNIX: &str = "unix:";
/// The profile of a model elsewhere that is offered tools as OpenAI writes them.
const TOOLS: &str = "qwen";

/// The models of a run.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Seats {
    /// Which shipped models decide: trained, shuffled:SEED or rules.
    #[arg(long, value_name = "WHICH", default_value_t = Models::Trained)]
    pub(crate) models: Models,
    /// Give a role to a model of open weights: a name of `models list`, a path, or `unix:SOCKET` of
    /// a program that speaks OpenAI's chat protocol; may be given for each role.
    #[arg(long = "model", value_name = "ROLE=NAME[@PROFILE]")]
    given: Vec<Given>,
    #[command(flatten)]
    room: Room,
    /// Threads that models compute with; all processors where left out.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

/// Where models of open weights compute, and with how much in mind.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Room {
    /// Where models of open weights compute: auto, cpu or cuda:N.
    #[arg(long, value_name = "DEVICE", default_value_t = DeviceChoice::Auto)]
    device: DeviceChoice,
    /// Tokens that one of them may have in mind, in all its roles together; 32768 where left out.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    context: Option<u32>,
}

/// `trained`, `shuffled:SEED` or `rules`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Models {
    /// The weights as trained.
    #[default]
    Trained,
    /// The same weights, shuffled: what is the training worth?
    Shuffled { seed: u64 },
    /// No weights: what are the rules around them worth?
    Rules,
}

/// A role of a run that can be given away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Action,
    Grounding,
    Vision,
}

/// `action=Qwen/Qwen3-4B@qwen`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    role: Role,
    weights: Weights,
}

/// A model of open weights, as the user names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Weights {
    name: String,
    profile: Option<String>,
}

impl Seats {
    /// Loads them. Roles that name the same weights share them.
    pub(crate) fn load(&self, data: &Path) -> Result<Roles, Failure> {
        let mut roles = self.models.load().map_err(Failure::missing)?;
        let mut loaded: BTreeMap<&Weights, Loaded> = BTreeMap::new();
        for Given { role, weights } in &self.given {
            if let Some(model) = weights.elsewhere()? {
                match role {
                    Role::Action => roles.actor = Box::new(model.actor()?),
                    Role::Grounding => roles.grounder = Box::new(model.grounder()?),
                    Role::Vision => roles.viewer = Some(Box::new(model.viewer()?)),
                }
                continue;
            }
            let model = match loaded.get(weights) {
                Some(model) => model.clone(),
                None => weights.load(data, self.room)?,
            };
            match role {
                Role::Action => roles.actor = Box::new(model.actor()?),
                Role::Grounding => roles.grounder = Box::new(model.grounder()?),
                Role::Vision => roles.viewer = Some(Box::new(lister(&model)?)),
            }
            loaded.insert(weights, model);
        }
        Ok(roles)
    }

    /// Threads that were asked for.
    pub(crate) fn threads(&self) -> Option<u16> {
        self.threads
    }

    /// SHA-256 of each file of open weights that has a role.
    pub(crate) fn digests(&self, data: &Path) -> Result<BTreeMap<String, String>, Failure> {
        let mut digests = BTreeMap::new();
        for given in &self.given {
            digests.extend(given.weights.digests(data)?);
        }
        Ok(digests)
    }
}

/// As a record names them.
impl FromStr for Seats {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let models = words.next().ok_or("no models are named")?.parse()?;
        let given = words.map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { models, given, ..Self::default() })
    }
}

/// For the record, and for the same words again.
impl fmt::Display for Seats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.models)?;
        self.given.iter().try_for_each(|given| write!(f, " {given}"))
    }
}

impl Weights {
    /// Loads one by itself, and says what it costs.
    pub(crate) fn load(&self, data: &Path, room: Room) -> Result<Loaded, Failure> {
        let profiles = profiles();
        let (path, repository) = self.find(data)?;
        let profile = self.profile(&profiles, repository.as_ref())?;
        let context = room.context.map_or(EngineOptions::default().context, |it| it as usize);
        let options = EngineOptions { device: room.device, context };
        let loaded = Loaded::open(&path, profile, &options)?;
        let megabytes = loaded.memory().total().div_ceil(1_000_000);
        note(format_args!("{self}: {megabytes} MB, profile {}", loaded.profile().id));
        Ok(loaded)
    }

    /// A model that another program computes. Which one it is, nobody here can say.
    fn elsewhere(&self) -> Result<Option<Elsewhere>, Failure> {
        let Some(socket) = self.name.strip_prefix(UNIX) else { return Ok(None) };
        let profiles = profiles();
        let profile = self.profile.as_deref().unwrap_or(TOOLS);
        let profile = profiles.named(profile).map_err(Failure::usage)?.clone();
        Ok(Some(Elsewhere::at(Path::new(socket), profile)))
    }

    /// The pinned digests of its files; of what is not of the store there are none.
    fn digests(&self, data: &Path) -> Result<Vec<(String, String)>, Failure> {
        let Ok(name) = self.name.parse::<ModelName>() else { return Ok(Vec::new()) };
        let lock = Store::of_user(data).lock()?;
        let files = lock.pin(&name).into_iter().flat_map(|pin| &pin.files);
        Ok(files.map(|(file, pinned)| (format!("{name}/{file}"), pinned.sha256.clone())).collect())
    }

    /// Where the weights lie. A name is of the store, and is verified; a path is taken as it is.
    fn find(&self, data: &Path) -> Result<(PathBuf, Option<ModelName>), Failure> {
        let path = Path::new(&self.name);
        if self.name.starts_with(UNIX) {
            let error = format!("`{}` is no model of this process", self.name);
            return Err(Failure::usage(error));
        }
        if path.is_absolute() || self.name.starts_with('.') {
            note(format_args!("{}: taken as it is, for it is not of the store", self.name));
            return Ok((path.to_owned(), None));
        }
        let name: ModelName = self.name.parse().map_err(Failure::usage)?;
        let store = Store::of_user(data);
        let verified = verified(&store, &store.find(&name)?)?;
        Ok((weights(&verified), Some(name)))
    }

    fn profile(
        &self,
        profiles: &Profiles,
        repository: Option<&ModelName>,
    ) -> Result<Profile, Failure> {
        if let Some(id) = &self.profile {
            let named = profiles.named(id).map_err(Failure::usage)?;
            return Ok(named.clone());
        }
        let known = repository.and_then(|name| profiles.of_model(name.as_str()).next());
        known.cloned().ok_or_else(|| {
            let error = format!("no profile says how `{}` is asked", self.name);
            Failure::usage(error).hint(
                "name one behind an @, as in `action=NAME@qwen`; `deskbound models list` shows them",
            )
        })
    }
}

/// A viewer for a run, which needs lists.
fn lister(model: &Loaded) -> Result<LoadedViewer, LoadedError> {
    let profile = model.profile();
    match &profile.vision {
        Some(_) => model.viewer(),
        None => Err(LoadedError::NoRole { profile: profile.id.clone(), role: "vision" }),
    }
}

/// What is opened: the GGUF file where there is one, else the folder.
fn weights(verified: &Verified) -> PathBuf {
    let decoder = |path: &&Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with("mmproj")
    };
    let gguf = verified.of_kind(FileKind::Gguf).map(|file| file.path.as_path()).find(decoder);
    gguf.unwrap_or(&verified.model().folder).to_owned()
}

impl FromStr for Given {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (role, weights) = text.split_once('=').ok_or("ROLE=NAME is wanted")?;
        let role = match role {
            "action" => Role::Action,
            "grounding" => Role::Grounding,
            "vision" => Role::Vision,
            _ => {
                return Err(format!("`{role}` is no role; `action`, `grounding` and `vision` are"));
            }
        };
        Ok(Self { role, weights: weights.parse()? })
    }
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = match self.role {
            Role::Action => "action",
            Role::Grounding => "grounding",
            Role::Vision => "vision",
        };
        write!(f, "{role}={}", self.weights)
    }
}

impl FromStr for Weights {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, profile) = match text.rsplit_once('@') {
            Some((name, profile)) => (name, Some(profile.to_owned())),
            None => (text, None),
        };
        if matches!(name, "" | UNIX) || profile.as_deref() == Some("") {
            return Err("NAME, or NAME@PROFILE, is wanted".to_owned());
        }
        Ok(Self { name: name.to_owned(), profile })
    }
}

impl fmt::Display for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.profile.iter().try_for_each(|profile| write!(f, "@{profile}"))
    }
}

impl FromStr for Models {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "trained" => Ok(Self::Trained),
            None if text == "rules" => Ok(Self::Rules),
            Some(("shuffled", seed)) => match seed.parse() {
                Ok(seed) => Ok(Self::Shuffled { seed }),
                Err(_) => Err(format!("`{seed}` is no seed; a whole number is")),
            },
            _ => Err("there are `trained`, `shuffled:SEED` and `rules`".to_owned()),
        }
    }
}

impl fmt::Display for Models {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trained => f.write_str("trained"),
            Self::Shuffled { seed } => write!(f, "shuffled:{seed}"),
            Self::Rules => f.write_str("rules"),
        }
    }
}

impl Models {
    pub(crate) fn load(self) -> Result<Roles, ModelError> {
        let Starter { actor, grounder, viewer } = Starter::load(match self {
            Self::Trained => StarterKind::Trained,
            Self::Shuffled { seed } => StarterKind::Shuffled { seed },
            Self::Rules => StarterKind::RulesAlone,
        })?;
        Ok(Roles { actor, grounder, viewer })
    }
}

impl From<ElsewhereError> for Failure {
    fn from(error: ElsewhereError) -> Self {
        let hint = "name a profile behind an @; `deskbound models list` says what each is for";
        Self::usage(error).hint(hint)
    }
}

impl From<LoadedError> for Failure {
    fn from(error: LoadedError) -> Self {
        let hint = match &error {
            LoadedError::Missing { .. } => {
                "`tokenizer.json` and the chat template belong into the folder of the weights"
            }
            LoadedError::NoRole { .. } | LoadedError::Blind => {
                "`deskbound models list` says what each profile is for"
            }
            _ => return Self::missing(chain(&error)),
        };
        Self::missing(error).hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        for name in ["trained", "shuffled:7", "rules"] {
            assert_eq!(
                name.parse::<Models>().map(|models| models.to_string()),
                Ok(name.to_owned())
            );
        }
        for wrong in ["", "shuffled", "shuffled:x", "trained:1", "best"] {
            assert!(wrong.parse::<Models>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn roles_are_given_away_by_name() {
        for name in [
            "action=Qwen/Qwen3-4B",
            "grounding=/models/x@gta1",
            "vision=./m.gguf@qwen",
            "action=unix:/run/a",
        ] {
            assert_eq!(name.parse::<Given>().map(|given| given.to_string()), Ok(name.to_owned()));
        }
        for name in ["trained", "rules action=a/b@qwen grounding=./m.gguf"] {
            assert_eq!(name.parse::<Seats>().map(|seats| seats.to_string()), Ok(name.to_owned()));
        }
        for wrong in ["action", "action=", "hearing=a", "action=@qwen", "action=a@", "action=unix:"]
        {
            assert!(wrong.parse::<Given>().is_err(), "{wrong}");
        }
    }
}
