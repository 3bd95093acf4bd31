//! What is told of a desktop that runs, to whoever asks: it stands in a file in the clone's folder.

use std::{fmt, fs, path::Path};

use serde::{Deserialize, Serialize};

use crate::{accel::Accel, error::VmError, recipe::Recipe, store::Store};

const FILE: &str = "about.json";

/// A desktop that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub name: String,
    pub recipe: String,
    #[serde(flatten)]
    pub label: Label,
}

/// How a desktop is run, and what it reaches: shown wherever one is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    pub accel: Accel,
    /// The names of its forwards; a desktop without any has no network.
    pub network: Vec<String>,
}

impl Label {
    pub(crate) fn of(recipe: &Recipe, accel: Accel) -> Self {
        let network = recipe.forwards.iter().map(|forward| forward.name.clone()).collect();
        Self { accel, network }
    }
}

/// `KVM` or `EMULATED`, and `NETWORK` with what it reaches.
impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.accel)?;
        match &self.network[..] {
            [] => Ok(()),
            names => write!(f, ", NETWORK {}", names.join(" ")),
        }
    }
}

impl Standing {
    pub(crate) fn tell(&self, folder: &Path) -> Result<(), VmError> {
        let text = serde_json::to_vec(self).expect("it is plain data");
        let path = folder.join(FILE);
        fs::write(&path, text).map_err(VmError::file("written", path))
    }
}

impl Store {
    /// The desktops that run now.
    pub fn standing(&self) -> Result<Vec<Standing>, VmError> {
        // One that is just coming has not said yet.
        let about = |name: String| self.about(&name).ok();
        Ok(self.running()?.into_iter().filter_map(about).collect())
    }

    /// The desktop of that name, if it runs.
    pub fn standing_as(&self, name: &str) -> Result<Standing, VmError> {
        self.expect_running(name)?;
        self.about(name)
    }

    fn about(&self, name: &str) -> Result<Standing, VmError> {
        let path = self.clones().join(name).join(FILE);
        let read = fs::read(&path).and_then(|text| Ok(serde_json::from_slice(&text)?));
        read.map_err(VmError::file("read", path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forward::Forward;

    #[test]
    fn a_network_is_never_left_unsaid() {
        let mut recipe = Recipe::named("minimal").expect("shipped");
        assert_eq!(Label::of(&recipe, Accel::Emulated).to_string(), "EMULATED");
        for (name, port) in [("printer", 631), ("mail", 25)] {
            recipe.forwards.push(Forward { name: name.into(), port, to: "/run/x".into() });
        }
        assert_eq!(Label::of(&recipe, Accel::Kvm).to_string(), "KVM, NETWORK printer mail");
    }

    #[test]
    fn what_was_told_is_read() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(root.path()).expect("opens");
        let held = crate::store::HeldFolder::make(store.clones().join("desk-1-1")).expect("made");
        assert_eq!(store.standing().expect("read"), []);
        let label = Label { accel: Accel::Emulated, network: vec!["mail".into()] };
        let told = Standing { name: "desk-1-1".into(), recipe: "minimal".into(), label };
        told.tell(&held.path).expect("written");
        assert_eq!(store.standing_as("desk-1-1").expect("read"), told);
        assert_eq!(store.standing().expect("read"), [told]);
        drop(held);
        assert_eq!(store.standing().expect("read"), []);
    }
}
