//! Which verbs may use the network: one table, swept by a test.
//!
//! A confined verb can make no socket but a local one. An online verb touches no weights and no
//! journal, and a confined process never starts an online one; the other way round is how `vm build`
//! has the desktop that it made looked at.

use clap::ArgMatches;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Confined,
    Online,
}

/// A verb as it is typed, the flag that makes the row count (none: always), and its reach. The
/// first row that fits is taken.
const TABLE: &[(&str, Option<&str>, Reach)] = &[
    // Starts `vm build`, then `run`, each as a process of its own.
    ("demo", None, Reach::Online),
    ("run", None, Reach::Confined),
    ("attach", None, Reach::Confined),
    ("status", None, Reach::Confined),
    ("tell", None, Reach::Confined),
    ("replay", None, Reach::Confined),
    ("doctor", Some("install"), Reach::Online),
    ("doctor", None, Reach::Confined),
    // Starts `vm settle`.
    ("vm build", None, Reach::Online),
    ("vm settle", None, Reach::Confined),
    ("vm checkpoint", None, Reach::Confined),
    ("vm rewind", None, Reach::Confined),
    ("vm fork", None, Reach::Confined),
    ("vm export", None, Reach::Confined),
    ("vm import", None, Reach::Confined),
    ("vm list", None, Reach::Confined),
    ("vm prune", None, Reach::Confined),
    ("vm run", None, Reach::Confined),
    ("vm start", None, Reach::Confined),
    ("vm tree", None, Reach::Confined),
    ("vm shell", None, Reach::Confined),
    ("vm copy", None, Reach::Confined),
    ("vm screenshot", None, Reach::Confined),
    ("vm type", None, Reach::Confined),
    ("vm key", None, Reach::Confined),
    ("vm click", None, Reach::Confined),
    ("vm view", None, Reach::Confined),
    ("vm pause", None, Reach::Confined),
    ("vm resume", None, Reach::Confined),
    ("vm stop", None, Reach::Confined),
    // The session's buses are local sockets.
    ("a11y tree", None, Reach::Confined),
    ("a11y find", None, Reach::Confined),
    ("a11y watch", None, Reach::Confined),
    ("a11y doctor", None, Reach::Confined),
    ("models list", None, Reach::Confined),
    ("models show", None, Reach::Confined),
    #[cfg(feature = "pull")]
    ("models pull", None, Reach::Online),
    ("models verify", None, Reach::Confined),
    ("models import", None, Reach::Confined),
    ("models export", None, Reach::Confined),
    ("models bench", None, Reach::Confined),
    ("models chat", None, Reach::Confined),
    ("models ground", None, Reach::Confined),
    ("models see", None, Reach::Confined),
    ("models serve", None, Reach::Confined),
    ("eval ablate", None, Reach::Confined),
    ("eval ground", None, Reach::Confined),
    ("eval harvest", None, Reach::Confined),
    ("eval table", None, Reach::Confined),
    ("eval run", None, Reach::Confined),
    ("eval list", None, Reach::Confined),
    ("eval check", None, Reach::Confined),
    ("eval plan", None, Reach::Confined),
    ("eval run-shard", None, Reach::Confined),
    ("eval stage", None, Reach::Confined),
    ("eval status", None, Reach::Confined),
    ("eval watch", None, Reach::Confined),
    ("eval merge", None, Reach::Confined),
    ("eval report", None, Reach::Confined),
    ("eval compare", None, Reach::Confined),
    ("eval baseline", None, Reach::Confined),
    ("eval export", None, Reach::Confined),
    ("eval emit slurm", None, Reach::Confined),
    ("eval emit shell", None, Reach::Confined),
    ("eval emit kubernetes", None, Reach::Confined),
    ("eval emit list", None, Reach::Confined),
    ("eval import", None, Reach::Confined),
    ("serve", None, Reach::Confined),
    ("config show", None, Reach::Confined),
    ("policy lint", None, Reach::Confined),
    ("policy explain", None, Reach::Confined),
    // It starts the user's own applications, which are as free as the user.
    ("launcher", None, Reach::Online),
    // Puts nothing on, to find out what it was started under; makes sockets, connects none.
    ("probe", None, Reach::Online),
    ("runs list", None, Reach::Confined),
    ("runs export", None, Reach::Confined),
    ("runs pasted", None, Reach::Confined),
    ("runs prune", None, Reach::Confined),
    ("runs show", None, Reach::Confined),
    ("runs replay", None, Reach::Confined),
    ("runs report", None, Reach::Confined),
    ("runs verify", None, Reach::Confined),
    ("home", None, Reach::Confined),
    ("completions", None, Reach::Confined),
    ("man", None, Reach::Confined),
];

/// The reach of what was typed. A verb without a row is confined.
pub(crate) fn reach(matches: &ArgMatches) -> Reach {
    let (mut verb, mut matches) = (String::new(), matches);
    while let Some((name, inner)) = matches.subcommand() {
        verb = format!("{verb} {name}").trim_start().to_owned();
        matches = inner;
    }
    let fits = |(row, flag, _): &&(&str, Option<&str>, Reach)| {
        *row == verb && flag.is_none_or(|flag| matches.get_flag(flag))
    };
    TABLE.iter().find(fits).map_or(Reach::Confined, |(.., reach)| *reach)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::{Command, CommandFactory as _};

    use super::*;
    use crate::verb::Cli;

    fn leaves(command: &Command, path: &str, found: &mut BTreeSet<String>) {
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            let path = format!("{path} {}", inner.get_name()).trim_start().to_owned();
            if inner.has_subcommands() {
                leaves(inner, &path, found);
            } else {
                found.insert(path);
            }
        }
    }

    #[test]
    fn every_verb_has_a_row_and_every_row_a_verb() {
        let mut verbs = BTreeSet::new();
        leaves(&Cli::command(), "", &mut verbs);
        let rows: BTreeSet<_> = TABLE.iter().map(|(verb, ..)| (*verb).to_owned()).collect();
        assert_eq!(rows, verbs);
    }

    #[test]
    fn only_these_reach_the_network() {
        for (typed, expected) in [
            ("demo", Reach::Online),
            ("run x", Reach::Confined),
            ("attach last", Reach::Confined),
            ("replay last", Reach::Confined),
            ("doctor", Reach::Confined),
            ("doctor --json", Reach::Confined),
            ("doctor --install", Reach::Online),
            ("vm build", Reach::Online),
            ("vm settle", Reach::Confined),
            ("vm checkpoint a b", Reach::Confined),
            ("vm rewind a", Reach::Confined),
            ("vm fork a b", Reach::Confined),
            ("vm export a", Reach::Confined),
            ("vm import a", Reach::Confined),
            ("vm list", Reach::Confined),
            ("vm prune", Reach::Confined),
            ("vm run -- true", Reach::Confined),
            ("vm tree", Reach::Confined),
            ("vm shell", Reach::Confined),
            ("vm copy a desk:b", Reach::Confined),
            ("vm type desk x", Reach::Confined),
            ("vm stop desk", Reach::Confined),
            ("a11y tree --json", Reach::Confined),
            ("a11y find button", Reach::Confined),
            ("a11y watch", Reach::Confined),
            ("a11y doctor", Reach::Confined),
            ("models list", Reach::Confined),
            ("models show a", Reach::Confined),
            #[cfg(feature = "pull")]
            ("models pull a/b", Reach::Online),
            ("models verify a --pin", Reach::Confined),
            ("models import a", Reach::Confined),
            ("models export a", Reach::Confined),
            ("eval run first-steps", Reach::Confined),
            ("eval list", Reach::Confined),
            ("eval check desk", Reach::Confined),
            ("eval plan . desk", Reach::Confined),
            ("eval run-shard . --shard 0", Reach::Confined),
            ("eval status .", Reach::Confined),
            ("eval merge .", Reach::Confined),
            ("eval report a", Reach::Confined),
            ("eval compare a b", Reach::Confined),
            ("eval baseline a", Reach::Confined),
            ("eval export a --as csv", Reach::Confined),
            ("eval emit slurm .", Reach::Confined),
            ("eval import . --check", Reach::Confined),
            ("serve", Reach::Confined),
            ("policy lint", Reach::Confined),
            ("policy explain click", Reach::Confined),
            ("launcher", Reach::Online),
            ("runs list", Reach::Confined),
            ("runs replay a", Reach::Confined),
            ("runs report a", Reach::Confined),
            ("runs verify", Reach::Confined),
            ("home choice", Reach::Confined),
            ("completions bash", Reach::Confined),
            ("man .", Reach::Confined),
        ] {
            let words = std::iter::once("deskbound").chain(typed.split(' '));
            let matches = Cli::command().try_get_matches_from(words).unwrap();
            assert_eq!(reach(&matches), expected, "{typed}");
        }
    }
}
