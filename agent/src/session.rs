//! A desktop in the hands of somebody else's model: one tool call at a time, guarded, verified and
//! recorded like the moves of a run.
//!
//! ```text
//!   Tool ──▶ target found ──▶ Guard ──▶ Desktop::perform ──▶ looked again ──▶ Answer
//!                │              │ ask ▲      │                   │
//!                │              ▼     │      │                   │
//!                │        the caller, or whoever watches         │
//!                └──────────────┴── Record ──┴───────────────────┘
//! ```
//!
//! An answer says what changed, by the tree and by the pixels, never what the toolkit promised. A
//! person who watches can let it stand still, take it over and give it back, between two calls and
//! while none comes ([`Session::idle`]).

mod act;
mod answer;
mod approve;
mod deeds;
mod place;
mod wait;

use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deskbound_accessibility::{Numbering, Numbers, ScreenPx};
use deskbound_models::{Grounder, Prompt, ToolCall, Turn, Viewer};
use image::RgbImage;
use serde_json::{Map, json};

pub(crate) use answer::picture;
pub use answer::{Answer, Failing};
use answer::{cut, listed};
pub use approve::{Approver, Asking, Caller};

use crate::causes::chain;
use crate::control::{Inbox, Phase, Want};
use crate::desktop::{Desktop, Observation};
use crate::elements::{Element, elements, outline};
use crate::eye::Eye;
use crate::guard::Guard;
use crate::limits::Limits;
use crate::person::{Broken, How, LetGo, Person};
use crate::policy::Policy;
use crate::record::{End, Record, StepSink};
use crate::serve::dialect::Edits;
use crate::sight::Sight;
use crate::tool::{Clipboard, Look, Tool};

/// Calls of one session; a client that needs more begins another.
const STEPS: u32 = 100_000;
/// Time of one session.
const TIME: Duration = Duration::from_secs(24 * 60 * 60);

pub struct Session<D, S> {
    desktop: D,
    /// For a second glance that costs no tree.
    eye: Eye,
    grounder: Box<dyn Grounder>,
    guard: Guard,
    numbering: Numbering,
    sight: Sight,
    inbox: Inbox,
    sink: S,
    home: String,
    limits: Limits,
    begun: Instant,
    /// How long persons made it stand still or had it in their hands.
    stood: Duration,
    step: u32,
    /// Questions to a person so far.
    asked: u32,
    calls: usize,
    /// Where it was put last; nobody has moved it before.
    pointer: Option<ScreenPx>,
    /// What a person said, for the client's model to read with its next answer.
    said: Vec<String>,
    /// What a client's editor can undo.
    edits: Edits,
    /// Nobody else's.
    id: u64,
    seen: Option<Seen>,
}

/// What a session is made with, beside its desktop and its record.
pub struct Setup {
    pub grounder: Box<dyn Grounder>,
    pub viewer: Option<Box<dyn Viewer>>,
    pub policy: Policy,
    pub limits: Limits,
    /// Which desktop this is, such as `vm:minimal`; for the record.
    pub desktop: String,
}

impl Setup {
    /// With the limits that a session usually has.
    pub fn new(grounder: Box<dyn Grounder>, policy: Policy) -> Self {
        let limits = Limits { steps: STEPS, time: TIME, ..Limits::default() };
        Self { grounder, viewer: None, policy, limits, desktop: String::new() }
    }
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
    pub fn begin(desktop: D, setup: Setup, inbox: Inbox, mut sink: S) -> io::Result<Self> {
        let (home, eye) = (desktop.home(), desktop.eye());
        sink.record(&Record::Started {
            instruction: String::new(),
            models: "a client's".to_owned(),
            desktop: setup.desktop,
            limits: setup.limits,
            policy: setup.policy.clone(),
            home: home.clone(),
            origins: Default::default(),
        })?;
        Ok(Self {
            desktop,
            eye,
            grounder: setup.grounder,
            guard: Guard::of_any_program(&home, setup.policy),
            numbering: Numbering::default(),
            sight: Sight::new(setup.viewer),
            inbox,
            sink,
            home,
            limits: setup.limits,
            begun: Instant::now(),
            stood: Duration::ZERO,
            step: 0,
            asked: 0,
            calls: 0,
            pointer: None,
            said: Vec::new(),
            edits: Edits::default(),
            id: RandomState::new().hash_one(std::process::id()),
            seen: None,
        })
    }

    /// One call, to its end. What goes wrong with it is in the answer.
    ///
    /// # Errors
    /// Where the session cannot go on: its desktop is gone, its record cannot be kept, or somebody
    /// wants it to end.
    pub async fn call(&mut self, tool: &Tool, caller: &Caller<'_>) -> Result<Answer, Failing> {
        self.steer().await?;
        self.inbox.enter(Phase::Observing);
        let begun = Instant::now();
        let mut answer = match self.over() {
            Some(which) => Answer::refused(which.to_owned()),
            None => self.answer(tool, caller).await?,
        };
        self.called(tool.name(), &answer, begun.elapsed())?;
        for text in std::mem::take(&mut self.said) {
            answer.text.push_str(&format!("\nThe person at this desktop says: {text}"));
        }
        Ok(answer)
    }

    async fn answer(&mut self, tool: &Tool, caller: &Caller<'_>) -> Result<Answer, Failing> {
        match tool {
            Tool::Look(look) => self.see(look).await,
            Tool::Wait(wait) => self.wait(wait, caller).await,
            Tool::Shell(shell) => self.shell(shell, caller).await,
            Tool::ReadFile(read) => self.read_file(&read.path, caller).await,
            Tool::WriteFile(write) => self.write_file(&write.path, &write.text, caller).await,
            Tool::Windows(_) => self.windows().await,
            Tool::Find(find) => self.find_all(&find.selector).await,
            Tool::Clipboard(Clipboard { text: None }) => self.read_clipboard(caller).await,
            Tool::EditFile(edit) => self.edit_file(edit, caller).await,
            Tool::Status(_) | Tool::Pause(_) | Tool::Resume(_) => {
                Ok(Answer::refused("there is nobody to say it to".to_owned()))
            }
            acting => match self.action(acting, caller).await? {
                Ok(action) => self.act(&action, caller).await,
                Err(reason) => Ok(Answer::refused(reason)),
            },
        }
    }

    /// Waits while no call comes; a person is heard meanwhile. Can be dropped at any time, but for
    /// a person who is at it: then it is asked again.
    pub async fn idle(&mut self) {
        while matches!(self.inbox.want(), Want::GoOn | Want::OneStep) {
            self.inbox.enter(Phase::Thinking);
            self.inbox.heard().await;
        }
    }

    /// Does what a person wants until they let go; says how long they had it.
    ///
    /// # Errors
    /// Where the desktop is gone, the record cannot be kept, or they want it to end.
    pub async fn steer(&mut self) -> Result<Duration, Failing> {
        let mut had = Duration::ZERO;
        loop {
            let want = self.inbox.want();
            let texts = self.inbox.prompts();
            listen((&mut self.said, self.calls), texts, &mut self.sink)
                .map_err(|source| Failing::Record { source })?;
            let (said, after) = (&mut self.said, self.calls);
            let mut person =
                Person { desktop: &mut self.desktop, inbox: &mut self.inbox, sink: &mut self.sink };
            let let_go = match want {
                Want::GoOn | Want::OneStep => return Ok(had),
                Want::StandStill => {
                    let mut each = |texts: Vec<String>, sink: &mut dyn StepSink| {
                        listen((&mut *said, after), texts, sink)
                    };
                    person.stand_still(&mut each).await
                }
                Want::Hands => person.hand_over().await,
            };
            let LetGo { after, how } = let_go.map_err(|broken| match broken {
                Broken::Desktop(source) => Failing::Desktop { source },
                Broken::Record(source) => Failing::Record { source },
            })?;
            had += after;
            self.stood += after;
            match how {
                How::AsItWas => {}
                How::Changed => (self.seen, self.pointer) = (None, None),
                How::Stopped => return Err(Failing::Stopped),
            }
        }
    }

    /// Lets go of everything, and closes the record.
    pub async fn end(mut self) -> Result<S, Failing> {
        self.inbox.enter(Phase::Over);
        let end = match self.desktop.release_all().await {
            Ok(()) => End::Done,
            Err(error) => End::Error { what: chain(&error) },
        };
        let took = self.begun.elapsed();
        self.record(&Record::Ended { end, steps: self.step, took })?;
        Ok(self.sink)
    }

    /// Whether somebody wants all of it to end.
    pub fn is_stopped(&self) -> bool {
        self.inbox.stop().is_asked()
    }

    /// Where the pointer was put last.
    pub(crate) fn pointer(&self) -> Option<ScreenPx> {
        self.pointer
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn edits(&mut self) -> &mut Edits {
        &mut self.edits
    }

    /// The screen as it was seen last, else as it is.
    pub(crate) async fn view(&mut self) -> Result<Arc<RgbImage>, Failing> {
        match &self.seen {
            Some(seen) => Ok(seen.observation.frame.clone()),
            None => self.frame().await,
        }
    }

    pub(crate) fn forget_view(&mut self) {
        self.seen = None;
    }

    pub(crate) async fn release_all(&mut self) -> Result<(), Failing> {
        Ok(self.desktop.release_all().await?)
    }

    /// Arguments stand in the records of what was done with them, secrets covered.
    pub(crate) fn called(
        &mut self,
        tool: &str,
        answer: &Answer,
        took: Duration,
    ) -> Result<(), Failing> {
        let call = ToolCall { tool: tool.to_owned(), arguments: Map::new() };
        let turn = Turn::new(call, !answer.refused, answer.first_line());
        self.calls += 1;
        self.inbox.stepped();
        self.record(&Record::Called { turn, took })
    }

    /// The screen as it is at this moment, which costs no tree.
    pub(crate) async fn frame(&mut self) -> Result<Arc<RgbImage>, Failing> {
        match self.eye.frame().await? {
            Some(frame) => Ok(frame),
            None => Ok(self.look().await?.observation.frame.clone()),
        }
    }

    fn over(&self) -> Option<&'static str> {
        if self.step >= self.limits.steps {
            return Some("this session has no actions left");
        }
        let time = self.begun.elapsed().saturating_sub(self.stood);
        (time >= self.limits.time).then_some("this session has no time left")
    }

    async fn see(&mut self, asked: &Look) -> Result<Answer, Failing> {
        self.seen = None;
        let seen = self.look().await?;
        let frame = seen.observation.frame.clone();
        let mut answer = Answer::said(cut(&outline(&seen.elements)));
        let (width, height) = frame.dimensions();
        let screen = json!({ "width": width, "height": height });
        answer.structured = Some(json!({ "screen": screen, "elements": listed(&seen.elements) }));
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

    fn record(&mut self, record: &Record) -> Result<(), Failing> {
        self.sink.record(record).map_err(|source| Failing::Record { source })
    }
}

/// What a person says is recorded, and kept for the client.
fn listen(
    (said, after): (&mut Vec<String>, usize),
    texts: Vec<String>,
    sink: &mut dyn StepSink,
) -> io::Result<()> {
    texts.into_iter().try_for_each(|text| {
        let prompt = Prompt { after, text: text.clone() };
        sink.record(&Record::Prompted { prompt })?;
        said.push(text);
        Ok(())
    })
}
