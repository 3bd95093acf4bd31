//! Templates: an image started once, until its desktop has settled, then saved with its memory.
//!
//! ```text
//!   Booting ──guest answers──▶ Up ──tree and pixels still──▶ Settled ──▶ Stopped ──▶ Saved
//! ```

use std::{
    fs,
    os::fd::AsFd as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use deskbound_accessibility::{AppStatus, Tree};
use deskbound_guest::{CommandSpec, User, protocol::Mode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::time::{sleep, timeout};

use crate::{
    accel::Accel,
    error::VmError,
    guest::Guest,
    guest_program,
    image::Image,
    machine::{self, Machine, Running, Start},
    progress::{Progress, ProgressSink},
    qmp::Qmp,
    recipe::{Recipe, short_hex},
    screen::Screen,
    standing::Label,
    store::{HeldFolder, Store, remove},
};

const MANIFEST: &str = "template.json";

/// Milliseconds of the first start.
const BOOT: &str = "boot_ms";

/// From power-on to the guest program's first word: 20 s emulated on two idle cores, and many times
/// that where the cores are shared.
const BOOT_LIMIT: Duration = Duration::from_secs(600);

/// From the guest program's first word to a desktop that stands still.
const SETTLE_LIMIT: Duration = Duration::from_secs(900);

/// Pixels and tree as they were for so long: settled.
const STILL: Duration = Duration::from_secs(6);

/// Over which the machine must have had little to do.
const IDLE_WINDOW: Duration = Duration::from_secs(3);

const IDLE_SHARE_MIN: f64 = 0.7;

const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What the first start writes to the disk, and the device state.
const ROOM_MB: u64 = 500;

const SAVE_LIMIT: Duration = Duration::from_secs(120);

#[derive(Clone, Debug)]
pub struct Template {
    pub(crate) path: PathBuf,
    pub(crate) image: PathBuf,
    pub(crate) recipe: Recipe,
    pub(crate) accel: Accel,
    /// The disk below what a clone writes, top first.
    pub(crate) layers: Vec<PathBuf>,
    pub manifest: TemplateManifest,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateManifest {
    pub image: String,
    pub guest_program: String,
    pub machine: String,
}

impl TemplateManifest {
    fn in_words(&self) -> String {
        format!("{}, guest program {}", self.machine, self.guest_program)
    }
}

impl Template {
    /// The template of exactly this recipe, guest program, QEMU and way of running it, if it was
    /// made.
    pub async fn find(store: &Store, recipe: &Recipe) -> Result<Option<Self>, VmError> {
        let Some(image) = Image::find(store, recipe)? else { return Ok(None) };
        let template = Self::of(store, recipe, &image).await?;
        Ok(template.path.join(MANIFEST).is_file().then_some(template))
    }

    /// As [`find`](Self::find), and otherwise an error that says what is there instead.
    pub async fn ready(store: &Store, recipe: &Recipe) -> Result<Self, VmError> {
        if let Some(template) = Self::find(store, recipe).await? {
            return Ok(template);
        }
        let here = match Image::find(store, recipe)? {
            Some(image) => Self::of(store, recipe, &image).await?.manifest,
            None => return Err(VmError::NotBuilt { recipe: recipe.name.clone() }),
        };
        let others = store.visible(&store.templates())?;
        let others = others.iter().filter_map(|path| fs::read(path.join(MANIFEST)).ok());
        let mut others = others
            .filter_map(|text| serde_json::from_slice::<TemplateManifest>(&text).ok())
            .filter(|other| other.image == here.image);
        let recipe = recipe.name.clone();
        Err(match others.next() {
            None => VmError::NotBuilt { recipe },
            Some(other) => {
                VmError::OutOfDate { recipe, made_with: other.in_words(), here: here.in_words() }
            }
        })
    }

    /// Finds the template or makes it, of an image that is there: a minute or more.
    pub async fn ensure(
        store: &Store,
        recipe: &Recipe,
        progress: ProgressSink<'_>,
    ) -> Result<Self, VmError> {
        if let Some(template) = Self::find(store, recipe).await? {
            return Ok(template);
        }
        let _alone = store.build_lock(progress).await?;
        let template = Self::to_be(store, recipe).await?;
        if !template.path.join(MANIFEST).is_file() {
            template.make(store, progress).await?;
        }
        Ok(template)
    }

    /// Makes the template though it may be there: what was there is removed first. Clones of it
    /// that run now are not disturbed.
    pub async fn anew(
        store: &Store,
        recipe: &Recipe,
        progress: ProgressSink<'_>,
    ) -> Result<Self, VmError> {
        let _alone = store.build_lock(progress).await?;
        let template = Self::to_be(store, recipe).await?;
        remove(&template.path)?;
        template.make(store, progress).await?;
        Ok(template)
    }

    async fn to_be(store: &Store, recipe: &Recipe) -> Result<Self, VmError> {
        let image = Image::find(store, recipe)?;
        let image = image.ok_or_else(|| VmError::NotBuilt { recipe: recipe.name.clone() })?;
        Self::of(store, recipe, &image).await
    }

    /// Its folder's name: the image and a digest of all that is not the image.
    pub fn name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Says what of it was removed since it was found, if something was.
    pub(crate) fn expect_whole(&self) -> Result<(), VmError> {
        let own = ["ram", "state", "empty.qcow2", "guest.img"].map(|name| self.path.join(name));
        let below = ["vmlinuz", "initrd"].map(|name| self.image.join(name));
        match own.iter().chain(&below).chain(&self.layers).find(|path| !path.exists()) {
            None => Ok(()),
            Some(gone) => {
                let recipe = self.recipe.name.clone();
                Err(VmError::Vanished { recipe, path: gone.clone() })
            }
        }
    }

    /// From power-on to the guest program's first word, when it was made.
    pub fn boot_time(&self) -> Option<Duration> {
        let said = fs::read_to_string(self.path.join(BOOT)).ok()?;
        said.parse().ok().map(Duration::from_millis)
    }

    pub fn accel(&self) -> Accel {
        self.accel
    }

    /// What it was made of.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Shown wherever it or a clone of it is named.
    pub fn label(&self) -> Label {
        Label::of(&self.recipe, self.accel)
    }

    pub fn image_path(&self) -> &Path {
        &self.image
    }

    async fn of(store: &Store, recipe: &Recipe, image: &Image) -> Result<Self, VmError> {
        let accel = Accel::here(store).await?;
        let manifest = TemplateManifest {
            image: image.name().into(),
            guest_program: short_hex(&guest_program::digest()),
            machine: format!("{} {}", machine::signature(accel)?, recipe.machine()),
        };
        let text = serde_json::to_vec(&manifest).expect("a manifest is plain data");
        let name = format!("{}-{}", manifest.image, short_hex(&Sha256::digest(text)));
        let (path, image) = (store.templates().join(name), image.path.clone());
        let layers = vec![path.join("disk.qcow2"), image.join("disk.qcow2")];
        Ok(Self { path, image, recipe: recipe.clone(), accel, layers, manifest })
    }

    async fn make(&self, store: &Store, progress: ProgressSink<'_>) -> Result<(), VmError> {
        store.has_room(ROOM_MB + u64::from(self.recipe.memory_mib))?;
        let pid = std::process::id();
        let making = HeldFolder::make(store.templates().join(format!(".{}-{pid}", self.name())))?;
        let path = |name| making.path.join(name);
        let base = path("base");
        fs::write(&base, &self.manifest.image).map_err(VmError::file("written", &base))?;
        lay_guest_disk(&making.path).await?;
        machine::empty_disk(&path("empty.qcow2"), self.recipe.disk_mib).await?;
        copy(&path("empty.qcow2"), &path("disk.qcow2"))?;
        let ram = fs::File::create(path("ram")).map_err(VmError::file("made", path("ram")))?;
        let bytes = u64::from(self.recipe.memory_mib) * 1024 * 1024;
        ram.set_len(bytes).map_err(VmError::file("made", path("ram")))?;
        let machine = Machine {
            name: self.name(),
            accel: self.accel,
            recipe: &self.recipe,
            image: &self.image,
            ram: &path("ram"),
            start: Start::Boot,
            layers: &[path("disk.qcow2"), self.image.join("disk.qcow2")],
            guest_disk: &path("guest.img"),
            log: &path("qemu.log"),
        };
        progress(Progress::Step("starting the desktop for the first time".into()));
        let asked = Instant::now();
        let running = machine.start(None).await?;
        wake(&running).await?;
        let boot_ms = asked.elapsed().as_millis().to_string();
        fs::write(path(BOOT), boot_ms).map_err(VmError::file("written", path(BOOT)))?;
        settle(&running, self, progress).await?;
        if !self.recipe.forwards.is_empty() {
            running.guest.network().await?;
        }
        progress(Progress::Step("saving the desktop".into()));
        save(&running, &path("state")).await?;
        drop(running);
        freeze(&making.path)?;
        let text = serde_json::to_vec_pretty(&self.manifest).expect("a manifest is plain data");
        fs::write(path(MANIFEST), text).map_err(VmError::file("written", path(MANIFEST)))?;
        making.keep_as(&self.path)
    }
}

/// Takes back what QEMU's user owned, so that nobody writes it any more, and lets every user read
/// it: QEMU's opens it by its descriptor.
fn freeze(folder: &Path) -> Result<(), VmError> {
    let (user, group) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    for name in ["ram", "disk.qcow2", "empty.qcow2", "guest.img", "state"] {
        let path = folder.join(name);
        let owned = std::os::unix::fs::chown(&path, Some(user), Some(group));
        owned.map_err(VmError::file("frozen", &path))?;
        read_only(&path)?;
    }
    Ok(())
}

pub(crate) fn read_only(path: &Path) -> Result<(), VmError> {
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o444);
    fs::set_permissions(path, readable).map_err(VmError::file("frozen", path))
}

pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), VmError> {
    fs::copy(from, to).map(drop).map_err(VmError::file("copied", from))
}

/// A small read-only file system with the guest program in it.
async fn lay_guest_disk(folder: &Path) -> Result<(), VmError> {
    let content = folder.join("guest");
    fs::create_dir(&content).map_err(VmError::file("made", &content))?;
    let program = content.join(guest_program::NAME);
    fs::write(&program, guest_program::BYTES).map_err(VmError::file("written", &program))?;
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&program, executable).map_err(VmError::file("written", &program))?;
    let disk = folder.join("guest.img");
    let size_mib = guest_program::BYTES.len() / (1024 * 1024) * 5 / 4 + 4;
    let mut command = Command::new("/sbin/mke2fs");
    command.args(["-q", "-t", "ext4", "-O", "^has_journal", "-d"]).arg(&content).arg(&disk);
    command.arg(format!("{size_mib}M"));
    machine::lay(command, &disk).await?;
    fs::remove_dir_all(&content).map_err(VmError::file("removed", content))
}

/// Waits for the guest program's first word.
async fn wake(running: &Running) -> Result<(), VmError> {
    let ended = |status: Option<std::process::ExitStatus>| VmError::QemuEnded {
        before: "the desktop was up",
        status: status.map_or("unknown".into(), |status| status.to_string()),
        said: String::new(),
    };
    tokio::select! {
        hello = running.guest.hello(BOOT_LIMIT) => match hello {
            Err(VmError::TooLate { limit, .. }) => {
                Err(VmError::NeverUp { limit, console: console(&running.qmp).await })
            }
            hello => hello,
        },
        status = running.child.ended() => Err(ended(status)),
    }
}

/// Waits until the session is up, its tree answers, and nothing moves any more.
async fn settle(
    running: &Running,
    template: &Template,
    progress: ProgressSink<'_>,
) -> Result<(), VmError> {
    let Template { recipe, accel, .. } = template;
    progress(Progress::Step("waiting until the desktop has settled".into()));
    let started = Instant::now();
    let mut last = None;
    let mut still_since = Instant::now();
    let screen = Screen::default();
    loop {
        let tree = running.guest.tree(accel.tree_limits()).await;
        let frame = screen.frame(&running.qmp).await?;
        let missing = missing(recipe, tree.as_ref().ok());
        let size = tree.as_ref().map_or(0, Tree::len);
        let now = Some((size, frame.digest));
        if now != last || !missing.is_empty() {
            (last, still_since) = (now, Instant::now());
            progress(Progress::Detail(format!("not there yet: {missing:?}")));
        } else if still_since.elapsed() > STILL {
            if idle_share(&running.guest).await? >= IDLE_SHARE_MIN {
                return Ok(());
            }
            progress(Progress::Detail("something is still at work".into()));
        }
        if started.elapsed() > SETTLE_LIMIT {
            let why = tree.err().map(|error| format!(" ({error})")).unwrap_or_default();
            let what = format!("a settled desktop with {:?}{why}", recipe.settled);
            return Err(VmError::TooLate { what, limit: SETTLE_LIMIT });
        }
        sleep(LOOK_EVERY).await;
    }
}

/// What the recipe expects and the tree has not, and whatever answers too slowly to be there.
fn missing(recipe: &Recipe, tree: Option<&Tree>) -> Vec<String> {
    let apps = || tree.iter().flat_map(|tree| &tree.apps);
    let is_up =
        |name: &&String| apps().any(|app| app.name == **name && app.status == AppStatus::Complete);
    let late = apps().filter(|app| app.status != AppStatus::Complete);
    let late = late.map(|app| format!("{} ({:?})", app.name, app.status));
    recipe.settled.iter().filter(|name| !is_up(name)).cloned().chain(late).collect()
}

/// The share of its time that the machine had nothing to do, over [`IDLE_WINDOW`]. Pixels alone
/// tell too little: a window manager that starts draws nothing for a long time.
async fn idle_share(guest: &Guest) -> Result<f64, VmError> {
    let before = cpu_times(guest).await?;
    sleep(IDLE_WINDOW).await;
    let after = cpu_times(guest).await?;
    let (idle, all) = (after.0.saturating_sub(before.0), after.1.saturating_sub(before.1));
    Ok(idle as f64 / all.max(1) as f64)
}

/// Idle and all ticks of all processors since the boot, from the kernel's own account.
async fn cpu_times(guest: &Guest) -> Result<(u64, u64), VmError> {
    const IDLE: usize = 3;
    const IO_WAIT: usize = 4;
    let stat = guest.read("/proc/stat").await?;
    let stat = String::from_utf8_lossy(&stat);
    let line = stat.lines().next().unwrap_or_default();
    let ticks: Vec<u64> = line.split_whitespace().skip(1).flat_map(str::parse).collect();
    let tick = |at| ticks.get(at).copied().unwrap_or(0);
    Ok((tick(IDLE) + tick(IO_WAIT), ticks.iter().sum()))
}

/// The last lines the guest wrote to its console; empty where QEMU does not tell.
async fn console(qmp: &Qmp) -> String {
    const BYTES: u32 = 2048;
    let arguments = json!({ "device": machine::CONSOLE, "size": BYTES });
    let said = qmp.execute("ringbuf-read", arguments).await.unwrap_or_default();
    let printable = |c: &char| !c.is_control() || *c == '\n';
    said.as_str().unwrap_or_default().chars().filter(printable).collect()
}

async fn save(running: &Running, path: &Path) -> Result<(), VmError> {
    let sync = CommandSpec {
        argv: vec!["sync".into()],
        cwd: None,
        env: Vec::new(),
        user: User::Root,
        timeout: Some(SAVE_LIMIT),
        mode: Mode::Followed,
    };
    running.guest.run(sync, &mut |_, _| {}).await?;
    let qmp = &running.qmp;
    qmp.execute("stop", json!({})).await?;
    let capability = json!([{ "capability": "x-ignore-shared", "state": true }]);
    qmp.execute("migrate-set-capabilities", json!({ "capabilities": capability })).await?;
    // Unbounded bandwidth: the default of 128 MiB/s is meant for a network.
    qmp.execute("migrate-set-parameters", json!({ "max-bandwidth": 0 })).await?;
    let state = fs::File::create(path).map_err(VmError::file("made", path))?;
    qmp.hand_over("state", state.as_fd()).await?;
    qmp.execute("migrate", json!({ "uri": "fd:state" })).await?;
    wait_for_migration(qmp).await?;
    qmp.execute("quit", json!({})).await?;
    let ended = timeout(SAVE_LIMIT, running.child.ended()).await;
    ended.map(drop).map_err(|_| VmError::TooLate { what: "QEMU's end".into(), limit: SAVE_LIMIT })
}

/// Waits until the state has gone out, or has come in.
pub(crate) async fn wait_for_migration(qmp: &Qmp) -> Result<(), VmError> {
    const POLL: Duration = Duration::from_millis(5);
    let started = Instant::now();
    while started.elapsed() < SAVE_LIMIT {
        let migration = qmp.execute("query-migrate", json!({})).await?;
        match migration["status"].as_str() {
            Some("completed") => return Ok(()),
            Some("failed" | "cancelled") => {
                let reason = migration["error-desc"].as_str().unwrap_or("no reason given");
                return Err(VmError::QmpRefused {
                    command: "migrate".into(),
                    reason: reason.into(),
                });
            }
            _ => sleep(POLL).await,
        }
    }
    Err(VmError::TooLate { what: "the device state's way".into(), limit: SAVE_LIMIT })
}
