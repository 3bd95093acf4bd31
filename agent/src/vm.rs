//! A desktop that is a disposable virtual machine.

use std::sync::Arc;
use std::time::Duration;

use deskbound_accessibility::{ActError, NodeAction, NodeRef, ScreenRect, Tree};
use deskbound_vm::{
    Accel, CommandSpec, Controls, Mode, Recipe, Store, Stream, Template, User, Vm, VmError,
};
use image::RgbImage;
use tokio::sync::watch;

use crate::action::{Action, Chord, Modifier, Pressed};
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

pub struct VmDesktop {
    vm: Vm,
    covers: Covers,
    polls: Polls,
    /// For whoever watches: a machine that is reset is another one.
    watched: watch::Sender<Arc<Controls>>,
}

impl VmDesktop {
    pub fn new(vm: Vm) -> Self {
        let watched = watch::Sender::new(vm.share_controls());
        Self { vm, covers: Covers::default(), polls: Polls::default(), watched }
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

    pub fn accel(&self) -> Accel {
        self.vm.accel()
    }

    /// The template it is a clone of, named by what it is made of.
    pub fn template(&self) -> &str {
        self.vm.origin().name()
    }

    pub fn vm(&self) -> &Vm {
        &self.vm
    }

    async fn launch(&self, program: &str, args: &[String]) -> Result<(), DesktopError> {
        let mut spec = command(program, args, START_LIMIT);
        spec.mode = Mode::Background;
        let started = self.vm.run(spec, &mut |_, _| {}).await;
        started.map(drop).map_err(|error| start_error(program, error))
    }

    async fn hold(&self, modifiers: &[Modifier], pressed: Pressed) -> Result<(), DesktopError> {
        let chord = Modifier::chord(modifiers);
        for key in chord.iter().flat_map(Chord::keys) {
            self.vm.controls().key(key, pressed).await.map_err(not_given)?;
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
        let error = match self.vm.act(node.clone(), act.clone()).await {
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
                    self.vm.act((**node).clone(), NodeAction::Check).await.map_err(not_given)?;
                }
                self.hold(modifiers, Pressed::Down).await?;
                let clicked = self.vm.controls().click(*at, *button, *count).await;
                // Whatever became of it, nothing stays held.
                self.hold(modifiers, Pressed::Up).await?;
                clicked.map_err(not_given)?;
            }
            Action::Move { to } => self.vm.controls().move_to(*to).await.map_err(not_given)?,
            Action::Button { button, pressed } => {
                self.vm.controls().button(*button, *pressed).await.map_err(not_given)?;
            }
            Action::Drag { path, button } => {
                self.vm.controls().drag(path, *button).await.map_err(not_given)?;
            }
            Action::Scroll { at, direction, notches } => {
                self.vm.controls().move_to(*at).await.map_err(not_given)?;
                self.vm.controls().scroll(*direction, *notches).await.map_err(not_given)?;
            }
            Action::Key { chord, hold: None } => {
                self.vm.controls().chord(chord).await.map_err(not_given)?;
            }
            Action::Key { chord, hold: Some(time) } => {
                let time = (*time).min(HOLD_LIMIT);
                self.vm.controls().hold(chord, time).await.map_err(not_given)?;
            }
            Action::Hold { chord, pressed } => {
                for key in chord.keys() {
                    self.vm.controls().key(key, *pressed).await.map_err(not_given)?;
                }
            }
            Action::Type { text } => self.vm.guest().type_text(text).await.map_err(not_given)?,
            Action::Launch { .. }
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
        Ok(self.vm.controls().frame().await.map_err(gone)?.image)
    }

    fn covers(&self) -> &Covers {
        &self.covers
    }

    async fn tree(&mut self) -> Result<Tree, DesktopError> {
        self.vm.tree(&self.vm.accel().tree_limits()).await.map_err(gone)
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
        match self.vm.accel() {
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
            Action::Element { node, bounds, act } => self.element(node, *bounds, act).await,
            Action::Window { window, act } => {
                self.vm.guest().window(*window, *act).await.map_err(not_given)?;
                Ok(Performed::Told)
            }
            Action::Copy { text } => {
                self.vm.guest().set_clipboard(text).await.map_err(not_given)?;
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
        self.vm.controls().release_all().await.map_err(gone)
    }

    async fn freeze(&mut self) -> Result<Standing, DesktopError> {
        self.vm.controls().pause().await.map_err(gone)?;
        Ok(Standing::Frozen)
    }

    async fn thaw(&mut self) -> Result<(), DesktopError> {
        self.vm.controls().resume().await.map_err(gone)
    }

    async fn clipboard(&mut self) -> Result<Option<String>, DesktopError> {
        self.vm.guest().clipboard().await.map_err(not_given)
    }

    async fn reset(&mut self) -> Result<(), DesktopError> {
        let reset = self.vm.rewind_to_start().await;
        reset.map_err(|error| DesktopError::refused("the desktop is not reset", error))?;
        self.polls = Polls::default();
        self.watched.send_replace(self.vm.share_controls());
        Ok(())
    }

    async fn monitors(&mut self) -> Result<Vec<Monitor>, DesktopError> {
        Ok(vec![Monitor::only(self.vm.size())])
    }

    fn eye(&self) -> Eye {
        Eye::new(Sight::Vm(self.watched.subscribe()), self.covers.clone())
    }

    fn home(&self) -> String {
        self.vm.home().to_owned()
    }

    async fn run(&mut self, asked: &Command) -> Result<Output, DesktopError> {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut keep = |stream, bytes: &[u8]| {
            let kept = if stream == Stream::Stdout { &mut stdout } else { &mut stderr };
            let room = OUTPUT_BYTES.saturating_sub(kept.len());
            kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
        };
        let spec = command(&asked.program, &asked.args, asked.limit);
        let end = self.vm.run(spec, &mut keep).await;
        let end = end.map_err(|error| start_error(&asked.program, error))?;
        if end.timed_out {
            return Err(DesktopError::Late { what: asked.program.clone(), limit: asked.limit });
        }
        Ok(Output { status: Some(end.status), stdout, stderr })
    }

    async fn read_file(&mut self, path: &str) -> Result<Option<Vec<u8>>, DesktopError> {
        match self.vm.read_file(path).await {
            Ok(content) if content.len() as u64 > FILE_BYTES => Err(DesktopError::too_large(path)),
            Ok(content) => Ok(Some(content)),
            Err(VmError::NoFile { .. }) => Ok(None),
            Err(error) => Err(gone(error)),
        }
    }

    async fn write_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), DesktopError> {
        self.vm.write_file(path, bytes).await.map_err(gone)
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
        VmError::GuestRefused { .. } => DesktopError::refused("the desktop does not do it", error),
        error => gone(error),
    }
}

fn gone(error: VmError) -> DesktopError {
    DesktopError::Other {
        what: "the virtual desktop does not answer".to_owned(),
        source: Box::new(error),
    }
}
