//! `vm list`: what was built, what was kept, and what runs.

use deskbound_vm::{Checkpoint, Image, Label, Recipe, Store, Template, VmError};
use serde_json::{Value, json};

use super::form::{Form, labelled};
use crate::failure::{Exit, Failure};
use crate::terminal::{note, say};

pub(super) async fn list(form: Form) -> Result<Exit, Failure> {
    let store = Store::open()?;
    let mut images = Vec::new();
    for image in Image::list(&store)? {
        let state = State::of(&store, &image).await?;
        images.push((image, state));
    }
    let mut kept = Vec::new();
    for checkpoint in Checkpoint::list_kept(&store)? {
        kept.push(Kept::look(&store, checkpoint).await?);
    }
    let running = store.standing()?;
    if form == Form::Json {
        let images: Vec<Value> = images.iter().map(|(image, state)| state.json(image)).collect();
        let kept: Vec<Value> = kept.iter().map(Kept::json).collect();
        let running = running.iter().map(|desktop| {
            let about = json!({ "name": desktop.name, "recipe": desktop.recipe });
            labelled(&desktop.label, about)
        });
        let running: Vec<Value> = running.collect();
        form.done(&json!({ "images": images, "kept": kept, "running": running }));
        return Ok(Exit::Done);
    }
    for (image, state) in &images {
        let packages = image.manifest.packages.len();
        say(format_args!("{:<32} {packages:>4} packages  {}", image.name(), state.said()));
    }
    for kept in &kept {
        say(kept.line());
    }
    for desktop in &running {
        say(format_args!("{:<32} running {}, {}", desktop.name, desktop.recipe, desktop.label));
    }
    if images.is_empty() {
        note(format_args!("no desktops in {}", store.root().display()));
        note("`deskbound vm build` builds one");
    }
    Ok(Exit::Done)
}

/// Whether a desktop of this image can be started.
enum State {
    Ready(Label),
    OfAnotherVersion,
    CannotRun,
}

impl State {
    async fn of(store: &Store, image: &Image) -> Result<Self, Failure> {
        let recipe = Recipe::named(&image.manifest.recipe);
        let found = match recipe {
            Ok(recipe) => Template::find(store, &recipe).await,
            Err(error) => Err(error),
        };
        match found {
            Ok(Some(template)) if template.image_path() == image.path() => {
                Ok(Self::Ready(template.label()))
            }
            Ok(_) | Err(VmError::NoRecipe { .. }) => Ok(Self::OfAnotherVersion),
            Err(VmError::ProgramMissing { .. }) => Ok(Self::CannotRun),
            Err(error) => Err(error.into()),
        }
    }

    fn said(&self) -> String {
        match self {
            Self::Ready(label) => format!("ready, {label}"),
            Self::OfAnotherVersion => "of another version".to_owned(),
            Self::CannotRun => "cannot run here".to_owned(),
        }
    }

    fn json(&self, image: &Image) -> Value {
        let (recipe, packages) = (&image.manifest.recipe, image.manifest.packages.len());
        let mut told = json!({ "image": image.name(), "recipe": recipe, "packages": packages });
        let state = match self {
            Self::Ready(label) => {
                told = labelled(label, told);
                "ready"
            }
            Self::OfAnotherVersion => "of another version",
            Self::CannotRun => "cannot run here",
        };
        told["state"] = state.into();
        told
    }
}

/// A checkpoint that outlived its desktop.
struct Kept {
    checkpoint: Checkpoint,
    /// Whether its memory fits the QEMU that is here.
    fits: bool,
}

impl Kept {
    async fn look(store: &Store, checkpoint: Checkpoint) -> Result<Self, Failure> {
        let fits = match checkpoint.expect_to_fit(store).await {
            Ok(()) => true,
            Err(VmError::OfAnotherMachine { .. } | VmError::ProgramMissing { .. }) => false,
            Err(error) => return Err(error.into()),
        };
        Ok(Self { checkpoint, fits })
    }

    fn state(&self) -> &'static str {
        if self.fits { "ready" } else { "of another version" }
    }

    fn line(&self) -> String {
        let (name, state, template) =
            (self.checkpoint.name(), self.state(), self.checkpoint.template());
        let (recipe, label) = (&template.recipe().name, template.label());
        format!("{name:<32} kept checkpoint of {recipe}, {state}, {label}")
    }

    fn json(&self) -> Value {
        let (name, template) = (self.checkpoint.name(), self.checkpoint.template());
        let recipe = &template.recipe().name;
        let told = json!({ "name": name, "recipe": recipe, "state": self.state() });
        labelled(&template.label(), told)
    }
}
