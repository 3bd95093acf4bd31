//! Checkpoints: a clone as it was at one moment, to go back to or to start others from.
//!
//! ```text
//!   running ──stop──▶ state without what the template has ──▶ disk copied ──▶ running again
//! ```
//!
//! A checkpoint is a template that shares its memory file, and every disk below its own, with the
//! template that its clone came from: by hard links, so that it stands when that one is removed.
//! It lies in its clone's folder and goes with it, unless it is [kept](Checkpoint::keep).

use std::{
    fs::{self, File},
    os::fd::AsFd as _,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{task::spawn_blocking, time::timeout};

use crate::{
    accel::Accel,
    delta,
    error::VmError,
    machine,
    mapped::Mapped,
    qmp::Qmp,
    recipe::Recipe,
    store::{HeldFolder, Store},
    template::{Template, TemplateManifest, copy, read_only, wait_for_migration},
    vm::Vm,
};

const MANIFEST: &str = "checkpoint.json";

/// In a clone's folder.
const CHECKPOINTS: &str = "checkpoints";

/// All of a large machine's memory, through a pipe and compared.
const SAVE_LIMIT: Duration = Duration::from_secs(120);

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
        let path = store.kept().join(checked(name)?);
        if path.exists() {
            return Err(VmError::NameTaken { name: name.into() });
        }
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

    /// A kept one.
    ///
    /// # Errors
    /// [`VmError::OfAnotherMachine`] where its memory does not fit the QEMU that is here now.
    pub async fn kept(store: &Store, name: &str) -> Result<Self, VmError> {
        let path = store.kept().join(checked(name)?);
        if !path.is_dir() {
            let known = Self::all_kept(store)?.join(", ");
            return Err(VmError::NotKept { name: name.into(), known });
        }
        let kept = Self::open(path)?;
        let Template { recipe, manifest, .. } = &kept.template;
        let accel = Accel::here(store).await?;
        let here = format!("{} {}", machine::signature(accel)?, recipe.machine());
        if manifest.machine != here {
            let made_with = manifest.machine.clone();
            return Err(VmError::OfAnotherMachine { name: name.into(), made_with, here });
        }
        Ok(kept)
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
            let known = Self::all_kept(store)?.join(", ");
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
        let known = names.collect::<Vec<_>>().join(", ");
        Err(VmError::NotKept { name: name.into(), known })
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
    /// The clone as it is now. It stands still for that long, under a second.
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
        let making = self.checkpoints().join(format!(".{name}"));
        fs::create_dir_all(&making).map_err(VmError::file("made", &making))?;
        let was_running = self.running.qmp.is_running().await?;
        self.running.qmp.execute("stop", json!({})).await?;
        let saved = self.save_into(&making).await;
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

    fn checkpoints(&self) -> PathBuf {
        self.log().with_file_name(CHECKPOINTS)
    }

    async fn save_into(&self, folder: &Path) -> Result<(), VmError> {
        let Template { path, image, recipe, accel, layers, manifest } = &self.origin;
        let ram = path.join("ram");
        save_differing(&self.running.qmp, &ram, &folder.join("state")).await?;
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

/// The state of a machine that stands still, without the pages that are in `ram` too.
async fn save_differing(qmp: &Qmp, ram: &Path, to: &Path) -> Result<(), VmError> {
    let base = File::open(ram).map_err(VmError::file("read", ram))?;
    // All of it will be looked at, and what is not in the cache comes faster in one go.
    let _ = rustix::fs::fadvise(&base, 0, None, rustix::fs::Advice::WillNeed);
    let base = Mapped::whole(&base).map_err(VmError::file("read", ram))?;
    let state = File::create(to).map_err(VmError::file("made", to))?;
    let (said, saying) = std::io::pipe().map_err(VmError::file("made", "a pipe"))?;
    // As much as an ordinary user may have; the default of 64 kB is a switch every 16 pages.
    let _ = rustix::pipe::fcntl_setpipe_size(&saying, 1024 * 1024);
    // Unbounded bandwidth: the default of 128 MiB/s is meant for a network.
    qmp.execute("migrate-set-parameters", json!({ "max-bandwidth": 0 })).await?;
    qmp.hand_over("state", saying.as_fd()).await?;
    drop(saying);
    let passing = spawn_blocking(move || delta::pass(said, state, &base));
    qmp.execute("migrate", json!({ "uri": "fd:state" })).await?;
    let late = |_| VmError::TooLate { what: "the state's way".into(), limit: SAVE_LIMIT };
    let passed = timeout(SAVE_LIMIT, passing).await.map_err(late)?;
    let passed = passed.expect("passing on does not panic");
    // QEMU first: where it failed, its own reason says more than a stream that ends early.
    wait_for_migration(qmp).await?;
    passed.map(drop).map_err(|source| VmError::State { source: Box::new(source) })
}

/// A name is a folder's.
fn checked(name: &str) -> Result<&str, VmError> {
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
