//! `deskbound vm export` and `import`: a desktop for a site without a network.

use std::path::PathBuf;

use clap::Args;
use deskbound_vm::{Image, Recipe, Store, Template, VmError};
use serde_json::json;

use super::form::Form;
use super::{Which, built};
use crate::failure::{Exit, Failure};
use crate::terminal::{Steps, note, say};

#[derive(Args, Debug)]
pub(crate) struct Export {
    #[command(flatten)]
    which: Which,
    /// The archive to write; it must not exist.
    to: PathBuf,
    /// Split it into parts of so many MB.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    part_mb: Option<u64>,
}

#[derive(Args, Debug)]
pub(crate) struct Import {
    /// The archive, or its first part.
    from: PathBuf,
    /// Refuse it unless this is the sum that `export` printed.
    #[arg(long, value_name = "SHA256")]
    expect: Option<String>,
}

impl Export {
    /// The folder that is written.
    pub(crate) fn writes(&self) -> Option<PathBuf> {
        let folder = self.to.parent().filter(|folder| !folder.as_os_str().is_empty());
        Some(folder.map_or_else(|| PathBuf::from("."), PathBuf::from))
    }

    pub(super) async fn run(&self, form: Form) -> Result<Exit, Failure> {
        let (store, recipe) = (Store::open()?, Recipe::named(&self.which.recipe)?);
        let image = Image::find(&store, &recipe)?;
        let image = image.ok_or_else(|| VmError::NotBuilt { recipe: recipe.name.clone() })?;
        let mut steps = Steps::start();
        let mut show = |progress| steps.show(&progress);
        // Dropped on an interrupt, it removes what was written.
        let exported = tokio::select! {
            exported = image.export(&recipe, &self.to, self.part_mb, &mut show) => exported?,
            _ = tokio::signal::ctrl_c() => return Ok(Exit::Interrupted),
        };
        drop(steps);
        if form == Form::Text {
            for part in &exported.parts {
                say(part.display());
            }
        }
        let sha256 = &exported.sha256;
        let object = json!({ "recipe": recipe.name, "parts": exported.parts, "sha256": sha256 });
        form.tell(format_args!("sha256 {sha256}"), &object);
        Ok(Exit::Done)
    }
}

impl Import {
    pub(super) async fn run(&self, form: Form) -> Result<Exit, Failure> {
        let store = Store::open()?;
        let mut steps = Steps::start();
        let mut show = |progress| steps.show(&progress);
        let import = Image::import(&store, &self.from, self.expect.as_deref(), &mut show);
        let imported = tokio::select! {
            imported = import => imported?,
            _ = tokio::signal::ctrl_c() => return Ok(Exit::Interrupted),
        };
        note(format_args!("sha256 {}", imported.sha256));
        let template = tokio::select! {
            template = Template::ensure(&store, &imported.recipe, &mut show) => template?,
            _ = tokio::signal::ctrl_c() => return Ok(Exit::Interrupted),
        };
        drop(steps);
        built(&imported.recipe, &template, form);
        Ok(Exit::Done)
    }
}
