//! `deskbound demo`: from nothing to a task done and checked, in one command.
//!
//! A supervisor: it installs and builds, which needs the network, and so it may not touch weights
//! or journals. The run itself is a process of its own, which confines itself. Whether the
//! task was done is decided here, by reading the file that the run took out of the desktop.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Instant;

use clap::Args;
use deskbound_host::{Purpose, install, missing};
use rustix::process::{
    Pid, Signal, getpid, getppid, kill_process, set_parent_process_death_signal,
};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

use crate::failure::{Exit, Failure};
use crate::models::Models;
use crate::terminal::{note, say};
use crate::verb::Setting;

const FILE: &str = "hello.txt";
const TEXT: &str = "Nothing left this desk";

#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// The desktop to build and use.
    #[arg(long, default_value = "minimal")]
    recipe: String,
    /// Which models decide: trained, shuffled:SEED or rules.
    #[arg(long, default_value_t = Models::Trained)]
    models: Models,
}

impl Demo {
    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let started = Instant::now();
        note("1/4 what this needs from Debian");
        install(&missing(Purpose::Run), &mut |progress| note(format_args!("    {progress}")))?;
        note("2/4 a desktop");
        let built = ours(&["vm", "build", "--recipe", &self.recipe]).await?;
        if built != Exit::Done {
            return Ok(built);
        }
        let instruction = format!("Write \"{TEXT}\" and save it as {FILE}");
        note(format_args!("3/4 the task: {instruction}"));
        let collected = setting.folders.cache.join(format!("demo-{}", std::process::id()));
        fs::create_dir_all(&collected).map_err(Failure::missing)?;
        let outcome = self.try_once(&instruction, &collected).await;
        let found = fs::read_to_string(collected.join(FILE));
        fs::remove_dir_all(&collected).map_err(Failure::missing)?;
        let ran = outcome?;
        note("4/4 the check: the file, as it was taken out of the desktop");
        if ran == Exit::Interrupted {
            return Ok(ran);
        }
        match found {
            Ok(found)
                if found.strip_suffix('\n').unwrap_or(&found) == TEXT && ran == Exit::Done =>
            {
                let took = started.elapsed().as_secs();
                say(format_args!("{FILE} holds “{TEXT}”: done in {took} s"));
                Ok(Exit::Done)
            }
            Ok(_) if ran == Exit::Done => {
                Err(Failure::new(Exit::Failed, format!("{FILE} does not hold “{TEXT}”")))
            }
            Ok(_) => Ok(ran),
            Err(_) if ran != Exit::Done => Ok(ran),
            Err(error) => Err(Failure::new(Exit::Failed, error)),
        }
    }

    async fn try_once(&self, instruction: &str, into: &Path) -> Result<Exit, Failure> {
        let check = format!("file={FILE}:text={TEXT}");
        let models = self.models.to_string();
        let words = ["run", instruction, "--recipe", &self.recipe, "--models", &models];
        let mut words: Vec<OsString> = words.map(OsString::from).into();
        words.extend(["--check", &check, "--collect", FILE, "--into"].map(OsString::from));
        words.push(into.into());
        ours(&words).await
    }
}

/// Runs this program with other words, and waits.
///
/// The child is in a process group of its own, so that an interrupt at the terminal reaches it
/// once, from here, and it ends in order. Should this process die, the kernel ends the child: more
/// exactly, when the thread that forked dies, and verbs are run by the main thread.
#[allow(unsafe_code, reason = "what must happen between fork and exec has no safe form")]
async fn ours(words: &[impl AsRef<std::ffi::OsStr>]) -> Result<Exit, Failure> {
    let program = std::env::current_exe().map_err(Failure::missing)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::missing)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::missing)?;
    let mut command = Command::new(program);
    command.args(words).process_group(0).kill_on_drop(true);
    let owner = getpid();
    // SAFETY: two system calls, each safe after a fork.
    unsafe {
        command.pre_exec(move || {
            set_parent_process_death_signal(Some(Signal::TERM))?;
            if getppid() != Some(owner) {
                return Err(io::Error::other("the owner has ended"));
            }
            Ok(())
        });
    }
    let mut child = command.spawn().map_err(Failure::missing)?;
    let status = loop {
        let signal = tokio::select! {
            status = child.wait() => break status.map_err(Failure::missing)?,
            _ = interrupt.recv() => Signal::INT,
            _ = terminate.recv() => Signal::TERM,
        };
        let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(pid) = pid {
            // It has ended already: as good.
            let _ = kill_process(pid, signal);
        }
    };
    Ok(match status.code().and_then(|code| u8::try_from(code).ok()) {
        Some(0) => Exit::Done,
        Some(1) => Exit::Failed,
        Some(130) => Exit::Interrupted,
        Some(code) => Exit::Status(code),
        None => Exit::Interrupted,
    })
}
