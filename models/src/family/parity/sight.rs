//! Images: pixels → patches → tower → embeddings → positions → logits → 32 tokens.

use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use image::RgbImage;

use super::super::sequence::{Place, Run, Sequence};
use super::super::{Picture, PictureRule, Piece};
use super::golden::{CONTEXT, Golden, folder};

const FAMILIES: [&str; 3] = ["qwen2_vl", "qwen2_5_vl", "qwen3_vl"];
/// One image of odd grid; two of different sizes.
const CASES: [(&str, usize); 2] = [("case0.", 1), ("case1.", 2)];

fn each(check: impl Fn(&Golden, &str, &[Arc<Picture>])) {
    for family in FAMILIES {
        let golden = Golden::of(family);
        for (case, images) in CASES {
            check(&golden, case, &pictures(&golden, family, case, images));
        }
    }
}

fn pictures(golden: &Golden, family: &str, case: &str, images: usize) -> Vec<Arc<Picture>> {
    let json = std::fs::read_to_string(folder(family).join("preprocessor_config.json")).unwrap();
    let vision = golden.model.config().vision.as_ref().unwrap();
    let rule = PictureRule::of(vision).with_json(&json).unwrap();
    let picture = |at| {
        let pixels = golden.tensor(&format!("{case}image{at}"));
        let (height, width, _) = pixels.dims3().unwrap();
        let bytes = pixels.flatten_all().unwrap().to_vec1::<u8>().unwrap();
        let image = RgbImage::from_raw(width as u32, height as u32, bytes).unwrap();
        Arc::new(rule.picture(&image).unwrap())
    };
    (0..images).map(picture).collect()
}

/// The prompt of a case, with its images in place of their tokens.
fn pieces(golden: &Golden, case: &str, pictures: &[Arc<Picture>]) -> Vec<Piece> {
    let image = golden.model.config().vision.as_ref().unwrap().image_token;
    let mut pictures = pictures.iter();
    let ids = golden.ids(&format!("{case}ids"));
    let runs = ids.chunk_by(|one, other| (*one == image) == (*other == image));
    let piece = |run: &[u32]| {
        if run[0] == image {
            Piece::Picture(Arc::clone(pictures.next().unwrap()))
        } else {
            Piece::Tokens(run.to_vec())
        }
    };
    runs.map(piece).collect()
}

/// Embeddings of places, and what is added in the first layers.
fn embedded(golden: &Golden, sequence: &Sequence, from: usize) -> (Tensor, Vec<Tensor>) {
    let (mut parts, mut deep) = (Vec::new(), Vec::new());
    for run in sequence.runs(&(from..sequence.len())) {
        match run {
            Run::Tokens(ids) => {
                let text = golden.model.embed(&ids).unwrap();
                deep.push(vec![text.zeros_like().unwrap(); 2]);
                parts.push(text);
            }
            Run::Seen { picture, tokens } => {
                let seen = golden.model.see(&picture).unwrap().unwrap();
                let part = |whole: &Tensor| whole.narrow(0, tokens.start, tokens.len()).unwrap();
                parts.push(part(&seen.tokens));
                deep.push(seen.deep.iter().map(part).collect());
            }
        }
    }
    let layers = deep.iter().map(Vec::len).min().unwrap();
    let layer = |at: usize| {
        let parts = deep.iter().map(|parts| parts[at].clone()).collect::<Vec<_>>();
        Tensor::cat(&parts, 0).unwrap()
    };
    (Tensor::cat(&parts, 0).unwrap(), (0..layers).map(layer).collect())
}

#[test]
fn patches_are_those_of_the_reference() {
    each(|golden, case, pictures| {
        let grids = pictures
            .iter()
            .flat_map(|picture| [1, picture.grid.height as u32, picture.grid.width as u32]);
        assert_eq!(grids.collect::<Vec<_>>(), golden.ids(&format!("{case}grids")));
        let all = pictures.iter().flat_map(|picture| picture.patches.clone()).collect::<Vec<_>>();
        let shape = golden.tensor(&format!("{case}patches")).dims().to_vec();
        let ours = Tensor::from_vec(all, shape, &Device::Cpu).unwrap();
        golden.check(&format!("{case}patches"), &ours);
    });
}

/// Bytes are those of Pillow, exactly; numbers those of the reference.
#[test]
fn a_real_screen_is_made_ready_as_by_the_reference() {
    let clip =
        ([0.481_454_66, 0.457_827_5, 0.408_210_73], [0.268_629_54, 0.261_302_6, 0.275_777_1]);
    let half = ([0.5; 3], [0.5; 3]);
    let golden = Golden::tensors_of("screen");
    let screen = image::open(folder("screen").join("screen.png")).unwrap().to_rgb8();
    for (case, patch, (mean, deviation), min_pixels, max_pixels) in [
        ("clip", 14, clip, 3136, 12_845_056),
        ("half", 16, half, 65_536, 16_777_216),
        ("shrunk", 14, clip, 3136, 100_352),
        ("grown", 16, half, 1_003_520, 16_777_216),
    ] {
        let rule =
            PictureRule { patch, merge: 2, frames: 2, min_pixels, max_pixels, mean, deviation };
        let picture = rule.picture(&screen).unwrap();
        let grid = [picture.grid.height as u32, picture.grid.width as u32];
        assert_eq!(golden.ids(&format!("{case}.grid")), grid);
        let bytes = golden.tensor(&format!("{case}.digest")).to_vec1::<u8>().unwrap();
        assert_eq!(bytes, picture.resized_digest, "{case}");
        let every = picture.patches.chunks_exact(picture.patch_len()).step_by(97);
        let some = every.flatten().copied().collect::<Vec<_>>();
        let shape = (some.len() / picture.patch_len(), picture.patch_len());
        let some = Tensor::from_vec(some, shape, &Device::Cpu).unwrap();
        golden.check(&format!("{case}.patches"), &some);
    }
}

#[test]
fn towers_see_what_the_reference_sees() {
    each(|golden, case, pictures| {
        let seen = pictures.iter().map(|picture| golden.model.see(picture).unwrap().unwrap());
        let seen = seen.collect::<Vec<_>>();
        let all = |part: &dyn Fn(usize) -> Tensor| {
            Tensor::cat(&(0..seen.len()).map(part).collect::<Vec<_>>(), 0).unwrap()
        };
        golden.check(&format!("{case}tower"), &all(&|at| seen[at].last.clone()));
        golden.check(&format!("{case}seen"), &all(&|at| seen[at].tokens.clone()));
        for layer in 0..seen[0].deep.len() {
            golden.check(&format!("{case}deep{layer}"), &all(&|at| seen[at].deep[layer].clone()));
        }
    });
}

#[test]
fn embeddings_and_positions_are_those_of_the_reference() {
    each(|golden, case, pictures| {
        let sequence = Sequence::new(&pieces(golden, case, pictures));
        golden.check(&format!("{case}embedded"), &embedded(golden, &sequence, 0).0);
        let positions = golden.tensor(&format!("{case}positions")).to_dtype(DType::U32).unwrap();
        let ours = sequence.positions.iter().map(|at| at.to_vec()).collect::<Vec<_>>();
        assert_eq!(positions.t().unwrap().to_vec2::<u32>().unwrap(), ours);
    });
}

#[test]
fn logits_and_tokens_are_those_of_the_reference() {
    each(|golden, case, pictures| {
        let model = &golden.model;
        let mut sequence = Sequence::new(&pieces(golden, case, pictures));
        let mut cache = model.cache(CONTEXT).unwrap();
        let (parts, deep) = embedded(golden, &sequence, 0);
        let mut hidden = model.forward(&parts, &sequence.positions, &deep, &mut cache).unwrap();
        golden.check(&format!("{case}logits"), &model.logits(&hidden).unwrap());
        let mut made = Vec::new();
        for _ in 0..32 {
            let last = hidden.narrow(0, hidden.dim(0).unwrap() - 1, 1).unwrap();
            let token =
                model.logits(&last).unwrap().argmax(1).unwrap().to_vec1::<u32>().unwrap()[0];
            made.push(token);
            sequence.push(token);
            let at = &sequence.positions[sequence.len() - 1..];
            hidden = model.forward(&model.embed(&[token]).unwrap(), at, &[], &mut cache).unwrap();
        }
        assert_eq!(made, golden.ids(&format!("{case}greedy")), "{case}");
    });
}

#[test]
fn places_of_one_image_are_equal_and_of_two_are_not() {
    let golden = Golden::of("qwen3_vl");
    let pictures = pictures(&golden, "qwen3_vl", "case1.", 2);
    let prompt = |at: usize| {
        let text = Piece::Tokens(vec![1, 2]);
        Sequence::new(&[text.clone(), Piece::Picture(Arc::clone(&pictures[at])), text])
    };
    let (one, other) = (prompt(0), prompt(1));
    assert_eq!(one.common(&prompt(0).places), one.len());
    assert_eq!(one.common(&other.places), 2);
    assert!(matches!(one.places[2], Place::Seen { at: 0, .. }));
}
