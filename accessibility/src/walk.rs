//! The walk through one application: level by level, a window of calls at a time, inside limits.
//!
//! Answers come in any order; every object remembers its parent and its place among its siblings,
//! and [`Picture::write`] puts all in document order at the end. What has come when a limit ends
//! the walk is kept.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use tokio::{
    task::JoinSet,
    time::{Instant, timeout_at},
};

use crate::{
    call::{Bus, Call, Peer, Property, ROOT_PATH},
    limits::TreeLimits,
    line::{Line, bounded},
    object::{Found, Look, Visit},
    reply::CallError,
    tree::{App, AppStatus, NodeId, TreeBuilder},
};

/// What a toolkit is known to do, as far as the walk must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Habits {
    /// GTK 4 says SHOWING only of its windows.
    pub(crate) says_showing: bool,
    /// Asking for the children of an object that manages its descendants is safe. LibreOffice
    /// never comes back from it.
    pub(crate) lists_managed: bool,
}

/// What was found in one application.
pub(crate) struct Picture {
    pub(crate) app: App,
    found: Vec<Found>,
}

/// One walk's share of the snapshot.
pub(crate) struct Walk {
    pub(crate) line: Line,
    pub(crate) limits: TreeLimits,
    /// Objects all walks of one snapshot may still look at.
    pub(crate) budget: Arc<AtomicU32>,
    pub(crate) until: Instant,
}

impl Walk {
    /// Always returns by its deadline, with what there is.
    pub(crate) async fn run(self, bus: &Bus) -> Picture {
        let mut picture = Picture {
            app: App {
                name: String::new(),
                toolkit: String::new(),
                pid: process_id(bus, self.line.bus_name(), self.until).await,
                bus_name: self.line.bus_name().to_owned(),
                status: AppStatus::Complete,
            },
            found: Vec::new(),
        };
        picture.app.status = match timeout_at(self.until, self.introduce(&mut picture.app)).await {
            Err(_) => AppStatus::Truncated,
            Ok(Err(error)) if error.is_final() => ended(&error),
            Ok(Err(_)) => self.descend(&mut picture.found, Habits::CAREFUL).await,
            Ok(Ok(habits)) => self.descend(&mut picture.found, habits).await,
        };
        picture
    }

    async fn introduce(&self, app: &mut App) -> Result<Habits, CallError> {
        let (name, toolkit, version) = tokio::join!(
            self.line.string(ROOT_PATH, Property::Name),
            self.line.string(ROOT_PATH, Property::ToolkitName),
            self.line.string(ROOT_PATH, Property::ToolkitVersion),
        );
        app.name = bounded(name?, self.limits.text_chars);
        app.toolkit = bounded(toolkit?, self.limits.text_chars);
        Ok(Habits::of(&app.name, &app.toolkit, &version.unwrap_or_default()))
    }

    async fn descend(&self, found: &mut Vec<Found>, habits: Habits) -> AppStatus {
        if !take(&self.budget) {
            return AppStatus::Truncated;
        }
        let mut status = AppStatus::Complete;
        let mut seen = HashSet::from([ROOT_PATH.to_owned()]);
        // Dropping the set ends the visits that are still out.
        let mut visits = JoinSet::new();
        let look = Look { line: self.line.clone(), limits: self.limits, habits };
        let root = Visit { path: ROOT_PATH.to_owned(), parent: None, place: 0, depth: 0 };
        visits.spawn(look.clone().visit(root));
        loop {
            let done = match timeout_at(self.until, visits.join_next()).await {
                Err(_) => return AppStatus::Truncated,
                Ok(None) => return status,
                // A visit is never aborted while the set lives, so this is its panic.
                Ok(Some(done)) => done.expect("a visit does not panic"),
            };
            let (mut node, children) = match done {
                Ok(Some(shown)) => shown,
                Ok(None) => continue,
                Err(error) if error.is_final() => return ended(&error),
                // The object went away between its parent's answer and its own.
                Err(_) => continue,
            };
            let parent = found.len();
            for (place, child) in (0_u32..).zip(children) {
                if child.bus_name != self.line.bus_name() {
                    // Embedded from another process; that application is walked on its own.
                    node.truncated = true;
                    continue;
                }
                if !seen.insert(child.path.clone()) {
                    continue;
                }
                if !take(&self.budget) {
                    node.truncated = true;
                    break;
                }
                let depth = node.visit.depth + 1;
                let visit = Visit { path: child.path, parent: Some(parent), place, depth };
                visits.spawn(look.clone().visit(visit));
            }
            if node.truncated {
                status = AppStatus::Truncated;
            }
            found.push(node);
        }
    }
}

impl Habits {
    /// For a toolkit nothing is known about.
    const CAREFUL: Self = Self { says_showing: true, lists_managed: false };

    fn of(app: &str, toolkit: &str, version: &str) -> Self {
        let gtk = toolkit.eq_ignore_ascii_case("gtk");
        let office = app.eq_ignore_ascii_case("soffice") || toolkit.eq_ignore_ascii_case("vcl");
        Self {
            says_showing: !(gtk && version.starts_with("4.")),
            lists_managed: !office && (gtk || toolkit.eq_ignore_ascii_case("qt")),
        }
    }
}

impl Picture {
    /// Into document order.
    pub(crate) fn write(self, tree: &mut TreeBuilder) {
        let app = tree.push_app(self.app);
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.found.len()];
        for (index, node) in self.found.iter().enumerate() {
            if let Some(parent) = node.visit.parent {
                children[parent].push(index);
            }
        }
        for siblings in &mut children {
            // Last first, as the stack below wants them.
            siblings.sort_by_key(|index| std::cmp::Reverse(self.found[*index].visit.place));
        }
        // A parent is found before its children, so the first is the root.
        let mut stack: Vec<(usize, Option<NodeId>)> =
            self.found.first().map(|_| (0, None)).into_iter().collect();
        while let Some((index, parent)) = stack.pop() {
            let id = tree.push(self.found[index].facts(app, parent));
            stack.extend(children[index].iter().map(|child| (*child, Some(id))));
        }
    }
}

async fn process_id(bus: &Bus, bus_name: &str, until: Instant) -> Option<u32> {
    let asking = bus.send(Peer::DAEMON, Call::ProcessId(bus_name));
    timeout_at(until, asking).await.ok()?.ok()?.process_id().ok()
}

fn ended(error: &CallError) -> AppStatus {
    match error {
        CallError::Silent { .. } => AppStatus::Stalled,
        _ => AppStatus::Died,
    }
}

fn take(budget: &AtomicU32) -> bool {
    let left =
        budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
    left.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toolkits_have_their_habits() {
        let check = |app, toolkit, version, says_showing, lists_managed| {
            let habits = Habits { says_showing, lists_managed };
            assert_eq!(Habits::of(app, toolkit, version), habits, "{app} {toolkit} {version}");
        };
        check("mousepad", "gtk", "3.24.38", true, true);
        check("widgets", "GTK", "4.8.3", false, true);
        check("kcalc", "Qt", "5.15.8", true, true);
        check("soffice", "gtk", "3.24.38", true, false);
        check("Chromium", "Chromium", "1.0", true, false);
        check("", "", "", true, false);
    }
}
