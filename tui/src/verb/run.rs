//! `deskbound run`: do what an instruction says, on a fresh disposable desktop or on the user's own.

mod after;
mod before;
pub(crate) mod own;
mod steer;
mod view;

use std::io;
use std::path::PathBuf;
use std::sync::PoisonError;
use std::time::Duration;

use clap::{Args, ValueEnum};
use deskbound_agent::attach::{Announcing, Door};
use deskbound_agent::control::{Control, Inbox, control};
use deskbound_agent::desktop::Desktop;
use deskbound_agent::journal::Journal;
use deskbound_agent::launcher::Launcher;
use deskbound_agent::limits::Limits;
use deskbound_agent::origins::{Origins, ProgramDigest};
use deskbound_agent::policy::{Policy, Surface};
use deskbound_agent::record::{End, Record, StepSink};
use deskbound_agent::run::{Request, Roles, run};
use deskbound_agent::vm::VmDesktop;
use deskbound_vm::{Accel, Recipe};
use serde_json::Value;

use self::after::{Check, Verdict};
pub(crate) use self::view::{by_hand, line};
use crate::failure::{Exit, Failure};
use crate::models::Seats;
use crate::signal;
use crate::terminal::{escaped, note, say};
use crate::verb::looks::Looks;
use crate::verb::{Setting, watch};

/// Whose desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Where {
    /// A fresh virtual one, gone afterwards.
    Vm,
    /// The X11 session this is started in; a person is asked before anything is done.
    X11,
}

impl Where {
    /// What has to be there before the confinement is on.
    pub(crate) fn launcher(self) -> io::Result<Option<Launcher>> {
        match self {
            Self::Vm => Ok(None),
            Self::X11 => own::launcher().map(Some),
        }
    }

    pub(crate) fn surface(self) -> Surface {
        match self {
            Self::Vm => Surface::Disposable,
            Self::X11 => Surface::Own,
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct Run {
    /// What is to be done, in words.
    instruction: String,
    /// The desktop to do it on.
    #[arg(long, value_enum, default_value_t = Where::Vm)]
    desktop: Where,
    /// What the virtual desktop is made of.
    #[arg(long, default_value = "minimal")]
    recipe: String,
    /// What is allowed, asked for and denied, in place of the user's own policy.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    seats: Seats,
    /// Stop after this many actions.
    #[arg(long, value_name = "N", default_value_t = Limits::default().steps)]
    max_steps: u32,
    /// Stop after this many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().time.as_secs())]
    max_time: u64,
    /// Stop after the acting model has read and written this many tokens; what it still knew of a
    /// prompt is not counted.
    #[arg(long, value_name = "N", default_value_t = Limits::default().tokens)]
    max_tokens: u64,
    /// Let the desktop reach what its recipe calls so; may be given more than once.
    #[arg(long, value_name = "NAME")]
    allow_forward: Vec<String>,
    /// Before, put this file of this machine into the home folder; may be given more than once.
    #[arg(long, value_name = "HERE[:THERE]")]
    file: Vec<before::Given>,
    /// Afterwards, let the desktop stand until an interrupt.
    #[arg(long)]
    keep: bool,
    /// Once all is done, ask for an answer as JSON of the schema in this file; only models of open
    /// weights give one.
    #[arg(long, value_name = "FILE", requires = "given")]
    schema: Option<PathBuf>,
    /// Afterwards, look whether this file of the home folder holds this text; `missing=NAME` looks
    /// whether it is not there.
    #[arg(long, value_name = "file=NAME:text=TEXT")]
    check: Vec<Check>,
    /// Afterwards, copy this file of the home folder out of the desktop.
    #[arg(long, value_name = "NAME", requires = "into")]
    collect: Vec<String>,
    /// The folder on this machine that collected files go to.
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
    /// One line a step, and nothing that moves; also where this is no terminal.
    #[arg(long)]
    plain: bool,
    /// Name the record as soon as the run can be attached to.
    #[arg(long, hide = true)]
    announce: bool,
    /// Take commands from standard input even where it is no terminal: `help` lists them.
    #[arg(long)]
    steer: bool,
    /// Every record as a line of JSON on standard output.
    #[arg(long, conflicts_with = "plain")]
    json: bool,
    #[command(flatten)]
    looks: Looks,
}

impl Run {
    pub(crate) fn writes(&self) -> Option<PathBuf> {
        self.into.clone()
    }

    pub(crate) fn threads(&self) -> Option<u16> {
        self.seats.threads()
    }

    /// What has to be there before the confinement is on.
    pub(crate) fn launcher(&self) -> io::Result<Option<Launcher>> {
        if self.is_watched() { Ok(None) } else { self.desktop.launcher() }
    }

    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let aside = setting.aside.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(aside) = aside {
            return aside.watch(self.looks.face(setting)).await;
        }
        note(format_args!("models: {}", self.seats));
        let mut ready = self.ready(setting)?;
        match self.desktop {
            Where::Vm => {
                let network = network(&self.recipe, &self.allow_forward)?;
                note(format_args!("desktop: {}", self.recipe));
                let desktop = VmDesktop::start(&self.recipe).await.map_err(|error| {
                    Failure::from(error).hint(format!(
                        "`deskbound vm build --recipe {}` builds a desktop, `deskbound doctor` says what is missing",
                        self.recipe
                    ))
                })?;
                let name = vm_name(&self.recipe, desktop.accel(), &network);
                ready.origins.template = desktop.template().map(str::to_owned);
                self.on(desktop, name, ready, setting).await
            }
            Where::X11 => {
                let desktop = own::desktop(setting.launcher.clone()).await?;
                self.on(desktop, "x11".to_owned(), ready, setting).await
            }
        }
    }

    /// In a process of its own, with the view on it.
    pub(crate) fn is_watched(&self) -> bool {
        let spoken = self.plain || self.json || self.steer || self.keep || self.announce;
        !spoken && watch::is_terminal()
    }

    /// Whatever can be wrong with what was typed is, before there is a desktop.
    fn ready(&self, setting: &Setting) -> Result<Ready, Failure> {
        Ok(Ready {
            files: before::read(&self.file)?,
            schema: self.schema.as_deref().map(before::schema).transpose()?,
            policy: setting.policy(self.policy.as_deref(), self.desktop.surface())?,
            roles: self.seats.load(&setting.folders.data)?,
            origins: Origins {
                weights: self.seats.digests(&setting.folders.data)?,
                ..Origins::default()
            },
            program: ProgramDigest::begin(),
        })
    }

    async fn on(
        &self,
        mut desktop: impl Desktop,
        name: String,
        Ready { files, schema, policy, roles, origins, program }: Ready,
        setting: &Setting,
    ) -> Result<Exit, Failure> {
        let origins = Origins { program: program.end(), ..origins };
        let request = Request { origins, schema, ..self.request(name, policy) };
        let (control, inbox) = control();
        signal::pass_on(control.stop()).map_err(Failure::missing)?;
        let journal = Journal::create(&setting.folders.runs()).map_err(Failure::missing)?;
        let record = journal.folder().to_owned();
        let told = Told { journal, json: self.json };
        before::lay(&mut desktop, &files).await?;
        let (end, mut told) =
            self.drive(&mut desktop, (&request, roles), (&control, inbox), told).await?;
        let mut verdict = Verdict::of(&end);
        if end != End::Stopped {
            verdict.look(&mut desktop, &self.check).await?;
            if let Some(into) = &self.into {
                after::collect(&mut desktop, &self.collect, into).await?;
            }
        }
        told.journal.append(&verdict.record(), &[]).map_err(Failure::missing)?;
        told.journal.close().map_err(Failure::missing)?;
        for line in verdict.lines() {
            note(line);
        }
        note(format_args!("{}{}", watch::ANNOUNCED, record.display()));
        if self.keep && end != End::Stopped {
            note("the desktop stands; interrupt to end it");
            control.stop().asked().await;
        }
        Ok(verdict.exit())
    }

    /// The run itself, with its door open and its commands read.
    async fn drive(
        &self,
        desktop: &mut impl Desktop,
        (request, mut roles): (&Request, Roles),
        (control, mut inbox): (&Control, Inbox),
        told: Told,
    ) -> Result<(End, Told), Failure> {
        let folder = told.journal.folder().to_owned();
        let mut sink = Announcing::over(told);
        let door = Door::open(&folder, control.clone(), sink.records(), desktop.eye());
        let door = door.map_err(|error| note(format_args!("note: nobody can attach: {error}")));
        // Whoever reads this can attach at once.
        if self.announce {
            note(format_args!("{}{}", watch::ANNOUNCED, folder.display()));
        }
        let steering = steer::start(control, self.steer);
        let end = run(desktop, &mut roles, request, &mut inbox, &mut sink).await;
        drop((door, steering));
        Ok((end, sink.into_inner()))
    }

    fn request(&self, desktop: String, policy: Policy) -> Request {
        let limits = Limits {
            steps: self.max_steps,
            time: Duration::from_secs(self.max_time),
            tokens: self.max_tokens,
            ..Limits::default()
        };
        let models = self.seats.to_string();
        Request { models, desktop, limits, policy, ..Request::new(&self.instruction) }
    }
}

/// What a virtual desktop is called in records: `vm:minimal (EMULATED, no network)`.
pub(crate) fn vm_name(recipe: &str, accel: Accel, network: &[String]) -> String {
    let network = match network {
        [] => "no network".to_owned(),
        names => format!("NETWORK {}", names.join(" ")),
    };
    format!("vm:{recipe} ({accel}, {network})")
}

/// What a virtual desktop reaches beyond itself; refused where it was not allowed.
pub(crate) fn network(recipe: &str, allowed: &[String]) -> Result<Vec<String>, Failure> {
    let forwards = Recipe::named(recipe)?.forwards;
    reached(recipe, forwards.into_iter().map(|forward| forward.name).collect(), allowed)
}

/// The same of one that runs.
pub(crate) fn reached(
    desktop: &str,
    names: Vec<String>,
    allowed: &[String],
) -> Result<Vec<String>, Failure> {
    match names.iter().find(|name| !allowed.contains(name)) {
        None => Ok(names),
        Some(name) => {
            let error = format!("the desktop `{desktop}` reaches `{name}`, which was not allowed");
            Err(Failure::usage(error).hint(format!("`--allow-forward {name}` allows it")))
        }
    }
}

/// What a run starts with.
struct Ready {
    files: Vec<before::Laid>,
    schema: Option<Value>,
    policy: Policy,
    roles: Roles,
    origins: Origins,
    program: ProgramDigest,
}

/// Records are kept first, then shown.
struct Told {
    journal: Journal,
    json: bool,
}

impl StepSink for Told {
    fn record(&mut self, record: &Record) -> io::Result<()> {
        self.journal.record(record)?;
        if self.json {
            say(escaped(&serde_json::to_string(record)?));
        } else if let Some(line) = view::line(record) {
            say(line);
        }
        Ok(())
    }

    fn digest(&mut self, text: &str) -> io::Result<Option<String>> {
        StepSink::digest(&mut self.journal, text)
    }
}
