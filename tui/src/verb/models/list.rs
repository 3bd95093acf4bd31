//! `deskbound models list`

use clap::Args;
use deskbound_agent::sanitize;
use deskbound_models::profile::Profiles;
use deskbound_models::store::{Found, Lock, Pinned, Store};
use serde_json::{Value, json};

use super::{label, profiles, size};
use crate::failure::{Exit, Failure};
use crate::terminal::{escaped, note, say};

#[derive(Args, Debug)]
pub(crate) struct List {
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn run(&self, store: &Store) -> Result<Exit, Failure> {
        let (models, errors) = store.list();
        let lock = store.lock()?;
        let profiles = profiles();
        if self.json {
            let models: Vec<Value> = models.iter().map(|m| model(m, &lock, &profiles)).collect();
            let profiles: Vec<Value> = profiles
                .iter()
                .map(|(profile, _)| json!({"id": profile.id, "trust": profile.trust}))
                .collect();
            let all = json!({"models": models, "profiles": profiles});
            say(escaped(&serde_json::to_string_pretty(&all).expect("names and numbers")));
        } else {
            for found in &models {
                say(line(found, &lock, &profiles));
            }
            if models.is_empty() {
                say(format_args!("no models in {} or a hub cache", store.folder().display()));
            }
            let labels: Vec<String> =
                profiles.iter().map(|(profile, origin)| label(profile, origin)).collect();
            say(format_args!("profiles: {}", labels.join(", ")));
        }
        for error in errors {
            note(Failure::from(error));
        }
        Ok(Exit::Done)
    }
}

fn state(found: &Found, lock: &Lock) -> &'static str {
    match found.pinned(lock.pin(&found.name)) {
        Pinned::Not => "not pinned",
        Pinned::Fits => "pinned",
        Pinned::Differs => "DIFFERS from its pin",
    }
}

fn line(found: &Found, lock: &Lock, profiles: &Profiles) -> String {
    let of_model = profiles.iter().filter(|(profile, _)| {
        profile.models.iter().any(|model| model.eq_ignore_ascii_case(found.name.as_str()))
    });
    let labels: Vec<String> = of_model.map(|(profile, origin)| label(profile, origin)).collect();
    let labels = if labels.is_empty() { "no profile".to_owned() } else { labels.join(", ") };
    let left = match found.left.len() {
        0 => String::new(),
        _ => format!("; never opened: {}", sanitize::line(&found.left.join(", "))),
    };
    format!("{}  {}  {}  {labels}{left}", found.name, size(found.bytes()), state(found, lock))
}

fn model(found: &Found, lock: &Lock, profiles: &Profiles) -> Value {
    let of_model: Vec<&str> =
        profiles.of_model(found.name.as_str()).map(|profile| profile.id.as_str()).collect();
    json!({
        "name": found.name, "bytes": found.bytes(), "pin": state(found, lock),
        "revision": found.revision, "profiles": of_model, "never_opened": found.left,
    })
}
