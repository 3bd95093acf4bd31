//! A script for a plain shell: one machine, or several that share the folder and each run it.

use std::path::Path;

use super::{open_shards, quoted};
use crate::store::Held;

/// What a script for a shell is told.
#[derive(Clone, Copy, Debug)]
pub struct Shell<'s> {
    pub program: &'s Path,
    pub folder: &'s Path,
    /// Shards at the same time.
    pub at_once: u32,
}

/// A script for the shards that are still open.
pub fn shell(held: &Held, about: &Shell<'_>) -> String {
    let open = open_shards(&held.plan, held);
    let program = quoted(&about.program.to_string_lossy());
    let folder = quoted(&about.folder.to_string_lossy());
    if open.is_empty() {
        return "#!/bin/sh\n# Every shard is through: there is nothing to do.\n".to_owned();
    }
    let numbers: Vec<String> = open.iter().map(u32::to_string).collect();
    format!(
        r#"#!/bin/sh
# Again: it goes on with what is open. On several machines that have the folder, by GNU parallel:
#   "$program" eval emit list "$folder" | parallel --sshlogin A,B --joblog "$folder/parallel.log" \
#       --resume-failed "$program" eval run-shard "$folder" --shard
set -u
program={program}
folder={folder}
shards='{shards}'

for shard in $shards; do
    echo "$shard"
done | xargs -P {at_once} -I N "$program" eval run-shard "$folder" --shard N
"$program" eval status "$folder"
"#,
        shards = numbers.join(" "),
        at_once = about.at_once.max(1),
    )
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    use super::*;
    use crate::emit::tests::{held, shell_reads};

    #[test]
    fn it_runs_the_open_shards_and_no_other() {
        // A program that only says how it was asked.
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("it's a program");
        let mut file = std::fs::File::create(&program).unwrap();
        writeln!(file, "#!/bin/sh\necho \"$@\" >> \"$0.log\"").unwrap();
        file.set_permissions(std::fs::Permissions::from_mode(0o755)).unwrap();
        drop(file);
        let plan = Path::new("/a plan");
        let about = Shell { program: &program, folder: plan, at_once: 2 };
        // Two of eight are open.
        let done: Vec<usize> = (0..16).filter(|at| ![1, 6, 14].contains(at)).collect();
        let script = shell(&held(8, 16, &done), &about);
        shell_reads(&script);
        let ended = Command::new("sh").arg("-c").arg(&script).status().unwrap();
        assert!(ended.success());
        let log = folder.path().join("it's a program.log");
        let mut asked: Vec<String> =
            std::fs::read_to_string(log).unwrap().lines().map(str::to_owned).collect();
        assert_eq!(asked.pop().unwrap(), "eval status /a plan");
        asked.sort();
        let expected = [1, 6].map(|shard| format!("eval run-shard /a plan --shard {shard}"));
        assert_eq!(asked, expected);
        let all: Vec<usize> = (0..16).collect();
        assert!(shell(&held(8, 16, &all), &about).contains("nothing to do"));
    }
}
