//! `deskbound policy`: what runs are allowed to do.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use deskbound_agent::policy::{Deed, EffectClass, Surface, VerbKind, lint};

use crate::failure::{Exit, Failure};
use crate::terminal::say;
use crate::verb::Setting;

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Look for rules that do not do what they seem to.
    Lint {
        /// The policy; the user's own where none is named.
        file: Option<PathBuf>,
    },
    /// Say what a policy would say to an action, and by which rule.
    Explain(Explain),
}

#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// click, move, button, drag, scroll, key, type, launch, open, window, clipboard, shell,
    /// read-file or write-file.
    #[arg(value_parser = verb)]
    verb: VerbKind,
    /// observe, reversible, external, irreversible or credential.
    #[arg(long, value_parser = effect, default_value = "reversible")]
    effect: EffectClass,
    #[arg(long, default_value = "")]
    application: String,
    /// The window's title.
    #[arg(long, default_value = "")]
    window: String,
    /// What is acted on, such as `button`.
    #[arg(long, default_value = "")]
    role: String,
    /// The name of what is acted on.
    #[arg(long, default_value = "")]
    element: String,
    /// A file that is named.
    #[arg(long)]
    path: Vec<String>,
    /// On the user's own desktop, not on a disposable one.
    #[arg(long)]
    own: bool,
    /// The policy; the user's own where none is named.
    #[arg(long)]
    policy: Option<PathBuf>,
}

impl Policy {
    pub(crate) fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        match self {
            Self::Lint { file } => {
                let policy = setting.policy(file.as_deref(), Surface::Own)?;
                let flaws = lint(&policy);
                flaws.iter().for_each(say);
                if flaws.is_empty() {
                    say(format_args!(
                        "{} rules, each with something to decide",
                        policy.rules().len()
                    ));
                    return Ok(Exit::Done);
                }
                Ok(Exit::Failed)
            }
            Self::Explain(explain) => explain.run(setting),
        }
    }
}

impl Explain {
    fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let surface = if self.own { Surface::Own } else { Surface::Disposable };
        let policy = setting.policy(self.policy.as_deref(), surface)?;
        let ruling = policy.judge(&Deed {
            verb: self.verb,
            effect: self.effect,
            application: self.application.clone(),
            window: self.window.clone(),
            role: self.role.clone(),
            element: self.element.clone(),
            paths: self.path.clone(),
        });
        let judgement = word(&ruling.judgement);
        say(format_args!("{judgement}: {}", deskbound_agent::sanitize::line(&ruling.rule)));
        Ok(Exit::Done)
    }
}

/// A value in the word that a policy's file has for it.
fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).expect("it is one word");
    value.as_str().unwrap_or_default().to_owned()
}

fn verb(text: &str) -> Result<VerbKind, String> {
    parsed(text)
}

fn effect(text: &str) -> Result<EffectClass, String> {
    parsed(text)
}

fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|error| error.to_string())
}
