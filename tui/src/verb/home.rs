//! The first screen: a confined process that looks around and says what was chosen.

use std::env;
use std::fs;
use std::path::PathBuf;

use clap::Args;
use deskbound_agent::journal::{Ending, Reader};
use deskbound_agent::record::Record;
use deskbound_models::profile::Profiles;
use deskbound_models::store::{Found, Store as Weights};
use deskbound_vm::{Recipe, Store, Template};
use serde::Deserialize as _;
use tokio::task::spawn_blocking;

use crate::dashboard::doorway::Doorway;
use crate::dashboard::home::{
    Choice, DesktopRow, Find, ModelKind, ModelRow, OWN, RunRow, RunState, Verdict,
};
use crate::dashboard::phase::Phase;
use crate::dashboard::stage::{self, Curtain};
use crate::dashboard::{Event, Face};
use crate::failure::{Exit, Failure};
use crate::signal;
use crate::verb::doctor::Findings;
use crate::verb::looks::Looks;
use crate::verb::models::size;
use crate::verb::{Setting, runs, watch};

/// Runs that are listed: the newest.
const RUNS_MAX: usize = 200;

#[derive(Args, Debug)]
pub(crate) struct Home {
    /// The file that the choice is written to; it stays away where nothing was chosen.
    choice: PathBuf,
    #[command(flatten)]
    looks: Looks,
}

impl Home {
    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        if let Some(choice) = chosen(setting, self.looks.face(setting)).await? {
            let choice = serde_json::to_vec(&choice).map_err(Failure::missing)?;
            fs::write(&self.choice, choice).map_err(Failure::missing)?;
        }
        Ok(Exit::Done)
    }
}

async fn chosen(setting: &Setting, face: Face) -> Result<Option<Choice>, Failure> {
    let curtain = Curtain::default();
    signal::draw(&curtain).map_err(Failure::missing)?;
    let (waiting, doorways) = std::sync::mpsc::channel();
    let shown = spawn_blocking(move || {
        stage::open_home(face, &curtain, |doorway| {
            let _ = waiting.send(doorway);
        })
    });
    let looking = async {
        if let Ok(Ok(doorway)) = spawn_blocking(move || doorways.recv()).await {
            look_around(setting, &doorway).await;
        }
        std::future::pending().await
    };
    // What has not been found out when something is chosen is not needed any more.
    let choice = tokio::select! {
        choice = shown => choice.map_err(|error| Failure::new(Exit::Bug, error))?,
        never = looking => never,
    };
    choice.map_err(Failure::missing)
}

/// Finds out what there is, one thing after the other; what is quick comes first.
async fn look_around(setting: &Setting, doorway: &Doorway) {
    let (runs, door) = (setting.folders.runs(), doorway.clone());
    let runtime = tokio::runtime::Handle::current();
    let listing = spawn_blocking(move || {
        let found = runs::all(&runs).unwrap_or_default();
        for folder in found.into_iter().rev().take(RUNS_MAX) {
            let mut row = summary(folder);
            if row.state == RunState::CutOff && runtime.block_on(watch::is_live(&row.folder)) {
                row.state = RunState::Live;
            }
            if !door.hand_in(Event::Found(Find::Run(row))) {
                return;
            }
        }
    });
    for row in desktops().await {
        doorway.hand_in(Event::Found(Find::Desktop(row)));
    }
    for row in models(setting) {
        doorway.hand_in(Event::Found(Find::Model(row)));
    }
    let findings = Findings::gather(setting).await;
    let verdict = Verdict { is_fit: findings.is_fit(), line: findings.line() };
    doorway.hand_in(Event::Found(Find::Verdict(verdict)));
    let _ = listing.await;
}

/// Recipes first, then the desktops that run.
async fn desktops() -> Vec<DesktopRow> {
    let Ok(store) = Store::open() else { return Vec::new() };
    let mut rows = Vec::new();
    for name in Recipe::names(&[]) {
        let found = match Recipe::named(&name) {
            Ok(recipe) => Template::find(&store, &recipe).await.ok().flatten(),
            Err(_) => None,
        };
        let state = if found.is_some() { "built" } else { "not built" };
        rows.push(DesktopRow { name, state, is_ready: found.is_some() });
    }
    if env::var_os("DISPLAY").is_some_and(|display| !display.is_empty()) {
        let (name, state) = (OWN.to_owned(), "this session: asks first");
        rows.push(DesktopRow { name, state, is_ready: false });
    }
    let running = store.running().unwrap_or_default();
    rows.extend(running.into_iter().map(|name| DesktopRow {
        name,
        state: "runs now",
        is_ready: false,
    }));
    rows
}

/// Models of open weights that are here and that some profile says how to ask.
fn models(setting: &Setting) -> Vec<ModelRow> {
    let (found, _) = Weights::of_user(&setting.folders.data).list();
    let profiles = Profiles::embedded();
    let asked =
        found.iter().filter(|found| profiles.of_model(found.name.as_str()).next().is_some());
    let row = |found: &Found| ModelRow {
        name: found.name.as_str().to_owned(),
        what: size(found.bytes()),
        kind: ModelKind::Open,
    };
    asked.map(row).collect()
}

fn summary(folder: PathBuf) -> RunRow {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (instruction, state, extent) = (String::new(), RunState::Broken, None);
    let blank = RunRow { folder, name, instruction, state, extent };
    read(blank.clone()).unwrap_or(blank)
}

/// What was asked for, and how it ended; `None` of what cannot be read or believed.
fn read(mut row: RunRow) -> Option<RunRow> {
    let mut reader = Reader::open(&row.folder).ok()?;
    row.state = RunState::CutOff;
    while let Some(entry) = reader.next_entry().ok()? {
        let Some(value) = entry.record else { continue };
        // Also of a record whose shape is from before this program.
        if value["record"] == "started" {
            row.instruction = value["instruction"].as_str().unwrap_or_default().to_owned();
        }
        if let Ok(Record::Ended { end, steps, took }) = Record::deserialize(&value) {
            row.state = RunState::Ended(Phase::of_end(&end));
            row.extent = Some((steps, took));
        }
    }
    let is_sound = matches!(reader.ending(), Ending::Closed | Ending::Open | Ending::Torn { .. });
    is_sound.then_some(row)
}
