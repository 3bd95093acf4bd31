//! A desktop that is a disposable virtual machine: one of our own, gone with the run, or one of
//! another process, which is left as it is.

mod controls;

use std::sync::Arc;
use std::time::Duration;

use deskbound_accessibility::{ActError, NodeAction, NodeRef, ScreenRect, Tree};
use deskbound_vm::{
    Accel, CommandSpec, Guest, Label, Mode, Recipe, Store, Stream, Template, User, Visit, Vm,
    VmError,
};
use image::RgbImage;
use tokio::sync::watch;

pub(crate) use self::controls::Controls;
use crate::action::{Action, Chord, Modifier, Openable, Pressed};
use crate::desktop::{
    Command, Desktop, DesktopError, Monitor, Observation, Output, Performed, Standing,
};
use crate::element::by_hand;
use crate::eye::{Eye, Sight};
use crate::limits::{FILE_BYTES, HOLD_LIMIT, OUTPUT_BYTES};
use crate::secrets::Covers;
use crate::settle::{self, Polls, Source};

/// A program is started, not waited for.
const START_LIMIT: Duration = Duration::from_secs(60);

/// By hand, a spawn alone takes thirty times as long; most of a start is waiting, though.
const EMULATED_SLOWNESS: u32 = 3;

/// For what is asked of a desktop when it is joined.
const JOIN_LIMIT: Duration = Duration::from_secs(30);

pub struct VmDesktop {
    machine: Machine,
    controls: Controls,
    size: (u32, u32),
    home: String,
    covers: Covers,
    polls: Polls,
    /// For whoever watches: a machine that is reset is another one.
    watched: watch::Sender<Controls>,
}

enum Machine {
    /// Gone with this value.
    Own(Box<Vm>),
    /// Left as it is by this value's end.
    Visited(Box<Visit>),
}

impl VmDesktop {
    pub fn new(vm: Vm) -> Self {
        let (size, home) = (vm.size(), vm.home().to_owned());
        let controls = Controls::Own(vm.share_controls());
        Self::over(Machine::Own(Box::new(vm)), controls, (size, home))
    }

    fn over(machine: Machine, controls: Controls, (size, home): ((u32, u32), String)) -> Self {
        let (covers, polls) = (Covers::default(), Polls::default());
        let watched = watch::Sender::new(controls.clone());
        Self { machine, controls, size, home, covers, polls, watched }
    }

    /// A fresh clone of a recipe's template, which has to be there already.
    pub async fn start(recipe: &str) -> Result<Self, DesktopError> {
        let started = async {
            let store = Store::open()?;
            let recipe = Recipe::named(recipe)?;
            let template = Template::ready(&store, &recipe).await?;
            Vm::start(&store, &template).await
        };
        started.await.map(Self::new).map_err(|error| DesktopError::Other {
            what: "the virtual desktop does not start".to_owned(),
            source: Box::new(error),
        })
    }

    /// One that another process has started, by its name.
    ///
    /// # Errors
    /// Where none of this name runs, or it is paused.
    pub async fn join(name: &str) -> Result<Self, DesktopError> {
        let cannot = |error| DesktopError::Other {
            what: format!("the desktop `{name}` cannot be joined"),
            source: error,
        };
        let visit = async { Visit::to(&Store::open()?, name).await };
        let visit = visit.await.map_err(|error: VmError| cannot(Box::new(error)))?;
        let facts = async {
            let controls = visit.controls();
            Ok((controls.is_running().await?, controls.size().await?))
        };
        let (is_running, size) = facts.await.map_err(|error: VmError| cannot(Box::new(error)))?;
        if !is_running {
            let hint = format!("it is paused; `deskbound vm resume {name}` lets it go on");
            return Err(cannot(hint.into()));
        }
        let controls = Controls::Visited(visit.share_controls());
        let facts = (size, String::new());
        let mut joined = Self::over(Machine::Visited(Box::new(visit)), controls, facts);
        // A recipe may have changed since; the desktop knows.
        let asked = Command {
            program: "printenv".to_owned(),
            args: vec!["HOME".to_owned()],
            limit: JOIN_LIMIT,
        };
        let said = joined.run(&asked).await?;
        String::from_utf8_lossy(&said.stdout).trim().clone_into(&mut joined.home);
        if !joined.home.starts_with('/') {
            return Err(cannot("it does not say where its home folder is".into()));
        }
        Ok(joined)
    }

    pub fn accel(&self) -> Accel {
        match &self.machine {
            Machine::Own(vm) => vm.accel(),
            Machine::Visited(visit) => visit.about().label.accel,
        }
    }

    /// How it is run, and what it reaches: to be said wherever it is named.
    pub fn label(&self) -> Label {
        match &self.machine {
            Machine::Own(vm) => vm.label(),
            Machine::Visited(visit) => visit.about().label.clone(),
        }
    }

    /// The template it is a clone of, named by what it is made of; `None` of a desktop of another
    /// process.
    pub fn template(&self) -> Option<&str> {
        match &self.machine {
            Machine::Own(vm) => Some(vm.origin().name()),
            Machine::Visited(_) => None,
        }
    }

    fn guest(&self) -> &Guest {
        match &self.machine {
            Machine::Own(vm) => vm.guest(),
            Machine::Visited(visit) => visit.guest(),
        }
    }

    async fn launch(&self, program: &str, args: &[String]) -> Result<(), DesktopError> {
        let mut spec = command(program, args, START_LIMIT);
        spec.mode = Mode::Background;
        let started = self.guest().run(spec, &mut |_, _| {}).await;
        started.map(drop).map_err(|error| start_error(program, error))
    }

    async fn open(&self, target: &Openable) -> Result<(), DesktopError> {
        if let Openable::File { path } = target {
            match self.guest().stat(path).await {
                Err(VmError::NoFile { .. }) => return Err(DesktopError::no_file(path)),
                found => drop(found.map_err(not_given)?),
            }
        }
        self.guest().open(target.as_str()).await.map(drop).map_err(not_given)
    }

    async fn hold(&self, modifiers: &[Modifier], pressed: Pressed) -> Result<(), DesktopError> {
        let chord = Modifier::chord(modifiers);
        for key in chord.iter().flat_map(Chord::keys) {
            self.controls.key(key, pressed).await.map_err(not_given)?;
        }
        Ok(())
    }

    /// Through the tree where the toolkit honours that, else by hand.
    async fn element(
        &self,
        node: &NodeRef,
        bounds: Option<ScreenRect>,
        act: &NodeAction,
    ) -> Result<Performed, DesktopError> {
        let error = match self.guest().act(node.clone(), act.clone()).await {
            Ok(effect) => return Ok(Performed::Tree { effect }),
            Err(error) => error,
        };
        let is_refused = matches!(error, VmError::NotActed(ActError::Refused { .. }));
        match by_hand(node, bounds, act).filter(|_| is_refused) {
            Some(actions) => {
                for action in &actions {
                    self.input(action).await?;
                }
                Ok(Performed::Input)
            }
            None => Err(not_given(error)),
        }
    }

    /// What a person does with pointer and keys; nothing else is done here.
    async fn input(&self, action: &Action) -> Result<(), DesktopError> {
        match action {
            Action::Click { at, button, count, modifiers, on } => {
                if let Some(node) = on {
                    self.guest()
                        .act((**node).clone(), NodeAction::Check)
                        .await
                        .map_err(not_given)?;
                }
                self.hold(modifiers, Pressed::Down).await?;
                let clicked = self.controls.click(*at, *button, *count).await;
                // Whatever became of it, nothing stays held.
                self.hold(modifiers, Pressed::Up).await?;
                clicked.map_err(not_given)?;
            }
            Action::Move { to } => self.controls.move_to(*to).await.map_err(not_given)?,
            Action::Button { button, pressed } => {
                self.controls.button(*button, *pressed).await.map_err(not_given)?;
            }
            Action::Drag { path, button } => {
                self.controls.drag(path, *button).await.map_err(not_given)?;
            }
            Action::Scroll { at, direction, notches } => {
                self.controls.move_to(*at).await.map_err(not_given)?;
                self.controls.scroll(*direction, *notches).await.map_err(not_given)?;
            }
            Action::Key { chord, hold: None } => {
                self.controls.chord(chord).await.map_err(not_given)?;
            }
            Action::Key { chord, hold: Some(time) } => {
                let time = (*time).min(HOLD_LIMIT);
                self.controls.hold(chord, time).await.map_err(not_given)?;
            }
            Action::Hold { chord, pressed } => {
                for key in chord.keys() {
                    self.controls.key(key, *pressed).await.map_err(not_given)?;
                }
            }
            Action::Type { text } => self.guest().type_text(text).await.map_err(not_given)?,
            Action::Launch { .. }
            | Action::Open { .. }
            | Action::Element { .. }
            | Action::Window { .. }
            | Action::Copy { .. }
            | Action::Shell { .. }
            | Action::ReadClipboard
            | Action::ReadFile { .. }
            | Action::WriteFile { .. } => unreachable!("this is not done by hand"),
        }
        Ok(())
    }
}

impl Source for VmDesktop {
    async fn frame(&mut self) -> Result<Arc<RgbImage>, DesktopError> {
        Ok(self.controls.frame().await.map_err(gone)?.image)
    }

    fn covers(&self) -> &Covers {
        &self.covers
    }

    async fn tree(&mut self) -> Result<Tree, DesktopError> {
        self.guest().tree(self.accel().tree_limits()).await.map_err(gone)
    }

    /// A machine does not tell of what it paints.
    fn still_for(&self) -> Duration {
        Duration::ZERO
    }

    async fn stirred(&mut self, limit: Duration) -> Result<bool, DesktopError> {
        settle::polled(self, |desktop| &mut desktop.polls, limit).await
    }

    fn blinking(&self) -> Vec<ScreenRect> {
        self.polls.blinking()
    }
}

impl Desktop for VmDesktop {
    async fn observe(&mut self) -> Result<Observation, DesktopError> {
        settle::settled(self).await
    }

    async fn changed(&mut self, since: &RgbImage, limit: Duration) -> Result<(), DesktopError> {
        settle::changed(self, since, limit).await
    }

    fn slowness(&self) -> u32 {
        match self.accel() {
            Accel::Kvm => 1,
            Accel::Emulated => EMULATED_SLOWNESS,
        }
    }

    async fn perform(&mut self, action: &Action) -> Result<Performed, DesktopError> {
        self.polls.act();
        match action {
            Action::Launch { program, args } => {
                self.launch(program, args).await?;
                Ok(Performed::Started)
            }
            Action::Open { target } => {
                self.open(target).await?;
                Ok(Performed::Started)
            }
            Action::Element { node, bounds, act } => self.element(node, *bounds, act).await,
            Action::Window { window, act } => {
                self.guest().window(*window, *act).await.map_err(not_given)?;
                Ok(Performed::Told)
            }
            Action::Copy { text } => {
                self.guest().set_clipboard(text).await.map_err(not_given)?;
                Ok(Performed::Told)
            }
            Action::Shell { .. }
            | Action::ReadClipboard
            | Action::ReadFile { .. }
            | Action::WriteFile { .. } => Err(DesktopError::not_by_hand(action)),
            input => self.input(input).await.map(|()| Performed::Input),
        }
    }

    async fn release_all(&mut self) -> Result<(), DesktopError> {
        self.controls.release_all().await.map_err(gone)
    }

    async fn freeze(&mut self) -> Result<Standing, DesktopError> {
        self.controls.pause().await.map_err(gone)?;
        Ok(Standing::Frozen)
    }

    async fn thaw(&mut self) -> Result<(), DesktopError> {
        self.controls.resume().await.map_err(gone)
    }

    async fn clipboard(&mut self) -> Result<Option<String>, DesktopError> {
        self.guest().clipboard().await.map_err(not_given)
    }

    async fn reset(&mut self) -> Result<(), DesktopError> {
        let refused = |error: Box<dyn std::error::Error + Send + Sync>| {
            DesktopError::refused("the desktop is not reset", error)
        };
        let vm = match &mut self.machine {
            Machine::Own(vm) => vm,
            Machine::Visited(visit) => {
                let hint = format!("`deskbound vm rewind {}` does it", visit.about().name);
                return Err(refused(format!("it is not ours; {hint}").into()));
            }
        };
        vm.rewind_to_start().await.map_err(|error| refused(error.into()))?;
        self.polls = Polls::default();
        self.controls = Controls::Own(vm.share_controls());
        self.watched.send_replace(self.controls.clone());
        Ok(())
    }

    async fn monitors(&mut self) -> Result<Vec<Monitor>, DesktopError> {
        Ok(vec![Monitor::only(self.size)])
    }

    fn eye(&self) -> Eye {
        Eye::new(Sight::Vm(self.watched.subscribe()), self.covers.clone())
    }

    fn home(&self) -> String {
        self.home.clone()
    }

    async fn run(&mut self, asked: &Command) -> Result<Output, DesktopError> {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut keep = |stream, bytes: &[u8]| {
            let kept = if stream == Stream::Stdout { &mut stdout } else { &mut stderr };
            let room = OUTPUT_BYTES.saturating_sub(kept.len());
            kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
        };
        let spec = command(&asked.program, &asked.args, asked.limit);
        let end = self.guest().run(spec, &mut keep).await;
        let end = end.map_err(|error| start_error(&asked.program, error))?;
        if end.timed_out {
            return Err(DesktopError::Late { what: asked.program.clone(), limit: asked.limit });
        }
        Ok(Output { status: Some(end.status), stdout, stderr })
    }

    async fn read_file(&mut self, path: &str) -> Result<Option<Vec<u8>>, DesktopError> {
        match self.guest().read(path).await {
            Ok(content) if content.len() as u64 > FILE_BYTES => Err(DesktopError::too_large(path)),
            Ok(content) => Ok(Some(content)),
            Err(VmError::NoFile { .. }) => Ok(None),
            Err(error) => Err(gone(error)),
        }
    }

    async fn write_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), DesktopError> {
        self.guest().write(path, bytes).await.map_err(gone)
    }
}

fn command(program: &str, args: &[String], limit: Duration) -> CommandSpec {
    CommandSpec {
        argv: std::iter::once(program)
            .chain(args.iter().map(String::as_str))
            .map(Into::into)
            .collect(),
        cwd: None,
        env: Vec::new(),
        user: User::Session,
        timeout: Some(limit),
        mode: Mode::Followed,
    }
}

fn start_error(program: &str, error: VmError) -> DesktopError {
    DesktopError::Start { program: program.to_owned(), source: std::io::Error::other(error) }
}

fn not_given(error: VmError) -> DesktopError {
    match error {
        VmError::OffScreen { x, y, .. } => DesktopError::OffScreen { x, y },
        VmError::NoKey { character } => DesktopError::NoKey { character },
        VmError::NotActed(ActError::BusLost { .. }) => gone(error),
        VmError::NotActed(source) => DesktopError::refused("the element was not acted on", source),
        VmError::GuestRefused { .. } | VmError::OwnerRefused { .. } => {
            DesktopError::refused("the desktop does not do it", error)
        }
        error => gone(error),
    }
}

fn gone(error: VmError) -> DesktopError {
    DesktopError::Other {
        what: "the virtual desktop does not answer".to_owned(),
        source: Box::new(error),
    }
}
