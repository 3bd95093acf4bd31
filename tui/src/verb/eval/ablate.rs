//! `deskbound eval ablate`: the same suite with parts left away, side by side.

use clap::Args;
use deskbound_agent::stop::Stop;
use deskbound_eval::{Contrast, Ended, Held, Sight, Store};

use super::bench::Place;
use super::conditions::{Told, Typed};
use super::run::{Effort, one};
use crate::failure::{Exit, Failure};
use crate::models::Models;
use crate::signal;
use crate::terminal::{note, say};
use crate::verb::Setting;

/// Every one of each with every one of the others; all that is not named is as it is typed.
#[derive(Debug, Args)]
pub(crate) struct Ablate {
    #[command(flatten)]
    typed: Typed,
    /// What is told, such as `both,tree,pixels`; the first is what the others are held against.
    #[arg(long, value_enum, value_delimiter = ',')]
    sights: Vec<Told>,
    /// Such as `x11,vm`.
    #[arg(long, value_enum, value_delimiter = ',')]
    desktops: Vec<Place>,
    /// Such as `trained,shuffled:1,rules`.
    #[arg(long, value_delimiter = ',')]
    swaps: Vec<Models>,
    // Its minutes are those of all runs together.
    #[command(flatten)]
    effort: Effort,
    /// As a table in Markdown.
    #[arg(long)]
    markdown: bool,
}

impl Ablate {
    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let stop = Stop::default();
        signal::pass_on(&stop).map_err(Failure::missing)?;
        let mut runs: Vec<Held> = Vec::new();
        let until = self.effort.until();
        for typed in self.variants() {
            let (sight, desktop) = (typed.sight, typed.desktop.name());
            note(format_args!("{} on {desktop}, told {}", typed.seats, Sight::from(sight)));
            let (report, ended) = one(&typed, (self.effort.jobs, until), setting, stop.clone())?;
            if ended == Ended::Stopped {
                return Ok(Exit::Interrupted);
            }
            runs.push(Store::read(&report.folder).map_err(Failure::missing)?);
        }
        let contrast = Contrast::of(&runs);
        if self.markdown {
            say(contrast.markdown().trim_end())
        } else {
            say(&contrast)
        }
        let open: usize = runs.iter().map(|run| run.open().len()).sum();
        Ok(if open == 0 { Exit::Done } else { Exit::Missing })
    }

    fn variants(&self) -> Vec<Typed> {
        let mut all = vec![self.typed.clone()];
        all = spread(all, &self.swaps, |typed, models| typed.seats.models = models);
        all = spread(all, &self.desktops, |typed, place| typed.desktop = place);
        spread(all, &self.sights, |typed, sight| typed.sight = sight)
    }
}

fn spread<T: Copy>(all: Vec<Typed>, choices: &[T], set: impl Fn(&mut Typed, T)) -> Vec<Typed> {
    if choices.is_empty() {
        return all;
    }
    let each = all.iter().flat_map(|typed| choices.iter().map(move |choice| (typed, *choice)));
    each.map(|(typed, choice)| {
        let mut typed = typed.clone();
        set(&mut typed, choice);
        typed
    })
    .collect()
}
