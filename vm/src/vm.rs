//! A clone: a running copy of a template, owned by this value and gone with it.

use std::{
    fs,
    os::fd::AsRawFd as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use deskbound_accessibility::{Effect, NodeAction, NodeRef, Tree, TreeLimits};
use deskbound_guest::{Ask, CommandSpec, Stream};
use serde_json::json;

use crate::{
    accel::Accel,
    admission::{Caps, admit},
    controls::Controls,
    door::Door,
    error::VmError,
    guest::{CommandEnd, Guest},
    lifetime::Lifetime,
    machine::{Machine, Running, Start},
    standing::{Label, Standing},
    store::{HeldFolder, Store},
    template::{Template, copy, wait_for_migration},
    wishes::Wishes,
};

/// From the device state loaded to the guest program's first word.
const WAKE_LIMIT: Duration = Duration::from_secs(30);

/// A desktop that runs. Dropping it ends QEMU and removes its disk.
pub struct Vm {
    _door: Door,
    // Before the folder: QEMU ends first.
    pub(crate) running: Running,
    controls: Arc<Controls>,
    folder: HeldFolder,
    /// What it was started from.
    pub(crate) start: Template,
    /// What it was started from, or went back to last.
    pub(crate) origin: Template,
    /// The layer that it writes.
    pub(crate) disk: PathBuf,
    /// Machines that this clone has been.
    lives: u32,
    lifetime: Lifetime,
    pub(crate) wishes: Wishes,
}

impl Vm {
    /// Starts a clone of the template and makes it a machine of its own.
    pub async fn start(store: &Store, template: &Template) -> Result<Self, VmError> {
        let name = clone_name();
        let folder = admit(store, Caps::of_machine(), &name, template.recipe.memory_mib)?;
        let base = folder.path.join("base");
        fs::write(&base, template.name()).map_err(VmError::file("written", &base))?;
        let recipe = template.recipe.name.clone();
        Standing { name: name.clone(), recipe, label: template.label() }.tell(&folder.path)?;
        let disk = folder.path.join("disk.qcow2");
        let running = bring_up(&name, &folder.path, template, &disk).await?;
        let (start, origin) = (template.clone(), template.clone());
        let (lives, lifetime) = (1, Lifetime::default());
        let controls = Arc::new(Controls::of(&running, template, lifetime.clone()));
        let door = Door::open(&folder.path, &running.guest, &controls)?;
        let wishes = Wishes::hear(&folder.path)?;
        Ok(Self {
            _door: door,
            running,
            controls,
            folder,
            start,
            origin,
            disk,
            lives,
            lifetime,
            wishes,
        })
    }

    /// Becomes a fresh clone of another template, under the same name.
    pub(crate) async fn replace(&mut self, template: &Template) -> Result<(), VmError> {
        let disk = self.folder.path.join(format!("disk-{}.qcow2", self.lives));
        let running = match bring_up(self.name(), &self.folder.path, template, &disk).await {
            Ok(running) => running,
            Err(error) => {
                // The next try takes the same name.
                let _ = fs::remove_file(&disk);
                return Err(error);
            }
        };
        Door::close(&self.folder.path);
        self.controls = Arc::new(Controls::of(&running, template, self.lifetime.clone()));
        self._door = Door::open(&self.folder.path, &running.guest, &self.controls)?;
        self.running = running;
        let left = std::mem::replace(&mut self.disk, disk);
        // It goes with the clone at the latest.
        let _ = fs::remove_file(left);
        self.lifetime.resume();
        (self.origin, self.lives) = (template.clone(), self.lives + 1);
        Ok(())
    }

    /// What it was started from, or went back to last.
    pub fn origin(&self) -> &Template {
        &self.origin
    }

    /// The clone's name, which is also its host name.
    pub fn name(&self) -> &str {
        self.folder.path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    pub fn accel(&self) -> Accel {
        self.origin.accel
    }

    /// Shown wherever it is named.
    pub fn label(&self) -> Label {
        self.origin.label()
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.origin.recipe.width_px, self.origin.recipe.height_px)
    }

    /// The home folder of the desktop's user, inside.
    pub fn home(&self) -> String {
        self.origin.recipe.home()
    }

    /// Where QEMU writes its complaints.
    pub fn log(&self) -> PathBuf {
        self.folder.path.join("qemu.log")
    }

    /// Screen, keyboard, pointer, and the power switch.
    pub fn controls(&self) -> &Controls {
        &self.controls
    }

    /// The same, for whoever looks on beside.
    pub fn share_controls(&self) -> Arc<Controls> {
        Arc::clone(&self.controls)
    }

    /// What goes on inside: commands, files, windows, text.
    pub fn guest(&self) -> &Guest {
        &self.running.guest
    }

    /// The accessibility tree, taken inside.
    pub async fn tree(&self, limits: &TreeLimits) -> Result<Tree, VmError> {
        self.running.guest.tree(*limits).await
    }

    /// Acts on a node of a tree that was taken before; refused where the node has changed.
    pub async fn act(&self, node: NodeRef, action: NodeAction) -> Result<Effect, VmError> {
        self.running.guest.act(node, action).await
    }

    /// Runs a command inside; `output` sees its bytes as they come. Dropping the future kills it.
    pub async fn run(
        &self,
        spec: CommandSpec,
        output: &mut (dyn FnMut(Stream, &[u8]) + Send),
    ) -> Result<CommandEnd, VmError> {
        self.running.guest.run(spec, output).await
    }

    /// [`VmError::NoFile`] where there is none.
    pub async fn read_file(&self, path: &str) -> Result<Vec<u8>, VmError> {
        self.running.guest.read(path).await
    }

    /// Makes the file, owned by the desktop's user.
    pub async fn write_file(&self, path: &str, content: &[u8]) -> Result<(), VmError> {
        self.running.guest.write(path, content).await
    }

    /// As [`Controls::pause`].
    pub async fn pause(&self) -> Result<(), VmError> {
        self.controls.pause().await
    }

    /// As [`Controls::resume`].
    pub async fn resume(&self) -> Result<(), VmError> {
        self.controls.resume().await
    }

    /// Comes about when the machine that it is now has ended, whoever ended it.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + use<> {
        let ended = self.running.child.ended();
        async move {
            ended.await;
        }
    }

    /// Comes about when the machine stands still because the host's disk is full. It goes on with
    /// [`resume`](Self::resume), once there is room.
    pub fn stuck(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stuck = self.running.qmp.stuck();
        async move {
            if stuck.changed().await.is_err() || !*stuck.borrow() {
                std::future::pending().await
            }
        }
    }

    /// How long it may run. Whoever owns it ends it in time.
    pub fn lifetime(&self) -> &Lifetime {
        &self.lifetime
    }
}

/// A machine that runs and is its own: an empty layer on the template's disk, its state loaded, its
/// clock, names and random numbers set.
async fn bring_up(
    name: &str,
    folder: &Path,
    template: &Template,
    disk: &Path,
) -> Result<Running, VmError> {
    template.expect_whole()?;
    lay_disk(&template.path.join("empty.qcow2"), disk)?;
    let state_path = template.path.join("state");
    let state = fs::File::open(&state_path).map_err(VmError::file("read", &state_path))?;
    let incoming = format!("fd:{}", state.as_raw_fd());
    let layers: Vec<PathBuf> =
        std::iter::once(disk.to_owned()).chain(template.layers.iter().cloned()).collect();
    let machine = Machine {
        name,
        accel: template.accel,
        recipe: &template.recipe,
        image: &template.image,
        ram: &template.path.join("ram"),
        start: Start::Incoming,
        layers: &layers,
        guest_disk: &template.path.join("guest.img"),
        log: &folder.join("qemu.log"),
    };
    let running = machine.start(Some(state.into())).await?;
    let qmp = &running.qmp;
    let capability = json!([{ "capability": "x-ignore-shared", "state": true }]);
    // What follows need not wait for the answer to what came before: both ends go on in order.
    tokio::try_join!(
        qmp.execute("migrate-set-capabilities", json!({ "capabilities": capability })),
        qmp.execute("migrate-incoming", json!({ "uri": incoming })),
    )?;
    wait_for_migration(qmp).await?;
    tokio::try_join!(
        qmp.execute("cont", json!({})),
        running.guest.hello(WAKE_LIMIT),
        running.guest.adopt(identity(name)?, WAKE_LIMIT),
    )?;
    Ok(running)
}

/// A fresh overlay: a copy of an empty disk costs no process.
fn lay_disk(empty: &Path, path: &Path) -> Result<(), VmError> {
    copy(empty, path)?;
    let writable = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(path, writable).map_err(VmError::file("made", path))
}

fn clone_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    format!("desk-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

fn identity(hostname: &str) -> Result<Ask, VmError> {
    let mut entropy = [0; 32];
    rustix::rand::getrandom(&mut entropy, rustix::rand::GetRandomFlags::empty())
        .map_err(|error| VmError::file("read", "/dev/urandom")(error.into()))?;
    let unix_time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Ok(Ask::Adopt { unix_time, entropy, hostname: hostname.into() })
}
