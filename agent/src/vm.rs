//! A desktop that is a disposable virtual machine.

use std::time::Duration;

use deskbound_accessibility::Tree;
use deskbound_vm::{
    Accel, CommandSpec, Pressed, Recipe, Store, Stream, Template, User, Vm, VmError,
};
use image::RgbImage;

use crate::action::{Action, Button, Chord};
use crate::desktop::{Command, Desktop, DesktopError, Observation, Output, Performed};
use crate::keys::{Key, Stroke};
use crate::limits::{CLICKS, OUTPUT_BYTES};
use crate::settle::{self, Source};

/// A program is started, not waited for.
const START_LIMIT: Duration = Duration::from_secs(60);

pub struct VmDesktop {
    vm: Vm,
    /// Buttons that are down now, and have to come up again. Keys go down and up in one message.
    held: Vec<Button>,
}

impl VmDesktop {
    pub fn new(vm: Vm) -> Self {
        Self { vm, held: Vec::new() }
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

    pub fn vm(&self) -> &Vm {
        &self.vm
    }

    async fn press(&mut self, button: Button) -> Result<(), DesktopError> {
        self.held.push(button);
        self.vm.button(qemu_button(button), Pressed::Down).await.map_err(gone)
    }

    async fn release_held(&mut self) -> Result<(), DesktopError> {
        while let Some(button) = self.held.last().copied() {
            self.vm.button(qemu_button(button), Pressed::Up).await.map_err(gone)?;
            self.held.pop();
        }
        Ok(())
    }

    async fn chord(&mut self, chord: &Chord) -> Result<(), DesktopError> {
        // In one message: a chord that is held while the guest is busy would repeat itself.
        let down = chord.keys().map(|key| (key.qcode, Pressed::Down));
        let up = chord.keys().rev().map(|key| (key.qcode, Pressed::Up));
        let events: Vec<_> = down.chain(up).collect();
        self.vm.keys(&events).await.map_err(gone)
    }

    async fn type_text(&mut self, text: &str) -> Result<(), DesktopError> {
        let mut events = Vec::new();
        for character in text.chars() {
            let stroke = Key::stroke(character).ok_or(DesktopError::NoKey { character })?;
            events.extend(stroke_events(stroke));
        }
        self.vm.keys(&events).await.map_err(gone)
    }

    async fn launch(&self, program: &str, args: &[String]) -> Result<(), DesktopError> {
        let mut spec = command(program, args, START_LIMIT);
        spec.background = true;
        let started = self.vm.run(spec, &mut |_, _| {}).await;
        started.map(drop).map_err(|error| start_error(program, error))
    }
}

/// A key with its Shift, down and up again.
fn stroke_events(Stroke { key, shift }: Stroke) -> Vec<(&'static str, Pressed)> {
    let key = [(key.qcode, Pressed::Down), (key.qcode, Pressed::Up)];
    match shift {
        false => key.to_vec(),
        true => vec![("shift", Pressed::Down), key[0], key[1], ("shift", Pressed::Up)],
    }
}

impl Source for VmDesktop {
    async fn frame(&mut self) -> Result<RgbImage, DesktopError> {
        self.vm.frame().await.map_err(gone)
    }

    async fn tree(&mut self) -> Result<Tree, DesktopError> {
        self.vm.tree(&self.vm.accel().tree_limits()).await.map_err(gone)
    }
}

impl Desktop for VmDesktop {
    async fn observe(&mut self) -> Result<Observation, DesktopError> {
        settle::settled(self).await
    }

    async fn changed(&mut self, since: &RgbImage, limit: Duration) -> Result<(), DesktopError> {
        settle::changed(self, since, limit).await
    }

    async fn perform(&mut self, action: &Action) -> Result<Performed, DesktopError> {
        match action {
            Action::Click { at, button, count } => {
                self.vm.move_to(*at).await.map_err(|error| match error {
                    VmError::OffScreen { x, y, .. } => DesktopError::OffScreen { x, y },
                    error => gone(error),
                })?;
                for _ in 0..(*count).min(CLICKS) {
                    self.press(*button).await?;
                    self.release_held().await?;
                }
            }
            Action::Key { chord } => self.chord(chord).await?,
            Action::Type { text } => self.type_text(text).await?,
            Action::Launch { program, args } => {
                self.launch(program, args).await?;
                return Ok(Performed::Started);
            }
        }
        Ok(Performed::Input)
    }

    async fn release_all(&mut self) -> Result<(), DesktopError> {
        self.release_held().await
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
        background: false,
    }
}

fn qemu_button(button: Button) -> deskbound_vm::Button {
    match button {
        Button::Left => deskbound_vm::Button::Left,
        Button::Middle => deskbound_vm::Button::Middle,
        Button::Right => deskbound_vm::Button::Right,
    }
}

fn start_error(program: &str, error: VmError) -> DesktopError {
    DesktopError::Start { program: program.to_owned(), source: std::io::Error::other(error) }
}

fn gone(error: VmError) -> DesktopError {
    DesktopError::Other {
        what: "the virtual desktop does not answer".to_owned(),
        source: Box::new(error),
    }
}
