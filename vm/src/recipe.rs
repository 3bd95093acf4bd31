//! Recipes: what a desktop is made of. The shipped ones are inside the program; the user's own lie
//! in the configuration folder, and go before a shipped one of the same name.
//!
//! A recipe may extend another: what it says of a single thing replaces what the other says,
//! packages, applications and commands come after the other's, files are put over the other's.
//!
//! In files and commands `@user@` stands for the desktop's user and `@home@` for that user's home:
//! a recipe that says `user` alone has it everywhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Component, Path, PathBuf},
};

use deskbound_guest::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    error::VmError,
    forward::{self, Forward},
};

const SHIPPED: [(&str, &str); 4] = [
    ("minimal", include_str!("../recipes/minimal.toml")),
    ("xfce", include_str!("../recipes/xfce.toml")),
    ("office", include_str!("../recipes/office.toml")),
    ("other", include_str!("../recipes/other.toml")),
];

/// Where a recipe says nothing of its screen.
const WIDTH_PX: u32 = 1280;
const HEIGHT_PX: u32 = 800;

/// Least and most of what a machine of QEMU's has, which says itself what is wrong only long after.
const MEMORY_MIB: [u32; 2] = [256, 1024 * 1024];
const CPUS: [u32; 2] = [1, 64];
const SIDE_PX: [u32; 2] = [320, 8192];
const DISK_MIB: [u32; 2] = [512, 1024 * 1024];

/// The graphics device has 16 MiB, and four bytes for each.
const PIXELS_MAX: u32 = 4 * 1024 * 1024;

/// As Debian's `useradd` has it.
const USER_BYTES_MAX: usize = 32;

/// A recipe that extends one that extends one, and so on.
const EXTENDS_MAX: usize = 8;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    pub name: String,
    /// The Debian release.
    pub suite: String,
    /// The desktop's user; uid 1000.
    pub user: String,
    pub width_px: u32,
    pub height_px: u32,
    pub memory_mib: u32,
    pub cpus: u32,
    pub disk_mib: u32,
    pub packages: Vec<String>,
    /// Applications that stand in the accessibility tree once the desktop is up.
    pub settled: Vec<String>,
    /// Shell commands, run in the new system as root after its packages and files are there, once
    /// they are [filled in](Self::filled).
    pub commands: Vec<String>,
    /// Absolute path → content, to be [filled in](Self::filled).
    pub files: BTreeMap<String, String>,
    /// All of a network that there is; mostly none.
    #[serde(default)]
    pub forwards: Vec<Forward>,
}

impl Recipe {
    /// The user's own recipe of that name, or else one that was imported, or the shipped one.
    pub fn named(name: &str) -> Result<Self, VmError> {
        Self::among(name, &own_folders())
    }

    /// As [`named`](Self::named), with those that are not shipped in these folders.
    pub fn among(name: &str, own: &[PathBuf]) -> Result<Self, VmError> {
        let mut layers = Vec::new();
        let mut next = Some(name.to_owned());
        while let Some(asked) = next {
            if layers.len() == EXTENDS_MAX {
                return Err(VmError::RecipeDepth { name: name.into(), most: EXTENDS_MAX });
            }
            let written = Written::read(&asked, own)?;
            next = written.extends.clone();
            layers.push(written);
        }
        let whole = layers.into_iter().rev().reduce(Written::under).expect("there is one");
        whole.complete(name)
    }

    /// Writes it where [`named`](Self::named) looks for what came from elsewhere.
    pub(crate) fn keep_in(&self, folder: &Path) -> Result<(), VmError> {
        let mut table = toml::Table::try_from(self).expect("a recipe is plain data");
        table.remove("name");
        fs::create_dir_all(folder).map_err(VmError::file("made", folder))?;
        let path = folder.join(format!("{}.toml", self.name));
        fs::write(&path, table.to_string()).map_err(VmError::file("written", path))
    }

    /// All there are, sorted.
    pub fn names(own: &[PathBuf]) -> Vec<String> {
        let own = own.iter().flat_map(fs::read_dir).flatten().flatten();
        let own = own.filter_map(|entry| {
            Some(entry.file_name().to_str()?.strip_suffix(".toml")?.to_owned())
        });
        let shipped = SHIPPED.iter().map(|(name, _)| (*name).to_owned());
        let names: BTreeSet<String> = own.chain(shipped).collect();
        names.into_iter().collect()
    }

    /// The home folder of the desktop's user.
    pub fn home(&self) -> String {
        format!("/home/{}", self.user)
    }

    /// A file or a command with the desktop's user and home in it.
    pub(crate) fn filled(&self, text: &str) -> String {
        text.replace("@user@", &self.user).replace("@home@", &self.home())
    }

    /// Twelve hexadecimal digits that change with whatever ends up on the disk.
    pub(crate) fn disk_digest(&self) -> String {
        let Self { name, suite, user, disk_mib, packages, commands, files, .. } = self;
        let disk = (name, suite, user, disk_mib, packages, commands, files);
        let text = serde_json::to_string(&disk).expect("a recipe is plain data");
        short_hex(&Sha256::digest(text))
    }

    /// What of it is the machine and its first start, rather than the disk.
    pub(crate) fn machine(&self) -> String {
        let Self { width_px, height_px, memory_mib, cpus, settled, .. } = self;
        let machine =
            format!("{width_px}x{height_px} {memory_mib}M {cpus} cpus, settled with {settled:?}");
        match forward::described(&self.forwards) {
            None => machine,
            Some(forwards) => format!("{machine}, {forwards}"),
        }
    }
}

/// A recipe as it is written: what it does not say stands in the one that it extends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    extends: Option<String>,
    suite: Option<String>,
    user: Option<String>,
    width_px: Option<u32>,
    height_px: Option<u32>,
    memory_mib: Option<u32>,
    cpus: Option<u32>,
    disk_mib: Option<u32>,
    packages: Vec<String>,
    settled: Vec<String>,
    commands: Vec<String>,
    files: BTreeMap<String, String>,
    forwards: Vec<Forward>,
}

impl Written {
    fn read(name: &str, own: &[PathBuf]) -> Result<Self, VmError> {
        let own_text = own
            .iter()
            .filter(|_| is_name(name))
            .map(|folder| folder.join(format!("{name}.toml")))
            .find(|path| path.is_file());
        let text = match own_text {
            Some(path) => fs::read_to_string(&path).map_err(VmError::file("read", &path))?,
            None => match SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
                Some((_, text)) => (*text).to_owned(),
                None => {
                    let known = Recipe::names(own).join(", ");
                    return Err(VmError::NoRecipe { name: name.into(), known });
                }
            },
        };
        toml::from_str(&text).map_err(|source| VmError::Recipe { name: name.into(), source })
    }

    /// What this one says, with what another that extends it says of the same or adds.
    fn under(self, over: Self) -> Self {
        let join = |mut under: Vec<String>, over: Vec<String>| {
            under.extend(over);
            under
        };
        let mut files = self.files;
        files.extend(over.files);
        let mut forwards = self.forwards;
        forwards.extend(over.forwards);
        Self {
            extends: None,
            suite: over.suite.or(self.suite),
            user: over.user.or(self.user),
            width_px: over.width_px.or(self.width_px),
            height_px: over.height_px.or(self.height_px),
            memory_mib: over.memory_mib.or(self.memory_mib),
            cpus: over.cpus.or(self.cpus),
            disk_mib: over.disk_mib.or(self.disk_mib),
            packages: join(self.packages, over.packages),
            settled: join(self.settled, over.settled),
            commands: join(self.commands, over.commands),
            files,
            forwards,
        }
    }

    fn complete(self, name: &str) -> Result<Recipe, VmError> {
        let lacks = |what| VmError::RecipeLacks { name: name.into(), what };
        let recipe = Recipe {
            name: name.into(),
            user: self.user.ok_or_else(|| lacks("user"))?,
            suite: self.suite.ok_or_else(|| lacks("suite"))?,
            width_px: self.width_px.unwrap_or(WIDTH_PX),
            height_px: self.height_px.unwrap_or(HEIGHT_PX),
            memory_mib: self.memory_mib.ok_or_else(|| lacks("memory_mib"))?,
            cpus: self.cpus.ok_or_else(|| lacks("cpus"))?,
            disk_mib: self.disk_mib.ok_or_else(|| lacks("disk_mib"))?,
            packages: self.packages,
            settled: self.settled,
            commands: self.commands,
            files: self.files,
            forwards: self.forwards,
        };
        recipe.check()?;
        Ok(recipe)
    }
}

impl Recipe {
    /// Whether there can be such a machine. A recipe may come from a stranger.
    pub(crate) fn check(&self) -> Result<(), VmError> {
        let name = || self.name.clone();
        if !is_name(&self.name) {
            return Err(VmError::NoRecipeName { name: name() });
        }
        forward::check(&self.name, &self.forwards)?;
        if !is_user(&self.user) {
            return Err(VmError::RecipeUser { name: name(), user: self.user.clone() });
        }
        for (what, said, [least, most]) in [
            ("width_px", self.width_px, SIDE_PX),
            ("height_px", self.height_px, SIDE_PX),
            ("memory_mib", self.memory_mib, MEMORY_MIB),
            ("cpus", self.cpus, CPUS),
            ("disk_mib", self.disk_mib, DISK_MIB),
        ] {
            if !(least..=most).contains(&said) {
                return Err(VmError::RecipeAmount { name: name(), what, said, least, most });
            }
        }
        if self.width_px * self.height_px > PIXELS_MAX {
            return Err(VmError::RecipeScreen { name: name(), most: PIXELS_MAX });
        }
        // They are laid into a folder of the host's first.
        let is_inside = |path: &&String| {
            let mut parts = Path::new(path.trim_start_matches('/')).components().peekable();
            path.starts_with('/')
                && parts.peek().is_some()
                && parts.all(|part| matches!(part, Component::Normal(_)))
        };
        match self.files.keys().find(|path| !is_inside(path)) {
            Some(path) => Err(VmError::RecipeFile { name: name(), path: path.clone() }),
            None => Ok(()),
        }
    }
}

/// Whether a recipe may be called that; it stands in paths.
fn is_name(name: &str) -> bool {
    let is_of = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !name.is_empty() && name.chars().all(is_of)
}

/// Whether an ordinary user may be called that; it stands in commands and in paths.
fn is_user(name: &str) -> bool {
    let is_of = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    let begins_well = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    begins_well && name.len() <= USER_BYTES_MAX && name.chars().all(is_of) && name != "root"
}

/// `$XDG_CONFIG_HOME/deskbound/recipes`, and below the store what came with imported images.
fn own_folders() -> Vec<PathBuf> {
    let bases = [config_folder(), base("XDG_DATA_HOME", ".local/share")];
    bases.into_iter().flatten().map(|base| base.join("recipes")).collect()
}

/// `$XDG_CONFIG_HOME/deskbound`
pub(crate) fn config_folder() -> Option<PathBuf> {
    base("XDG_CONFIG_HOME", ".config")
}

fn base(name: &str, below_home: &str) -> Option<PathBuf> {
    let given = env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = given.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(below_home)))?;
    Some(base.join("deskbound"))
}

/// The first six bytes as hexadecimal: enough to name, never to verify.
pub(crate) fn short_hex(digest: &[u8]) -> String {
    hex(&digest[..6.min(digest.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_recipe_reads() {
        for (name, _) in SHIPPED {
            assert_eq!(Recipe::named(name).expect(name).name, name);
        }
    }

    #[test]
    fn an_unknown_recipe_names_the_known() {
        let error = Recipe::named("huge").expect_err("there is none").to_string();
        assert_eq!(error, "there is no recipe `huge`; there are: minimal, office, other, xfce");
    }

    #[test]
    fn a_recipe_that_came_from_elsewhere_is_the_same() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let recipe = Recipe::named("office").expect("shipped");
        recipe.keep_in(folder.path()).expect("written");
        assert_eq!(Recipe::among("office", &[folder.path().to_owned()]).expect("read"), recipe);
    }

    fn check(own: &[(&str, &str)], asked: &str, expected: &str) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in own {
            fs::write(folder.path().join(format!("{name}.toml")), text).expect("written");
        }
        let said = match Recipe::among(asked, &[folder.path().to_owned()]) {
            Ok(Recipe { name, suite, memory_mib, packages, files, .. }) => {
                let first = packages.first().map_or("", String::as_str);
                let last = packages.last().map_or("", String::as_str);
                format!("{name} {suite} {memory_mib} {first}..{last} {:?}", files.get("/etc/fstab"))
            }
            Err(error) => error.to_string(),
        };
        assert!(said.starts_with(expected), "{asked}: {said}");
    }

    #[test]
    fn a_recipe_extends_another_and_the_users_own_goes_first() {
        let own = "extends = 'minimal'\nmemory_mib = 300\npackages = ['gimp']\n\
                   [files]\n'/etc/fstab' = 'x'";
        check(&[("own", own)], "own", "own bookworm 300 linux-image-amd64..gimp Some(\"x\")");
        check(
            &[("minimal", "suite = 'sid'")],
            "minimal",
            "the recipe `minimal` does not say `user`",
        );
        check(&[("xfce", "extends = 'own'"), ("own", own)], "xfce", "xfce bookworm 300 ");
        check(&[("a", "extends = 'b'")], "a", "there is no recipe `b`; there are: a, minimal,");
        check(&[("a", "extends = 'a'")], "a", "the recipe `a` extends more than 8");
        check(&[("a", "sweet = 'b'")], "a", "the recipe `a` cannot be read");
        check(&[], "../minimal", "there is no recipe `../minimal`");
    }

    #[test]
    fn a_recipes_user_is_the_user_everywhere() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("own.toml"), "extends = 'office'\nuser = 'alice'")
            .expect("written");
        let recipe = Recipe::among("own", &[folder.path().to_owned()]).expect("read");
        assert_eq!(recipe.home(), "/home/alice");
        let texts = recipe.files.values().chain(&recipe.commands);
        let texts: Vec<String> = texts.map(|text| recipe.filled(text)).collect();
        assert!(texts.iter().any(|text| text.ends_with("--uid 1000 alice")), "{texts:?}");
        assert!(texts.iter().any(|text| text.contains("\nUser=alice\n")), "{texts:?}");
        for other in ["/home/desk", "desk:desk", "User=desk", "@user@", "@home@"] {
            assert!(texts.iter().all(|text| !text.contains(other)), "{other}");
        }
        assert_ne!(recipe.disk_digest(), Recipe::named("office").expect("shipped").disk_digest());
    }

    #[test]
    fn a_user_is_an_ordinary_one() {
        for good in ["desk", "_x", "a-b_9"] {
            assert!(is_user(good), "{good}");
        }
        for bad in ["", "root", "9a", "-a", "A", "a b", "a;b", "ü", &"x".repeat(33)] {
            assert!(!is_user(bad), "{bad}");
        }
        check(
            &[("a", "extends = 'minimal'\nuser = 'a b'")],
            "a",
            "the recipe `a` has a user that is none: `a b`",
        );
    }

    #[test]
    fn a_machine_that_cannot_be_is_named() {
        for (said, expected) in [
            ("memory_mib = 0", "`memory_mib = 0`, which is less than 256 or more than 1048576"),
            ("cpus = 65", "`cpus = 65`, which is less than 1 or more than 64"),
            ("width_px = 0", "`width_px = 0`, which is"),
            ("disk_mib = 9", "`disk_mib = 9`, which is"),
        ] {
            let text = format!("extends = 'minimal'\n{said}");
            check(&[("a", &text)], "a", &format!("the recipe `a` says {expected}"));
        }
        let screen = "extends = 'minimal'\nwidth_px = 3840\nheight_px = 2160";
        check(&[("a", screen)], "a", "the recipe `a` has a screen of more than 4194304 pixels");
        for path in ["/", "etc/fstab", "/../../root/.profile", "/a/../b"] {
            let text = format!("extends = 'minimal'\n[files]\n'{path}' = 'x'");
            let expected = format!("the recipe `a` has a file that leads nowhere inside: `{path}`");
            check(&[("a", &text)], "a", &expected);
        }
    }

    #[test]
    fn the_disk_and_the_machine_are_told_apart() {
        let recipe = Recipe::named("minimal").expect("shipped");
        let larger = Recipe { memory_mib: recipe.memory_mib + 1, ..recipe.clone() };
        assert_eq!(recipe.disk_digest(), larger.disk_digest());
        assert_ne!(recipe.machine(), larger.machine());
        let other = Recipe { packages: Vec::new(), ..recipe.clone() };
        assert_ne!(recipe.disk_digest(), other.disk_digest());
    }
}
