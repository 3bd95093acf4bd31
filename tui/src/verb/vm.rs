//! `deskbound vm`: build desktops, and look into them.

mod carry;
mod command;
mod copy;
mod drive;
mod output;
mod place;
mod shell;
mod stand;
mod view;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use deskbound_vm::{Accel, Image, Recipe, Store, Template, VmError};

use self::command::Run;
use self::copy::Copy;
use self::drive::{Click, Key, Named, Screenshot, Type};
use self::place::Place;
use self::shell::Shell;
use self::view::Show;
use crate::failure::{Exit, Failure};
use crate::terminal::{Steps, escaped, note, say};
use crate::verb::ours::ours;

#[derive(Debug, Subcommand)]
pub(crate) enum Vm {
    /// Build a desktop and start it once, so that copies of it start at once.
    Build(Which),
    /// Start a desktop that was built once and save it: the second half of `build`.
    Settle(Which),
    /// The desktops there are, and those that run now.
    List,
    /// Remove every desktop but the newest build of each recipe.
    Prune,
    /// Pack a built desktop into an archive, for a site without a network.
    Export(carry::Export),
    /// Take in a desktop that was packed elsewhere, and start it once.
    Import(carry::Import),
    /// Start a desktop that stands until an interrupt; its name is printed.
    Start(stand::Start),
    /// Take a checkpoint of a desktop that runs.
    Checkpoint(stand::Take),
    /// Let a desktop that runs go back.
    Rewind(stand::Rewind),
    /// Start another desktop from a checkpoint of one that runs.
    Fork(stand::Fork),
    /// Run a command in a desktop; its output and its status are passed on.
    Run(Run),
    /// A terminal in a desktop, on this one.
    Shell(Shell),
    /// Copy files and folders into a desktop or out of it.
    Copy(Copy),
    /// The accessibility tree of a desktop.
    Tree(Tree),
    /// A picture of a desktop's screen.
    Screenshot(Screenshot),
    /// Type a text on a desktop.
    Type(Type),
    /// Press keys on a desktop.
    Key(Key),
    /// Click on a desktop.
    Click(Click),
    /// Show a desktop in a VNC viewer.
    View(Show),
    /// Freeze a desktop, its clock included.
    Pause(Named),
    /// Let a frozen desktop go on.
    Resume(Named),
    /// End a desktop; nothing of it is left.
    Stop(Named),
}

#[derive(Args, Debug)]
pub(crate) struct Which {
    /// What the desktop is made of.
    #[arg(long, default_value = "minimal")]
    recipe: String,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  deskbound vm tree
  deskbound vm tree desk-12-1 --json")]
pub(crate) struct Tree {
    /// A desktop that runs; without it, a fresh one that is gone afterwards.
    #[arg(conflicts_with = "recipe")]
    name: Option<String>,
    #[command(flatten)]
    which: Which,
    /// The whole tree as JSON.
    #[arg(long)]
    json: bool,
}

impl Vm {
    /// A folder outside our own that this verb has to write, because the user named it.
    pub(crate) fn writes(&self) -> Option<PathBuf> {
        match self {
            Self::Export(export) => export.writes(),
            Self::Copy(copy) => copy.writes(),
            Self::Screenshot(screenshot) => Some(screenshot.writes()),
            _ => None,
        }
    }

    pub(crate) async fn run(&self) -> Result<Exit, Failure> {
        match self {
            Self::Build(which) => build(which).await,
            Self::Settle(which) => settle(which).await,
            Self::List => list().await,
            Self::Prune => prune().await,
            Self::Export(export) => export.run().await,
            Self::Import(import) => import.run().await,
            Self::Start(start) => start.run().await,
            Self::Checkpoint(take) => take.run().await,
            Self::Rewind(rewind) => rewind.run().await,
            Self::Fork(fork) => fork.run().await,
            Self::Run(run) => run.run().await,
            Self::Shell(shell) => shell.run().await,
            Self::Copy(copy) => copy.run().await,
            Self::Tree(tree) => tree.run().await,
            Self::Screenshot(screenshot) => screenshot.run().await,
            Self::Type(text) => text.run().await,
            Self::Key(key) => key.run().await,
            Self::Click(click) => click.run().await,
            Self::View(show) => show.run().await,
            Self::Pause(named) => named.pause().await,
            Self::Resume(named) => named.resume().await,
            Self::Stop(named) => named.stop().await,
        }
    }
}

/// The image needs the network. The desktop is started by a process that has none.
async fn build(which: &Which) -> Result<Exit, Failure> {
    let (store, recipe) = (Store::open()?, Recipe::named(&which.recipe)?);
    let mut steps = Steps::start();
    let mut show = |progress| steps.show(&progress);
    let build = Image::ensure(&store, &recipe, &mut show);
    // Dropped on an interrupt, the build ends its children and removes what was half done.
    tokio::select! {
        image = build => image?,
        _ = tokio::signal::ctrl_c() => return Ok(Exit::Interrupted),
    };
    ours(&["vm", "settle", "--recipe", &which.recipe]).await
}

async fn settle(which: &Which) -> Result<Exit, Failure> {
    let (store, recipe) = (Store::open()?, Recipe::named(&which.recipe)?);
    let mut steps = Steps::start();
    let mut show = |progress| steps.show(&progress);
    let template = tokio::select! {
        template = Template::ensure(&store, &recipe, &mut show) => template?,
        _ = tokio::signal::ctrl_c() => return Ok(Exit::Interrupted),
    };
    let (path, accel) = (template.path().display(), template.accel());
    say(format_args!("{}: {path}  {accel}", recipe.name));
    Ok(Exit::Done)
}

async fn list() -> Result<Exit, Failure> {
    let store = Store::open()?;
    let images = Image::list(&store)?;
    for image in &images {
        let recipe = Recipe::named(&image.manifest.recipe);
        let found = match recipe {
            Ok(recipe) => Template::find(&store, &recipe).await,
            Err(error) => Err(error),
        };
        let ready = match found {
            Ok(Some(template)) if template.image_path() == image.path() => {
                format!("ready, {}", template.accel())
            }
            Ok(_) => "of another version".to_owned(),
            Err(VmError::ProgramMissing { .. }) => "cannot run here".to_owned(),
            Err(error) => return Err(error.into()),
        };
        let packages = image.manifest.packages.len();
        say(format_args!("{:<32} {packages:>4} packages  {ready}", image.name()));
    }
    for name in store.running()? {
        say(format_args!("{name:<32} running"));
    }
    if images.is_empty() {
        note(format_args!("no desktops in {}", store.root().display()));
    }
    Ok(Exit::Done)
}

async fn prune() -> Result<Exit, Failure> {
    let mut steps = Steps::start();
    let pruned = Store::open()?.prune(&mut |progress| steps.show(&progress)).await?;
    for folder in &pruned.folders {
        say(format_args!("removed {}", folder.display()));
    }
    Ok(Exit::Done)
}

/// A fresh desktop; never built here, for that needs the network.
async fn start(which: &Which) -> Result<deskbound_vm::Vm, Failure> {
    let (store, recipe) = (Store::open()?, Recipe::named(&which.recipe)?);
    let template = Template::ready(&store, &recipe).await?;
    Ok(deskbound_vm::Vm::start(&store, &template).await?)
}

impl Tree {
    async fn run(&self) -> Result<Exit, Failure> {
        let place = Place::of(self.name.as_deref(), &self.which).await?;
        let tree = place.guest().tree(Accel::Emulated.tree_limits()).await?;
        if self.json {
            let json = serde_json::to_string(&tree).map_err(Failure::missing)?;
            say(escaped(&json));
        } else {
            crate::tree::lines(&tree).for_each(say);
        }
        Ok(Exit::Done)
    }
}
