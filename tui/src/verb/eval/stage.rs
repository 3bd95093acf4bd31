//! `deskbound eval stage`: what a plan needs, on a disk of this machine.

use std::path::{Path, PathBuf};

use clap::Args;
use deskbound_eval::{Conditions, Prop, Staged, Store as Results, Suite, stage};
use deskbound_models::store::{ModelName, Store as Models};
use deskbound_vm::{Image, Recipe, Store as Desktops, Template};
use tokio::task::block_in_place;

use super::bench::Place;
use super::broken;
use super::conditions::recipes;
use super::shard::ELSEWHERE;
use crate::failure::{Exit, Failure};
use crate::terminal::{note, say};
use crate::verb::Setting;

/// Below a folder of data, as in the user's own.
const OURS: &str = "deskbound";

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  deskbound eval stage /shared/run --into /scratch/data
  XDG_DATA_HOME=/scratch/data deskbound eval run-shard /shared/run --shard 3")]
pub(crate) struct Stage {
    /// The folder of the plan.
    folder: PathBuf,
    /// A folder on a disk of this machine; shards that have XDG_DATA_HOME set to it use what is
    /// there.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) into: PathBuf,
}

impl Stage {
    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let (_, plan) = Results::open(&self.folder).map_err(Failure::usage)?;
        let data = &setting.folders.data;
        let mut props = models(&plan.conditions, data)?;
        if Place::named(&plan.conditions.desktop) == Some(Place::Vm) {
            props.extend(desktops(&plan.conditions, data).await?);
        }
        let into = self.into.join(OURS);
        if same(data, &into) {
            let error = format!("{} is where it is already", into.display());
            return Err(Failure::usage(error));
        }
        let Staged { files, copied, copied_bytes } = block_in_place(|| stage(&props, &into))
            .map_err(|error| Failure::new(Exit::Status(ELSEWHERE), error))?;
        let megabytes = copied_bytes.div_ceil(1_000_000);
        say(format_args!("{files} files, {copied} of them copied now, {megabytes} MB"));
        if files == 0 {
            note("the plan needs nothing but this program");
        }
        Ok(Exit::Done)
    }
}

fn same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    real(one).is_some_and(|one| real(other) == Some(one))
}

/// Weights of the plan, and what pins them.
fn models(conditions: &Conditions, data: &Path) -> Result<Vec<Prop>, Failure> {
    let store = Models::of_user(data);
    let mut names: Vec<&str> =
        conditions.weights.keys().filter_map(|file| Some(file.rsplit_once('/')?.0)).collect();
    names.dedup();
    let mut props = Vec::new();
    for name in names {
        let name: ModelName = name.parse().map_err(Failure::missing)?;
        let found = store.find(&name)?;
        for file in &found.files {
            let to = match found.folder.is_dir() {
                true => PathBuf::from("models").join(name.as_str()).join(&file.name),
                false => PathBuf::from("models").join(&file.name),
            };
            props.push(Prop { from: file.path.clone(), to });
        }
    }
    if !props.is_empty() {
        let lock = store.lock()?.path().to_owned();
        let to = PathBuf::from("models").join(lock.file_name().unwrap_or_default());
        props.push(Prop { from: lock, to });
    }
    Ok(props)
}

/// Images of the recipes of the plan, and their templates, where they were made for a machine as
/// this one is.
async fn desktops(conditions: &Conditions, data: &Path) -> Result<Vec<Prop>, Failure> {
    let suite = Suite::named(&conditions.suite).map_err(broken)?;
    let store = Desktops::open()?;
    let mut props = Vec::new();
    let folder = |path: &Path, kind: &str| Prop {
        from: path.to_owned(),
        to: PathBuf::from(kind).join(path.file_name().unwrap_or_default()),
    };
    for recipe in recipes(&suite, conditions.recipe.as_deref()) {
        let recipe = Recipe::named(&recipe)?;
        let Some(image) = Image::find(&store, &recipe)? else {
            let error = format!("the desktop `{}` was not built", recipe.name);
            let hint = format!("`deskbound vm build {}`, or `vm import`", recipe.name);
            return Err(Failure::missing(error).hint(hint));
        };
        props.push(folder(image.path(), "images"));
        if let Some(template) = Template::find(&store, &recipe).await? {
            props.push(folder(template.path(), "templates"));
        }
    }
    let imported = data.join("recipes");
    if imported.is_dir() {
        props.push(Prop { from: imported, to: "recipes".into() });
    }
    Ok(props)
}
