//! Screens of real applications, in several themes, fonts and sizes, each with its tree; and phrases
//! for what is on them.
//!
//! ```text
//!   harvest.toml: scenes × looks ──▶ a fresh desktop each ──▶ NAME.png, things ──▶ phrases ──▶ ground.json
//! ```
//!
//! A scene is laid out as a task is. What is drawn differs from machine to machine by its fonts and
//! versions, so a harvest is taken once, looked at, and kept.

mod look;
mod phrase;

use std::collections::BTreeMap;
use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Duration;

use deskbound_agent::chain;
use deskbound_agent::desktop::Observation;
use deskbound_agent::elements::in_sight;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use serde::Deserialize;

use crate::bench::Bench;
use crate::ground::{SceneFile, ScreenFile, Thing};
use crate::home::Home;
use crate::sample::put_given;
use crate::script::follow;
use crate::task::{GivenFields, Move};
use look::Look;
use phrase::Phrase;

const FILE: &str = "ground.json";
/// Most applications draw once more when they have shown.
const STILL: Duration = Duration::from_secs(2);

/// What is to be taken.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Harvest {
    look: BTreeMap<String, Look>,
    scene: Vec<Scene>,
    #[serde(default)]
    phrase: Vec<Phrase>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scene {
    name: String,
    application: String,
    looks: Vec<String>,
    #[serde(default)]
    given: Vec<GivenFields>,
    setup: Vec<Move>,
    /// Phrases for things that other screens have, and this one has not.
    #[serde(default)]
    absent: Vec<String>,
    /// Names of things that their application says to be elsewhere than they are.
    #[serde(default)]
    misplaced: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HarvestError {
    #[error("cannot read {}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{} is no list of scenes", path.display())]
    NoScenes { path: PathBuf, source: Box<toml::de::Error> },
    #[error("the scene `{scene}` is wrong: {what}")]
    Wrong { scene: String, what: String },
    #[error("the screen `{screen}` could not be taken: {what}")]
    NotTaken { screen: String, what: String },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
}

impl Harvest {
    /// # Errors
    /// Where the file is no list of scenes, or a scene names a look that is not there.
    pub fn read(path: &Path) -> Result<Self, HarvestError> {
        let text = fs::read_to_string(path)
            .map_err(|source| HarvestError::Unreadable { path: path.to_owned(), source })?;
        let wrong = |source| HarvestError::NoScenes { path: path.to_owned(), source };
        let harvest: Self = toml::from_str(&text).map_err(|error| wrong(Box::new(error)))?;
        for scene in &harvest.scene {
            if let Some(look) = scene.looks.iter().find(|look| !harvest.look.contains_key(*look)) {
                let what = format!("there is no look `{look}`");
                return Err(HarvestError::Wrong { scene: scene.name.clone(), what });
            }
        }
        Ok(harvest)
    }

    /// Takes the screens that have this in their names, and keeps those that were taken before.
    /// A screen that cannot be taken is told, and the rest goes on.
    ///
    /// # Errors
    /// Where nothing can be written.
    pub async fn take<B: Bench>(
        mut self,
        bench: &B,
        into: &Path,
        only: Option<&str>,
        told: &(dyn Fn(&str, &Result<usize, HarvestError>) + Sync),
    ) -> Result<SceneFile, HarvestError> {
        let path = into.join(FILE);
        let unwritten = |source| HarvestError::Write { path: path.clone(), source };
        fs::create_dir_all(into).map_err(unwritten)?;
        let mut file = kept(&path);
        for scene in std::mem::take(&mut self.scene) {
            for name in &scene.looks {
                let screen = format!("{}-{name}", scene.name);
                if only.is_some_and(|only| !screen.contains(only)) {
                    continue;
                }
                let taken = self.screen(bench, &scene, (&screen, &self.look[name]), into).await;
                let (told_of, taken) = match taken {
                    Ok(taken) => (Ok(taken.things.len()), Some(taken)),
                    Err(error) => (Err(error), None),
                };
                told(&screen, &told_of);
                if let Some(taken) = taken {
                    self.put(&mut file, &scene, taken);
                    write(&path, &file)?;
                }
            }
        }
        Ok(file)
    }

    /// Makes the phrases of screens that were taken before anew, and takes none.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub fn phrases(self, into: &Path) -> Result<SceneFile, HarvestError> {
        let path = into.join(FILE);
        let mut file = kept(&path);
        for taken in std::mem::take(&mut file.screens) {
            let of = |scene: &&Scene| {
                scene.looks.iter().any(|look| taken.name == format!("{}-{look}", scene.name))
            };
            match self.scene.iter().find(of) {
                Some(scene) => self.put(&mut file, scene, taken),
                // A screen that is no longer asked for goes, with what was said of it.
                None => file.items.retain(|item| item.screen != taken.name),
            }
        }
        write(&path, &file)?;
        Ok(file)
    }

    fn put(&self, file: &mut SceneFile, scene: &Scene, taken: ScreenFile) {
        file.screens.retain(|screen| screen.name != taken.name);
        file.items.retain(|item| item.screen != taken.name);
        let items = phrase::items(&taken, &self.phrase, (&scene.absent, &scene.misplaced));
        file.items.extend(items);
        file.screens.push(taken);
        file.screens.sort_by(|one, other| one.name.cmp(&other.name));
        file.items.sort_by(|one, other| one.id.cmp(&other.id));
    }

    async fn screen<B: Bench>(
        &self,
        bench: &B,
        scene: &Scene,
        (name, look): (&str, &Look),
        into: &Path,
    ) -> Result<ScreenFile, HarvestError> {
        let failed = |what: String| HarvestError::NotTaken { screen: name.to_owned(), what };
        let mut desktop = bench.desktop("").await.map_err(|error| failed(chain(&error)))?;
        let mut home = Home(&mut desktop);
        let given = scene.given.iter().map(|given| given.clone().with(&|_| None));
        let given = given.collect::<Result<Vec<_>, _>>().map_err(&failed)?;
        let laid = async {
            put_given(&mut home, &given).await?;
            look.lay_out(&mut home).await
        };
        laid.await.map_err(|error| failed(chain(&error)))?;
        let followed = follow(&mut home, &look.dressed(&scene.setup)).await;
        followed.map_err(|error| failed(chain(&error)))?;
        tokio::time::sleep(STILL).await;
        let seen = home.observe().await.map_err(|error| failed(chain(&error)))?;
        save(&seen, &into.join(format!("{name}.png")))?;
        Ok(ScreenFile {
            name: name.to_owned(),
            application: scene.application.clone(),
            theme: look.theme.clone(),
            font: look.font.clone(),
            size: [seen.frame.width(), seen.frame.height()],
            things: things(&seen),
        })
    }
}

/// What was taken before; nothing where there is nothing.
fn kept(path: &Path) -> SceneFile {
    let bytes = fs::read(path).ok();
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

fn write(path: &Path, file: &SceneFile) -> Result<(), HarvestError> {
    let mut text = serde_json::to_vec(file).expect("it is plain data");
    text.push(b'\n');
    fs::write(path, text).map_err(|source| HarvestError::Write { path: path.to_owned(), source })
}

/// What a person could see, and the tree tells.
fn things(seen: &Observation) -> Vec<Thing> {
    let each = in_sight(&seen.tree).into_iter().map(|element| Thing {
        bounds: {
            let it = element.bounds;
            let side = |side: u32| i32::try_from(side).unwrap_or(i32::MAX);
            [it.x, it.y, side(it.width), side(it.height)]
        },
        role: element.candidate.role,
        name: element.candidate.name,
        context: element.candidate.context,
    });
    each.collect()
}

fn save(seen: &Observation, path: &Path) -> Result<(), HarvestError> {
    let unwritten = |source| HarvestError::Write { path: path.to_owned(), source };
    let file = BufWriter::new(fs::File::create(path).map_err(unwritten)?);
    let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
    let written = seen.frame.write_with_encoder(encoder);
    written.map_err(|error| unwritten(std::io::Error::other(error)))
}
