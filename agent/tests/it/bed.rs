//! A desktop, a script in place of the models, and what a run recorded.

use std::path::PathBuf;
use std::time::Duration;

use deskbound_accessibility::BusAddress;
use deskbound_agent::control::{Control, Inbox, control};
use deskbound_agent::record::{End, Record, StepSink};
use deskbound_agent::run::{Request, Roles, run};
use deskbound_agent::stop::Stop;
use deskbound_agent::x11::{Programs, X11Desktop, X11Session};
use deskbound_models::{
    Actor, Context, Decision, GroundRequest, Grounder, Grounding, ModelError, Move, ToolCall,
};
use deskbound_testbed::Testbed;

/// One tool and its arguments.
pub(crate) type Call<'a> = (&'a str, &'a [(&'a str, &'a str)]);

pub(crate) struct Bed {
    bed: Testbed,
    pub(crate) desktop: X11Desktop,
}

/// Calls one after the other; refuses after a call that failed.
struct Script(Vec<ToolCall>);

impl Actor for Script {
    fn decide(&mut self, context: &Context<'_>) -> Result<Decision, ModelError> {
        let failed = context.history.last().is_some_and(|turn| !turn.succeeded);
        let next = match self.0.get(context.history.len()) {
            _ if failed => Move::Refuse { reason: "the last call failed".to_owned() },
            Some(call) => Move::Call(call.clone()),
            None => Move::Done,
        };
        Ok(Decision::new(next, 1.0, ""))
    }
}

/// A candidate fits when all words of its name, the ending aside, are in the phrase.
struct Words;

impl Grounder for Words {
    fn ground(&mut self, request: &GroundRequest<'_>) -> Result<Grounding, ModelError> {
        let phrase = request.phrase.to_lowercase();
        let fits = |name: &str| {
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_lowercase();
            stem.split(['-', '_', ' ']).all(|word| phrase.contains(word))
        };
        let index = request.candidates.iter().position(|candidate| fits(&candidate.name));
        Ok(match index {
            Some(index) => Grounding::Candidate { index, probability: 0.9 },
            None => Grounding::NotHere { best: 0.1 },
        })
    }
}

/// Keeps the records in memory, in words.
#[derive(Default)]
pub(crate) struct Kept(pub(crate) Vec<Record>);

impl StepSink for Kept {
    fn record(&mut self, record: &Record) -> std::io::Result<()> {
        match record {
            Record::Acted { step, action, expects, act } => {
                println!("{step:>3} {action} → {expects} ({act:.0?})");
            }
            Record::Observed { observe, settle, .. } => {
                println!("    seen in {observe:.0?}, still after {settle:.0?}");
            }
            Record::Started { .. } | Record::Decided { .. } => {}
            other => println!("    {other:?}"),
        }
        self.0.push(record.clone());
        Ok(())
    }

    fn digest(&mut self, text: &str) -> std::io::Result<Option<String>> {
        Ok(Some(digested(text)))
    }
}

/// What these sinks take for a digest.
pub(crate) fn digested(text: &str) -> String {
    format!("{} bytes", text.len())
}

/// A person who answers to what is recorded, at the very moment.
pub(crate) struct Steered<F> {
    kept: Kept,
    control: Control,
    person: F,
}

impl<F: FnMut(&Record, &Control) + Send> StepSink for Steered<F> {
    fn record(&mut self, record: &Record) -> std::io::Result<()> {
        self.kept.record(record)?;
        (self.person)(record, &self.control);
        Ok(())
    }

    fn digest(&mut self, text: &str) -> std::io::Result<Option<String>> {
        self.kept.digest(text)
    }
}

/// What each call was answered.
pub(crate) fn answers(records: &[Record]) -> Vec<String> {
    let answer = |record: &Record| match record {
        Record::Called { turn, .. } => Some(turn.answer.clone()),
        _ => None,
    };
    records.iter().filter_map(answer).collect()
}

pub(crate) fn script(calls: &[Call<'_>]) -> Roles {
    let call = |(tool, arguments): &Call<'_>| ToolCall {
        tool: (*tool).to_owned(),
        arguments: arguments
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).into()))
            .collect(),
    };
    let actor = Box::new(Script(calls.iter().map(call).collect()));
    Roles { actor, grounder: Box::new(Words), viewer: None }
}

/// The folder of a desktop's user.
pub(crate) struct Home(Testbed);

impl Home {
    pub(crate) fn path(&self, name: &str) -> String {
        self.0.home().join(name).to_str().expect("its path is text").to_owned()
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.0.home().join(name)).ok()
    }
}

impl Bed {
    pub(crate) async fn start() -> Self {
        let bed = Testbed::start().expect("a private desktop starts");
        let desktop = X11Desktop::connect(X11Session {
            display: bed.display().to_owned(),
            bus: BusAddress::Accessibility(bed.a11y_bus_address().to_owned()),
            home: bed.home().to_str().expect("its path is text").to_owned(),
            programs: Programs::Ours { env: bed.env() },
        });
        Self { desktop: desktop.await.expect("the desktop answers"), bed }
    }

    /// The desktop apart from the machine that it runs on, which goes with the second.
    pub(crate) fn into_parts(self) -> (X11Desktop, Home) {
        (self.desktop, Home(self.bed))
    }

    pub(crate) fn display(&self) -> &str {
        self.bed.display()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.bed.home().join(name)
    }

    pub(crate) fn given(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a home folder can be written");
    }

    /// What a file says, without the last end of line.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = std::fs::read_to_string(self.path(name)).ok()?;
        Some(text.trim_end_matches('\n').to_owned())
    }

    pub(crate) async fn run(&mut self, calls: &[Call<'_>]) -> (End, Kept) {
        let mut request = Request::new("as the script says");
        request.limits.patience = Duration::from_secs(15);
        self.run_request(&request, calls).await
    }

    /// With a person who is told every record and has the run's control.
    pub(crate) async fn run_steered(
        &mut self,
        request: &Request,
        mut models: Roles,
        person: impl FnMut(&Record, &Control) + Send,
    ) -> (End, Vec<Record>) {
        let (control, mut inbox) = control();
        let _attendance = control.attend();
        let mut sink = Steered { kept: Kept::default(), control, person };
        let end = run(&mut self.desktop, &mut models, request, &mut inbox, &mut sink).await;
        (end, sink.kept.0)
    }

    pub(crate) async fn run_request(
        &mut self,
        request: &Request,
        calls: &[Call<'_>],
    ) -> (End, Kept) {
        let mut kept = Kept::default();
        let mut inbox = Inbox::unattended(Stop::default());
        let end = run(&mut self.desktop, &mut script(calls), request, &mut inbox, &mut kept).await;
        (end, kept)
    }
}
