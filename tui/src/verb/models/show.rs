//! `deskbound models show`

use clap::Args;
use deskbound_models::profile::Profile;
use deskbound_models::store::{Found, Pin, Store, StoreError};
use serde::Serialize;
use serde_json::Value;

use super::{label, named, profiles, size};
use crate::failure::{Exit, Failure};
use crate::terminal::{harmless, say};

#[derive(Args, Debug)]
pub(crate) struct Show {
    /// A model, or a profile.
    name: String,
}

impl Show {
    pub(super) fn run(&self, store: &Store) -> Result<Exit, Failure> {
        let profiles = profiles();
        if let Some((found, origin)) = profiles.iter().find(|(p, _)| p.id == self.name) {
            say(format_args!("{}: {}", label(found, origin), harmless(&found.title)));
            profile(found);
            return Ok(Exit::Done);
        }
        let name = named(&self.name)?;
        let found = store.find(&name).map_err(|error| match error {
            StoreError::Unknown { .. } => {
                let what = format!("there is neither a model nor a profile `{name}`");
                Failure::missing(what).hint("`deskbound models list` shows those there are")
            }
            other => other.into(),
        })?;
        model(&found, store.lock()?.pin(&name));
        for profile in profiles.of_model(name.as_str()) {
            say(format_args!("profile {}: {}", profile.id, harmless(&profile.title)));
        }
        Ok(Exit::Done)
    }
}

fn model(found: &Found, pin: Option<&Pin>) {
    say(format_args!("{} in {}", found.name, harmless(&found.folder.display().to_string())));
    if let Some(revision) = &found.revision {
        say(format_args!("revision {revision}"));
    }
    for file in &found.files {
        let pinned = pin.and_then(|pin| pin.files.get(&file.name));
        let trust = match pinned {
            None => "not pinned".to_owned(),
            Some(pinned) if pinned.bytes != file.bytes => "DIFFERS from its pin".to_owned(),
            Some(pinned) => format!("sha256 {}", harmless(&pinned.sha256)),
        };
        say(format_args!("  {}  {}  {trust}", harmless(&file.name), size(file.bytes)));
    }
    for file in pin.iter().flat_map(|pin| pin.files.keys()) {
        if found.files.iter().all(|there| there.name != *file) {
            say(format_args!("  {}  MISSING, and pinned", harmless(file)));
        }
    }
    for file in &found.left {
        say(format_args!("  {}  never opened", harmless(file)));
    }
}

fn profile(profile: &Profile) {
    say(format_args!("family    {}", word(&profile.family)));
    say(format_args!("licence   {}", harmless(&profile.licence)));
    say(format_args!("source    {}", harmless(&profile.source)));
    for model in &profile.models {
        say(format_args!("model     {}", harmless(model)));
    }
    if let Some(image) = profile.image {
        let (least, most) = (image.min_px, image.max_px);
        say(format_args!("image     {least} to {most} pixels, sides ×{}", image.factor));
    }
    if let Some(grounding) = &profile.grounding {
        let zoom = if grounding.zoom.is_some() { ", with a second look" } else { "" };
        let reply = &grounding.reply;
        let (output, space) = (word(&reply.output), word(&reply.coordinates));
        say(format_args!("grounding {output}, {space}{zoom}"));
    }
    if let Some(vision) = &profile.vision {
        say(format_args!("vision    words, or a list, {}", word(&vision.coordinates)));
    }
    if let Some(action) = &profile.action {
        let calls: Vec<&str> = action.reply.calls.keys().map(String::as_str).collect();
        let calls =
            if calls.is_empty() { "the tools it is given".to_owned() } else { calls.join(" ") };
        say(format_args!("action    {}: {}", word(&action.reply.output), harmless(&calls)));
    }
}

/// As it is written in a profile.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(error) => error.to_string(),
    }
}
