//! A model on disk: opened by its headers, told what it needs, then loaded.

use std::path::{Path, PathBuf};

use candle_core::Device;

use super::architecture::Architecture;
use super::config::Config;
use super::error::LoadError;
use super::gguf::{Header, Lexicon};
use super::memory::Memory;
use super::model::Model;
use super::weights::Weights;

const CONFIG_BYTES_MAX: u64 = 1 << 20;
const FACTORS: &str = "rope_freqs.weight";
/// Of all Qwen-VL tokenizers.
const IMAGE: &str = "<|image_pad|>";

/// Configuration and headers; no number has been read yet.
#[derive(Debug)]
pub struct Checkpoint {
    config: Config,
    weights: Weights,
    /// Of the tower, where it has a file of its own.
    tower: Option<Weights>,
    /// What a GGUF file says of itself.
    header: Option<Header>,
}

impl Checkpoint {
    /// A folder with `config.json` and safetensors, or a GGUF file.
    ///
    /// # Errors
    ///
    /// If there is no model, none of a family known here, or its files are not sound.
    pub fn open(path: &Path) -> Result<Self, LoadError> {
        if path.is_dir() {
            return Self::of_folder(path);
        }
        if path.extension().is_some_and(|end| end == "gguf") {
            return Self::of_gguf(path);
        }
        Err(LoadError::NoModel { path: path.to_owned() })
    }

    fn of_folder(folder: &Path) -> Result<Self, LoadError> {
        let path = folder.join("config.json");
        if !path.is_file() {
            return Err(LoadError::NoModel { path: folder.to_owned() });
        }
        let config = Config::from_json(&read_text(&path)?)?;
        Ok(Self { config, weights: Weights::of_folder(folder)?, tower: None, header: None })
    }

    fn of_gguf(path: &Path) -> Result<Self, LoadError> {
        let (weights, header) = Weights::of_gguf(path)?;
        let place = header.tensors.iter().find(|place| place.name == FACTORS);
        let factors = place
            .map(|place| {
                weights.tensor(FACTORS, &place.shape, &Device::Cpu)?.to_vec1().map_err(Into::into)
            })
            .transpose()
            .map_err(|error: LoadError| error)?;
        let config = header.config(factors)?;
        let checkpoint = Self { config, weights, tower: None, header: Some(header) };
        match projector_beside(path) {
            Some(tower) if checkpoint.config.architecture.sees() => checkpoint.with_tower(&tower),
            _ => Ok(checkpoint),
        }
    }

    /// Takes the tower from elsewhere: a folder with safetensors, or a GGUF file (`mmproj`). One that
    /// lies alone beside the decoder's GGUF file is taken by itself.
    ///
    /// # Errors
    ///
    /// If it is no tower, or one for another decoder.
    pub fn with_tower(mut self, path: &Path) -> Result<Self, LoadError> {
        let (architecture, vision, weights) = if path.is_dir() {
            let config = Config::from_json(&read_text(&path.join("config.json"))?)?;
            let what =
                || LoadError::Unsupported { what: "a tower of a model without one".to_owned() };
            (config.architecture, config.vision.ok_or_else(what)?, Weights::of_folder(path)?)
        } else {
            let (weights, header) = Weights::of_gguf(path)?;
            let (architecture, vision) = header.vision()?;
            (architecture, vision, weights)
        };
        // llama.cpp has one name for the decoders of Qwen2-VL and Qwen2.5-VL.
        let same = |one: Architecture| {
            if one == Architecture::Qwen25Vl { Architecture::Qwen2Vl } else { one }
        };
        if same(architecture) != same(self.config.architecture) {
            let decoder = self.config.architecture;
            let what = format!("a tower of {architecture} on a decoder of {decoder}");
            return Err(LoadError::Unsupported { what });
        }
        self.config.architecture = architecture;
        self.config.vision = Some(vision);
        self.find_image_token();
        self.config.check()?;
        self.tower = Some(weights);
        Ok(self)
    }

    /// A GGUF file of a tower does not say which token stands for an image; that of the decoder does.
    fn find_image_token(&mut self) {
        let lexicon = self.lexicon().ok().flatten();
        let named = lexicon.and_then(|lexicon| lexicon.token(IMAGE));
        if let (Some(vision), Some(token)) = (&mut self.config.vision, named) {
            vision.image_token = token;
        }
    }

    /// The tokenizer that came in the GGUF file, if there is one.
    ///
    /// # Errors
    ///
    /// If it is of a kind that is not known here.
    pub(crate) fn lexicon(&self) -> Result<Option<Lexicon>, LoadError> {
        self.header.as_ref().map_or(Ok(None), Header::lexicon)
    }

    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What it will take with conversations of so many tokens in all.
    #[must_use]
    pub fn needs(&self, tokens: usize) -> Memory {
        let tower = self.tower.iter().flat_map(Weights::entries);
        let entries = self.weights.entries().chain(tower).map(|(_, entry)| entry);
        Memory::of(&self.config, entries, tokens)
    }

    /// Reads all weights.
    ///
    /// # Errors
    ///
    /// If a tensor is missing, has another shape than the configuration says, or is not finite.
    pub fn load(&self, device: &Device) -> Result<Model, LoadError> {
        let tower = self.tower.as_ref().unwrap_or(&self.weights);
        Model::load(&self.config, (&self.weights, tower), device)
    }
}

/// The only `mmproj….gguf` in the folder of a GGUF file.
fn projector_beside(path: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(path.parent()?).ok()?;
    let projector = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("mmproj") && name.ends_with(".gguf")
    };
    let mut found = entries.flatten().map(|entry| entry.path()).filter(projector);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn read_text(path: &Path) -> Result<String, LoadError> {
    let read = |source| LoadError::Read { path: PathBuf::from(path), source };
    let len = std::fs::metadata(path).map_err(read)?.len();
    if len > CONFIG_BYTES_MAX {
        let reason = format!("{len} bytes are too many");
        return Err(LoadError::BadFile { path: path.to_owned(), format: "JSON", reason });
    }
    std::fs::read_to_string(path).map_err(read)
}
