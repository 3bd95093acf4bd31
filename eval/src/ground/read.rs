//! The form of harvested screens: `ground.json`, and a PNG for each screen beside it.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Ground, GroundError, Item, Kind, Picture, Screen, Target, Thing};

/// Every file of the shipped one: its name, and its bytes.
const SHIPPED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/ground.rs"));
pub(crate) const FILE: &str = "ground.json";

/// A whole `ground.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SceneFile {
    pub screens: Vec<ScreenFile>,
    pub items: Vec<ItemFile>,
}

/// One screen, and how it was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScreenFile {
    /// Its picture is `NAME.png`.
    pub name: String,
    pub application: String,
    pub theme: String,
    pub font: String,
    pub size: [u32; 2],
    pub things: Vec<Thing>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemFile {
    pub id: String,
    pub screen: String,
    pub phrase: String,
    /// x, y, width, height; none of what is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounds: Option<[i32; 4]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Whether the phrase says the name or what it is for.
    pub said: String,
}

pub(super) fn shipped() -> Result<Ground, GroundError> {
    let bytes = |name: &str| SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, it)| *it);
    let text = bytes(FILE).unwrap_or_default();
    let digest = digest(SHIPPED.iter().map(|(name, bytes)| (*name, *bytes)));
    build("ground", digest, text, Path::new(FILE), &|name| {
        bytes(&format!("{name}.png")).map(Picture::Shipped)
    })
}

pub(super) fn folder(folder: &Path) -> Result<Ground, GroundError> {
    let path = folder.join(FILE);
    let text =
        fs::read(&path).map_err(|source| GroundError::Unreadable { path: path.clone(), source })?;
    let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
    build(&name, digest([(FILE, text.as_slice())]), &text, &path, &|name| {
        Some(Picture::File(folder.join(format!("{name}.png"))))
    })
}

fn digest<'f>(files: impl IntoIterator<Item = (&'f str, &'f [u8])>) -> String {
    let each =
        files.into_iter().map(|(name, bytes)| format!("{name} {}\n", crate::digest::of(bytes)));
    crate::digest::of(each.collect::<String>().as_bytes())
}

fn build(
    name: &str,
    digest: String,
    text: &[u8],
    path: &Path,
    picture: &dyn Fn(&str) -> Option<Picture>,
) -> Result<Ground, GroundError> {
    let wrong = |what: String| GroundError::Wrong { path: path.to_owned(), what };
    let file: SceneFile = serde_json::from_slice(text).map_err(|error| wrong(error.to_string()))?;
    let applications: Vec<_> = file.screens.iter().map(|it| it.application.clone()).collect();
    let screens = file.screens.into_iter().map(|screen| {
        let ScreenFile { name, things, .. } = screen;
        let picture = picture(&name).ok_or_else(|| wrong(format!("`{name}` has no picture")))?;
        Ok(Screen { name, picture, things: Some(things) })
    });
    let screens = screens.collect::<Result<Vec<_>, GroundError>>()?;
    let items = file.items.into_iter().map(|item| {
        let screen = screens.iter().position(|screen| screen.name == item.screen);
        let screen = screen.ok_or_else(|| wrong(format!("`{}` has no screen", item.id)))?;
        let target = item.bounds.map_or(Target::Refusal, |[x, y, width, height]| {
            Target::Box([x, y, x + width, y + height].map(f64::from))
        });
        let groups = vec![item.said.clone(), applications[screen].clone()];
        let ItemFile { id, phrase, kind, .. } = item;
        Ok(Item { id, screen, phrase, target, kind, groups })
    });
    let items = items.collect::<Result<Vec<_>, GroundError>>()?;
    Ok(Ground { name: name.to_owned(), digest, screens, items })
}
