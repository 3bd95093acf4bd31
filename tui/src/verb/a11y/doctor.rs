//! `deskbound a11y doctor`: the way to the tree, from the bus to each application.

use clap::Args;
use deskbound_accessibility::{
    App, AppId, AppStatus, BusAddress, Diagnosis, Fit, Tree, WindowDiagnosis, diagnose,
};
use deskbound_agent::sanitize;
use serde_json::json;

use super::remedy::{self, Remedy};
use super::source::{Session, session_bus};
use crate::failure::{Exit, Failure};
use crate::terminal::{escaped, harmless, say};

#[derive(Args, Debug)]
pub(crate) struct Doctor {
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) async fn run(&self) -> Result<Exit, Failure> {
        let bus = session_bus()?;
        let diagnosis = diagnose(&bus).await;
        let (tree, windows) = match diagnosis {
            Diagnosis::Fine => {
                let session = Session::open().await?;
                let tree = session.tree().await?;
                let windows = session.reader.diagnose_windows(&tree).await;
                (tree, windows)
            }
            _ => (Tree::default(), Vec::new()),
        };
        if self.json {
            say(report(&bus, &diagnosis, &tree, &windows));
        } else {
            tell("accessibility bus", remedy::of(&diagnosis), "is fine");
            if let Some(reason) = reason(&diagnosis) {
                say(format_args!("  caused by: {}", harmless(reason)));
            }
            for (id, app, size) in sizes(&tree) {
                let fine = format!("is fine, {size} nodes ({})", harmless(&app.toolkit));
                tell(&sanitize::line(&app.name), trouble(&tree, id), &fine);
            }
            // Windows in the tree had their say with their application.
            let mute = windows.iter().filter(|window| window.placed.node.is_none());
            for WindowDiagnosis { placed, diagnosis } in mute {
                let name = format!("window \"{}\"", sanitize::line(&placed.window.title));
                tell(&name, remedy::of(diagnosis), "has nothing in the tree of its application");
            }
            for placed in tree.windows.iter().filter(|placed| placed.fit == Fit::Doubtful) {
                let name = format!("window \"{}\"", sanitize::line(&placed.window.title));
                tell(&name, None, "is not where its application says: do not trust its rectangles");
            }
            if diagnosis == Diagnosis::Fine && tree.apps.is_empty() {
                say("no application is on it");
            }
        }
        let all_answer = tree.apps.iter().all(|app| app.status != AppStatus::Stalled);
        Ok(match diagnosis {
            Diagnosis::Fine if all_answer => Exit::Done,
            Diagnosis::Fine => Exit::Failed,
            _ => Exit::Missing,
        })
    }
}

fn tell(name: &str, remedy: Option<Remedy>, fine: &str) {
    match remedy {
        None => say(format_args!("{name} {fine}")),
        Some(Remedy { what, cure }) => {
            say(format_args!("{name} {what}"));
            if let Some(cure) = cure {
                say(format_args!("  what helps: {cure}"));
            }
        }
    }
}

/// What the system said.
fn reason(diagnosis: &Diagnosis) -> Option<&str> {
    match diagnosis {
        Diagnosis::NoBus { reason }
        | Diagnosis::BusBroken { reason }
        | Diagnosis::RegistryHung { reason } => Some(reason),
        // What these say is all there is to know.
        Diagnosis::NotOnBus
        | Diagnosis::NotEmbedded
        | Diagnosis::BrowserWithoutSwitch(_)
        | Diagnosis::Stopped
        | Diagnosis::Fine => None,
    }
}

/// Of an application in the list: a browser may be there, and answer, and show nothing.
fn trouble(tree: &Tree, id: AppId) -> Option<Remedy> {
    let status = tree.apps[usize::from(id.0)].status;
    remedy::of_app(status).or_else(|| remedy::of(&tree.diagnose_app(id)))
}

fn sizes(tree: &Tree) -> impl Iterator<Item = (AppId, &App, usize)> {
    let mut sizes = vec![0; tree.apps.len()];
    for (_, node) in tree.nodes() {
        sizes[usize::from(node.app.0)] += 1;
    }
    let ids = (0..).map(AppId);
    ids.zip(&tree.apps).zip(sizes).map(|((id, app), size)| (id, app, size))
}

fn report(
    bus: &BusAddress,
    diagnosis: &Diagnosis,
    tree: &Tree,
    windows: &[WindowDiagnosis],
) -> String {
    let remedy = |remedy: Option<Remedy>| {
        remedy.map(|remedy| json!({ "what": remedy.what, "cure": remedy.cure }))
    };
    let apps = sizes(tree).map(|(id, app, nodes)| {
        json!({
            "name": app.name, "toolkit": app.toolkit, "pid": app.pid, "nodes": nodes,
            "diagnosis": tree.diagnose_app(id), "problem": remedy(trouble(tree, id)),
        })
    });
    let windows = windows.iter().map(|WindowDiagnosis { placed, diagnosis }| {
        json!({
            "title": placed.window.title, "class": placed.window.class, "pid": placed.window.pid,
            "fit": placed.fit, "diagnosis": diagnosis, "problem": remedy(remedy::of(diagnosis)),
        })
    });
    let (BusAddress::Session(address) | BusAddress::Accessibility(address)) = bus;
    let report = json!({
        "session_bus": address,
        "diagnosis": diagnosis,
        "problem": remedy(remedy::of(diagnosis)),
        "apps": apps.collect::<Vec<_>>(),
        "windows": windows.collect::<Vec<_>>(),
    });
    escaped(&serde_json::to_string_pretty(&report).expect("plain data"))
}
