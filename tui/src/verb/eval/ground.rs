//! `deskbound eval ground` and `deskbound eval harvest`: where on a screen is what a phrase names?

use std::path::PathBuf;

use clap::Args;
use deskbound_eval::{Answers, Asker, Ground as Set, GroundError, GroundScore, Harvest as Scenes};
use deskbound_eval::{HarvestError, Nobody, PrivateServers, Sight, SuiteError, digest};

use super::conditions::{Told, program};
use super::kept;
use crate::failure::{Exit, Failure};
use crate::models::Seats;
use crate::terminal::{escaped, harmless, note, say};
use crate::verb::Setting;

#[derive(Debug, Args)]
pub(crate) struct Ground {
    /// `ground`, the shipped one; `screenspot:FOLDER`, `screenspot-pro:FOLDER`, `osworld-g:FOLDER`, as
    /// they are published; or the folder of a harvest.
    #[arg(default_value = "ground")]
    set: String,
    #[command(flatten)]
    seats: Seats,
    /// What is known of a screen: its tree, its pixels, or both.
    #[arg(long, value_enum, default_value_t = Told::Both)]
    sight: Told,
    /// At most so many items, spread over all of them.
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// Keeps this measurement apart from another of the same.
    #[arg(long, default_value_t = String::new(), hide_default_value = true)]
    label: String,
    /// Each item that is not right, with what was answered.
    #[arg(long)]
    wrong: bool,
    /// As a row of a table in Markdown.
    #[arg(long, conflicts_with = "json")]
    row: bool,
    /// With the head of the table before it.
    #[arg(long, requires = "row")]
    head: bool,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Ground {
    pub(crate) fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let mut set = Set::named(&self.set).map_err(unread)?;
        self.thin(&mut set);
        let folder = kept::folder(setting).join(self.name(&set, setting)?);
        let mut answers = Answers::open(&folder).map_err(Failure::missing)?;
        let open: Vec<_> = set.items.iter().filter(|item| !answers.has(&item.id)).collect();
        if !open.is_empty() {
            let roles = self.seats.load(&setting.folders.data)?;
            let mut asker = Asker::new(roles, self.sight.into());
            for (number, item) in open.iter().enumerate() {
                let answered = asker.ask(&set, item).map_err(unread)?;
                answers.keep(answered).map_err(Failure::missing)?;
                if (number + 1) % TOLD_EACH == 0 {
                    note(format_args!("{} of {}", number + 1, open.len()));
                }
            }
        }
        let score = GroundScore::of(&set, answers.all());
        if self.json {
            say(escaped(&serde_json::to_string_pretty(&score).expect("it is plain data")));
            return Ok(Exit::Done);
        }
        if self.head {
            say(GroundScore::HEAD);
        }
        if self.row {
            say(score.row(&Sight::from(self.sight).to_string()));
            return Ok(Exit::Done);
        }
        for item in set.items.iter().filter(|_| self.wrong) {
            let Some(answered) = answers.all().get(&item.id) else { continue };
            let verdict = item.target.judge(&answered.answer);
            if verdict != deskbound_eval::Verdict::Right {
                let said = format!("{:?} for {:?}", answered.answer, item.target);
                say(harmless(&format!("{} “{}”: {said}", item.id, item.phrase)));
            }
        }
        say(&score);
        say(format_args!("answers: {}", folder.display()));
        Ok(Exit::Done)
    }

    fn thin(&self, set: &mut Set) {
        let Some(most) = self.sample.filter(|most| *most < set.items.len()) else { return };
        let all = std::mem::take(&mut set.items);
        let count = all.len();
        let is_taken = |at: &usize| at * most / count != (at + 1) * most / count;
        set.items =
            all.into_iter().enumerate().filter(|(at, _)| is_taken(at)).map(|(_, it)| it).collect();
    }

    /// All that an answer depends on has the same name.
    fn name(&self, set: &Set, setting: &Setting) -> Result<String, Failure> {
        let sight = Sight::from(self.sight);
        let weights = self.seats.digests(&setting.folders.data)?;
        let all = format!(
            "{} {} {weights:?} {} {sight} {}",
            set.digest,
            program()?,
            self.seats,
            self.label
        );
        Ok(format!("{}-{sight}-{}", set.name, &digest::of(all.as_bytes())[..8]))
    }
}

/// Items between two words about how far it is.
const TOLD_EACH: usize = 50;

fn unread(error: GroundError) -> Failure {
    match error {
        GroundError::Suite(SuiteError::Unknown { .. }) | GroundError::Wrong { .. } => {
            Failure::usage(error)
        }
        _ => Failure::missing(error),
    }
}

#[derive(Debug, Args)]
pub(crate) struct Harvest {
    /// A file that says which scenes are taken, in which looks.
    scenes: PathBuf,
    /// Where pictures and phrases go.
    #[arg(long)]
    pub(crate) into: PathBuf,
    /// Only screens with this in their names; the others stay as they are.
    #[arg(long, value_name = "WORD")]
    only: Option<String>,
    /// Take none, and make the phrases anew of those that were taken.
    #[arg(long, conflicts_with = "only")]
    phrases: bool,
}

impl Harvest {
    pub(crate) async fn run(&self) -> Result<Exit, Failure> {
        let scenes = Scenes::read(&self.scenes).map_err(Failure::usage)?;
        let told = |screen: &str, taken: &Result<usize, HarvestError>| match taken {
            Ok(things) => note(format_args!("{screen:<34} {things} things")),
            Err(error) => {
                note(harmless(&format!("{screen:<34} {}", deskbound_agent::chain(error))))
            }
        };
        let bench = PrivateServers(Nobody);
        if self.phrases {
            let file = scenes.phrases(&self.into).map_err(Failure::missing)?;
            say(format_args!("{} screens, {} items", file.screens.len(), file.items.len()));
            return Ok(Exit::Done);
        }
        let taken = scenes.take(&bench, &self.into, self.only.as_deref(), &told).await;
        let file = taken.map_err(Failure::missing)?;
        say(format_args!("{} screens, {} items", file.screens.len(), file.items.len()));
        Ok(Exit::Done)
    }
}
