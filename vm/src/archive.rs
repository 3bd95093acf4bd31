//! A desktop on its way to a machine without a network: the image, its recipe and the guest
//! program in one archive, in parts as large as what carries them.
//!
//! ```text
//!   desk.deskbound[.001 .002 …]  =  tar: manifest.json, then each file that it names, with its hash
//! ```
//!
//! Nothing of an archive is believed before its hash was compared, and nothing takes its place in
//! the store before everything was. Templates stay behind: they are made on arrival, for they hold
//! for one QEMU.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

use deskbound_guest::hex;

use crate::{
    error::VmError,
    guest_program,
    image::{Image, ImageManifest},
    machine,
    progress::{Progress, ProgressSink},
    recipe::Recipe,
    store::{HeldFolder, Store},
    template::read_only,
};

const FORMAT: u32 = 1;

const MANIFEST: &str = "manifest.json";

/// A manifest names five files.
const MANIFEST_BYTES_MAX: u64 = 1024 * 1024;

const DISK: &str = "disk.qcow2";

/// In the order of the archive.
const FILES: [&str; 4] = [guest_program::NAME, "vmlinuz", "initrd", DISK];

/// One file; disks of desktops are far smaller.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024 * 1024;

/// More parts than anyone wants to carry.
const PARTS_MAX: u32 = 999;

const BUFFER_BYTES: usize = 1024 * 1024;

/// A disk of some gigabytes, compressed on busy processors.
const CONVERSION_LIMIT: Duration = Duration::from_secs(60 * 60);

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: u32,
    recipe: Recipe,
    image: ImageManifest,
    /// Name → length and SHA-256.
    files: BTreeMap<String, (u64, String)>,
}

/// An archive that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    pub parts: Vec<PathBuf>,
    /// Of the manifest, and so of everything: to be compared on arrival.
    pub sha256: String,
}

/// An archive that arrived.
#[derive(Clone, Debug)]
pub struct Imported {
    pub recipe: Recipe,
    pub image: Image,
    pub sha256: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("{} is no archive of a desktop: {what}", path.display())]
    Form { path: PathBuf, what: String },
    #[error("`{file}` in {} is not what was packed: its SHA-256 is {found}", path.display())]
    Hash { path: PathBuf, file: String, found: String },
    #[error("an archive in more than {most} parts")]
    TooManyParts { most: u32 },
}

impl Image {
    /// Writes the archive of this image. Every part but the last has `part_mb` MB.
    pub async fn export(
        &self,
        recipe: &Recipe,
        to: &Path,
        part_mb: Option<u64>,
        progress: ProgressSink<'_>,
    ) -> Result<Exported, VmError> {
        let first = if part_mb.is_some() { part(to, 1) } else { to.to_owned() };
        if first.exists() {
            return Err(VmError::file("made", first)(io::ErrorKind::AlreadyExists.into()));
        }
        progress(Progress::Step("packing the disk".into()));
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
        let aside = tempfile::tempdir_in(folder.unwrap_or(Path::new(".")));
        let aside = aside.map_err(VmError::file("made", to))?;
        let disk = aside.path().join(DISK);
        let mut pack = Command::new("qemu-img");
        pack.args(["convert", "-c", "-O", "qcow2"]).arg(self.path.join(DISK)).arg(&disk);
        machine::lay_within(pack, &disk, CONVERSION_LIMIT).await?;
        let program = aside.path().join(guest_program::NAME);
        fs::write(&program, guest_program::BYTES).map_err(VmError::file("written", &program))?;
        progress(Progress::Step("writing the archive".into()));
        let (image, recipe, to) = (self.clone(), recipe.clone(), to.to_owned());
        let wanted = Wanted::default();
        let parts = Parts::at(&to, part_mb, wanted.clone());
        let _until_here = wanted.until_dropped();
        let written = spawn_blocking(move || {
            let paths = FILES.map(|name| match name {
                DISK | guest_program::NAME => aside.path().join(name),
                name => image.path.join(name),
            });
            write(&paths, recipe, image.manifest, parts)
        });
        written.await.expect("writing does not panic")
    }

    /// Takes an archive in: its only or first part is named, and its sum where it is known.
    pub async fn import(
        store: &Store,
        from: &Path,
        expected: Option<&str>,
        progress: ProgressSink<'_>,
    ) -> Result<Imported, VmError> {
        File::open(from).map_err(VmError::file("read", from))?;
        let _alone = store.build_lock(progress).await?;
        progress(Progress::Step("reading the archive".into()));
        let making = store.images().join(format!(".import-{}", std::process::id()));
        let making = HeldFolder::make(making)?;
        let (path, folder) = (from.to_owned(), making.path.clone());
        let expected = expected.map(str::to_ascii_lowercase);
        let wanted = Wanted::default();
        let parts = PartsReader::at(&path, wanted.clone());
        let _until_here = wanted.until_dropped();
        let read = spawn_blocking(move || read(parts, &folder, expected.as_deref()));
        let (manifest, sha256) = read.await.expect("reading does not panic")?;
        progress(Progress::Step("unpacking the disk".into()));
        let (packed, disk) = (making.path.join("packed.qcow2"), making.path.join(DISK));
        fs::rename(&disk, &packed).map_err(VmError::file("renamed", &disk))?;
        let mut unpack = Command::new("qemu-img");
        unpack.args(["convert", "-f", "qcow2", "-O", "qcow2"]).arg(&packed).arg(&disk);
        check_disk(&packed)?;
        machine::lay_within(unpack, &disk, CONVERSION_LIMIT).await?;
        for name in ["packed.qcow2", guest_program::NAME] {
            let path = making.path.join(name);
            fs::remove_file(&path).map_err(VmError::file("removed", path))?;
        }
        for name in ["vmlinuz", "initrd", DISK] {
            read_only(&making.path.join(name))?;
        }
        let Manifest { recipe, image, .. } = manifest;
        recipe.keep_in(&store.recipes())?;
        let image = image.put_in_place(store, making)?;
        Ok(Imported { recipe, image, sha256 })
    }
}

fn write(
    paths: &[PathBuf],
    recipe: Recipe,
    image: ImageManifest,
    parts: Parts,
) -> Result<Exported, VmError> {
    let mut files = BTreeMap::new();
    for path in paths {
        let name = path.file_name().expect("it is a file").to_string_lossy().into_owned();
        let mut hasher = Hasher(Sha256::new(), io::sink());
        let file = File::open(path).map_err(VmError::file("read", path))?;
        let length = io::copy(&mut BufReader::with_capacity(BUFFER_BYTES, file), &mut hasher);
        let length = length.map_err(VmError::file("read", path))?;
        files.insert(name, (length, hex(&hasher.0.finalize())));
    }
    let manifest = Manifest { format: FORMAT, recipe, image, files };
    let text = serde_json::to_vec_pretty(&manifest).expect("a manifest is plain data");
    let base = parts.base.clone();
    let failed = |error| VmError::file("written", &base)(error);
    let mut tar = tar::Builder::new(BufWriter::with_capacity(BUFFER_BYTES, parts));
    let mut head = tar::Header::new_gnu();
    head.set_size(text.len() as u64);
    head.set_mode(0o644);
    tar.append_data(&mut head, MANIFEST, &text[..]).map_err(failed)?;
    for path in paths {
        let name = path.file_name().expect("it is a file");
        let mut file = File::open(path).map_err(VmError::file("read", path))?;
        let mut head = tar::Header::new_gnu();
        head.set_size(file.metadata().map_err(VmError::file("read", path))?.len());
        head.set_mode(0o644);
        tar.append_data(&mut head, name, &mut file).map_err(failed)?;
    }
    let writer = tar.into_inner().map_err(failed)?;
    let parts = writer.into_inner().map_err(|error| failed(error.into_error()))?;
    Ok(Exported { parts: parts.keep(), sha256: hex(&Sha256::digest(&text)) })
}

/// Unpacks into the folder what the manifest names, and compares.
fn read(
    parts: PartsReader,
    folder: &Path,
    expected: Option<&str>,
) -> Result<(Manifest, String), VmError> {
    let path = &parts.named.clone();
    let form =
        |what: String| -> VmError { ArchiveError::Form { path: path.to_owned(), what }.into() };
    let broken = |error: io::Error| form(error.to_string());
    let mut tar = tar::Archive::new(BufReader::with_capacity(BUFFER_BYTES, parts));
    let mut entries = tar.entries().map_err(broken)?;
    let first = entries.next().ok_or_else(|| form("it is empty".into()))?;
    // What is no tar at all is not quoted: it may be anything.
    let first = first.map_err(|_| form("it does not begin as one".into()))?;
    if first.path().map_err(broken)?.as_ref() != Path::new(MANIFEST) {
        return Err(form("it does not begin with its manifest".into()));
    }
    let mut text = Vec::new();
    first.take(MANIFEST_BYTES_MAX).read_to_end(&mut text).map_err(broken)?;
    let sha256 = hex(&Sha256::digest(&text));
    if expected.is_some_and(|expected| expected != sha256) {
        let (path, file) = (path.to_owned(), MANIFEST.to_owned());
        return Err(ArchiveError::Hash { path, file, found: sha256 }.into());
    }
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| form(error.to_string()))?;
    if manifest.format != FORMAT {
        return Err(form(format!(
            "its format is {}, and this program reads {FORMAT}",
            manifest.format
        )));
    }
    // Its name becomes that of files and folders, and what else it says is told to QEMU.
    manifest.recipe.check()?;
    if !manifest.image.is_of(&manifest.recipe) {
        return Err(form("its image is not of its recipe".into()));
    }
    for name in FILES {
        let entry = entries.next().ok_or_else(|| form(format!("it ends before `{name}`")))?;
        let entry = entry.map_err(broken)?;
        let known = manifest
            .files
            .get(name)
            .filter(|(length, _)| *length <= FILE_BYTES_MAX && entry.size() == *length);
        let is_named = entry.path().map_err(broken)?.as_ref() == Path::new(name);
        let Some((length, sha256)) = known.filter(|_| is_named) else {
            return Err(form(format!("`{name}` is not where it belongs")));
        };
        let to = folder.join(name);
        let file = File::create(&to).map_err(VmError::file("made", &to))?;
        let mut hasher = Hasher(Sha256::new(), file);
        let copied = io::copy(&mut entry.take(*length), &mut hasher).map_err(broken)?;
        let found = hex(&hasher.0.finalize());
        if copied != *length {
            return Err(form(format!("it ends within `{name}`; is a part missing?")));
        }
        if found != *sha256 {
            return Err(ArchiveError::Hash { path: path.into(), file: name.into(), found }.into());
        }
    }
    Ok((manifest, sha256))
}

/// A disk that a stranger packed may name files of this machine: as what it stands on, or as where
/// its data are. Whoever converts it would copy them in.
///
/// Source: `docs/interop/qcow2.txt` of QEMU.
fn check_disk(path: &Path) -> Result<(), VmError> {
    const MAGIC: [u8; 4] = *b"QFI\xfb";
    const EXTERNAL_DATA: u64 = 1 << 2;
    let mut head = [0; 80];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.map_err(VmError::file("read", path))?;
    let number = |at: usize| {
        u64::from_be_bytes(head[at..at + 8].try_into().expect("eight bytes were taken"))
    };
    let version = u32::from_be_bytes(head[4..8].try_into().expect("four bytes were taken"));
    let what = if head[..4] != MAGIC || version < 2 {
        "its disk is no qcow2"
    } else if number(8) != 0 {
        "its disk stands on another file"
    } else if version > 2 && number(72) & EXTERNAL_DATA != 0 {
        "its disk has its data in another file"
    } else {
        return Ok(());
    };
    Err(ArchiveError::Form { path: path.to_owned(), what: what.to_owned() }.into())
}

struct Hasher<W>(Sha256, W);

impl<W: Write> Write for Hasher<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.1.write(bytes)?;
        self.0.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.1.flush()
    }
}

/// Whether anybody still waits for a thread that reads or writes an archive.
#[derive(Clone, Debug, Default)]
struct Wanted(Arc<AtomicBool>);

impl Wanted {
    /// Nobody does once the value is dropped.
    fn until_dropped(self) -> impl Drop {
        struct End(Wanted);
        impl Drop for End {
            fn drop(&mut self) {
                self.0.0.store(true, Ordering::Relaxed);
            }
        }
        End(self)
    }

    fn check(&self) -> io::Result<()> {
        if self.0.load(Ordering::Relaxed) {
            return Err(io::Error::other("nobody waits for it any more"));
        }
        Ok(())
    }
}

/// Writes one file, or one after the other.
struct Parts {
    wanted: Wanted,
    base: PathBuf,
    part_bytes: Option<u64>,
    written: Vec<PathBuf>,
    current: Option<(File, u64)>,
}

impl Parts {
    fn at(base: &Path, part_mb: Option<u64>, wanted: Wanted) -> Self {
        let part_bytes = part_mb.map(|mb| mb.max(1).saturating_mul(1_000_000));
        Self { wanted, base: base.to_owned(), part_bytes, written: Vec::new(), current: None }
    }

    /// All of it is there.
    fn keep(mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.written)
    }
}

/// Half an archive is none.
impl Drop for Parts {
    fn drop(&mut self) {
        for path in &self.written {
            let _ = fs::remove_file(path);
        }
    }
}

/// `desk.deskbound.007`
fn part(base: &Path, number: u32) -> PathBuf {
    let mut name = base.as_os_str().to_owned();
    name.push(format!(".{number:03}"));
    name.into()
}

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.wanted.check()?;
        let limit = self.part_bytes.unwrap_or(u64::MAX);
        let (file, left) = match &mut self.current {
            Some((file, left)) if *left > 0 => (file, left),
            current => {
                let number = self.written.len() as u32 + 1;
                if number > PARTS_MAX {
                    return Err(io::Error::other(ArchiveError::TooManyParts { most: PARTS_MAX }));
                }
                let path = match self.part_bytes {
                    None => self.base.clone(),
                    Some(_) => part(&self.base, number),
                };
                let file = File::options().write(true).create_new(true).open(&path)?;
                self.written.push(path);
                let (file, left) = current.insert((file, limit));
                (file, left)
            }
        };
        let fits = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
        let written = file.write(&bytes[..fits])?;
        *left -= written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.current.as_mut().map_or(Ok(()), |(file, _)| file.flush())
    }
}

/// Reads one file, or one after the other.
struct PartsReader {
    wanted: Wanted,
    /// The only part, or the first.
    named: PathBuf,
    base: PathBuf,
    /// That of the part under way; `None` where there is one file alone.
    number: Option<u32>,
    current: Option<File>,
}

impl PartsReader {
    fn at(path: &Path, wanted: Wanted) -> Self {
        let is_first = path.extension().is_some_and(|ending| ending == "001");
        let base = if is_first { path.with_extension("") } else { path.to_owned() };
        let (named, number) = (path.to_owned(), is_first.then_some(0));
        Self { wanted, named, base, number, current: None }
    }

    /// Whether there is more.
    fn open_next(&mut self) -> io::Result<bool> {
        match (&mut self.number, &self.current) {
            (None, Some(_)) => return Ok(false),
            (None, None) => self.current = Some(File::open(&self.base)?),
            (Some(number), current) => {
                *number += 1;
                match File::open(part(&self.base, *number)) {
                    Ok(file) => self.current = Some(file),
                    Err(error) if error.kind() == io::ErrorKind::NotFound && current.is_some() => {
                        return Ok(false);
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(true)
    }
}

impl Read for PartsReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.wanted.check()?;
        for _ in 0..PARTS_MAX {
            if let Some(file) = &mut self.current {
                let read = file.read(into)?;
                if read > 0 || into.is_empty() {
                    return Ok(read);
                }
            }
            if !self.open_next()? {
                return Ok(0);
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    /// An archive of files that are no desktop, in parts or whole.
    fn packed(folder: &Path, part_mb: Option<u64>) -> Exported {
        let from = folder.join("from");
        fs::create_dir_all(&from).expect("made");
        let paths = FILES.map(|name| from.join(name));
        for path in &paths {
            let content: Vec<u8> = (0..1_200_000_u32).flat_map(u32::to_le_bytes).collect();
            fs::write(path, &content[..content.len() / 5]).expect("written");
        }
        let recipe = Recipe::named("minimal").expect("shipped");
        let image = ImageManifest::of(&recipe, BTreeMap::new());
        let parts = Parts::at(&folder.join("a.deskbound"), part_mb, Wanted::default());
        write(&paths, recipe, image, parts).expect("packed")
    }

    fn unpacked(
        path: &Path,
        to: &Path,
        expected: Option<&str>,
    ) -> Result<(Manifest, String), VmError> {
        read(PartsReader::at(path, Wanted::default()), to, expected)
    }

    #[test]
    fn what_was_packed_comes_out_whole_or_in_parts() {
        for part_mb in [None, Some(1)] {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let exported = packed(folder.path(), part_mb);
            assert_eq!(exported.parts.len(), if part_mb.is_some() { 4 } else { 1 });
            let to = folder.path().join("to");
            fs::create_dir(&to).expect("made");
            let (manifest, sha256) =
                unpacked(&exported.parts[0], &to, Some(&exported.sha256)).expect("read");
            assert_eq!((sha256, manifest.recipe.name.as_str()), (exported.sha256, "minimal"));
            for name in FILES {
                let [before, after] =
                    ["from", "to"].map(|at| fs::read(folder.path().join(at).join(name)));
                assert!(before.expect("packed") == after.expect("unpacked"), "{name}");
            }
        }
    }

    #[test]
    fn an_archive_that_is_not_finished_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let taken = folder.path().join("a.deskbound.002");
        fs::write(&taken, "somebody's own").expect("written");
        let from = folder.path().join("from");
        fs::write(&from, vec![7; 3_000_000]).expect("written");
        let recipe = Recipe::named("minimal").expect("shipped");
        let image = ImageManifest::of(&recipe, BTreeMap::new());
        let wanted = Wanted::default();
        let parts = |name| Parts::at(&folder.path().join(name), Some(1), wanted.clone());
        let from = [from];
        write(&from, recipe.clone(), image.clone(), parts("a.deskbound"))
            .expect_err("the second part is taken");
        assert!(!folder.path().join("a.deskbound.001").exists());
        assert_eq!(fs::read_to_string(taken).expect("it is as it was"), "somebody's own");
        // Somebody has interrupted it.
        drop(wanted.clone().until_dropped());
        write(&from, recipe, image, parts("b.deskbound")).expect_err("nobody waits for it");
        assert!(!folder.path().join("b.deskbound.001").exists());
    }

    #[test]
    fn a_recipe_that_came_along_is_looked_at_like_any_other() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let from = FILES.map(|name| folder.path().join(name));
        from.iter().for_each(|path| fs::write(path, "x").expect("written"));
        let mut recipe = Recipe::named("minimal").expect("shipped");
        recipe.files.insert("/../../outside".into(), String::new());
        let image = ImageManifest::of(&recipe, BTreeMap::new());
        let parts = Parts::at(&folder.path().join("a"), None, Wanted::default());
        let packed = write(&from, recipe, image, parts).expect("packed");
        let to = folder.path().join("to");
        fs::create_dir(&to).expect("made");
        let refused = unpacked(&packed.parts[0], &to, None);
        assert!(matches!(refused, Err(VmError::RecipeFile { .. })), "{:?}", refused.err());
        assert_eq!(fs::read_dir(to).expect("a folder").count(), 0);
    }

    #[test]
    fn a_disk_that_names_other_files_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("disk.qcow2");
        let check = |change: &dyn Fn(&mut [u8]), expected: Option<&str>| {
            let mut head = vec![0; 104];
            head[..8].copy_from_slice(b"QFI\xfb\0\0\0\x03");
            change(&mut head);
            fs::write(&path, head).expect("written");
            let error = check_disk(&path).err();
            let error = error.map(|error| format!("{error}: {:?}", error.source()));
            match expected {
                None => assert_eq!(error, None),
                Some(part) => assert!(error.expect(part).contains(part)),
            }
        };
        check(&|_| {}, None);
        check(&|head| head[15] = 1, Some("stands on another file"));
        check(&|head| head[79] = 4, Some("data in another file"));
        check(&|head| head[0] = 0, Some("no qcow2"));
    }

    #[test]
    fn what_was_changed_or_lost_on_the_way_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let exported = packed(folder.path(), Some(1));
        let to = folder.path().join("to");
        fs::create_dir(&to).expect("made");
        let check = |expected: &str, damage: &dyn Fn(&[PathBuf])| {
            let before: Vec<_> = exported.parts.iter().map(|path| fs::read(path).ok()).collect();
            damage(&exported.parts);
            let error = unpacked(&exported.parts[0], &to, None).expect_err(expected);
            let error =
                std::error::Error::source(&error).map_or(error.to_string(), |e| e.to_string());
            assert!(error.contains(expected), "{error}");
            for (path, content) in exported.parts.iter().zip(before) {
                fs::write(path, content.expect("read")).expect("written");
            }
        };
        let change = |path: &PathBuf, at: usize| {
            let mut content = fs::read(path).expect("read");
            content[at] ^= 1;
            fs::write(path, content).expect("written");
        };
        let error = unpacked(&exported.parts[0], &to, Some("0")).expect_err("another sum");
        assert!(matches!(error, VmError::Archive(ArchiveError::Hash { .. })), "{error}");
        check("is not what was packed", &|parts| change(&parts[1], 1000));
        check("no archive of a desktop", &|parts| fs::remove_file(&parts[3]).expect("removed"));
        check("no archive of a desktop", &|parts| fs::remove_file(&parts[1]).expect("removed"));
        check("no archive of a desktop", &|parts| change(&parts[0], 700));
        check("no archive of a desktop", &|parts| fs::write(&parts[0], "tar").expect("written"));
        check("no archive of a desktop", &|parts| fs::remove_file(&parts[0]).expect("removed"));
    }
}
