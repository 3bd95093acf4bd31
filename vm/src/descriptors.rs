//! The files of a machine, opened by its owner. QEMU gets their descriptors alone: the files lie
//! where its user may not even look.

use std::{
    fs::File,
    os::fd::{AsRawFd as _, OwnedFd},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    child::Given,
    error::VmError,
    jail::Jail,
    machine::{Machine, Start},
    memory_loan::{self, loan},
};

/// What QEMU is given, and how its command line calls it.
#[derive(Default)]
pub(crate) struct Descriptors {
    pub(crate) given: Given,
    /// Paths.
    pub(crate) kernel: String,
    pub(crate) initrd: String,
    pub(crate) ram: String,
    /// For `-blockdev`.
    pub(crate) disk: Value,
    pub(crate) guest_disk: Value,
    /// For `-add-fd`, which `-blockdev` relies on.
    pub(crate) sets: Vec<String>,
    jail: Jail,
}

impl Descriptors {
    pub(crate) fn open(machine: &Machine<'_>) -> Result<Self, VmError> {
        let mut all = Self::default();
        all.kernel = all.path(read(&machine.image.join("vmlinuz"))?);
        all.initrd = all.path(read(&machine.image.join("initrd"))?);
        all.disk = all.chain(machine.layers)?;
        let file = all.set(vec![read(machine.guest_disk)?]);
        all.guest_disk =
            json!({ "driver": "raw", "node-name": "guest", "read-only": true, "file": file });
        all.ram = match machine.start {
            Start::Boot => {
                let ram = write(machine.ram)?;
                all.jail.owns.push(ram.as_raw_fd());
                all.path(ram)
            }
            Start::Incoming => {
                let lent = loan(read(machine.ram)?).map_err(VmError::file("lent", machine.ram))?;
                all.given.lender = Some(lent.0);
                all.jail.borrower = Some(lent.1);
                memory_loan::FOLDER.into()
            }
        };
        all.jail.group = Jail::group_of(machine.accel)?;
        all.given.jail = Some(std::mem::take(&mut all.jail));
        Ok(all)
    }

    /// A file that QEMU opens by a path, again and as what it was opened here.
    fn path(&mut self, file: File) -> String {
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        self.given.open.push(file.into());
        path
    }

    /// A file that QEMU takes from a set of descriptors, one for each way of opening it.
    fn set(&mut self, files: Vec<File>) -> Value {
        let set = self.sets.len();
        for file in files {
            self.sets.push(format!("fd={},set={set}", file.as_raw_fd()));
            self.given.open.push(OwnedFd::from(file));
        }
        json!({ "driver": "file", "filename": format!("/dev/fdset/{set}") })
    }

    /// The disk from its layers. What a layer itself says of the one below is not believed.
    fn chain(&mut self, layers: &[PathBuf]) -> Result<Value, VmError> {
        let (top, below) = layers.split_first().expect("a disk has a layer");
        let mut backing = Value::Null;
        for layer in below.iter().rev() {
            let file = self.set(vec![read(layer)?]);
            backing =
                json!({ "driver": "qcow2", "read-only": true, "file": file, "backing": backing });
        }
        let written = write(top)?;
        self.jail.owns.push(written.as_raw_fd());
        let file = self.set(vec![written, read(top)?]);
        // A clone's disk goes with it: nothing of it has to reach the platters.
        let cache = json!({ "no-flush": true });
        Ok(json!({
            "driver": "qcow2", "node-name": "disk", "cache": cache, "file": file, "backing": backing,
        }))
    }
}

fn read(path: &Path) -> Result<File, VmError> {
    File::open(path).map_err(VmError::file("read", path))
}

fn write(path: &Path) -> Result<File, VmError> {
    File::options().read(true).write(true).open(path).map_err(VmError::file("written", path))
}
