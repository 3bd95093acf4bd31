//! What a profile must hold beyond its keys and types: each rule names the key and what would do.

use std::path::Path;

use super::action::Meaning;
use super::error::ProfileError;
use super::grammar::OutputGrammar;
use super::inventory::VisionProfile;
use super::key::{Chord, KeyStyle};
use super::prompt::{IMAGE, Text};
use super::record::{ActionProfile, GroundingProfile, Profile, Prompt, ReplyForm, Sampling};
use super::space::CoordinateSpace;

const ID_CHARS_MAX: usize = 64;
const TOKENS_MAX: u32 = 32_768;
const STEPS_MAX: u32 = 64;
const FACTOR_MAX: u32 = 256;

const GROUNDING_PLACES: &[&str] = &[IMAGE, "phrase", "width", "height"];
const ACTION_PLACES: &[&str] =
    &[IMAGE, "instruction", "elements", "history", "outcome", "width", "height"];
const VISION_PLACES: &[&str] = &[IMAGE, "question"];
const ENTRY_PLACES: &[&str] = &["number", "thought", "summary", "said", "outcome"];

/// Rules with the file that they are held against.
struct Check<'a> {
    file: &'a Path,
}

impl Profile {
    pub(super) fn check(&self, file: &Path) -> Result<(), ProfileError> {
        let check = Check { file };
        let is_id_char = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
        let is_id = (1..=ID_CHARS_MAX).contains(&self.id.len()) && self.id.chars().all(is_id_char);
        check.holds(
            is_id,
            "id",
            &self.id,
            "lower-case letters, digits, `.` and `-` are allowed",
        )?;
        check.image(self)?;
        if self.grounding.is_none() && self.vision.is_none() && self.action.is_none() {
            let what = "neither grounding nor vision nor action";
            return check.holds(false, "grounding", what, "at least one is needed");
        }
        if let Some(vision) = &self.vision {
            check.vision(vision, self.image.is_some())?;
        }
        if let Some(grounding) = &self.grounding {
            check.grounding(grounding, self.image.is_some())?;
        }
        self.action.as_ref().map_or(Ok(()), |action| check.action(action, self.image.is_some()))
    }
}

impl Check<'_> {
    fn holds(&self, does: bool, key: &str, what: &str, allowed: &str) -> Result<(), ProfileError> {
        if does {
            return Ok(());
        }
        Err(ProfileError::Value {
            file: self.file.to_owned(),
            key: key.to_owned(),
            what: format!("`{what}` will not do"),
            allowed: allowed.to_owned(),
        })
    }

    fn image(&self, profile: &Profile) -> Result<(), ProfileError> {
        let Some(image) = profile.image else { return Ok(()) };
        let factor = (1..=FACTOR_MAX).contains(&image.factor);
        self.holds(factor, "image.factor", &image.factor.to_string(), "1 to 256")?;
        let least = image.factor * image.factor;
        let fits = image.min_px <= image.max_px && image.max_px >= least;
        let allowed = "at least `min-px`, and one tile";
        self.holds(fits, "image.max-px", &image.max_px.to_string(), allowed)
    }

    fn grounding(&self, grounding: &GroundingProfile, sees: bool) -> Result<(), ProfileError> {
        self.holds(sees, "grounding", "without `image`", "`[image]` says what the model can see")?;
        self.prompt("grounding.prompt", &grounding.prompt, GROUNDING_PLACES)?;
        let user = &grounding.prompt.user;
        let key = "grounding.prompt.user";
        self.once(key, user, IMAGE)?;
        self.once(key, user, "phrase")?;
        self.reply("grounding.reply", &grounding.reply)?;
        let form = &grounding.reply;
        let calls = form.output.is_of_calls();
        self.holds(
            calls != form.calls.is_empty(),
            "grounding.reply.calls",
            if calls { "nothing" } else { "a map" },
            "calls of the output need a map; points have none",
        )?;
        self.context("grounding.context", grounding.context)?;
        self.sampling("grounding.sampling", &grounding.sampling)?;
        match grounding.zoom {
            Some(zoom) => {
                let fits = zoom.share > 0.0 && zoom.share < 1.0;
                self.holds(
                    fits,
                    "grounding.zoom.share",
                    &zoom.share.to_string(),
                    "above 0, below 1",
                )
            }
            None => Ok(()),
        }
    }

    fn vision(&self, vision: &VisionProfile, sees: bool) -> Result<(), ProfileError> {
        self.holds(sees, "vision", "without `image`", "`[image]` says what the model can see")?;
        self.prompt("vision.prompt", &vision.prompt, VISION_PLACES)?;
        let user = &vision.prompt.user;
        self.once("vision.prompt.user", user, IMAGE)?;
        self.once("vision.prompt.user", user, "question")?;
        self.places("vision.list", &vision.list, &[])?;
        let whole = vision.coordinates != CoordinateSpace::Rel1;
        self.holds(whole, "vision.coordinates", "rel1", "a space of whole numbers is needed")?;
        self.context("vision.context", vision.context)?;
        self.sampling("vision.sampling", &vision.sampling)
    }

    /// A role's budget, if it has one.
    fn context(&self, key: &str, tokens: Option<u32>) -> Result<(), ProfileError> {
        let fits = tokens.is_none_or(|tokens| tokens > 0);
        self.holds(fits, key, "0", "at least 1")
    }

    fn action(&self, action: &ActionProfile, sees: bool) -> Result<(), ProfileError> {
        self.prompt("action.prompt", &action.prompt, ACTION_PLACES)?;
        let images = action.prompt.user.places().filter(|place| *place == IMAGE).count();
        let what = format!("{images} × {{image}}");
        let allowed = "once for a model that sees, never for one that does not";
        self.holds(images == usize::from(sees), "action.prompt.user", &what, allowed)?;
        self.reply("action.reply", &action.reply)?;
        let output = action.reply.output;
        let what = format!("{output:?}");
        self.holds(output.is_of_calls(), "action.reply.output", &what, "one of calls, not points")?;
        let history = &action.history;
        let keep = (0..=STEPS_MAX).contains(&history.keep);
        self.holds(keep, "action.history.keep", &history.keep.to_string(), "0 to 64")?;
        let fold = (1..=STEPS_MAX).contains(&history.fold);
        self.holds(fold, "action.history.fold", &history.fold.to_string(), "1 to 64")?;
        if let Some(entry) = &history.entry {
            self.places("action.history.entry", entry, ENTRY_PLACES)?;
        }
        self.context("action.context", action.context)?;
        self.sampling("action.sampling", &action.sampling)
    }

    fn prompt(&self, key: &str, prompt: &Prompt, places: &[&str]) -> Result<(), ProfileError> {
        self.places(&format!("{key}.user"), &prompt.user, places)?;
        if let Some(next) = &prompt.next {
            self.places(&format!("{key}.next"), next, places)?;
        }
        if let Some(system) = &prompt.system {
            let blind: Vec<&str> = places.iter().copied().filter(|place| *place != IMAGE).collect();
            self.places(&format!("{key}.system"), system, &blind)?;
        }
        Ok(())
    }

    fn places(&self, key: &str, text: &Text, known: &[&str]) -> Result<(), ProfileError> {
        let unknown = text.places().find(|place| !known.contains(place));
        let allowed: Vec<String> = known.iter().map(|place| format!("{{{place}}}")).collect();
        let what = format!("{{{}}}", unknown.unwrap_or_default());
        self.holds(unknown.is_none(), key, &what, &format!("allowed are {}", allowed.join(", ")))
    }

    fn once(&self, key: &str, text: &Text, place: &str) -> Result<(), ProfileError> {
        let times = text.places().filter(|found| *found == place).count();
        let what = format!("{times} × {{{place}}}");
        self.holds(times == 1, key, &what, "it belongs there once")
    }

    fn reply(&self, key: &str, form: &ReplyForm) -> Result<(), ProfileError> {
        let needs = !form.output.is_of_calls() || form.calls.values().any(has_point);
        self.holds(
            !needs || form.coordinates.is_some(),
            &format!("{key}.coordinates"),
            "nothing",
            "rel1000, rel999, rel1, abs-resized, or declared with a width and a height",
        )?;
        for (name, meaning) in &form.calls {
            let Meaning::Chord { keys } = meaning else { continue };
            let keys = serde_json::Value::from(keys.clone());
            let reads = Chord::read(&keys, KeyStyle::List).is_some();
            let key = format!("{key}.calls.{name}");
            self.holds(reads, &key, &keys.to_string(), "one to eight keys")?;
        }
        Ok(())
    }

    fn sampling(&self, key: &str, sampling: &Sampling) -> Result<(), ProfileError> {
        let temperature = sampling.temperature;
        let fits = (0.0..=2.0).contains(&temperature);
        self.holds(fits, &format!("{key}.temperature"), &temperature.to_string(), "0 to 2")?;
        let tokens = sampling.max_tokens;
        let fits = (1..=TOKENS_MAX).contains(&tokens);
        self.holds(fits, &format!("{key}.max-tokens"), &tokens.to_string(), "1 to 32768")
    }
}

fn has_point(meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Move { .. }
        | Meaning::Drag { .. }
        | Meaning::Path { .. }
        | Meaning::Zoom { .. } => true,
        Meaning::Click { at, .. } | Meaning::Type { at, .. } | Meaning::Scroll { at, .. } => {
            at.is_some()
        }
        _ => false,
    }
}

impl OutputGrammar {
    /// Whether it writes calls; the others write a point.
    pub fn is_of_calls(self) -> bool {
        match self {
            Self::JsonXy | Self::BracketXy | Self::ParenXy | Self::BoxTokens | Self::AnswerTag => {
                false
            }
            Self::ToolCallJson
            | Self::ToolCallXml
            | Self::LlamaJson
            | Self::UitarsCall
            | Self::VenusCall
            | Self::Pyautogui
            | Self::DictCall => true,
        }
    }
}
