//! Where a verb does its work: on a desktop that runs, or on a fresh one that is gone afterwards.
//! Both are reached by their doors, so a verb is written once.

use std::io::{self, IsTerminal as _};

use deskbound_vm::{Guest, RemoteControls, Standing, Store, Visit, Vm};

use super::form::Form;
use super::{Which, start};
use crate::failure::Failure;
use crate::terminal::note;

pub(super) struct Place {
    // Before the desktop: a visitor leaves first.
    visit: Visit,
    _own: Option<Box<Vm>>,
}

impl Place {
    async fn fresh(which: &Which, form: Form) -> Result<Self, Failure> {
        let vm = start(which).await?;
        let visit = Visit::to(&Store::open()?, vm.name()).await?;
        let place = Self { visit, _own: Some(Box::new(vm)) };
        if form == Form::Text {
            place.name_itself();
        }
        Ok(place)
    }

    /// A script was told how the desktop is run when it was started, or asks with `--json`.
    pub(super) async fn named(name: &str, form: Form) -> Result<Self, Failure> {
        let place = Self { visit: Visit::to(&Store::open()?, name).await?, _own: None };
        if form == Form::Text && io::stderr().is_terminal() {
            place.name_itself();
        }
        Ok(place)
    }

    /// The desktop of that name, where it answers from inside; without a name, a fresh one.
    pub(super) async fn of(name: Option<&str>, which: &Which, form: Form) -> Result<Self, Failure> {
        match name {
            Some(name) => Self::awake(name, form).await,
            None => Self::fresh(which, form).await,
        }
    }

    /// As [`named`](Self::named), of one that answers from inside, which one that stands still does
    /// not.
    pub(super) async fn awake(name: &str, form: Form) -> Result<Self, Failure> {
        let place = Self::named(name, form).await?;
        if place.controls().is_running().await? {
            return Ok(place);
        }
        let error = format!("`{name}` stands still: it was paused, or the disk is full");
        Err(Failure::missing(error).hint(format!("`deskbound vm resume {name}` lets it go on")))
    }

    fn name_itself(&self) {
        let Standing { name, label, .. } = self.about();
        note(format_args!("{name}  {label}"));
    }

    /// Which desktop it is, and how it is run.
    pub(super) fn about(&self) -> &Standing {
        self.visit.about()
    }

    pub(super) fn guest(&self) -> &Guest {
        self.visit.guest()
    }

    pub(super) fn controls(&self) -> &RemoteControls {
        self.visit.controls()
    }
}
