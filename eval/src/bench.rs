//! What samples are run on, and by whom.
//!
//! The two kinds of desktop are fresh, and gone afterwards: no sample is ever taken to the user's
//! own session.

use std::future::Future;

use deskbound_agent::desktop::{Desktop, DesktopError};
use deskbound_agent::run::Roles;
use deskbound_agent::vm::VmDesktop;
use deskbound_agent::x11::X11Desktop;

/// Shared by every sample that runs at the same time.
pub trait Bench: Sync {
    type Desktop: Desktop;

    /// A desktop that nobody has used yet. A bench of one kind of desktop takes no recipe.
    fn desktop(&self, recipe: &str) -> impl Future<Output = Result<Self::Desktop, DesktopError>>;

    /// What such a desktop is called in the records, such as `vm:minimal (EMULATED)`.
    fn name(&self, recipe: &str) -> String;

    /// The models, as they are before a run.
    fn roles(&self, seed: u64) -> Result<Roles, String>;
}

/// Who has the models.
pub trait Decides: Sync {
    fn roles(&self, seed: u64) -> Result<Roles, String>;
}

/// For scripts, which need no models.
#[derive(Clone, Copy, Debug)]
pub struct Nobody;

impl Decides for Nobody {
    fn roles(&self, _seed: u64) -> Result<Roles, String> {
        Err("nobody decides here".to_owned())
    }
}

/// A virtual machine each, cloned.
pub struct Clones<D> {
    pub decides: D,
    /// How they are run, such as `EMULATED`; for the records.
    pub mode: String,
}

impl<D: Decides> Bench for Clones<D> {
    type Desktop = VmDesktop;

    async fn desktop(&self, recipe: &str) -> Result<VmDesktop, DesktopError> {
        VmDesktop::start(recipe).await
    }

    fn name(&self, recipe: &str) -> String {
        format!("vm:{recipe} ({})", self.mode)
    }

    fn roles(&self, seed: u64) -> Result<Roles, String> {
        self.decides.roles(seed)
    }
}

/// A private X server each, with the applications of this machine.
pub struct PrivateServers<D>(pub D);

impl<D: Decides> Bench for PrivateServers<D> {
    type Desktop = X11Desktop;

    async fn desktop(&self, _recipe: &str) -> Result<X11Desktop, DesktopError> {
        X11Desktop::private().await
    }

    fn name(&self, _recipe: &str) -> String {
        "x11".to_owned()
    }

    fn roles(&self, seed: u64) -> Result<Roles, String> {
        self.0.roles(seed)
    }
}
