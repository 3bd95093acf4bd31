//! What a look at a screen and a decision cost, and how many words Tesseract misses where ours misses
//! one.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use deskbound_figures::{Aim, Figure, Figures, Pair};
use deskbound_models::{
    Candidate, Context, Eyes, Find, GroundRequest, ImageRect, Scene as Sight, Starter, StarterKind,
    Viewer,
};
use image::imageops::FilterType;

use super::ROUNDS;
use super::score::{self, Scene, Score};

/// Of the ways tried, the one that misses the fewest words of the test set: enlarged so much, as
/// scattered text.
const SCALE: u32 = 3;
const SCATTERED: &str = "11";
/// Columns of its table.
const LEFT: usize = 6;
const TEXT: usize = 11;
/// Three clauses, and a thing to be found among many.
const INSTRUCTION: &str = "Create a folder called invoices, move the tax notes into it, and then press the Save As button";
const PHRASE: &str = "the option for line numbers";

pub(crate) fn measure(figures: &mut Figures) {
    let scenes = score::scenes(score::FIXED);
    let named = |name: &str| scenes.iter().find(|scene| scene.name == name).expect("of the set");
    let (plain, open) = (named("gtk3-mousepad"), named("gtk3-mousepad-edit"));
    let see = Figure { id: "starter.see_ms", unit: "ms", aim: Aim::AtMost(800.0) };
    let again = Figure { id: "starter.see_again_ms", unit: "ms", aim: Aim::AtMost(100.0) };
    let misses =
        Figure { id: "starter.misses_vs_tesseract", unit: "ratio", aim: Aim::AtLeast(2.0) };
    let eyes = || Eyes::shipped().expect("the shipped weights fit");
    let dense = scenes.iter().find(|scene| scene.name == "gtk3-widgets").unwrap_or(plain);
    figures.absolute(see, ROUNDS, || look(&mut eyes(), dense));
    figures.absolute(again, ROUNDS, || {
        let mut eyes = eyes();
        look(&mut eyes, plain);
        look(&mut eyes, open)
    });
    decide(figures, &eyes().see(&dense.image).expect("a screen"));
    let mut ours = eyes();
    let (mut peer, mut own) = (Score::default(), Score::default());
    for scene in &scenes {
        let words = match tesseract(scene) {
            Ok(words) => words,
            Err(why) => return figures.missing(misses, why),
        };
        let found = words.iter().map(|(text, bounds)| (text.as_str(), *bounds));
        peer.add(scene.score(found, |_, _| ()));
        let words = ours.words(&scene.image).expect("a screen");
        let found = words.iter().map(|word| (word.text.as_str(), word.bounds));
        own.add(scene.score(found, |_, _| ()));
    }
    let versus = format!("tesseract, which reads {:.3} of the words", peer.share());
    let missed = |score: Score| (score.all - score.read).max(1) as f64;
    figures.ratio(misses, 1, &versus, || Pair { peer: missed(peer), ours: missed(own) });
}

/// One decision: what the instruction asks for, and which of the things on a full screen it means.
fn decide(figures: &mut Figures, scene: &Sight) {
    let figure = Figure { id: "starter.decide_ms", unit: "ms", aim: Aim::AtMost(150.0) };
    let mut starter = Starter::load(StarterKind::Trained).expect("the shipped weights fit");
    let candidates: Vec<Candidate> = scene.finds.iter().map(Find::candidate).collect();
    figures.absolute(figure, ROUNDS, || {
        let context = Context {
            instruction: INSTRUCTION,
            tools: &[],
            history: &[],
            prompts: &[],
            elements: "",
            image: None,
            views: &[],
        };
        let request = GroundRequest { phrase: PHRASE, candidates: &candidates, image: None };
        let begun = Instant::now();
        starter.actor.decide(&context).expect("it is short");
        starter.grounder.ground(&request).expect("it is short");
        begun.elapsed().as_secs_f64() * 1e3
    });
}

/// Milliseconds of one look.
fn look(eyes: &mut Eyes, scene: &Scene) -> f64 {
    let begun = Instant::now();
    eyes.see(&scene.image).expect("a screen");
    begun.elapsed().as_secs_f64() * 1e3
}

fn tesseract(scene: &Scene) -> Result<Vec<(String, ImageRect)>, String> {
    let (width, height) = scene.image.dimensions();
    let large = image::imageops::resize(
        &scene.image,
        width * SCALE,
        height * SCALE,
        FilterType::CatmullRom,
    );
    let mut picture = format!("P6 {} {} 255\n", width * SCALE, height * SCALE).into_bytes();
    picture.extend(large.as_raw());
    let mut child = Command::new("tesseract")
        .args(["-", "-", "--psm", SCATTERED, "tsv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("tesseract (Debian: tesseract-ocr): {error}"))?;
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(&picture).map_err(|error| format!("tesseract: {error}"))?;
    drop(input);
    let said = child.wait_with_output().map_err(|error| format!("tesseract: {error}"))?;
    let table = String::from_utf8_lossy(&said.stdout);
    Ok(table.lines().skip(1).filter_map(word).collect())
}

fn word(row: &str) -> Option<(String, ImageRect)> {
    let cells: Vec<&str> = row.split('\t').collect();
    let number = |at: usize| Some(cells.get(LEFT + at)?.parse::<u32>().ok()? / SCALE);
    let bounds = ImageRect { x: number(0)?, y: number(1)?, width: number(2)?, height: number(3)? };
    let text = cells.get(TEXT)?.trim();
    (!text.is_empty()).then(|| (text.to_owned(), bounds))
}
