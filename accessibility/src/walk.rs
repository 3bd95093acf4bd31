//! The walk through one application: level by level, a window of calls at a time, inside limits.
//!
//! Answers come in any order; every object remembers its parent and its place among its siblings,
//! and [`Picture::write`] puts all in document order at the end. What has come when a limit ends
//! the walk is kept.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use tokio::{
    task::JoinSet,
    time::{Instant, timeout_at},
};

use crate::{
    application::{Application, Introduction},
    budget::Budget,
    bus::Bus,
    cache::Cache,
    call::{CACHE_PATH, Call, ROOT_PATH},
    event::{Claim, Said},
    limits::TreeLimits,
    line::Line,
    object::{Begun, Found, Kind, LeftOut, Look, Looked, Visit},
    pages,
    repair::{Shift, office_shifts},
    reply::CallError,
    toolkit::Toolkit,
    tree::{App, AppStatus, NodeId, TreeBuilder},
};

/// Looks of one walk that wait for answers; enough to keep a window full.
const LOOKS_IN_FLIGHT: usize = 128;
/// Objects of one picture whose places are compared before it is taken for true.
const SAMPLE_MAX: usize = 32;

/// What was found in one application.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) app: App,
    found: Arc<Vec<Found>>,
}

/// What a second look at an application that has said nothing since finds.
enum Again {
    /// All is where it was.
    Clean(Arc<Picture>),
    /// It has to be read.
    Changed,
    /// It says nothing at all, and will not to more questions.
    Silent,
}

/// One walk's share of the snapshot.
pub(crate) struct Walk {
    pub(crate) application: Arc<Application>,
    pub(crate) limits: TreeLimits,
    pub(crate) budget: Arc<Budget>,
    pub(crate) until: Instant,
}

impl Walk {
    /// Always returns by its deadline, with what there is.
    pub(crate) async fn run(self, bus: &Bus) -> Arc<Picture> {
        if Instant::now() >= self.until {
            // What is at once there would still be taken.
            let mut nothing = Picture::nothing(&self.application.bus_name);
            nothing.app.status = AppStatus::Truncated;
            return Arc::new(nothing);
        }
        if self.application.is_resting() {
            return self.last_word(Picture::nothing(&self.application.bus_name));
        }
        match timeout_at(self.until, self.look_again(bus)).await {
            Ok(Again::Clean(picture)) => {
                self.application.has_answered();
                return picture;
            }
            Ok(Again::Silent) => {
                self.application.rest();
                return self.last_word(Picture::nothing(&self.application.bus_name));
            }
            Ok(Again::Changed) | Err(_) => {}
        }
        let changes = self.application.begin();
        let mut picture = Picture::nothing(&self.application.bus_name);
        let mut found = Vec::new();
        picture.app.status = match timeout_at(self.until, self.introduce(bus)).await {
            Err(_) => AppStatus::Truncated,
            Ok(Err(error)) => ended(&error),
            Ok(Ok(introduction)) => {
                picture.introduce(&introduction);
                self.read(&mut found, bus, introduction.toolkit()).await
            }
        };
        if picture.app.status == AppStatus::Stalled && found.is_empty() {
            self.application.rest();
            return self.last_word(picture);
        }
        picture.found = Arc::new(found);
        let picture = Arc::new(picture);
        self.application.remember(&picture, &self.limits, changes);
        picture
    }

    /// Of an application that says nothing: its last picture, where nothing has spoken against it,
    /// or what there is instead.
    fn last_word(&self, instead: Picture) -> Arc<Picture> {
        let last = self.application.held(&self.limits).filter(|last| self.afford(last));
        let mut picture = last.map_or(instead, |last| Picture {
            app: last.app.clone(),
            found: Arc::clone(&last.found),
        });
        picture.app.status = AppStatus::Stalled;
        Arc::new(picture)
    }

    fn afford(&self, picture: &Picture) -> bool {
        let bytes = picture.found.iter().map(Found::text_bytes).sum();
        self.budget.take_nodes(picture.found.len()) && self.budget.take_text(bytes)
    }

    /// The last picture, where no event came since, and its objects are still in their places. What
    /// moves without a word (the page of a browser that is scrolled) moves as a whole, so that a
    /// sample tells.
    async fn look_again(&self, bus: &Bus) -> Again {
        let Some(last) = self.application.clean(&self.limits) else { return Again::Changed };
        let line = self.application.line(bus, self.limits.silence).await;
        let sample = last.sample();
        let asked: Vec<_> =
            sample.iter().map(|found| (found.visit.path.as_str(), Call::Extents)).collect();
        let now = line.ask_all(asked).await;
        for (found, now) in sample.into_iter().zip(now) {
            match now.and_then(|reply| reply.bounds()) {
                Ok(bounds) if bounds == found.bounds => {}
                Err(CallError::Silent { .. }) => return Again::Silent,
                _ => return Again::Changed,
            }
        }
        if self.afford(&last) { Again::Clean(last) } else { Again::Changed }
    }

    async fn introduce(&self, bus: &Bus) -> Result<Introduction, CallError> {
        if self.application.was_stalled() {
            // Known, perhaps, but not whether it answers again.
            let line = self.application.line(bus, self.limits.silence).await;
            line.role(ROOT_PATH).await?;
        }
        self.application.introduction(bus, self.limits.silence).await
    }

    async fn read(&self, found: &mut Vec<Found>, bus: &Bus, toolkit: Toolkit) -> AppStatus {
        let finding = async {
            let line = self.application.line(bus, self.limits.silence).await;
            let cache = if toolkit.has_cache() { cached(&line).await? } else { Cache::default() };
            Ok::<_, CallError>((line, cache))
        };
        let (line, cache) = match timeout_at(self.until, finding).await {
            Err(_) => return AppStatus::Truncated,
            Ok(Err(error)) => return ended(&error),
            Ok(Ok(found)) => found,
        };
        let hidden = if toolkit.says_showing() { HashSet::new() } else { pages::hidden(&cache) };
        let look = Arc::new(Look { line, limits: self.limits, toolkit, cache, hidden });
        let mut descent = Descent::new(look, &self.budget, found);
        let status = timeout_at(self.until, descent.run()).await;
        status.unwrap_or(AppStatus::Truncated)
    }
}

/// From the root of one application down.
struct Descent<'a> {
    look: Arc<Look>,
    budget: &'a Budget,
    found: &'a mut Vec<Found>,
    seen: HashSet<String>,
    /// In the order of finding.
    next: VecDeque<Visit>,
    /// Dropping the set ends the looks that are still out.
    asked: JoinSet<Answer>,
    status: AppStatus,
}

/// What a look brought, and whose child it is.
type Answer = (Option<usize>, Result<Option<Looked>, CallError>);

impl<'a> Descent<'a> {
    fn new(look: Arc<Look>, budget: &'a Budget, found: &'a mut Vec<Found>) -> Self {
        Self {
            look,
            budget,
            found,
            seen: HashSet::new(),
            next: VecDeque::new(),
            asked: JoinSet::new(),
            status: AppStatus::Complete,
        }
    }

    async fn run(&mut self) -> AppStatus {
        if !(self.budget.take_nodes(1) && self.budget.take_text(ROOT_PATH.len())) {
            return AppStatus::Truncated;
        }
        let path = ROOT_PATH.to_owned();
        self.seen.insert(path.clone());
        self.next.push_back(Visit { path, kind: Kind::Any, parent: None, place: 0, depth: 0 });
        loop {
            while self.asked.len() < LOOKS_IN_FLIGHT
                && let Some(visit) = self.next.pop_front()
            {
                match self.look.begin(visit) {
                    Begun::Over(looked) => self.take_in(looked),
                    Begun::Asks(asked) => {
                        let (look, parent) = (Arc::clone(&self.look), asked.parent());
                        self.asked.spawn(async move { (parent, look.finish(asked).await) });
                    }
                }
            }
            // A look is never aborted while the set lives, so an error here is its panic.
            match self.asked.join_next().await.map(|done| done.expect("a look does not panic")) {
                None => return self.status,
                Some((_, Ok(looked))) => self.take_in(looked),
                Some((_, Err(error))) if error.is_final() => return ended(&error),
                Some((parent, Err(_))) => self.miss(parent),
            }
        }
    }

    /// An object went away between its parent's answer and its own, or cannot be read.
    fn miss(&mut self, parent: Option<usize>) {
        match parent {
            Some(parent) => self.found[parent].miss_child(),
            // Without its root, nothing of an application is there.
            None => self.status = AppStatus::Truncated,
        }
    }

    fn take_in(&mut self, looked: Option<Looked>) {
        let Some((mut node, children, kind)) = looked else { return };
        if !node.cut_to(self.budget) {
            self.status = AppStatus::Truncated;
        }
        let parent = Some(self.found.len());
        for (place, path) in (0_u32..).zip(children) {
            if self.seen.contains(&path) {
                continue;
            }
            // One that is too long to be named cannot be asked either.
            if !(self.budget.take_nodes(1) && self.budget.take_text(path.len())) {
                node.left_out = LeftOut::Limit;
                break;
            }
            self.seen.insert(path.clone());
            let depth = node.visit.depth + 1;
            self.next.push_back(Visit { path, kind, parent, place, depth });
        }
        if node.left_out == LeftOut::Limit {
            self.status = AppStatus::Truncated;
        }
        self.found.push(node);
    }
}

/// Where an application has no cache after all, nothing is in it.
async fn cached(line: &Line) -> Result<Cache, CallError> {
    match line.ask(CACHE_PATH, Call::Items).await.and_then(|reply| reply.items()) {
        Ok(items) => Ok(Cache::new(items)),
        Err(error) if error.is_final() => Err(error),
        Err(_) => Ok(Cache::default()),
    }
}

impl Picture {
    fn nothing(bus_name: &str) -> Self {
        let app = App {
            name: String::new(),
            toolkit: String::new(),
            toolkit_version: String::new(),
            pid: None,
            started: None,
            bus_name: bus_name.to_owned(),
            status: AppStatus::Complete,
        };
        Self { app, found: Arc::default() }
    }

    fn introduce(&mut self, introduction: &Introduction) {
        let Introduction { process, name, toolkit, toolkit_version, .. } = introduction.clone();
        let pid = introduction.pid;
        let started = process.map(|process| process.started);
        self.app = App { pid, started, name, toolkit, toolkit_version, ..self.app.clone() };
    }

    /// Whether what an object says of itself is what stands here. What does not stand here at all
    /// does not show.
    pub(crate) fn agrees(&self, claim: &Claim) -> bool {
        self.found.iter().filter(|found| found.visit.path == claim.path).all(|found| {
            let known = match claim.what {
                Said::Name => &found.name,
                Said::Description => &found.description,
            };
            claim.text == *known
        })
    }

    /// Some of what is somewhere. Frames come first, for they are found first; the others are
    /// spread over the whole.
    fn sample(&self) -> Vec<&Found> {
        let placed: Vec<&Found> =
            self.found.iter().filter(|found| found.bounds.is_some()).collect();
        let step = placed.len().div_ceil(SAMPLE_MAX).max(1);
        placed.into_iter().step_by(step).collect()
    }

    fn shifts(&self) -> Vec<Shift> {
        let App { name, toolkit, toolkit_version, .. } = &self.app;
        if Toolkit::of(name, toolkit, toolkit_version) != Toolkit::LibreOffice {
            return vec![Shift::default(); self.found.len()];
        }
        let objects = self.found.iter().map(|found| (found.visit.parent, found.bounds));
        office_shifts(&objects.collect::<Vec<_>>())
    }

    /// Into document order.
    pub(crate) fn write(&self, tree: &mut TreeBuilder) {
        let app = tree.push_app(self.app.clone());
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
        let shifts = self.shifts();
        // A parent is found before its children, so the first is the root.
        let mut stack: Vec<(usize, Option<NodeId>)> =
            self.found.first().map(|_| (0, None)).into_iter().collect();
        while let Some((index, parent)) = stack.pop() {
            let id = tree.push(self.found[index].facts(app, parent));
            tree.repair(id, shifts[index]);
            stack.extend(children[index].iter().map(|child| (*child, Some(id))));
        }
    }
}

fn ended(error: &CallError) -> AppStatus {
    match error {
        CallError::Silent { .. } => AppStatus::Stalled,
        _ => AppStatus::Died,
    }
}
