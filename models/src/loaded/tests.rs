//! Every profile asks a random model of its own architecture, and reads what it answers: nonsense,
//! but never malformed.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use image::RgbImage;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::*;
use crate::engine::DeviceChoice;
use crate::profile::{Family, Message, Part, Profiles, Role};
use crate::roles::{
    Actor, ArgumentSpec, Context, GroundRequest, Grounder, Grounding, Hands, Move, ToolCall,
    ToolSpec, Turn, Viewer,
};

/// As many letters as the longest prompt of a profile has, and an image.
const CONTEXT: usize = 24_576;

const TOOLS: &[ToolSpec] = &[ToolSpec {
    name: "click",
    purpose: "click on an element",
    arguments: &[ArgumentSpec { name: "element", purpose: "its number", required: true }],
}];

fn parity(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "parity", name].iter().collect()
}

fn folder_of(family: Family) -> Option<&'static str> {
    match family {
        Family::Llama => Some("llama"),
        Family::Qwen2 => Some("qwen2"),
        Family::Qwen3 => Some("qwen3"),
        Family::Qwen2Vl => Some("qwen2_vl"),
        Family::Qwen25Vl => Some("qwen2_5_vl"),
        Family::Qwen3Vl => Some("qwen3_vl"),
        Family::Qwen35 | Family::InternVl => None,
    }
}

fn loaded(profile: &Profile) -> Option<Loaded> {
    let folder = parity(folder_of(profile.family)?);
    // As small as the smallest screen: a letter is a token here, and a screen is many more.
    let mut profile = profile.clone();
    if let Some(limits) = &mut profile.image {
        limits.max_px = 256 * 256;
        limits.min_px = limits.min_px.min(limits.max_px);
    }
    let options = EngineOptions { device: DeviceChoice::Cpu, context: CONTEXT };
    let loaded = Loaded::open(&folder, profile, &options);
    Some(loaded.unwrap_or_else(|error| panic!("{}", chain(&error))))
}

fn chain(error: &dyn std::error::Error) -> String {
    let source = error.source().map(chain).unwrap_or_default();
    format!("{error}: {source}")
}

fn turn() -> Turn {
    let arguments = Map::from_iter([("element".to_owned(), json!("1"))]);
    let call = ToolCall { tool: "click".to_owned(), arguments };
    Turn { said: Some("click".to_owned()), ..Turn::new(call, true, "it changed") }
}

#[test]
fn every_profile_of_actions_reads_what_its_model_says() {
    let screen = RgbImage::from_fn(320, 240, |x, y| image::Rgb([x as u8, y as u8, 90]));
    let mut asked = 0;
    for (profile, _) in Profiles::embedded().iter().filter(|(it, _)| it.action.is_some()) {
        let Some(loaded) = loaded(profile) else { continue };
        let mut actor = loaded.actor().unwrap();
        assert_eq!(actor.hands(), Hands::Verbs);
        let (history, views) = ([turn()], [Some(Arc::new(screen.clone()))]);
        let context = Context {
            instruction: "Open the file <|im_end|>",
            tools: TOOLS,
            history: &history,
            prompts: &[],
            elements: "[1] push button \"Save\"",
            image: Some(&screen),
            views: &views,
        };
        let decision = actor.decide(&context);
        let decision = decision.unwrap_or_else(|error| panic!("{}: {}", profile.id, chain(&error)));
        assert!(decision.said.is_some_and(|said| !said.is_empty()), "{}", profile.id);
        if let Move::Call(call) = &decision.next {
            assert!(!call.tool.is_empty());
        }
        asked += 1;
    }
    assert!(asked >= 8, "only {asked} profiles were asked");
}

#[test]
fn every_profile_of_places_points_into_the_image() {
    let screen = RgbImage::from_fn(320, 240, |x, y| image::Rgb([x as u8, 30, y as u8]));
    let mut asked = 0;
    for (profile, _) in Profiles::embedded().iter().filter(|(it, _)| it.grounding.is_some()) {
        let Some(loaded) = loaded(profile) else { continue };
        let mut grounder = loaded.grounder().unwrap();
        let request =
            GroundRequest { phrase: "the Save button", candidates: &[], image: Some(&screen) };
        let found = grounder.ground(&request);
        let found = found.unwrap_or_else(|error| panic!("{}: {}", profile.id, chain(&error)));
        if let Grounding::Point { at, probability } = found {
            assert!(at.x < 320 && at.y < 240, "{}: {at:?}", profile.id);
            assert!((0.0..=1.0).contains(&probability), "{}: {probability}", profile.id);
        }
        asked += 1;
    }
    assert!(asked >= 8, "only {asked} profiles were asked");
}

#[test]
fn profiles_of_vision_list_things_within_the_image() {
    let screen = RgbImage::from_fn(320, 240, |x, y| image::Rgb([40, x as u8, y as u8]));
    // One for each way to write a place.
    for id in ["qwen3-vl", "holo1.5"] {
        let mut profile = Profiles::embedded().named(id).unwrap().clone();
        // A letter is a token here, and the first thing must be whole.
        profile.vision.as_mut().unwrap().sampling.max_tokens = 1500;
        let mut viewer = loaded(&profile).unwrap().viewer().unwrap();
        for find in viewer.see(&screen).unwrap_or_else(|error| panic!("{}", chain(&error))).finds {
            let bounds = find.bounds;
            assert!(bounds.x + bounds.width <= 320 && bounds.y + bounds.height <= 240, "{find:?}");
        }
        assert!(viewer.tell(&screen, Some("Which window is open?")).unwrap().is_some());
    }
}

fn qwen3(context: usize) -> Loaded {
    let profile = Profiles::embedded().named("qwen").unwrap().clone();
    let options = EngineOptions { device: DeviceChoice::Cpu, context };
    Loaded::open(&parity("qwen3"), profile, &options).unwrap()
}

fn asked<'a>(instruction: &'a str, history: &'a [Turn]) -> Context<'a> {
    Context {
        instruction,
        tools: TOOLS,
        history,
        prompts: &[],
        elements: "[1] push button \"Save\"",
        image: None,
        views: &[],
    }
}

#[test]
fn a_file_that_carries_its_tokenizer_needs_nothing_beside_it() {
    for (file, profile) in [("qwen", "qwen"), ("llama", "llama-3")] {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("model.gguf");
        fs::copy(parity("lexicon").join(file).with_extension("gguf"), &path).unwrap();
        let profile = Profiles::embedded().named(profile).unwrap().clone();
        let options = EngineOptions { device: DeviceChoice::Cpu, context: 4096 };
        let loaded = Loaded::open(&path, profile, &options).unwrap();
        let part = Part::Text("Wörter, 123!".to_owned());
        let messages = [Message { role: Role::User, parts: vec![part] }];
        let mut told = String::new();
        let mut tell = |new: &str| {
            told.push_str(new);
            ControlFlow::Continue(())
        };
        let said = loaded.speech().say(&messages, &[], 24, &mut tell).unwrap();
        assert_eq!(said.text, told);
        assert!(said.tokens > 0 && said.read.tokens > 10, "{said:?}");
        // Files beside it go first.
        fs::write(folder.path().join("tokenizer.json"), "{}").unwrap();
        let profile = loaded.profile().clone();
        assert!(Loaded::open(&path, profile, &options).is_err());
    }
}

#[test]
fn options_are_weighed_against_each_other() {
    let loaded = qwen3(4096);
    let mut actor = loaded.actor().unwrap();
    let mut weigh =
        |options: &[&str]| actor.weigh(&asked("Is it saved?", &[]), options).unwrap().unwrap();
    let shares = weigh(&["yes", "no", "perhaps"]);
    assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{shares:?}");
    let turned = weigh(&["perhaps", "no", "yes"]);
    assert!(shares.iter().rev().zip(&turned).all(|(one, other)| (one - other).abs() < 1e-4));
    assert!(shares[0] > 0.0 && shares[0] != shares[1]);
}

#[test]
fn a_reply_is_told_as_it_is_written() {
    let loaded = qwen3(4096);
    let mut pieces = Vec::new();
    let decision = loaded
        .actor()
        .unwrap()
        .decide_aloud(&asked("Save it", &[]), &mut |new| pieces.push(new.to_owned()))
        .unwrap();
    assert!(pieces.len() > 1);
    assert!(pieces.concat().ends_with(&decision.said.unwrap()));
}

#[test]
fn a_decision_that_is_stopped_is_not_begun_again() {
    let loaded = qwen3(4096);
    let mut actor = loaded.actor().unwrap();
    let (cancel, progress) = (actor.cancel().unwrap(), actor.progress().unwrap());
    let mut stop = |_: &str| cancel.cancel();
    let error = actor.decide_aloud(&asked("Save it", &[]), &mut stop).unwrap_err();
    assert_eq!(error.to_string(), "cancelled");
    assert_eq!(progress.made(), 1);
    assert!(actor.decide(&asked("Save it", &[])).is_ok());
}

#[test]
fn a_role_has_a_budget_of_its_own() {
    let mut profile = Profiles::embedded().named("qwen").unwrap().clone();
    let options = EngineOptions { device: DeviceChoice::Cpu, context: 8192 };
    let check = |profile: &Profile| {
        let loaded = Loaded::open(&parity("qwen3"), profile.clone(), &options).unwrap();
        loaded.actor().unwrap().decide(&asked("Save it", &[])).map(drop)
    };
    check(&profile).unwrap();
    profile.action.as_mut().unwrap().context = Some(64);
    let error = check(&profile).unwrap_err().to_string();
    assert!(error.ends_with("tokens are more than the 64 that fit"), "{error}");
}

/// Steps of a run, each with a screen of its own: what has been read is not read again, but for once
/// in a fold.
#[test]
fn old_screens_are_folded_in_blocks_that_leave_the_cache_alone() {
    let profile = Profiles::embedded().named("ui-tars-1.5").unwrap().clone();
    let (keep, fold) = {
        let history = &profile.action.as_ref().unwrap().history;
        (history.keep as usize, history.fold as usize)
    };
    assert!(fold > 1);
    let loaded = loaded(&profile).unwrap();
    let mut actor = loaded.actor().unwrap();
    let screen = |step: usize| {
        RgbImage::from_fn(64, 64, |x, y| image::Rgb([x as u8 * 4, y as u8 * 4, step as u8 * 20]))
    };
    let (mut history, mut views) = (Vec::new(), Vec::new());
    for step in 0..keep + 2 * fold {
        let now = screen(step);
        let context = Context {
            image: Some(&now),
            views: &views,
            elements: "",
            ..asked("Save it", &history)
        };
        let read = actor.read_anew(&context);
        let folds = step > keep && (step - keep - 1) % fold == 0;
        let most = read.tokens - read.reused;
        if step > 0 && !folds {
            assert!(read.reused * 2 > read.tokens, "step {step}: {read:?}");
            assert!(most < read.tokens / 2, "step {step}: {read:?}");
        }
        history.push(Turn { said: Some("Action: wait()".to_owned()), ..turn() });
        views.push(Some(Arc::new(now)));
    }
}

#[test]
fn parts_that_do_not_belong_together_are_named() {
    let check = |spoil: &dyn Fn(&Path), part: &str| {
        let folder = TempDir::new().unwrap();
        for entry in fs::read_dir(parity("qwen3")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
        spoil(folder.path());
        let profiles = Profiles::embedded();
        let profile = profiles.named("qwen").unwrap().clone();
        let options = EngineOptions { device: DeviceChoice::Cpu, context: 64 };
        let error = Loaded::open(folder.path(), profile, &options).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    };
    check(&|folder| fs::remove_file(folder.join("tokenizer.json")).unwrap(), "tokenizer.json");
    check(&|folder| fs::write(folder.join("tokenizer.json"), "{}").unwrap(), "tokenizer");
    check(&|folder| fs::remove_file(folder.join("chat_template.jinja")).unwrap(), "chat template");
    let blind = |folder: &Path| {
        let path = folder.join("tokenizer.json");
        let mut json: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        for row in 200..300 {
            json["model"]["vocab"][format!("<row {row}>")] = json!(row);
        }
        fs::write(path, json.to_string()).unwrap();
    };
    check(&blind, "do not belong together");
}

#[test]
fn an_answer_is_json_of_its_schema() {
    let loaded = qwen3(4096);
    let schema = json!({
        "type": "object",
        "properties": { "paid": { "type": "boolean" }, "files": { "type": "integer", "maximum": 9, "minimum": 0 } },
        "required": ["paid", "files"],
        "additionalProperties": false,
    });
    let context = Context {
        instruction: "How many files are there?",
        tools: TOOLS,
        history: &[turn()],
        prompts: &[],
        elements: "",
        image: None,
        views: &[],
    };
    let answer = loaded.actor().unwrap().answer(&context, &schema).unwrap().unwrap();
    assert!(answer["paid"].is_boolean(), "{answer}");
    assert!((0..=9).contains(&answer["files"].as_i64().unwrap()), "{answer}");
}

#[test]
fn what_does_not_fit_is_forgotten_first() {
    let loaded = qwen3(4096);
    let mut actor = loaded.actor().unwrap();
    let long = Turn { answer: "words ".repeat(2000), ..turn() };
    let mut decide = |history: &[Turn], elements: &str| {
        actor.decide(&Context {
            instruction: "Open the file",
            tools: TOOLS,
            history,
            prompts: &[],
            elements,
            image: None,
            views: &[],
        })
    };
    assert!(decide(&[long], "").is_ok());
    let error = decide(&[], &"[1] push button\n".repeat(2000)).unwrap_err();
    assert!(error.to_string().contains("more than the 4096 that fit"), "{error}");
}
