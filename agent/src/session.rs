//! A desktop in the hands of somebody else's model: one tool call at a time, guarded, verified and
//! recorded like the moves of a run.
//!
//! ```text
//!   Tool ──▶ target found ──▶ Guard ──▶ Desktop::perform ──▶ looked again ──▶ Answer
//!                │              │             │                   │
//!                └──────────────┴── Record ───┴───────────────────┘
//! ```
//!
//! An answer says what changed, by the tree and by the pixels, never what the toolkit promised.

mod answer;
mod place;

use std::io;
use std::time::{Duration, Instant};

use deskbound_accessibility::{Effect, Numbering, Numbers};
use deskbound_models::{Grounder, ToolCall, Turn, Viewer};
use serde_json::Map;

pub use answer::{Answer, Failing};
use answer::{cut, picture};

use crate::action::Action;
use crate::causes::chain;
use crate::consequence::Consequence;
use crate::desktop::{Command, Desktop, Observation};
use crate::elements::{Element, elements, outline};
use crate::eye::Eye;
use crate::guard::{Guard, Verdict};
use crate::policy::{EffectClass, Policy, VerbKind};
use crate::record::{End, Record, StepSink};
use crate::secrets;
use crate::sight::Sight;
use crate::tool::{Look, Shell, Tool, Wait};
use crate::view::View;

/// After an action the screen has this long to begin to change.
const CHANGE_LIMIT: Duration = Duration::from_millis(1500);
/// For some window to get the keyboard.
const KEYBOARD_LIMIT: Duration = Duration::from_secs(3);
/// Between two looks for a text or for the keyboard.
const LOOK_AGAIN: Duration = Duration::from_millis(700);
/// Longest wait of one call.
const WAIT_LIMIT: Duration = Duration::from_secs(60);
/// Longest command.
const SHELL_LIMIT: Duration = Duration::from_secs(10 * 60);

pub struct Session<D, S> {
    desktop: D,
    /// For a second glance that costs no tree.
    eye: Eye,
    grounder: Box<dyn Grounder>,
    guard: Guard,
    numbering: Numbering,
    sight: Sight,
    sink: S,
    home: String,
    begun: Instant,
    step: u32,
    seen: Option<Seen>,
}

struct Seen {
    observation: Observation,
    numbers: Numbers,
    /// Of the tree, and of windows that it says nothing of.
    elements: Vec<Element>,
}

impl<D: Desktop, S: StepSink> Session<D, S> {
    /// # Errors
    /// Where the record cannot be kept.
    pub fn begin(
        desktop: D,
        (grounder, viewer): (Box<dyn Grounder>, Option<Box<dyn Viewer>>),
        policy: Policy,
        mut sink: S,
    ) -> io::Result<Self> {
        let (home, eye) = (desktop.home(), desktop.eye());
        sink.record(&Record::Started {
            instruction: String::new(),
            models: "a client's".to_owned(),
            desktop: String::new(),
            limits: Default::default(),
            policy: policy.clone(),
            home: home.clone(),
            origins: Default::default(),
        })?;
        let guard = Guard::of_any_program(&home, policy);
        let (numbering, begun) = (Numbering::default(), Instant::now());
        Ok(Self {
            desktop,
            eye,
            grounder,
            guard,
            numbering,
            sight: Sight::new(viewer),
            sink,
            home,
            begun,
            step: 0,
            seen: None,
        })
    }

    /// One call, to its end. What goes wrong with it is in the answer.
    ///
    /// # Errors
    /// Where the session cannot go on: its desktop is gone, or its record cannot be kept.
    pub async fn call(&mut self, tool: &Tool) -> Result<Answer, Failing> {
        let begun = Instant::now();
        let answer = match tool {
            Tool::Look(look) => self.see(look).await?,
            Tool::Wait(wait) => self.wait(wait).await?,
            Tool::Shell(shell) => self.shell(shell).await?,
            Tool::ReadFile(read) => self.read_file(&read.path).await?,
            Tool::WriteFile(write) => self.write_file(&write.path, &write.text).await?,
            acting => match self.action(acting).await? {
                Ok(action) => self.act(&action).await?,
                Err(reason) => Answer::refused(reason),
            },
        };
        // Arguments stand in the records of what was done with them, secrets covered.
        let call = ToolCall { tool: tool.name().to_owned(), arguments: Map::new() };
        let turn = Turn::new(call, !answer.refused, answer.first_line());
        self.record(&Record::Called { turn, took: begun.elapsed() })?;
        Ok(answer)
    }

    /// Lets go of everything, and closes the record.
    pub async fn end(mut self) -> Result<S, Failing> {
        let end = match self.desktop.release_all().await {
            Ok(()) => End::Done,
            Err(error) => End::Error { what: chain(&error) },
        };
        let took = self.begun.elapsed();
        self.record(&Record::Ended { end, steps: self.step, took })?;
        Ok(self.sink)
    }

    async fn see(&mut self, asked: &Look) -> Result<Answer, Failing> {
        self.seen = None;
        let seen = self.look().await?;
        let frame = seen.observation.frame.clone();
        let mut answer = Answer::said(cut(&outline(&seen.elements)));
        if asked.picture {
            match picture(&frame, asked.region.map(Into::into)) {
                Ok(png) => answer.picture = Some(png),
                Err(reason) => return Ok(Answer::refused(reason)),
            }
        }
        Ok(answer)
    }

    /// The last look, or a new one.
    async fn look(&mut self) -> Result<&Seen, Failing> {
        if self.seen.is_none() {
            let begun = Instant::now();
            let observation = self.desktop.observe().await?;
            self.record(&Record::Observed {
                step: self.step,
                frame: observation.frame.clone(),
                tree: observation.tree.clone(),
                observe: begun.elapsed(),
                settle: observation.settle,
            })?;
            let numbers = self.numbering.number(&observation.tree);
            let mut elements = elements(&observation.tree, &numbers);
            let found = self.sight.see(&observation).map_err(|source| Failing::Model { source })?;
            if let Some((scene, see)) = found.viewed {
                self.record(&Record::Viewed { scene, see })?;
            }
            elements.extend(found.elements);
            self.seen = Some(Seen { observation, numbers, elements });
        }
        Ok(self.seen.as_ref().expect("it was looked right above"))
    }

    /// What is to be done, with its target found.
    async fn action(&mut self, tool: &Tool) -> Result<Result<Action, String>, Failing> {
        let at = match tool.target() {
            Some(target) => match self.find(target).await? {
                Ok(at) => Some(at),
                Err(reason) => return Ok(Err(reason)),
            },
            None => None,
        };
        Ok(tool.action(at).ok_or_else(|| "this acts on nothing".to_owned()))
    }

    async fn act(&mut self, action: &Action) -> Result<Answer, Failing> {
        self.look().await?;
        if matches!(action, Action::Type { .. } | Action::Key { .. }) {
            self.await_keyboard().await?;
        }
        let seen = self.seen.take().expect("it was looked right above");
        let tree = &seen.observation.tree;
        let told = secrets::told(action, tree);
        self.step += 1;
        let step = self.step;
        let denied = match self.guard.check(action, tree) {
            Verdict::Allow => None,
            Verdict::Ask { reason } => Some(format!("{reason}, and nobody is there to ask")),
            Verdict::Deny { reason } => Some(reason),
        };
        if let Some(reason) = denied {
            self.record(&Record::Denied { step, action: told, reason: reason.clone() })?;
            self.seen = Some(seen);
            return Ok(Answer::refused(reason));
        }
        let begun = Instant::now();
        match self.desktop.perform(action).await {
            Ok(_) => {}
            Err(error) if error.is_of_the_call() => {
                self.desktop.release_all().await?;
                return Ok(Answer::refused(chain(&error)));
            }
            Err(error) => return Err(error.into()),
        }
        let (expects, act) = (String::new(), begun.elapsed());
        self.record(&Record::Acted { step, action: told, expects, act })?;
        let unseen = match action {
            Action::Launch { .. } => Effect::unverifiable("nothing of it shows yet; wait for it"),
            _ => Effect::nothing_happened("neither the tree nor a pixel changed"),
        };
        self.came_of(seen, unseen).await
    }

    /// A window that has just appeared gets the keyboard a moment later; what is typed before is
    /// typed nowhere. Where no window wants it, keys are the window manager's.
    async fn await_keyboard(&mut self) -> Result<(), Failing> {
        let begun = Instant::now();
        loop {
            let seen = self.look().await?;
            let has_front = View::new(&seen.observation.tree).front().is_some();
            if has_front || begun.elapsed() >= KEYBOARD_LIMIT {
                return Ok(());
            }
            let frame = seen.observation.frame.clone();
            self.desktop.changed(&frame, LOOK_AGAIN).await?;
            self.seen = None;
        }
    }

    /// What became of an action: differences in the tree, else in the pixels.
    /// `unseen` is for where neither did.
    async fn came_of(&mut self, before: Seen, unseen: Effect) -> Result<Answer, Failing> {
        let begun = Instant::now();
        self.desktop.changed(&before.observation.frame, CHANGE_LIMIT).await?;
        let after = self.look().await?;
        let (then, now) =
            ((&before.observation, &before.numbers), (&after.observation, &after.numbers));
        let came = Consequence::between(then, now, unseen);
        let step = self.step;
        self.record(&Record::Verified {
            step,
            effect: came.effect.clone(),
            took: begun.elapsed(),
        })?;
        Ok(Answer::acted(came))
    }

    async fn wait(&mut self, wait: &Wait) -> Result<Answer, Failing> {
        let limit = Duration::from_secs(wait.seconds.into()).min(WAIT_LIMIT);
        let begun = Instant::now();
        let Some(text) = &wait.text else {
            tokio::time::sleep(limit).await;
            self.seen = None;
            return Ok(Answer::said(format!("{} s have passed", limit.as_secs())));
        };
        loop {
            self.seen = None;
            let tree = self.look().await?.observation.tree.clone();
            let found = tree
                .nodes()
                .find(|(id, _)| tree.name(*id).contains(text) || tree.text(*id).contains(text));
            if found.is_some() {
                let took = begun.elapsed().as_secs_f64();
                return Ok(Answer::said(format!("it can be seen, after {took:.1} s")));
            }
            if begun.elapsed() >= limit {
                return Ok(Answer::refused(format!("not seen within {} s", limit.as_secs())));
            }
            let frame = self.look().await?.observation.frame.clone();
            self.desktop.changed(&frame, LOOK_AGAIN.min(limit)).await?;
        }
    }

    async fn shell(&mut self, shell: &Shell) -> Result<Answer, Failing> {
        if let Some(reason) = self.forbidden(VerbKind::Shell, EffectClass::Irreversible, "") {
            return Ok(Answer::refused(reason));
        }
        let command = Command {
            program: "sh".to_owned(),
            args: vec!["-c".to_owned(), shell.command.clone()],
            limit: Duration::from_secs(shell.seconds.into()).min(SHELL_LIMIT),
        };
        self.seen = None;
        match self.desktop.run(&command).await {
            Ok(output) => {
                let text = [output.stdout, output.stderr].concat();
                let text = cut(&String::from_utf8_lossy(&text));
                let status = output.status.map_or("a signal".to_owned(), |it| it.to_string());
                let mut answer = Answer::said(format!("{text}\n[ended with {status}]"));
                answer.refused = output.status != Some(0);
                Ok(answer)
            }
            Err(error) if error.is_of_the_call() => Ok(Answer::refused(chain(&error))),
            Err(error) => Err(error.into()),
        }
    }

    async fn read_file(&mut self, path: &str) -> Result<Answer, Failing> {
        let path = self.absolute(path);
        if let Some(reason) = self.forbidden(VerbKind::ReadFile, EffectClass::Observe, &path) {
            return Ok(Answer::refused(reason));
        }
        match self.desktop.read_file(&path).await {
            Ok(Some(bytes)) => Ok(Answer::said(cut(&String::from_utf8_lossy(&bytes)))),
            Ok(None) => Ok(Answer::refused(format!("there is no file {path}"))),
            Err(error) if error.is_of_the_call() => Ok(Answer::refused(chain(&error))),
            Err(error) => Err(error.into()),
        }
    }

    async fn write_file(&mut self, path: &str, text: &str) -> Result<Answer, Failing> {
        let path = self.absolute(path);
        if let Some(reason) = self.forbidden(VerbKind::WriteFile, EffectClass::Reversible, &path) {
            return Ok(Answer::refused(reason));
        }
        self.seen = None;
        match self.desktop.write_file(&path, text.as_bytes()).await {
            Ok(()) => Ok(Answer::said(format!("{path} has {} bytes now", text.len()))),
            Err(error) if error.is_of_the_call() => Ok(Answer::refused(chain(&error))),
            Err(error) => Err(error.into()),
        }
    }

    fn absolute(&self, path: &str) -> String {
        match path.starts_with('/') {
            true => path.to_owned(),
            false => format!("{}/{path}", self.home),
        }
    }

    /// Why the policy does not let this be done.
    fn forbidden(&self, verb: VerbKind, effect: EffectClass, path: &str) -> Option<String> {
        match self.guard.check_deed(verb, effect, path) {
            Verdict::Allow => None,
            Verdict::Ask { reason } => Some(format!("{reason}, and nobody is there to ask")),
            Verdict::Deny { reason } => Some(reason),
        }
    }

    fn record(&mut self, record: &Record) -> Result<(), Failing> {
        self.sink.record(record).map_err(|source| Failing::Record { source })
    }
}
