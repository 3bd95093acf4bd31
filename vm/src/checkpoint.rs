//! Checkpoints: a clone as it was at one moment, to go back to or to start others from.
//!
//! ```text
//!   running ──stop──▶ devices, pages of its own, disk copied ──▶ running again
//! ```
//!
//! A checkpoint is a template that shares its memory file, and every disk below its own, with the
//! template that its clone came from: by hard links, so that it stands when that one is removed.
//! It lies in its clone's folder and goes with it, unless it is [kept](Checkpoint::keep).

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::{task::spawn_blocking, time::timeout};

use crate::{
    accel::Accel,
    delta::State,
    error::{VmError, listed},
    machine::{self, Running},
    mapped::Mapped,
    outbox::Outbox,
    own_pages::{OwnPages, Places},
    qmp::Qmp,
    recipe::Recipe,
    store::{HeldFolder, Store},
    template::{Template, TemplateManifest, copy, read_only},
    vm::Vm,
};

const MANIFEST: &str = "checkpoint.json";

/// In a clone's folder.
const CHECKPOINTS: &str = "checkpoints";

/// All of a large machine's memory, where it has written all of it.
const SAVE_LIMIT: Duration = Duration::from_secs(120);

/// For a guest that is not asked anything to have nothing on its way in.
const QUIET_LIMIT: Duration = Duration::from_secs(30);

/// All devices together: a few hundred kilobytes.
const DEVICES_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What every template has, whatever else.
const SHARED: [&str; 3] = ["ram", "empty.qcow2", "guest.img"];

/// One more would be one more file to look into for every block that nobody has written.
const LAYERS_MAX: usize = 16;

#[derive(Clone, Debug)]
pub struct Checkpoint {
    template: Template,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Manifest {
    recipe: Recipe,
    accel: Accel,
    of: TemplateManifest,
    /// Below what a clone of it writes, top first.
    layers: Vec<String>,
}

impl Checkpoint {
    /// What clones of it start from.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// As it was named when it was taken or kept.
    pub fn name(&self) -> &str {
        self.template.name()
    }

    /// Makes it stay when its clone goes: a template of its own, to be started by name.
    pub fn keep(&self, store: &Store, name: &str) -> Result<Self, VmError> {
        let path = Self::place_to_keep(store, name)?;
        let making =
            HeldFolder::make(store.kept().join(format!(".{name}-{}", std::process::id())))?;
        let files = fs::read_dir(&self.template.path);
        let files = files.map_err(VmError::file("read", &self.template.path))?;
        for file in files.flatten().map(|entry| entry.path()) {
            let to = making.path.join(file.file_name().expect("an entry has a name"));
            fs::hard_link(&file, &to).map_err(VmError::file("linked", &file))?;
        }
        making.keep_as(&path)?;
        Self::open(path)
    }

    /// Whether one could be taken or kept under that name, as far as the name goes.
    ///
    /// # Errors
    /// [`VmError::NoName`]
    pub fn expect_name(name: &str) -> Result<(), VmError> {
        checked(name).map(drop)
    }

    /// Whether one could be [kept](Self::keep) under that name.
    ///
    /// # Errors
    /// [`VmError::NoName`], [`VmError::NameTaken`]
    pub fn expect_free(store: &Store, name: &str) -> Result<(), VmError> {
        Self::place_to_keep(store, name).map(drop)
    }

    fn place_to_keep(store: &Store, name: &str) -> Result<PathBuf, VmError> {
        let path = store.kept().join(checked(name)?);
        if path.exists() {
            return Err(VmError::NameTaken { name: name.into() });
        }
        Ok(path)
    }

    /// A kept one.
    ///
    /// # Errors
    /// [`VmError::OfAnotherMachine`] where its memory does not fit the QEMU that is here now.
    pub async fn kept(store: &Store, name: &str) -> Result<Self, VmError> {
        let path = store.kept().join(checked(name)?);
        if !path.is_dir() {
            let known = listed(&Self::all_kept(store)?);
            return Err(VmError::NotKept { name: name.into(), known });
        }
        let kept = Self::open(path)?;
        kept.expect_to_fit(store).await?;
        Ok(kept)
    }

    /// # Errors
    /// [`VmError::OfAnotherMachine`] where its memory does not fit the QEMU that is here now.
    pub async fn expect_to_fit(&self, store: &Store) -> Result<(), VmError> {
        let Template { recipe, manifest, .. } = &self.template;
        let accel = Accel::here(store).await?;
        let here = format!("{} {}", machine::signature(accel)?, recipe.machine());
        if manifest.machine == here {
            return Ok(());
        }
        let (name, made_with) = (self.name().to_owned(), manifest.machine.clone());
        Err(VmError::OfAnotherMachine { name, made_with, here })
    }

    /// Those that are kept and can be read, whether they fit the QEMU that is here or not.
    pub fn list_kept(store: &Store) -> Result<Vec<Self>, VmError> {
        let kept = store.visible(&store.kept())?.into_iter();
        Ok(kept.filter_map(|path| Self::open(path).ok()).collect())
    }

    /// The names of those that are kept.
    pub fn all_kept(store: &Store) -> Result<Vec<String>, VmError> {
        let names = store.visible(&store.kept())?.into_iter();
        Ok(names.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect())
    }

    /// Removes a kept one. Clones of it that run now are not disturbed.
    pub fn forget(store: &Store, name: &str) -> Result<(), VmError> {
        let path = store.kept().join(checked(name)?);
        if !path.is_dir() {
            let known = listed(&Self::all_kept(store)?);
            return Err(VmError::NotKept { name: name.into(), known });
        }
        fs::remove_dir_all(&path).map_err(VmError::file("removed", path))
    }

    /// One of the clone with this folder.
    pub(crate) fn within(clone: &Path, name: &str) -> Result<Self, VmError> {
        let all = clone.join(CHECKPOINTS);
        let path = all.join(checked(name)?);
        if path.is_dir() {
            return Self::open(path);
        }
        let there = fs::read_dir(all).into_iter().flatten().flatten();
        let names = there.filter_map(|entry| entry.file_name().into_string().ok());
        // One in the making is none.
        let names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
        Err(VmError::NotKept { name: name.into(), known: listed(&names) })
    }

    fn open(path: PathBuf) -> Result<Self, VmError> {
        let file = path.join(MANIFEST);
        let text = fs::read(&file).map_err(VmError::file("read", &file))?;
        let manifest: Manifest = serde_json::from_slice(&text)
            .map_err(|error| VmError::file("read", &file)(error.into()))?;
        let layers = manifest.layers.iter().map(|name| path.join(name)).collect();
        let Manifest { recipe, accel, of, .. } = manifest;
        let image = path.clone();
        Ok(Self { template: Template { path, image, recipe, accel, layers, manifest: of } })
    }
}

impl Vm {
    /// The clone as it is now. It stands still for that long, a fraction of a second.
    ///
    /// # Errors
    /// [`VmError::Busy`] where somebody waits for an answer from inside: the answer would come
    /// to a clone of the checkpoint, where nobody asked.
    pub async fn checkpoint(&mut self, name: &str) -> Result<Checkpoint, VmError> {
        let path = self.checkpoints().join(checked(name)?);
        if path.exists() {
            return Err(VmError::NameTaken { name: name.into() });
        }
        if self.origin.layers.len() >= LAYERS_MAX {
            return Err(VmError::TooManyLayers { most: LAYERS_MAX });
        }
        if self.running.guest.is_waited_for() {
            return Err(VmError::Busy);
        }
        self.origin.expect_whole()?;
        let was_running = self.running.qmp.is_running().await?;
        if was_running {
            // Its answer comes after all that was on the way into the guest: nothing is torn.
            self.running.guest.hello(QUIET_LIMIT).await?;
        }
        let making = self.checkpoints().join(format!(".{name}"));
        fs::create_dir_all(&making).map_err(VmError::file("made", &making))?;
        self.running.qmp.execute("stop", json!({})).await?;
        let saved = match self.running.guest.is_waited_for() {
            // Somebody has asked in the meantime.
            true => Err(VmError::Busy),
            false => self.save_into(&making).await,
        };
        if was_running {
            self.running.qmp.execute("cont", json!({})).await?;
        }
        let renamed = saved.and_then(|()| {
            fs::rename(&making, &path).map_err(VmError::file("put in its place", &path))
        });
        if renamed.is_err() {
            // What was the matter is in the error; the rest goes with the clone at the latest.
            let _ = fs::remove_dir_all(&making);
        }
        renamed.and_then(|()| Checkpoint::open(path))
    }

    /// The checkpoints of this clone, by name.
    pub fn checkpoint_named(&self, name: &str) -> Result<Checkpoint, VmError> {
        Checkpoint::within(self.checkpoints().parent().expect("a clone's folder"), name)
    }

    /// Goes back: to a checkpoint, or, with [`origin`](Self::origin), to where it started. What
    /// has happened since is gone. On an error the clone is as it was.
    pub async fn rewind(&mut self, to: &Template) -> Result<(), VmError> {
        self.replace(to).await
    }

    /// Goes back to where it started, as [`rewind`](Self::rewind) does.
    pub async fn rewind_to_start(&mut self) -> Result<(), VmError> {
        let start = self.start.clone();
        self.rewind(&start).await
    }

    fn checkpoints(&self) -> PathBuf {
        self.log().with_file_name(CHECKPOINTS)
    }

    async fn save_into(&self, folder: &Path) -> Result<(), VmError> {
        let Template { path, image, recipe, accel, layers, manifest } = &self.origin;
        save_state(&self.running, &self.origin, &folder.join("state")).await?;
        let disk = folder.join("disk-0.qcow2");
        copy(&self.disk, &disk)?;
        read_only(&disk)?;
        read_only(&folder.join("state"))?;
        let link = |from: PathBuf, name: &str| {
            fs::hard_link(&from, folder.join(name)).map_err(VmError::file("linked", from))
        };
        let mut names = vec!["disk-0.qcow2".to_owned()];
        for (below, layer) in layers.iter().enumerate() {
            names.push(format!("disk-{}.qcow2", below + 1));
            link(layer.clone(), &names[below + 1])?;
        }
        for name in SHARED {
            link(path.join(name), name)?;
        }
        for name in ["vmlinuz", "initrd"] {
            link(image.join(name), name)?;
        }
        let (recipe, of) = (recipe.clone(), manifest.clone());
        let manifest = Manifest { recipe, accel: *accel, of, layers: names };
        let text = serde_json::to_vec_pretty(&manifest).expect("a manifest is plain data");
        let file = folder.join(MANIFEST);
        fs::write(&file, text).map_err(VmError::file("written", file))
    }
}

/// The state of a machine that stands still, without the pages that are in the template's file too.
async fn save_state(running: &Running, origin: &Template, to: &Path) -> Result<(), VmError> {
    let qmp = &running.qmp;
    let read = |path: PathBuf| File::open(&path).map_err(VmError::file("read", path));
    let start = read(origin.path.join("state"))?;
    let base = Mapped::whole(&read(origin.path.join("ram"))?);
    let base = base.map_err(VmError::file("read", origin.path.join("ram")))?;
    let own = OwnPages::of(running.child.pid());
    let own = own.map_err(|source| VmError::NoLook { source })?;
    let places = places(qmp).await?;
    let mut outbox = Outbox::lend(qmp).await?;
    let devices = json!({ "live": false });
    // Made for another hypervisor, it is the one command that leaves the memory alone.
    let length = outbox.filled_by(qmp, "xen-save-devices-state", devices, DEVICES_BYTES_MAX);
    let mut devices = vec![0; length.await?];
    outbox.read(0, &mut devices)?;
    outbox.take_back(qmp).await?;
    let state = File::create(to).map_err(VmError::file("made", to))?;
    let writing = spawn_blocking(move || {
        let mut state = State::begin(start, state)?;
        own.write(&base, places, &mut state)?;
        state.finish(&devices)
    });
    let late = |_| VmError::TooLate { what: "the state's way".into(), limit: SAVE_LIMIT };
    let written = timeout(SAVE_LIMIT, writing).await.map_err(late)?;
    let written = written.expect("writing does not panic");
    written.map_err(|source| VmError::State { source: Box::new(source) })
}

/// Where QEMU has the machine's memory, as it says itself: at worst something else of its own.
async fn places(qmp: &Qmp) -> Result<Places, VmError> {
    let screen = screen_address(&qmp.execute("query-pci", json!({})).await?);
    let lost = || VmError::QmpBroken { what: "there is no screen on the bus".into() };
    let memory = place(qmp, 0).await?;
    Ok(Places { memory, screen: place(qmp, screen.ok_or_else(lost)?).await? })
}

async fn place(qmp: &Qmp, address: u64) -> Result<u64, VmError> {
    let command = json!({ "command-line": format!("gpa2hva {address:#x}") });
    let said = qmp.execute("human-monitor-command", command).await?;
    let said = said.as_str().unwrap_or_default();
    let place = said.trim().rsplit_once(" is 0x").map(|(_, hex)| u64::from_str_radix(hex, 16));
    place.and_then(Result::ok).ok_or_else(|| VmError::QmpBroken { what: said.into() })
}

/// Of the memory of the graphics device, from what the monitor tells of the bus.
fn screen_address(buses: &Value) -> Option<u64> {
    const GRAPHICS: u64 = 0x300;
    let buses = buses.as_array()?.iter();
    let mut devices = buses.flat_map(|bus| bus["devices"].as_array()).flatten();
    let graphics = devices.find(|device| device["class_info"]["class"] == GRAPHICS)?;
    graphics["regions"].as_array()?.iter().find(|region| region["bar"] == 0)?["address"].as_u64()
}

/// A name is a folder's.
pub(crate) fn checked(name: &str) -> Result<&str, VmError> {
    let is_of = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_name = (1..=64).contains(&name.len()) && name.chars().all(is_of);
    if is_name && !name.starts_with('.') {
        return Ok(name);
    }
    Err(VmError::NoName { name: name.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        for good in ["before-login", "1", "a.b_c"] {
            assert!(checked(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", ".hidden", "a/b", "a b", "ü", &"x".repeat(65)] {
            assert!(matches!(checked(bad), Err(VmError::NoName { .. })), "{bad}");
        }
    }
}
