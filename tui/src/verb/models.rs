//! `deskbound models`: the weights on this machine, and the profiles that they are used by.

mod bench;
mod carry;
mod chat;
mod list;
mod look;
#[cfg(feature = "pull")]
mod pull;
mod serve;
mod show;
mod verify;

use std::path::PathBuf;

use clap::Subcommand;
use deskbound_models::profile::{Origin, Profile, Profiles, Trust};
use deskbound_models::store::{Found, Hashing, ModelName, Store, StoreError, Verified};

use crate::failure::{Exit, Failure};
use crate::terminal::note;
use crate::verb::Setting;

#[derive(Debug, Subcommand)]
pub(crate) enum Models {
    /// Models that are here, whether they are pinned, and what profiles there are.
    List(list::List),
    /// The files of a model, or what a profile says.
    Show(show::Show),
    /// Fetch a model from the hub, and pin it.
    #[cfg(feature = "pull")]
    Pull(pull::Pull),
    /// Hold a model's files against what is pinned in `models.lock`.
    Verify(verify::Verify),
    /// Take in a model from an archive.
    Import(carry::Import),
    /// Pack a model for a machine without a network.
    Export(carry::Export),
    /// How fast a model is on this machine.
    Bench(bench::Bench),
    /// Talk with a model.
    Chat(chat::Chat),
    /// Ask a model where something is on a picture.
    Ground(look::Ground),
    /// Ask a model what is on a picture.
    See(look::See),
    /// Give a model to other programs of this machine, by OpenAI's chat protocol on a unix socket.
    Serve(serve::Serve),
}

impl Models {
    pub(crate) fn writes(&self) -> Option<PathBuf> {
        match self {
            Self::Export(export) => export.writes(),
            Self::Serve(serve) => serve.writes(),
            _ => None,
        }
    }

    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let store = Store::of_user(&setting.folders.data);
        match self {
            Self::List(list) => list.run(&store),
            Self::Show(show) => show.run(&store),
            #[cfg(feature = "pull")]
            Self::Pull(pull) => pull.run(&store),
            Self::Verify(verify) => verify.run(&store),
            Self::Import(import) => import.run(&store),
            Self::Export(export) => export.run(&store),
            Self::Bench(bench) => bench.run(setting),
            Self::Chat(chat) => chat.run(setting),
            Self::Ground(ground) => ground.run(setting),
            Self::See(see) => see.run(setting),
            Self::Serve(serve) => serve.run(setting).await,
        }
    }
}

/// All profiles; of a user's own that cannot be used, a word each.
pub(crate) fn profiles() -> Profiles {
    let Some(folder) = Profiles::own_folder() else { return Profiles::embedded() };
    let (profiles, errors) = Profiles::with_own(&folder);
    for error in errors {
        note(Failure::missing(error));
    }
    profiles
}

/// The files of a model as they are pinned; says how far a long one is.
pub(crate) fn verified(store: &Store, found: &Found) -> Result<Verified, Failure> {
    let mut hashed = Hashed::new("hashing");
    Ok(store.verify(found, &mut |hashing| hashed.tell(hashing))?)
}

/// `qwen3-vl (unverified)`
fn label(profile: &Profile, origin: &Origin) -> String {
    let trust = match profile.trust {
        Trust::Verified => "",
        Trust::Unverified => " (unverified)",
    };
    let own = if *origin == Origin::Embedded { "" } else { " (your own)" };
    format!("{}{trust}{own}", profile.id)
}

/// `8.9 GB`, as disks are sold.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// Says now and then how far a long file is.
struct Hashed {
    doing: &'static str,
    tenth: u64,
}

impl Hashed {
    fn new(doing: &'static str) -> Self {
        Self { doing, tenth: 0 }
    }

    fn tell(&mut self, hashing: Hashing<'_>) {
        const WORTH_TELLING: u64 = 100_000_000;
        let tenth = hashing.done * 10 / hashing.bytes.max(1);
        if hashing.bytes >= WORTH_TELLING && tenth != self.tenth {
            note(format_args!("{} {}: {} %", self.doing, hashing.file, tenth * 10));
        }
        self.tenth = tenth;
    }
}

fn named(text: &str) -> Result<ModelName, Failure> {
    text.parse().map_err(|error: StoreError| Failure::usage(error))
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let hint = match &error {
            StoreError::Unknown { .. } => Some("`deskbound models list` shows those there are"),
            StoreError::NotPinned { .. } => Some(
                "`deskbound models verify --pin` takes the files as they are for the right ones",
            ),
            StoreError::Hash { .. } | StoreError::Size { .. } => {
                Some("the file was changed, or did not arrive whole; get it anew")
            }
            StoreError::Missing { .. } | StoreError::Extra { .. } => {
                Some("`deskbound models show` compares; `deskbound models verify --pin` pins anew")
            }
            StoreError::Name { .. } => return Self::usage(error),
            _ => None,
        };
        let failure = Self::missing(error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
