//! Images: a recipe, built. Debian's packages by mmdebstrap, then a file system, then qcow2; built
//! beside its place and renamed in, so an interrupted build leaves nothing half.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::unix::pipe,
    time::timeout,
};

use crate::{
    child::{Child, Given},
    course::Course,
    error::VmError,
    namespace,
    progress::{Progress, ProgressSink},
    recipe::{Recipe, config_folder, short_hex},
    sources::sources,
    store::{HeldFolder, Store, remove},
};

const MANIFEST: &str = "image.json";

const LOG: &str = "build.log";

/// Packages unpacked, and packed again, beside the raw disk.
const ROOM_MB: u64 = 3_000;

/// A whole build on a slow line and two busy cores.
const STEP_LIMIT: Duration = Duration::from_secs(60 * 60);

#[derive(Clone, Debug)]
pub struct Image {
    pub(crate) path: PathBuf,
    pub manifest: ImageManifest,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageManifest {
    pub recipe: String,
    pub recipe_digest: String,
    /// Package → version.
    pub packages: BTreeMap<String, String>,
}

impl Image {
    /// The image of exactly this recipe, if it was built; of several the one that was built last.
    pub fn find(store: &Store, recipe: &Recipe) -> Result<Option<Self>, VmError> {
        let digest = recipe.disk_digest();
        let of_this = Self::list(store)?.into_iter();
        let of_this = of_this.filter(|image| image.manifest.recipe_digest == digest);
        Ok(of_this.max_by_key(|image| image.built()))
    }

    pub fn list(store: &Store) -> Result<Vec<Self>, VmError> {
        let images = store.images();
        let entries = fs::read_dir(&images).map_err(VmError::file("read", &images))?;
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        Ok(paths.into_iter().filter_map(Self::open).collect())
    }

    /// Its folder's name: the recipe and a digest of recipe and package versions.
    pub fn name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the programs said that built it.
    pub fn log(&self) -> PathBuf {
        self.path.join(LOG)
    }

    fn built(&self) -> Option<SystemTime> {
        fs::metadata(self.path.join(MANIFEST)).ok()?.modified().ok()
    }

    fn open(path: PathBuf) -> Option<Self> {
        let manifest = fs::read(path.join(MANIFEST)).ok()?;
        Some(Self { manifest: serde_json::from_slice(&manifest).ok()?, path })
    }

    /// Finds the image or builds it: minutes, and the network.
    pub async fn ensure(
        store: &Store,
        recipe: &Recipe,
        progress: ProgressSink<'_>,
    ) -> Result<Self, VmError> {
        if let Some(image) = Self::find(store, recipe)? {
            return Ok(image);
        }
        let _alone = store.build_lock(progress).await?;
        match Self::find(store, recipe)? {
            Some(image) => Ok(image),
            None => {
                let (manifest, making) = Self::build(store, recipe, progress).await?;
                manifest.put_in_place(store, making)
            }
        }
    }

    /// Builds the image though there is one: with the packages of today. Clones that run now are
    /// not disturbed.
    pub async fn anew(
        store: &Store,
        recipe: &Recipe,
        progress: ProgressSink<'_>,
    ) -> Result<Self, VmError> {
        let _alone = store.build_lock(progress).await?;
        let (manifest, making) = Self::build(store, recipe, progress).await?;
        manifest.make_way(store)?;
        manifest.put_in_place(store, making)
    }

    /// From Debian's packages.
    async fn build(
        store: &Store,
        recipe: &Recipe,
        progress: ProgressSink<'_>,
    ) -> Result<(ImageManifest, HeldFolder), VmError> {
        namespace::check()?;
        store.has_room(ROOM_MB + u64::from(recipe.disk_mib))?;
        let pid = std::process::id();
        let making = HeldFolder::make(store.images().join(format!(".{}-{pid}", recipe.name)))?;
        let build = Build {
            recipe,
            path: &making.path,
            log: making.path.join(LOG),
            kept_log: store.root().join("failed-build.log"),
        };
        build.lay_overlay()?;
        progress(Progress::Step(format!(
            "installing {} packages and what they need",
            recipe.packages.len()
        )));
        build.step("mmdebstrap", build.bootstrap(), progress).await?;
        let packages = build.packages()?;
        build.take_kernel()?;
        progress(Progress::Step("laying the file system".into()));
        build.step("mke2fs", build.file_system(), progress).await?;
        progress(Progress::Step("packing the disk".into()));
        build.step("qemu-img", build.pack(), progress).await?;
        build.clear()?;
        build.open_to_readers()?;
        Ok((ImageManifest::of(recipe, packages), making))
    }
}

impl ImageManifest {
    pub(crate) fn of(recipe: &Recipe, packages: BTreeMap<String, String>) -> Self {
        let (recipe, recipe_digest) = (recipe.name.clone(), recipe.disk_digest());
        Self { recipe, recipe_digest, packages }
    }

    pub(crate) fn is_of(&self, recipe: &Recipe) -> bool {
        self.recipe == recipe.name && self.recipe_digest == recipe.disk_digest()
    }

    /// Names a whole image, and lets it be found.
    pub(crate) fn put_in_place(self, store: &Store, making: HeldFolder) -> Result<Image, VmError> {
        let text = self.text();
        let file = making.path.join(MANIFEST);
        fs::write(&file, &text).map_err(VmError::file("written", &file))?;
        let path = store.images().join(self.name());
        making.keep_as(&path)?;
        Ok(Image { path, manifest: self })
    }

    fn text(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("a manifest is plain data")
    }

    fn name(&self) -> String {
        format!("{}-{}", self.recipe, short_hex(&Sha256::digest(self.text())))
    }

    /// Removes an image of the same name. It has the same packages and other blocks, so that what
    /// stands on those cannot stay either.
    fn make_way(&self, store: &Store) -> Result<(), VmError> {
        let name = self.name();
        for template in store.visible(&store.templates())? {
            if fs::read_to_string(template.join("base")).is_ok_and(|base| base == name) {
                remove(&template)?;
            }
        }
        remove(&store.images().join(name))
    }
}

struct Build<'a> {
    recipe: &'a Recipe,
    path: &'a Path,
    log: PathBuf,
    /// Where the log of a failed build stays.
    kept_log: PathBuf,
}

impl Build<'_> {
    /// The recipe's files and commands, for mmdebstrap's hook to bring in.
    fn lay_overlay(&self) -> Result<(), VmError> {
        let overlay = self.path.join("overlay");
        for (inside, content) in &self.recipe.files {
            let path = overlay.join(inside.trim_start_matches('/'));
            let parent = path.parent().unwrap_or(&overlay);
            fs::create_dir_all(parent).map_err(VmError::file("made", parent))?;
            let content = self.recipe.filled(content);
            fs::write(&path, content).map_err(VmError::file("written", &path))?;
        }
        let setup = overlay.join("deskbound-setup");
        let commands = self.recipe.filled(&self.recipe.commands.join("\n"));
        fs::write(&setup, commands).map_err(VmError::file("written", &setup))?;
        let hook = self.path.join("hook");
        fs::write(&hook, HOOK).map_err(VmError::file("written", &hook))?;
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&hook, executable).map_err(VmError::file("written", &hook))
    }

    fn bootstrap(&self) -> Command {
        let mut command = namespace::alone_as_root("mmdebstrap");
        // What apt and dpkg say tells how far it is, and is kept in the log.
        command.args(["--mode=root", "--variant=minbase", "--format=directory", "--verbose"]);
        command.arg(format!("--include={}", self.recipe.packages.join(",")));
        // A build that is cut short is thrown away whole: no need to wait for the disk.
        command.arg("--dpkgopt=force-unsafe-io");
        command.arg("--aptopt=APT::Install-Recommends \"false\"");
        for unread in ["doc", "man", "locale", "info"] {
            command.arg(format!("--dpkgopt=path-exclude=/usr/share/{unread}/*"));
        }
        command.arg(format!("--customize-hook={}", self.path.join("hook").display()));
        command.arg(&self.recipe.suite).arg(self.path.join("root"));
        command.args(sources(Path::new("/"), config_folder().as_deref(), &self.recipe.suite));
        command.env("DESKBOUND_OVERLAY", self.path.join("overlay"));
        command
    }

    fn file_system(&self) -> Command {
        let mut command = namespace::as_root("/sbin/mke2fs");
        command.args(["-q", "-t", "ext4", "-L", "desk", "-E", "lazy_itable_init=0", "-d"]);
        command.arg(self.path.join("root")).arg(self.path.join("disk.raw"));
        command.arg(format!("{}M", self.recipe.disk_mib));
        command
    }

    fn pack(&self) -> Command {
        let mut command = Command::new("qemu-img");
        command.args(["convert", "-p", "-O", "qcow2"]);
        command.arg(self.path.join("disk.raw")).arg(self.path.join("disk.qcow2"));
        command
    }

    fn take_kernel(&self) -> Result<(), VmError> {
        let boot = self.path.join("root/boot");
        for (prefix, name) in [("vmlinuz-", "vmlinuz"), ("initrd.img-", "initrd")] {
            let entries = fs::read_dir(&boot).map_err(VmError::file("read", &boot))?;
            let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
            found.retain(|path| {
                path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix))
            });
            let missing =
                || VmError::file("found", boot.join(prefix))(std::io::ErrorKind::NotFound.into());
            let from = found.first().ok_or_else(missing)?;
            fs::copy(from, self.path.join(name)).map_err(VmError::file("copied", from))?;
        }
        Ok(())
    }

    /// Package → version, from dpkg's own list.
    fn packages(&self) -> Result<BTreeMap<String, String>, VmError> {
        let path = self.path.join("root/var/lib/dpkg/status");
        let status = fs::read_to_string(&path).map_err(VmError::file("read", &path))?;
        let field = |entry: &str, name: &str| {
            let value = entry.lines().find_map(|line| line.strip_prefix(name))?;
            Some(value.trim().to_owned())
        };
        let entries = status.split("\n\n");
        Ok(entries.filter_map(|e| Some((field(e, "Package:")?, field(e, "Version:")?))).collect())
    }

    fn clear(&self) -> Result<(), VmError> {
        for folder in ["root", "overlay"] {
            let path = self.path.join(folder);
            namespace::remove(&path).map_err(VmError::file("removed", &path))?;
        }
        for file in ["disk.raw", "hook"] {
            let path = self.path.join(file);
            fs::remove_file(&path).map_err(VmError::file("removed", &path))?;
        }
        Ok(())
    }

    /// Every user may read: QEMU's opens the kernel by its descriptor.
    fn open_to_readers(&self) -> Result<(), VmError> {
        for name in ["disk.qcow2", "vmlinuz", "initrd"] {
            let path = self.path.join(name);
            let readable = std::os::unix::fs::PermissionsExt::from_mode(0o444);
            fs::set_permissions(&path, readable).map_err(VmError::file("made readable", &path))?;
        }
        Ok(())
    }

    /// Runs one program to its end; what it says goes to the log and, line by line, to `progress`.
    async fn step(
        &self,
        step: &'static str,
        mut command: Command,
        progress: ProgressSink<'_>,
    ) -> Result<(), VmError> {
        let cannot = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => VmError::ProgramMissing { program: step.into() },
            _ => VmError::file("started", step)(error),
        };
        let (said, writer) = std::io::pipe().map_err(cannot)?;
        command.stdin(Stdio::null());
        command.stdout(writer.try_clone().map_err(cannot)?).stderr(writer);
        let child = Child::start(command, Given::default()).await.map_err(cannot)?;
        let said = pipe::Receiver::from_owned_fd(said.into()).map_err(cannot)?;
        let mut log = fs::File::options()
            .append(true)
            .create(true)
            .open(&self.log)
            .map_err(VmError::file("written", &self.log))?;
        let mut course = Course::default();
        let following = async {
            let mut lines = BufReader::new(said).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                // Programs that tell how far they are write over their own line.
                for line in line.split(|byte| *byte == b'\r').filter(|line| !line.is_empty()) {
                    let line = String::from_utf8_lossy(line);
                    let told = course.told(&line);
                    if !matches!(told[..], [Progress::Share { .. }]) {
                        let _ = std::io::Write::write_all(&mut log, format!("{line}\n").as_bytes());
                    }
                    told.into_iter().for_each(&mut *progress);
                }
            }
            child.ended().await
        };
        let late = |_| VmError::TooLate { what: format!("`{step}`'s end"), limit: STEP_LIMIT };
        let status = timeout(STEP_LIMIT, following).await.map_err(late)?;
        match status {
            Some(status) if status.success() => Ok(()),
            status => {
                let kept = self.kept_log.clone();
                let log = fs::copy(&self.log, &kept).map_or_else(|_| self.log.clone(), |_| kept);
                Err(VmError::StepFailed { step, status: status.unwrap_or_default(), log })
            }
        }
    }
}

/// Runs outside the new system, with its root as the argument.
const HOOK: &str = "#!/bin/sh
set -e
cp -R --no-preserve=ownership \"$DESKBOUND_OVERLAY/.\" \"$1/\"
chroot \"$1\" sh -e /deskbound-setup
rm \"$1/deskbound-setup\"
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_builds_the_last_counts_and_one_of_the_same_name_makes_way() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(root.path()).expect("opens");
        let recipe = Recipe::named("minimal").expect("shipped");
        let build = |version: &str| {
            let packages = BTreeMap::from([("a".to_owned(), version.to_owned())]);
            let manifest = ImageManifest::of(&recipe, packages);
            manifest.make_way(&store).expect("removed");
            let making = HeldFolder::make(store.images().join(".making")).expect("made");
            manifest.put_in_place(&store, making).expect("put in its place")
        };
        let age = |image: &Image, seconds| {
            let file = fs::File::open(image.path.join(MANIFEST)).expect("it is there");
            let then = SystemTime::now() - Duration::from_secs(seconds);
            file.set_modified(then).expect("set");
        };
        let (old, new) = (build("1"), build("2"));
        assert_ne!(old.path, new.path);
        for (old_s, new_s, expected) in [(9, 1, &new), (1, 9, &old)] {
            age(&old, old_s);
            age(&new, new_s);
            let found = Image::find(&store, &recipe).expect("read").expect("it is there");
            assert_eq!(found.path, expected.path);
        }
        let templates = ["stands-on-it", "stands-on-the-other"].map(|name| {
            let path = store.templates().join(name);
            fs::create_dir(&path).expect("made");
            path
        });
        fs::write(templates[0].join("base"), new.name()).expect("written");
        fs::write(templates[1].join("base"), old.name()).expect("written");
        fs::write(new.path.join("disk.qcow2"), "old blocks").expect("written");
        assert_eq!(build("2").path, new.path);
        assert!(!new.path.join("disk.qcow2").exists() && old.path.is_dir());
        assert_eq!(templates.map(|path| path.is_dir()), [false, true]);
    }
}
