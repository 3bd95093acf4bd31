//! Recipes: what a desktop is made of. The shipped ones are inside the program.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::VmError;

const SHIPPED: [(&str, &str); 1] = [("minimal", include_str!("../recipes/minimal.toml"))];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    #[serde(default)]
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
    /// Shell commands, run in the new system as root after its packages and files are there.
    pub commands: Vec<String>,
    /// Absolute path → content.
    pub files: BTreeMap<String, String>,
}

impl Recipe {
    /// A shipped recipe by its name.
    pub fn named(name: &str) -> Result<Self, VmError> {
        let Some((name, text)) = SHIPPED.iter().find(|(shipped, _)| *shipped == name) else {
            let known = SHIPPED.map(|(name, _)| name).join(", ");
            return Err(VmError::NoRecipe { name: name.into(), known });
        };
        let recipe: Self = toml::from_str(text)
            .map_err(|source| VmError::Recipe { name: (*name).into(), source })?;
        Ok(Self { name: (*name).into(), ..recipe })
    }

    /// The home folder of the desktop's user.
    pub fn home(&self) -> String {
        format!("/home/{}", self.user)
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
        format!("{width_px}x{height_px} {memory_mib}M {cpus} cpus, settled with {settled:?}")
    }
}

/// The first six bytes as hexadecimal: enough to name, never to verify.
pub(crate) fn short_hex(digest: &[u8]) -> String {
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
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
        assert_eq!(error, "there is no recipe `huge`; there are: minimal");
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
