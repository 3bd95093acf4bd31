//! `deskbound vm start`, `checkpoint`, `rewind` and `fork`: desktops that stand, and go back.

use std::time::Duration;

use clap::Args;
use deskbound_vm::{Checkpoint, Ending, Recipe, Store, Template, Vm, Wish};
use serde_json::{Value, json};

use super::form::{Form, labelled};
use crate::failure::{Exit, Failure};
use crate::terminal::note;

/// Said so long before a desktop ends by itself.
const WARNING: Duration = Duration::from_secs(60);

#[derive(Args, Debug)]
pub(crate) struct Start {
    /// What the desktop is made of.
    #[arg(long, default_value = "minimal", conflicts_with = "from")]
    recipe: String,
    /// A checkpoint that was kept, to start from.
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
    /// End it after so much running: 90s, 10m, 2h. A pause does not count.
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    lifetime: Option<Duration>,
}

#[derive(Args, Debug)]
pub(crate) struct Take {
    /// A desktop that runs.
    desktop: String,
    /// What to call it.
    name: String,
    /// Let it stay when the desktop goes, under this name, for `vm start --from`.
    #[arg(long, value_name = "NAME")]
    keep: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Rewind {
    /// A desktop that runs.
    desktop: String,
    /// A checkpoint of it; without one, back to its start.
    name: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  deskbound vm fork desk-12-1
  deskbound vm fork desk-12-1 before-login --for 10m")]
pub(crate) struct Fork {
    /// A desktop that runs.
    desktop: String,
    /// A checkpoint of it; without one, it is forked as it is now.
    name: Option<String>,
    /// End the new one after so much running: 90s, 10m, 2h. A pause does not count.
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    lifetime: Option<Duration>,
}

impl Start {
    pub(super) async fn run(&self, form: Form) -> Result<Exit, Failure> {
        let store = Store::open()?;
        let template = match &self.from {
            Some(name) => Checkpoint::kept(&store, name).await?.template().clone(),
            None => Template::ready(&store, &Recipe::named(&self.recipe)?).await?,
        };
        stand(Vm::start(&store, &template).await?, self.lifetime, form).await
    }
}

impl Take {
    pub(super) async fn run(&self, form: Form) -> Result<Exit, Failure> {
        let store = Store::open()?;
        let about = store.standing_as(&self.desktop)?;
        // Before anything is taken that could not be kept.
        Checkpoint::expect_name(&self.name)?;
        self.keep.as_deref().map_or(Ok(()), |name| Checkpoint::expect_free(&store, name))?;
        Wish::Checkpoint { name: self.name.clone() }.of(&store, &self.desktop).await?;
        if let Some(name) = &self.keep {
            Checkpoint::of(&store, &self.desktop, &self.name)?.keep(&store, name)?;
        }
        form.done_to(&about, json!({ "checkpoint": self.name, "kept": self.keep }));
        Ok(Exit::Done)
    }
}

impl Rewind {
    pub(super) async fn run(&self, form: Form) -> Result<Exit, Failure> {
        let store = Store::open()?;
        let about = store.standing_as(&self.desktop)?;
        if let Some(name) = &self.name {
            Checkpoint::of(&store, &self.desktop, name)?;
        }
        Wish::Rewind { to: self.name.clone() }.of(&store, &self.desktop).await?;
        form.done_to(&about, json!({ "checkpoint": self.name }));
        Ok(Exit::Done)
    }
}

impl Fork {
    pub(super) async fn run(&self, form: Form) -> Result<Exit, Failure> {
        let store = Store::open()?;
        let name = match &self.name {
            Some(name) => name.clone(),
            None => {
                // One process forks once.
                let name = format!("fork-{}", std::process::id());
                Wish::Checkpoint { name: name.clone() }.of(&store, &self.desktop).await?;
                name
            }
        };
        let from = Checkpoint::of(&store, &self.desktop, &name)?;
        stand(Vm::start(&store, from.template()).await?, self.lifetime, form).await
    }
}

/// Owns the desktop until an interrupt, or the end of its lifetime.
async fn stand(mut vm: Vm, lifetime: Option<Duration>, form: Form) -> Result<Exit, Failure> {
    let (name, label) = (vm.name().to_owned(), vm.label());
    let told = |mut object: Value| {
        object["desktop"] = name.clone().into();
        labelled(&label, object)
    };
    form.tell(format_args!("{name}  {label}"), &told(json!({ "event": "started" })));
    note("the desktop stands; interrupt to end it");
    let ended = |why| form.done(&told(json!({ "event": "ended", "why": why })));
    let life = vm.lifetime().clone();
    if let Some(lifetime) = lifetime {
        life.limit(lifetime);
    }
    let mut warning = WARNING;
    let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        let (gone, stuck) = (vm.ended(), vm.stuck());
        tokio::select! {
            // By `vm stop`, or by itself.
            () = gone => {
                ended("stopped");
                return Ok(Exit::Done);
            }
            wished = vm.wished() => vm.grant(wished).await,
            () = stuck => {
                note("the disk is full, and the desktop stands still");
                note(format_args!("hint: make room, then `deskbound vm resume {name}`"));
                form.done(&told(json!({ "event": "disk full" })));
            }
            ending = life.ending(warning) => match ending {
                Ending::Soon { left } => {
                    warning = Duration::ZERO;
                    let left_s = left.as_secs();
                    note(format_args!("the desktop ends in {left_s} s"));
                    form.done(&told(json!({ "event": "ends soon", "left_s": left_s })));
                }
                Ending::Now => {
                    note("the desktop's time is over");
                    ended("time");
                    return Ok(Exit::Done);
                }
            },
            interrupted = &mut interrupt => {
                interrupted.map_err(Failure::missing)?;
                ended("interrupt");
                return Ok(Exit::Done);
            }
        }
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    const FORM: &str = "a number and s, m or h, such as 90s; 8760h at most";
    const SECONDS_MAX: u64 = 8760 * 3600;
    let (number, seconds): (&str, u64) = [("s", 1), ("m", 60), ("h", 3600)]
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))
        .ok_or(FORM)?;
    let number: u64 = number.parse().map_err(|_| FORM)?;
    number
        .checked_mul(seconds)
        .filter(|s| (1..=SECONDS_MAX).contains(s))
        .map(Duration::from_secs)
        .ok_or_else(|| FORM.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_its_unit() {
        for (text, expected) in [
            ("90s", Some(90)),
            ("8760h", Some(31_536_000)),
            ("8761h", None),
            ("0s", None),
            ("9", None),
            ("", None),
        ] {
            assert_eq!(duration(text).ok(), expected.map(Duration::from_secs), "{text}");
        }
        assert!(duration("é").is_err() && duration("99999999999999999999h").is_err());
    }
}
