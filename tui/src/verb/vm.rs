//! `deskbound vm`: build desktops, and look into them.

mod carry;
mod output;
mod stand;

use std::io;
use std::time::Duration;

use clap::{Args, Subcommand};
use deskbound_vm::{
    CommandEnd, CommandSpec, Image, Recipe, Store, Stream, Template, User, Visit, VmError,
};
use tokio::sync::Notify;

use self::output::Output;
use crate::failure::{Exit, Failure};
use crate::terminal::{Steps, note, say};
use crate::verb::ours::ours;

/// The status of a program that wrote into a pipe that nobody reads: 128 and the signal's number.
const UNREAD: u8 = 128 + 13;

/// Longest command inside a desktop.
const COMMAND_LIMIT: Duration = Duration::from_secs(60 * 60);

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
    /// The accessibility tree of a fresh desktop.
    Tree(Which),
}

#[derive(Args, Debug)]
pub(crate) struct Which {
    /// What the desktop is made of.
    #[arg(long, default_value = "minimal")]
    recipe: String,
}

#[derive(Args, Debug)]
pub(crate) struct Run {
    /// A desktop that runs; without it, a fresh one that is gone afterwards.
    #[arg(conflicts_with = "recipe")]
    name: Option<String>,
    #[command(flatten)]
    which: Which,
    /// The program and its arguments; no shell is in between.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    argv: Vec<String>,
}

impl Vm {
    /// A folder outside our own that this verb has to write, because the user named it.
    pub(crate) fn writes(&self) -> Option<std::path::PathBuf> {
        match self {
            Self::Export(export) => export.writes(),
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
            Self::Tree(which) => tree(which).await,
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

/// Somebody else's desktop, or one of our own for this command alone.
enum Place {
    Own(Box<deskbound_vm::Vm>),
    Visited(Visit),
}

impl Place {
    async fn run(
        &self,
        spec: CommandSpec,
        output: &mut (dyn FnMut(Stream, &[u8]) + Send),
    ) -> Result<CommandEnd, VmError> {
        match self {
            Self::Own(vm) => vm.run(spec, output).await,
            Self::Visited(visit) => visit.run(spec, output).await,
        }
    }
}

impl Run {
    async fn place(&self) -> Result<Place, Failure> {
        Ok(match &self.name {
            Some(name) => Place::Visited(Visit::to(&Store::open()?, name).await?),
            None => Place::Own(Box::new(start(&self.which).await?)),
        })
    }

    async fn run(&self) -> Result<Exit, Failure> {
        let place = self.place().await?;
        let spec = CommandSpec {
            argv: self.argv.clone(),
            cwd: None,
            env: Vec::new(),
            user: User::Session,
            timeout: Some(COMMAND_LIMIT),
            background: false,
        };
        let (mut stdout, mut stderr) = (Output::new(io::stdout()), Output::new(io::stderr()));
        let gone = Notify::new();
        // A terminal that has gone away stops nothing; a pipe that nobody reads does.
        let mut pass_on = |stream, bytes: &[u8]| {
            let passed = match stream {
                Stream::Stdout => stdout.pass_on(bytes),
                Stream::Stderr => stderr.pass_on(bytes),
            };
            if passed.is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
                gone.notify_one();
            }
        };
        let exit = tokio::select! {
            end = place.run(spec, &mut pass_on) => {
                Exit::Status(u8::try_from(end?.status).unwrap_or(u8::MAX))
            }
            () = gone.notified() => Exit::Status(UNREAD),
            _ = tokio::signal::ctrl_c() => Exit::Interrupted,
        };
        let _ = stdout.finish().and_then(|()| stderr.finish());
        Ok(exit)
    }
}

async fn tree(which: &Which) -> Result<Exit, Failure> {
    let vm = start(which).await?;
    let tree = vm.tree(&vm.accel().tree_limits()).await?;
    crate::tree::lines(&tree).for_each(say);
    Ok(Exit::Done)
}
