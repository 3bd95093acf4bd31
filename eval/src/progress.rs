//! How far a plan is, read from its folder alone: it works while a scheduler is down, and on
//! whatever machine has the folder.
//!
//! Results are never replaced, so each file is read once, however often one looks. What cannot be
//! read is counted and named, and keeps nobody from seeing the rest.

mod words;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize, Serializer};

use crate::outcome::{Status, Times};
use crate::plan::{self, Item, Plan, PlanError};
use crate::score::{Passes, Try, passes_so_far};
use crate::store::{BROKEN, RESULTS};
use crate::suite::Suite;

pub use words::long;

/// The last results, from which it is told how fast it goes now.
const RECENT: usize = 20;
/// A machine that has not ended a sample for so many times the longest one, or for
/// [`STILL_SECONDS_MIN`], stands still.
const STILL_TIMES: u64 = 3;
const STILL_SECONDS_MIN: u64 = 600;
/// Draws of one interval: enough for the report's own ends where a suite has 200 tasks or fewer.
const DRAWS_MAX: usize = 2_000_000;
/// Files that cannot be read, by name.
const JUNK_NAMED: usize = 10;
/// A result is a few kilobytes.
const FILE_BYTES_MAX: u64 = 8 << 20;

/// Looks again and again, and reads only what is new.
#[derive(Debug)]
pub struct Watch {
    folder: PathBuf,
    plan: Plan,
    conditions: String,
    /// When the plan was written: it may get more epochs.
    planned_at: Option<SystemTime>,
    /// Of each sample.
    shards: HashMap<String, u32>,
    /// Of each task, as far as its suite is here as it was planned.
    families: HashMap<String, String>,
    /// Names of files that were read, or cannot be.
    known: HashSet<String>,
    results: HashMap<String, Brief>,
    /// What the results come to; none where one has come since.
    passes: Option<Vec<Passes>>,
    /// Attempts of each sample that a desktop spoilt.
    broken: HashMap<String, u32>,
    junk: Vec<String>,
}

/// What is wanted of an outcome here.
#[derive(Clone, Debug, Deserialize)]
struct Brief {
    conditions: String,
    id: String,
    family: String,
    status: Status,
    times: Times,
    host: String,
    at_s: u64,
    #[serde(default)]
    twin: Option<String>,
    #[serde(default)]
    journal: Option<PathBuf>,
    #[serde(skip)]
    shard: u32,
}

impl Brief {
    fn seconds(&self) -> u64 {
        (self.times.reset_ms + self.times.run_ms + self.times.check_ms).div_ceil(1000)
    }

    fn ended_s(&self) -> u64 {
        self.at_s + self.seconds()
    }
}

/// How far it is, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Progress {
    pub suite: String,
    /// Who is at it, on what.
    pub with: String,
    pub planned: usize,
    pub done: usize,
    pub statuses: BTreeMap<Status, usize>,
    /// Over the tasks that were tried, as far as each was tried as often.
    pub passes: Vec<Passes>,
    /// Samples without a result that a desktop has failed before, and how often in all.
    pub unresolved: usize,
    pub attempts_spoilt: u32,
    pub families: Vec<Family>,
    pub hosts: Vec<Host>,
    pub shards: Vec<Shard>,
    /// The results, the last one first; as data, the newest of them.
    #[serde(serialize_with = "recent")]
    pub newest: Vec<Newest>,
    /// Until all samples have a result, at the pace of the last ones; none where nothing says so.
    pub left_s: Option<u64>,
    /// Files among the results that are none, or are of other conditions: how many, and some names.
    pub junk: usize,
    pub junk_named: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Family {
    pub name: String,
    pub planned: usize,
    pub done: usize,
    pub passed: usize,
}

/// One machine.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Host {
    pub name: String,
    pub done: usize,
    /// Since its first sample began.
    pub samples_per_hour: f64,
    /// Since it ended its last sample.
    pub silent_s: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shard {
    pub number: u32,
    pub planned: usize,
    pub done: usize,
    pub pace: Pace,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pace {
    /// Nothing of it has a result.
    Waiting,
    Going,
    /// No result for far longer than any sample took.
    Still,
    Through,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Newest {
    pub id: String,
    pub status: Status,
    pub seconds: u64,
    pub host: String,
    /// The folder of its record, on the machine that made it.
    pub journal: Option<PathBuf>,
}

fn recent<S: Serializer>(newest: &[Newest], serializer: S) -> Result<S::Ok, S::Error> {
    newest[..newest.len().min(RECENT)].serialize(serializer)
}

impl Watch {
    /// # Errors
    /// Where the folder has no plan.
    pub fn open(folder: &Path) -> Result<Self, PlanError> {
        let plan = Plan::read(folder)?;
        let suite = Suite::named(&plan.conditions.suite).ok();
        let suite = suite.filter(|suite| suite.digest == plan.conditions.suite_digest);
        let tasks = suite.into_iter().flat_map(|suite| suite.tasks);
        let mut watch = Self {
            folder: folder.to_owned(),
            conditions: plan.conditions.digest(),
            plan,
            planned_at: None,
            shards: HashMap::new(),
            families: tasks.map(|task| (task.id, task.family)).collect(),
            known: HashSet::new(),
            results: HashMap::new(),
            passes: None,
            broken: HashMap::new(),
            junk: Vec::new(),
        };
        watch.number();
        Ok(watch)
    }

    fn number(&mut self) {
        let ids = self.plan.items.iter().map(|item| item.id.clone());
        self.shards = ids.zip((0..self.plan.shards.max(1)).cycle()).collect();
    }

    /// Reads what has come.
    ///
    /// # Errors
    /// Where the folder cannot be listed.
    pub fn look(&mut self) -> io::Result<Progress> {
        self.plan_again();
        let listed = names(&self.folder.join(RESULTS))?;
        // Somebody may have taken it away, and the sample may be run again.
        let there = |name: &String| listed.contains(name);
        let (junk, gone) = std::mem::take(&mut self.junk).into_iter().partition(there);
        self.junk = junk;
        gone.iter().for_each(|name: &String| {
            self.known.remove(name);
        });
        for name in listed {
            if self.known.contains(&name) {
                continue;
            }
            match self.read(&name) {
                Ok(Some(brief)) => {
                    self.results.insert(brief.id.clone(), brief);
                    self.passes = None;
                }
                Ok(None) => self.junk.push(name.clone()),
                // It is gone, or a disk is away for a moment: the next look tries again.
                Err(_) => continue,
            }
            self.known.insert(name);
        }
        self.broken.clear();
        for name in names(&self.folder.join(BROKEN))? {
            // `SAMPLE.NUMBER.json`
            let sample = name.rsplitn(3, '.').nth(2).unwrap_or_default();
            *self.broken.entry(sample.to_owned()).or_default() += 1;
        }
        if self.passes.is_none() {
            self.passes = Some(self.passed());
        }
        Ok(self.progress(now()))
    }

    fn passed<'p>(&'p self) -> Vec<Passes> {
        let of_item = |item: &'p Item| {
            let brief = self.results.get(&item.id)?;
            Some(Try { item, twin: brief.twin.as_deref(), status: brief.status })
        };
        let tries = self.plan.items.iter().filter_map(of_item);
        let tries = tries.filter(|one| one.status != Status::InfrastructureError);
        passes_so_far(&tries.collect::<Vec<_>>(), DRAWS_MAX)
    }

    /// More epochs may have been planned meanwhile.
    fn plan_again(&mut self) {
        let written = fs::metadata(self.folder.join(plan::FILE)).and_then(|it| it.modified()).ok();
        if written == self.planned_at {
            return;
        }
        self.planned_at = written;
        if let Ok(plan) = Plan::read(&self.folder)
            && plan.conditions.digest() == self.conditions
        {
            self.plan = plan;
            self.number();
            // A result that was nobody's may be one of a new sample.
            for name in std::mem::take(&mut self.junk) {
                self.known.remove(&name);
            }
        }
    }

    /// `None` where the file is no result of this plan.
    fn read(&self, name: &str) -> io::Result<Option<Brief>> {
        let path = self.folder.join(RESULTS).join(name);
        let about = fs::metadata(&path)?;
        if !about.is_file() || about.len() > FILE_BYTES_MAX {
            return Ok(None);
        }
        let Ok(mut brief) = serde_json::from_slice::<Brief>(&fs::read(&path)?) else {
            return Ok(None);
        };
        let is_named = name.strip_suffix(".json") == Some(&brief.id);
        let Some(shard) = self.shards.get(&brief.id) else { return Ok(None) };
        brief.shard = *shard;
        Ok(Some(brief).filter(|brief| is_named && brief.conditions == self.conditions))
    }

    fn progress(&self, now_s: u64) -> Progress {
        let mut by_end: Vec<&Brief> = self.results.values().collect();
        by_end.sort_by(|one, other| (other.ended_s(), &other.id).cmp(&(one.ended_s(), &one.id)));
        let longest = by_end.iter().map(|brief| brief.seconds()).max().unwrap_or(0);
        let still_after = (longest * STILL_TIMES).max(STILL_SECONDS_MIN);
        let mut statuses = BTreeMap::new();
        for brief in &by_end {
            *statuses.entry(brief.status).or_default() += 1;
        }
        let conditions = &self.plan.conditions;
        let unresolved =
            self.broken.iter().filter(|(sample, _)| !self.results.contains_key(*sample));
        let newest = by_end.iter().map(|brief| Newest {
            id: brief.id.clone(),
            status: brief.status,
            seconds: brief.seconds(),
            host: brief.host.clone(),
            journal: brief.journal.clone(),
        });
        let (planned, done) = (self.plan.items.len(), self.results.len());
        Progress {
            suite: conditions.suite.clone(),
            with: conditions.line(),
            planned,
            done,
            statuses,
            passes: self.passes.clone().unwrap_or_default(),
            unresolved: unresolved.count(),
            attempts_spoilt: self.broken.values().sum(),
            families: self.families(),
            hosts: hosts(&by_end, now_s),
            shards: self.by_shard(now_s, still_after),
            newest: newest.collect(),
            left_s: left(&by_end, planned - done, now_s),
            junk: self.junk.len(),
            junk_named: self.junk.iter().take(JUNK_NAMED).cloned().collect(),
        }
    }

    /// Of a suite that is not here, the families of those tasks that were tried.
    fn families(&self) -> Vec<Family> {
        let own = self.families.iter();
        let mut of_task: HashMap<&str, &str> =
            own.map(|(task, family)| (task.as_str(), family.as_str())).collect();
        for item in &self.plan.items {
            if let Some(brief) = self.results.get(&item.id) {
                of_task.insert(&item.task, &brief.family);
            }
        }
        let mut families: BTreeMap<&str, Family> = BTreeMap::new();
        for item in &self.plan.items {
            let Some(name) = of_task.get(item.task.as_str()) else { continue };
            let family = families.entry(name).or_insert_with(|| Family {
                name: (*name).to_owned(),
                planned: 0,
                done: 0,
                passed: 0,
            });
            family.planned += 1;
            if let Some(brief) = self.results.get(&item.id) {
                family.done += 1;
                family.passed += usize::from(brief.status == Status::Pass);
            }
        }
        families.into_values().collect()
    }

    fn by_shard(&self, now_s: u64, still_after: u64) -> Vec<Shard> {
        let count = self.plan.shards.max(1) as usize;
        let mut shards: Vec<Shard> = (0..self.plan.shards.max(1))
            .map(|number| Shard { number, planned: 0, done: 0, pace: Pace::Waiting })
            .collect();
        for (at, _) in self.plan.items.iter().enumerate() {
            shards[at % count].planned += 1;
        }
        let mut last = vec![0; count];
        for brief in self.results.values() {
            let at = brief.shard as usize;
            shards[at].done += 1;
            last[at] = brief.ended_s().max(last[at]);
        }
        for (shard, last) in shards.iter_mut().zip(last) {
            shard.pace = match shard.done {
                done if done >= shard.planned => Pace::Through,
                0 => Pace::Waiting,
                _ if now_s.saturating_sub(last) > still_after => Pace::Still,
                _ => Pace::Going,
            };
        }
        shards
    }
}

/// At the pace of the last results, the wait for the next one included.
fn left(by_end: &[&Brief], open: usize, now_s: u64) -> Option<u64> {
    if open == 0 {
        return Some(0);
    }
    let recent = &by_end[..by_end.len().min(RECENT)];
    let (newest, oldest) = (recent.first()?, recent.last()?);
    let began = recent.iter().map(|brief| brief.at_s).min()?;
    // Whoever has rested since, for however long, goes on at the pace it had.
    let waited = now_s.saturating_sub(newest.ended_s()).min(newest.seconds().max(oldest.seconds()));
    let took = newest.ended_s().saturating_sub(began) + waited;
    let (took, ended) = (u128::from(took.max(1)), recent.len() as u128);
    u64::try_from(took * open as u128 / ended).ok()
}

fn hosts(by_end: &[&Brief], now_s: u64) -> Vec<Host> {
    let mut of_host: BTreeMap<&str, (usize, u64, u64)> = BTreeMap::new();
    for brief in by_end {
        let (done, began, ended) = of_host.entry(&brief.host).or_insert((0, u64::MAX, 0));
        *done += 1;
        *began = brief.at_s.min(*began);
        *ended = brief.ended_s().max(*ended);
    }
    let host = |(name, (done, began, ended)): (&str, (usize, u64, u64))| {
        let seconds = u32::try_from(ended.saturating_sub(began).max(1)).unwrap_or(u32::MAX);
        Host {
            name: name.to_owned(),
            done,
            samples_per_hour: crate::statistics::count(done) * 3600.0 / f64::from(seconds),
            silent_s: now_s.saturating_sub(ended),
        }
    };
    of_host.into_iter().map(host).collect()
}

/// Names of whole files; nothing where there is no folder yet.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let listed = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed?,
    };
    let mut names = Vec::new();
    for entry in listed {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            names.push(name);
        }
    }
    Ok(names)
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::outcome::Outcome;
    use crate::outcome::tests::outcome;
    use crate::plan::FORMAT;
    use crate::plan::tests::conditions;
    use crate::score::Score;
    use crate::store::Store;

    const BEGAN_S: u64 = 1_767_225_600;
    /// As the requirement has it; a build without optimisation is far slower than a shipped one.
    const MANY: usize = 10_000;
    const REFRESH_LIMIT: Duration = Duration::from_millis(200);

    fn plan(samples: usize, shards: u32) -> Plan {
        let items = (0..samples).map(|at| Item::new(&format!("t{at:05}"), 1, 1, 0)).collect();
        Plan { format: FORMAT, conditions: conditions(), shards, items }
    }

    /// The sample of that number: it took a minute, after those before it.
    fn made(at: usize, status: Status, host: &str) -> Outcome {
        let conditions = conditions().digest();
        let times = Times { reset_ms: 10_000, run_ms: 50_000, ..Times::default() };
        let at_s = BEGAN_S + 60 * at as u64;
        let host = host.to_owned();
        let task = format!("t{at:05}");
        Outcome { conditions, times, at_s, host, ..outcome(&task, 1, status) }
    }

    #[test]
    fn what_is_done_and_what_is_left_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::make(folder.path(), &plan(8, 2)).unwrap();
        for (at, status) in [(0, Status::Pass), (1, Status::Fail), (2, Status::Pass)] {
            store.keep(&made(at, status, if at == 1 { "b" } else { "a" })).unwrap();
        }
        store.keep_broken(&made(5, Status::InfrastructureError, "b")).unwrap();
        store.keep_broken(&made(5, Status::InfrastructureError, "b")).unwrap();
        let mut watch = Watch::open(folder.path()).unwrap();
        watch.look().unwrap();
        // A moment after the third has ended.
        let progress = watch.progress(BEGAN_S + 180);
        assert_eq!((progress.planned, progress.done), (8, 3));
        assert_eq!(progress.statuses[&Status::Pass], 2);
        assert_eq!((progress.unresolved, progress.attempts_spoilt), (1, 2));
        assert_eq!(progress.left_s, Some(5 * 60));
        let shards: Vec<_> = progress.shards.iter().map(|it| (it.done, it.planned)).collect();
        assert_eq!(shards, [(2, 4), (1, 4)]);
        let hosts: Vec<_> = progress.hosts.iter().map(|it| (&*it.name, it.done)).collect();
        assert_eq!(hosts, [("a", 2), ("b", 1)]);
        assert_eq!(progress.hosts[0].samples_per_hour, 40.0);
        assert_eq!(progress.newest[0].id, "t00002.1.1");
        let [once] = &*progress.passes else { panic!("{:?}", progress.passes) };
        assert!((once.any.value - 2.0 / 3.0).abs() < 1e-9, "{once:?}");
        assert!(once.any.low < once.any.value && once.any.value < once.any.high, "{once:?}");
        let family = &progress.families[0];
        assert_eq!((family.passed, family.done, family.planned), (2, 3, 3));
        // Whoever rests for a night does not get slower by it, but stands still.
        let later = watch.progress(BEGAN_S + 180 + 40_000);
        assert!(later.left_s.unwrap() < 10 * 60, "{:?}", later.left_s);
        assert_eq!(later.shards[0].pace, Pace::Still);
        assert_eq!(progress.shards[0].pace, Pace::Going);
    }

    #[test]
    fn it_says_the_same_of_passes_as_the_report() {
        let folder = tempfile::tempdir().unwrap();
        let items = ["a", "b", "c"].iter().flat_map(|task| (1..=3).map(|at| (*task, at)));
        let items = items.map(|(task, epoch)| Item::new(task, 1, epoch, 0)).collect();
        let plan = Plan { format: FORMAT, conditions: conditions(), shards: 1, items };
        let store = Store::make(folder.path(), &plan).unwrap();
        // The third of `c` is open, so there are two tries of each task.
        for item in &plan.items[..8] {
            let status = if item.task == "b" { Status::Fail } else { Status::Pass };
            let made = made(0, status, "a");
            // `c` cannot be done, which counts only where `b` could be.
            let twin = (item.task == "c").then(|| "b".to_owned());
            store.keep(&Outcome { item: item.clone(), twin, ..made }).unwrap();
        }
        let progress = Watch::open(folder.path()).unwrap().look().unwrap();
        let held = Store::read(folder.path()).unwrap();
        assert_eq!(progress.passes, Score::of(&held.outcomes()).passes);
        let ks: Vec<_> = progress.passes.iter().map(|it| (it.k, it.any.value)).collect();
        assert_eq!(ks, [(1, 1.0 / 3.0), (2, 1.0 / 3.0)]);
    }

    #[test]
    fn as_data_only_the_newest_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::make(folder.path(), &plan(RECENT + 5, 1)).unwrap();
        for at in 0..RECENT + 5 {
            let journal = Some(PathBuf::from(format!("/there/{at}")));
            store.keep(&Outcome { journal, ..made(at, Status::Pass, "a") }).unwrap();
        }
        let progress = Watch::open(folder.path()).unwrap().look().unwrap();
        assert_eq!(progress.newest.len(), RECENT + 5);
        assert_eq!(progress.newest[0].journal, Some(PathBuf::from("/there/24")));
        let data = serde_json::to_value(&progress).unwrap();
        assert_eq!(data["newest"].as_array().unwrap().len(), RECENT);
    }

    #[test]
    fn only_what_is_new_is_read_and_junk_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::make(folder.path(), &plan(4, 1)).unwrap();
        let mut watch = Watch::open(folder.path()).unwrap();
        assert_eq!(watch.look().unwrap().done, 0);
        store.keep(&made(0, Status::Pass, "a")).unwrap();
        let results = folder.path().join(RESULTS);
        fs::write(results.join("t00001.1.1.json"), "{ half").unwrap();
        fs::write(results.join(".t00002.1.1.json.part"), "{ half").unwrap();
        let foreign = Outcome { conditions: "other".to_owned(), ..made(3, Status::Pass, "a") };
        fs::write(results.join("t00003.1.1.json"), serde_json::to_vec(&foreign).unwrap()).unwrap();
        for _ in 0..2 {
            let progress = watch.look().unwrap();
            assert_eq!((progress.done, progress.junk), (1, 2));
            assert!(progress.junk_named.contains(&"t00001.1.1.json".to_owned()));
        }
        fs::remove_file(results.join("t00001.1.1.json")).unwrap();
        assert_eq!(watch.look().unwrap().junk, 1);
        store.keep(&made(1, Status::Pass, "a")).unwrap();
        assert_eq!(watch.look().unwrap().done, 2);
        // More epochs, planned by somebody else.
        let mut more = plan(4, 1);
        more.items.push(Item::new("t00000", 1, 2, 0));
        Store::make(folder.path(), &more).unwrap();
        assert_eq!(watch.look().unwrap().planned, 5);
    }

    #[test]
    #[ignore = "long: ten thousand files are written"]
    fn long_ten_thousand_results_are_looked_at_again_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::make(folder.path(), &plan(MANY, 16)).unwrap();
        for at in 0..MANY - 1 {
            store.keep(&made(at, Status::Pass, "a")).unwrap();
        }
        let mut watch = Watch::open(folder.path()).unwrap();
        assert_eq!(watch.look().unwrap().done, MANY - 1);
        store.keep(&made(MANY - 1, Status::Pass, "a")).unwrap();
        let took = (0..5).map(|_| {
            let begun = Instant::now();
            assert_eq!(watch.look().unwrap().done, MANY);
            begun.elapsed()
        });
        let took = took.min().unwrap();
        assert!(took < REFRESH_LIMIT, "{took:?}");
    }
}
