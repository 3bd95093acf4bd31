//! A shell that seems to go on between calls: its folder and its environment are kept in a file of
//! the desktop. Nothing hangs between two calls, so a command that was ended spoils nothing.

/// Where one session's shell keeps what it knows: in the user's own folder for such things, which
/// goes when they log out.
pub(super) struct Kept {
    /// A word of the shell's.
    path: String,
}

impl Kept {
    pub(super) fn of(session: u64) -> Self {
        Self { path: format!("\"${{XDG_RUNTIME_DIR:-/tmp}}\"/.deskbound-shell-{session:016x}") }
    }

    /// The command, within what was kept.
    pub(super) fn wrapped(&self, command: &str) -> String {
        let (kept, command) = (&self.path, quoted(command));
        // The file is made before it is written, for nobody else to read; commands have the umask
        // that they always have.
        let script = format!(
            "[ -f {kept} ] && . {kept}\n\
             trap '{{ export -p; printf \"cd %q\\n\" \"$PWD\"; }} 2>/dev/null > {kept}' EXIT\n\
             (umask 077; : >> {kept})\n\
             eval {command}",
        );
        format!("exec bash -c {}", quoted(&script))
    }

    pub(super) fn forgotten(&self) -> String {
        format!("rm -f {} && echo 'the shell was restarted'", self.path)
    }
}

/// One word of a shell, whatever is in it.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_folder_and_a_variable_outlive_their_call() {
        let kept = Kept::of(u64::from(std::process::id()));
        let run = |script: String| {
            let ended = Command::new("sh").args(["-c", &script]).output().unwrap();
            let out = String::from_utf8(ended.stdout).unwrap();
            (ended.status.code(), out.trim_end().to_owned())
        };
        run(kept.wrapped("cd /usr; export GREETING=\"it's – \\$5\""));
        assert_eq!(
            run(kept.wrapped("pwd; echo \"$GREETING\"")),
            (Some(0), "/usr\nit's – $5".into())
        );
        assert_eq!(run(kept.wrapped("exit 7")), (Some(7), String::new()));
        assert_eq!(run(kept.wrapped("pwd")).1, "/usr");
        run(kept.forgotten());
        assert_eq!(run(kept.wrapped("echo \"[$GREETING]\"")).1, "[]");
        run(kept.forgotten());
    }
}
