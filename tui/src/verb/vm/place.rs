//! Where a verb does its work: on a desktop that runs, or on a fresh one that is gone afterwards.
//! Both are reached by their doors, so a verb is written once.

use deskbound_vm::{Guest, RemoteControls, Store, Visit, Vm};

use super::{Which, start};
use crate::failure::Failure;

pub(super) struct Place {
    // Before the desktop: a visitor leaves first.
    visit: Visit,
    _own: Option<Box<Vm>>,
}

impl Place {
    /// The desktop of that name; where there is none, a fresh one.
    pub(super) async fn of(name: Option<&str>, which: &Which) -> Result<Self, Failure> {
        match name {
            Some(name) => Self::named(name).await,
            None => {
                let vm = start(which).await?;
                let visit = Visit::to(&Store::open()?, vm.name()).await?;
                Ok(Self { visit, _own: Some(Box::new(vm)) })
            }
        }
    }

    pub(super) async fn named(name: &str) -> Result<Self, Failure> {
        Ok(Self { visit: Visit::to(&Store::open()?, name).await?, _own: None })
    }

    pub(super) fn guest(&self) -> &Guest {
        self.visit.guest()
    }

    pub(super) fn controls(&self) -> &RemoteControls {
        self.visit.controls()
    }
}
