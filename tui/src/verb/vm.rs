//! `deskbound vm`: build desktops, and look into them.

mod carry;
mod command;
mod copy;
mod drive;
mod form;
mod list;
mod output;
mod place;
mod shell;
mod stand;
mod view;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use deskbound_vm::{Accel, Checkpoint, Image, Recipe, Store, Template};
use serde_json::json;

use self::command::Run;
use self::copy::Copy;
use self::drive::{Click, Key, Named, Screenshot, Type};
use self::form::{Form, labelled};
use self::place::Place;
use self::shell::Shell;
use self::view::Show;
use crate::failure::{Exit, Failure};
use crate::terminal::{Steps, note, say};
use crate::verb::ours::{Seat, ours};

#[derive(Args, Debug)]
pub(crate) struct Vm {
    #[command(subcommand)]
    verb: Verb,
    /// Tell what was done as JSON: one object, or one on each line where a desktop stands.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Build a desktop and start it once, so that copies of it start at once.
    Build(Build),
    /// Start a desktop that was built once and save it: the second half of `build`.
    Settle(Build),
    /// The desktops there are, and those that run now.
    List,
    /// Remove every desktop but the newest build of each recipe.
    Prune(Prune),
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
  deskbound vm build --recipe xfce
  deskbound vm build --anew")]
pub(crate) struct Build {
    #[command(flatten)]
    which: Which,
    /// Though it was built already: with the packages of today.
    #[arg(long)]
    anew: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Prune {
    /// A checkpoint that was kept, and is not wanted any more; may be given more than once.
    #[arg(long, value_name = "NAME")]
    kept: Vec<String>,
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
}

impl Vm {
    /// A folder outside our own that this verb has to write, because the user named it.
    pub(crate) fn writes(&self) -> Option<PathBuf> {
        match &self.verb {
            Verb::Export(export) => export.writes(),
            Verb::Copy(copy) => copy.writes(),
            Verb::Screenshot(screenshot) => Some(screenshot.writes()),
            _ => None,
        }
    }

    pub(crate) async fn run(&self) -> Result<Exit, Failure> {
        let form = if self.json { Form::Json } else { Form::Text };
        match &self.verb {
            Verb::Build(wanted) => build(wanted, form).await,
            Verb::Settle(wanted) => settle(wanted, form).await,
            Verb::List => list::list(form).await,
            Verb::Prune(wanted) => prune(wanted, form).await,
            Verb::Export(export) => export.run(form).await,
            Verb::Import(import) => import.run(form).await,
            Verb::Start(start) => start.run(form).await,
            Verb::Checkpoint(take) => take.run(form).await,
            Verb::Rewind(rewind) => rewind.run(form).await,
            Verb::Fork(fork) => fork.run(form).await,
            Verb::Run(run) => run.run(form).await,
            Verb::Shell(shell) => shell.run(form).await,
            Verb::Copy(copy) => copy.run(form).await,
            Verb::Tree(tree) => tree.run(form).await,
            Verb::Screenshot(screenshot) => screenshot.run(form).await,
            Verb::Type(text) => text.run(form).await,
            Verb::Key(key) => key.run(form).await,
            Verb::Click(click) => click.run(form).await,
            Verb::View(show) => show.run(form).await,
            Verb::Pause(named) => named.pause(form).await,
            Verb::Resume(named) => named.resume(form).await,
            Verb::Stop(named) => named.stop(form).await,
        }
    }
}

/// The image needs the network. The desktop is started by a process that has none.
async fn build(wanted: &Build, form: Form) -> Result<Exit, Failure> {
    let Build { which, anew } = wanted;
    let (store, recipe) = (Store::open()?, Recipe::named(&which.recipe)?);
    let mut steps = Steps::start();
    let mut show = |progress| steps.show(&progress);
    let build = async {
        match anew {
            true => Image::anew(&store, &recipe, &mut show).await,
            false => Image::ensure(&store, &recipe, &mut show).await,
        }
    };
    // Dropped on an interrupt, the build ends its children and removes what was half done.
    let image = tokio::select! {
        image = build => image?,
        _ = tokio::signal::ctrl_c() => return Ok(Exit::Interrupted),
    };
    drop(steps);
    note(format_args!("log: {}", image.log().display()));
    let mut words = vec!["vm", "settle", "--recipe", &which.recipe];
    words.extend(anew.then_some("--anew"));
    if form == Form::Json {
        words.push("--json");
    }
    ours(&words, Seat::Aside).await
}

async fn settle(wanted: &Build, form: Form) -> Result<Exit, Failure> {
    let (store, recipe) = (Store::open()?, Recipe::named(&wanted.which.recipe)?);
    let mut steps = Steps::start();
    let mut show = |progress| steps.show(&progress);
    let settle = async {
        match wanted.anew {
            true => Template::anew(&store, &recipe, &mut show).await,
            false => Template::ensure(&store, &recipe, &mut show).await,
        }
    };
    let template = tokio::select! {
        template = settle => template?,
        _ = tokio::signal::ctrl_c() => return Ok(Exit::Interrupted),
    };
    drop(steps);
    built(&recipe, &template, form);
    Ok(Exit::Done)
}

/// Tells of a desktop that can be started now.
fn built(recipe: &Recipe, template: &Template, form: Form) {
    let (path, label) = (template.path(), template.label());
    let line = format!("{}: {}  {label}", recipe.name, path.display());
    let told = json!({ "recipe": recipe.name, "template": path.to_string_lossy() });
    form.tell(line, &labelled(&label, told));
}

async fn prune(wanted: &Prune, form: Form) -> Result<Exit, Failure> {
    let store = Store::open()?;
    for name in &wanted.kept {
        Checkpoint::forget(&store, name)?;
    }
    let mut steps = Steps::start();
    let pruned = store.prune(&mut |progress| steps.show(&progress)).await?;
    drop(steps);
    if form == Form::Text {
        for folder in &pruned.folders {
            say(format_args!("removed {}", folder.display()));
        }
    }
    form.done(&json!({ "removed": pruned.folders, "forgotten": wanted.kept }));
    Ok(Exit::Done)
}

/// A fresh desktop; never built here, for that needs the network.
async fn start(which: &Which) -> Result<deskbound_vm::Vm, Failure> {
    let (store, recipe) = (Store::open()?, Recipe::named(&which.recipe)?);
    let template = Template::ready(&store, &recipe).await?;
    Ok(deskbound_vm::Vm::start(&store, &template).await?)
}

impl Tree {
    async fn run(&self, form: Form) -> Result<Exit, Failure> {
        let place = Place::of(self.name.as_deref(), &self.which, form).await?;
        let tree = place.guest().tree(Accel::Emulated.tree_limits()).await?;
        if form == Form::Json {
            form.done_to(place.about(), serde_json::to_value(&tree).map_err(Failure::missing)?);
        } else {
            crate::tree::lines(&tree).for_each(say);
        }
        Ok(Exit::Done)
    }
}
