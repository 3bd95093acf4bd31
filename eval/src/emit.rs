//! Scripts for schedulers. A script is all there is to a scheduler: it runs shards and looks at how
//! they ended.

mod kubernetes;
mod shell;

use std::path::Path;

use crate::plan::Plan;
use crate::store::Held;

pub use kubernetes::{Kubernetes, KubernetesError, kubernetes};
pub use shell::{Shell, shell};

/// Slurm numbers the tasks of an array from 0 to 1000, unless it is told otherwise.
const ARRAY_MAX: usize = 1_000;

/// What a script for Slurm is told.
#[derive(Clone, Debug)]
pub struct Slurm<'s> {
    /// This program, on a path that every node has.
    pub program: &'s Path,
    /// The folder of the plan, likewise.
    pub folder: &'s Path,
    /// Shards at the same time; none: as many as there is room for.
    pub at_once: Option<u32>,
    /// Of one shard, in minutes. One that is cut off goes on where it was.
    pub minutes: u32,
    pub cpus: u32,
    pub memory_mib: u32,
    /// A folder on a disk of each node, to which weights and desktops are brought first.
    pub scratch: Option<&'s Path>,
}

/// A script for the shards that are still open.
pub fn slurm(held: &Held, about: &Slurm<'_>) -> String {
    let open = open_shards(&held.plan, held);
    let room = about.at_once.map_or(String::new(), |room| format!("%{room}"));
    // Numbers beyond what an array can have are counted from an offset.
    let chunks: Vec<(u32, String)> = (0..held.plan.shards)
        .step_by(ARRAY_MAX)
        .filter_map(|offset| {
            let end = offset.saturating_add(u32::try_from(ARRAY_MAX).unwrap_or(u32::MAX));
            let inside = open.iter().filter(|shard| (offset..end).contains(*shard));
            let numbers = ranges(&inside.map(|shard| shard - offset).collect::<Vec<_>>());
            (!numbers.is_empty()).then_some((offset, numbers))
        })
        .collect();
    let first = chunks.first().map_or("0".to_owned(), |(_, numbers)| numbers.clone());
    let offset = chunks.first().map_or(0, |(offset, _)| *offset);
    let mut submits = String::new();
    for (offset, numbers) in chunks.iter().skip(1) {
        submits.push_str(&format!(
            "#   sbatch --array={numbers}{room} --export=ALL,DESKBOUND_OFFSET={offset} SCRIPT\n"
        ));
    }
    let more = match submits.is_empty() {
        true => String::new(),
        false => format!("# The other shards, beyond what one array can have:\n{submits}"),
    };
    let none =
        if open.is_empty() { "# Every shard is through: there is nothing to do.\n" } else { "" };
    format!(
        r#"#!/bin/sh
#SBATCH --job-name=deskbound-eval
#SBATCH --array={first}{room}
#SBATCH --cpus-per-task={cpus}
#SBATCH --mem={memory}M
#SBATCH --time={minutes}
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@60
{none}{more}# A sample is the unit: a shard that is stopped or killed goes on with those that have no result.
set -u
program={program}
folder={folder}
shard=$((SLURM_ARRAY_TASK_ID + ${{DESKBOUND_OFFSET:-{offset}}}))
{stage}
"$program" eval run-shard "$folder" --shard "$shard" &
child=$!
trap 'kill -TERM "$child" 2>/dev/null' USR1 TERM
status=0
wait "$child" || status=$?
# A trap ends the waiting, not the child.
while kill -0 "$child" 2>/dev/null; do
    status=0
    wait "$child" || status=$?
done
case $status in
    75) scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}" ;;
    69) echo "the desktops of $(hostname) fail: submit again with --exclude=$(hostname)" >&2 ;;
    65) echo "the plan is of another suite or program: plan again" >&2 ;;
esac
exit "$status"
"#,
        cpus = about.cpus,
        memory = about.memory_mib,
        minutes = about.minutes,
        stage = about.scratch.map(staged).unwrap_or_default(),
        program = quoted(&about.program.to_string_lossy()),
        folder = quoted(&about.folder.to_string_lossy()),
    )
}

/// What the plan needs is brought to the node before the shard begins.
fn staged(scratch: &Path) -> String {
    let scratch = quoted(&scratch.to_string_lossy());
    format!(
        "\nscratch={scratch}\n\"$program\" eval stage \"$folder\" --into \"$scratch\" || exit\n\
         export XDG_DATA_HOME=\"$scratch\"\n"
    )
}

/// Shards in which a sample has no result.
pub fn open_shards(plan: &Plan, held: &Held) -> Vec<u32> {
    let is_open = |shard: &u32| {
        let items = plan.shard(*shard).expect("it is below the number of shards");
        items.iter().any(|item| !held.results.contains_key(&item.id))
    };
    (0..plan.shards).filter(is_open).collect()
}

/// `0-3,7`.
pub(crate) fn ranges(numbers: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == *number => *end = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let said = ranges.iter().map(|(from, to)| match from == to {
        true => from.to_string(),
        false => format!("{from}-{to}"),
    });
    said.collect::<Vec<_>>().join(",")
}

/// One word for a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::outcome::Status;
    use crate::outcome::tests::outcome;
    use crate::plan::tests::conditions;
    use crate::plan::{FORMAT, Item};

    /// Of so many samples, those have a result.
    pub(crate) fn held(shards: u32, samples: usize, done: &[usize]) -> Held {
        let task = |number: usize| format!("t{number}");
        let items = (0..samples).map(|number| Item::new(&task(number), 1, 1, 0)).collect();
        let result = |number: &usize| {
            let outcome = outcome(&task(*number), 1, Status::Pass);
            (outcome.item.id.clone(), outcome)
        };
        let results = done.iter().map(result).collect();
        let plan = Plan { format: FORMAT, conditions: conditions(), shards, items };
        Held { plan, results, broken: BTreeMap::new() }
    }

    fn script(held: &Held) -> String {
        let about = Slurm {
            program: Path::new("/opt/it's/deskbound"),
            folder: Path::new("/shared/run"),
            at_once: Some(2),
            minutes: 90,
            cpus: 2,
            memory_mib: 3072,
            scratch: Some(Path::new("/scratch/of us")),
        };
        slurm(held, &about)
    }

    #[test]
    fn only_open_shards_are_asked_for() {
        for (done, expected) in [
            (&[][..], "#SBATCH --array=0-3%2"),
            (&[0, 4], "#SBATCH --array=1-3%2"),
            (&[1, 5, 2, 6], "#SBATCH --array=0,3%2"),
        ] {
            let script = script(&held(4, 8, done));
            assert!(script.lines().any(|line| line == expected), "{expected}\n{script}");
        }
    }

    #[test]
    fn more_shards_than_an_array_can_have_come_in_several() {
        let script = script(&held(2500, 2500, &[]));
        for expected in [
            "#SBATCH --array=0-999%2",
            "#   sbatch --array=0-999%2 --export=ALL,DESKBOUND_OFFSET=1000 SCRIPT",
            "#   sbatch --array=0-499%2 --export=ALL,DESKBOUND_OFFSET=2000 SCRIPT",
            r"program='/opt/it'\''s/deskbound'",
            "scratch='/scratch/of us'",
            "export XDG_DATA_HOME=\"$scratch\"",
        ] {
            assert!(script.lines().any(|line| line == expected), "{expected}\n{script}");
        }
    }

    /// A shell can read it, and whoever knows what goes wrong with shells finds nothing.
    pub(crate) fn shell_reads(script: &str) {
        use std::io::Write as _;
        use std::process::{Command, Stdio};
        for words in [&["sh", "-n"][..], &["shellcheck", "--shell=sh", "-"]] {
            let mut reader = Command::new(words[0]);
            let Ok(mut reader) = reader.args(&words[1..]).stdin(Stdio::piped()).spawn() else {
                // Not everybody has shellcheck; everybody has a shell.
                assert_ne!(words[0], "sh");
                continue;
            };
            let mut stdin = reader.stdin.take().expect("it is piped");
            stdin.write_all(script.as_bytes()).expect("it reads");
            drop(stdin);
            assert!(reader.wait().expect("it ends").success(), "{words:?}\n{script}");
        }
    }

    #[test]
    fn a_shell_can_read_it() {
        shell_reads(&script(&held(4, 8, &[])));
        // Two of eight, and none.
        let done: Vec<usize> = (0..16).filter(|at| ![1, 6, 14].contains(at)).collect();
        let script = script(&held(8, 16, &done));
        assert!(script.lines().any(|line| line == "#SBATCH --array=1,6%2"), "{script}");
        shell_reads(&script);
    }
}
