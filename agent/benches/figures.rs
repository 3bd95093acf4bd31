//! The figures `agent.*`, on a private X desktop and on a virtual machine.
//!
//! `cargo bench -p deskbound-agent`, and `-- --json` for one object a line.

#[path = "figures/timed.rs"]
mod timed;

use std::io;
use std::time::{Duration, Instant};

use deskbound_accessibility::BusAddress;
use deskbound_agent::control::{Control, Inbox, control};
use deskbound_agent::desktop::Desktop;
use deskbound_agent::journal::Journal;
use deskbound_agent::policy::{Policy, Surface};
use deskbound_agent::record::{End, Record, StepSink};
use deskbound_agent::run::{Request, Roles, run};
use deskbound_agent::serve::{About, Manner, host, serve};
use deskbound_agent::session::{Caller, Session, Setup};
use deskbound_agent::stop::Stop;
use deskbound_agent::tool::Tool;
use deskbound_agent::vm::VmDesktop;
use deskbound_agent::x11::{Programs, X11Desktop, X11Session};
use deskbound_figures::{Aim, Figure, Figures, ROUNDS};
use deskbound_models::{
    Actor, Context, Decision, GroundRequest, Grounder, Grounding, Hands, ModelError, Move, ToolCall,
};
use deskbound_testbed::Testbed;
use serde_json::{Map, Value, json};
use timed::{Timed, Waited};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::runtime::Runtime;

/// Steps of one round; one step is a key in an editor.
const STEPS: u32 = 12;
/// Runs of a round that are stopped in the middle: of a hundred, one may take longer.
const STOPS: usize = 100;
const STOP_ROUNDS: usize = 3;
/// Up to when, after its beginning.
const MOMENTS_MS: u64 = 601;
const EDITOR_LIMIT: Duration = Duration::from_secs(60);
/// Calls of one round through the protocol.
const CALLS: usize = 200;
/// Calls of one round that are recorded on a disk: for some seconds.
const SUSTAINED: usize = 1000;
const PIPE_BYTES: usize = 64 << 10;

/// Opens an editor, and then presses one key after the other, without a thought.
struct Typist;

impl Actor for Typist {
    fn decide(&mut self, context: &Context<'_>) -> Result<Decision, ModelError> {
        let call = |tool: &str, name: &str, value: Value| ToolCall {
            tool: tool.to_owned(),
            arguments: Map::from_iter([(name.to_owned(), value)]),
        };
        let call = match context.history.len() {
            0 => call("launch", "application", "mousepad".into()),
            1 => call("wait", "text", "Untitled".into()),
            turn => call("type", "text", ["a", "b", "c"][turn % 3].into()),
        };
        Ok(Decision { said: Some(String::new()), ..Decision::new(Move::Call(call), 1.0, "") })
    }

    fn hands(&self) -> Hands {
        Hands::Verbs
    }
}

impl Grounder for Typist {
    fn ground(&mut self, _: &GroundRequest<'_>) -> Result<Grounding, ModelError> {
        Ok(Grounding::NotHere { best: 0.0 })
    }
}

/// Writes one line after the other, for ever.
struct Writer;

impl Actor for Writer {
    fn decide(&mut self, context: &Context<'_>) -> Result<Decision, ModelError> {
        let line = format!("line {} – ‘über’ 4 < 5\n", context.history.len());
        let arguments = Map::from_iter([("text".to_owned(), line.into())]);
        let call = ToolCall { tool: "type".to_owned(), arguments };
        Ok(Decision { said: Some(String::new()), ..Decision::new(Move::Call(call), 1.0, "") })
    }

    fn hands(&self) -> Hands {
        Hands::Verbs
    }
}

fn writer() -> Roles {
    Roles { actor: Box::new(Writer), ..typist() }
}

fn typist() -> Roles {
    Roles { actor: Box::new(Typist), grounder: Box::new(Typist), viewer: None }
}

/// What the steps behind the editor's start cost, beside what the desktop took.
#[derive(Default)]
struct Cost {
    /// Since the last call ended; none before the editor stands.
    since: Option<Instant>,
    own: Duration,
    steps: u32,
    /// Shared with the desktop, which knows what it waited for.
    waited: Waited,
}

impl StepSink for Cost {
    fn record(&mut self, record: &Record) -> io::Result<()> {
        let Record::Called { turn, .. } = record else { return Ok(()) };
        let waited = self.waited.take();
        if let Some(since) = self.since {
            self.own += since.elapsed().saturating_sub(waited);
            self.steps += 1;
        }
        if self.since.is_some() || turn.call.tool == "wait" {
            self.since = Some(Instant::now());
        }
        Ok(())
    }
}

fn request() -> Request {
    let mut request = Request::new("type");
    request.limits.steps = STEPS + 2;
    request
}

/// All of a step but what the desktop waited for: the thing acted on to answer, and then to stand
/// still.
async fn overhead(desktop: impl Desktop) -> f64 {
    let waited = Waited::default();
    let mut cost = Cost { waited: waited.clone(), ..Cost::default() };
    let mut desktop = Timed { desktop, waited };
    let mut inbox = Inbox::unattended(Stop::default());
    run(&mut desktop, &mut typist(), &request(), &mut inbox, &mut cost).await;
    assert!(cost.steps >= STEPS / 2, "only {} steps were made", cost.steps);
    cost.own.as_secs_f64() * 1e3 / f64::from(cost.steps)
}

async fn native(bed: &Testbed) -> X11Desktop {
    let session = X11Session {
        display: bed.display().to_owned(),
        bus: BusAddress::Accessibility(bed.a11y_bus_address().to_owned()),
        home: bed.home().to_str().expect("its path is text").to_owned(),
        programs: Programs::Ours { env: bed.env() },
    };
    X11Desktop::connect(session).await.expect("the desktop answers")
}

fn on_x11(figures: &mut Figures, runtime: &Runtime) {
    let figure = Figure { id: "agent.overhead_x11_ms", unit: "ms", aim: Aim::AtMost(60.0) };
    figures.absolute(figure, ROUNDS, || {
        let bed = Testbed::start().expect("a private desktop starts");
        runtime.block_on(async { overhead(native(&bed).await).await })
    });
}

fn on_a_vm(figures: &mut Figures, runtime: &Runtime) {
    let figure = Figure { id: "agent.overhead_vm_ms", unit: "ms", aim: Aim::AtMost(400.0) };
    if let Err(error) = runtime.block_on(VmDesktop::start("minimal")) {
        figures.missing(figure, error);
        return;
    }
    figures.absolute(figure, ROUNDS, || {
        runtime.block_on(async {
            let desktop = VmDesktop::start("minimal").await.expect("it started before");
            overhead(desktop).await
        })
    });
}

/// From asking to the end of the run, after which there is no input: more than what is aimed at.
/// It is asked at any moment of looking, typing and waiting.
fn stops(figures: &mut Figures, runtime: &Runtime) {
    let bed = Testbed::start().expect("a private desktop starts");
    let _editor = bed.launch("mousepad", &[]).expect("it starts");
    let mut desktop = runtime.block_on(native(&bed));
    runtime.block_on(async {
        let begun = Instant::now();
        while desktop.observe().await.expect("it can be looked at").titles().is_empty() {
            assert!(begun.elapsed() < EDITOR_LIMIT, "the editor does not come");
        }
    });
    let figure = Figure { id: "agent.stop_ms", unit: "ms", aim: Aim::AtMost(200.0) };
    let mut moment = 0;
    let mut one = || {
        // Spread over what a step takes, and never the same row twice.
        moment = (moment + 137) % MOMENTS_MS;
        let (control, mut inbox) = control();
        let stop = control.stop().clone();
        let asking = runtime.spawn(async move {
            tokio::time::sleep(Duration::from_millis(moment)).await;
            stop.ask();
            Instant::now()
        });
        let (mut models, mut sink, request) = (writer(), Quiet, Request::new("write"));
        let running = run(&mut desktop, &mut models, &request, &mut inbox, &mut sink);
        let end = runtime.block_on(running);
        let ended = Instant::now();
        assert_eq!(end, End::Stopped);
        let asked = runtime.block_on(asking).expect("it asks");
        ended.saturating_duration_since(asked).as_secs_f64() * 1e3
    };
    figures.absolute(figure, STOP_ROUNDS, || {
        let mut took: Vec<f64> = (0..STOPS).map(|_| one()).collect();
        took.sort_by(f64::total_cmp);
        took[(STOPS * 99).div_ceil(100) - 1]
    });
}

fn session<D: Desktop, S: StepSink>(desktop: D, sink: S) -> (Session<D, S>, Control) {
    let setup = Setup::new(Box::new(Typist), Policy::of(Surface::Disposable));
    let (control, inbox) = control();
    (Session::begin(desktop, setup, inbox, sink).expect("it can be recorded"), control)
}

/// The same call with the protocol around it, and without.
fn mcp(figures: &mut Figures, runtime: &Runtime) {
    let figure = Figure { id: "agent.mcp_ms", unit: "ms", aim: Aim::AtMost(3.0) };
    let bed = Testbed::start().expect("a private desktop starts");
    std::fs::write(bed.home().join("a.txt"), "a").expect("a home folder can be written");
    let arguments = json!({ "path": "a.txt" });
    figures.absolute(figure, ROUNDS, || {
        let (mut bare, _) = session(runtime.block_on(native(&bed)), Quiet);
        let given = arguments.as_object().cloned().expect("an object");
        let tool = Tool::read("read_file", given).expect("a tool");
        let cancelled = Stop::default();
        let caller = Caller { approver: None, cancelled: &cancelled };
        let begun = Instant::now();
        for _ in 0..CALLS {
            runtime.block_on(bare.call(&tool, &caller)).expect("it answers");
        }
        let without = begun.elapsed();
        let desktop = runtime.block_on(native(&bed));
        let with = runtime.block_on(called(desktop, Quiet, &arguments, CALLS));
        (with.saturating_sub(without)).as_secs_f64() * 1e3 / CALLS as f64
    });
    let figure = Figure { id: "agent.mcp_calls_per_s", unit: "1/s", aim: Aim::AtLeast(200.0) };
    let folder = tempfile::tempdir().expect("a folder");
    figures.absolute(figure, ROUNDS, || {
        let desktop = runtime.block_on(native(&bed));
        let journal = Journal::create(folder.path()).expect("a record");
        let took = runtime.block_on(called(desktop, journal, &arguments, SUSTAINED));
        SUSTAINED as f64 / took.as_secs_f64()
    });
}

/// From nothing but a template to a client that is welcome.
fn begins(figures: &mut Figures, runtime: &Runtime) {
    let figure = Figure { id: "agent.session_ms", unit: "ms", aim: Aim::AtMost(600.0) };
    if let Err(error) = runtime.block_on(VmDesktop::start("minimal")) {
        figures.missing(figure, error);
        return;
    }
    figures.absolute(figure, ROUNDS, || {
        let begun = Instant::now();
        let desktop = runtime.block_on(VmDesktop::start("minimal")).expect("it started before");
        runtime.block_on(called(desktop, Quiet, &json!({}), 0));
        begun.elapsed().as_secs_f64() * 1e3
    });
}

struct Quiet;

impl StepSink for Quiet {
    fn record(&mut self, _: &Record) -> io::Result<()> {
        Ok(())
    }
}

/// How long so many calls take a client, one after the other.
async fn called<D: Desktop + 'static, S: StepSink + 'static>(
    desktop: D,
    sink: S,
    arguments: &Value,
    calls: usize,
) -> Duration {
    let (session, control) = session(desktop, sink);
    let (handle, host) = host(session, control, None, About::default());
    let kept = tokio::spawn(host.keep());
    let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
    let (input, output) = tokio::io::split(theirs);
    let manner = Manner::default();
    let client = async {
        let (reader, mut writer) = tokio::io::split(ours);
        let mut reader = BufReader::new(reader);
        let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "bench", "version": "1" } });
        let mut ask = async |id: usize, method: &str, params: &Value| {
            let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
            writer.write_all(format!("{message}\n").as_bytes()).await.expect("it is taken");
            if id == 0 {
                let begun = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
                writer.write_all(format!("{begun}\n").as_bytes()).await.expect("it is taken");
            }
            let mut line = String::new();
            reader.read_line(&mut line).await.expect("it answers");
            assert!(line.contains("\"result\"") && !line.contains("\"isError\":true"), "{line}");
        };
        ask(0, "initialize", &hello).await;
        let call = json!({ "name": "read_file", "arguments": arguments });
        let begun = Instant::now();
        for id in 1..=calls {
            ask(id, "tools/call", &call).await;
        }
        begun.elapsed()
    };
    let (served, took) = tokio::join!(serve(&handle, &manner, input, output), client);
    served.expect("it is served to its end");
    handle.end();
    kept.await.expect("it ends").expect("in order");
    took
}

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    let runtime = Runtime::new().expect("a runtime");
    let mut figures = Figures::from_args();
    on_x11(&mut figures, &runtime);
    stops(&mut figures, &runtime);
    mcp(&mut figures, &runtime);
    begins(&mut figures, &runtime);
    on_a_vm(&mut figures, &runtime);
}
