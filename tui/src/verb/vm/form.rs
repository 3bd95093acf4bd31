//! How a verb tells what it did: a line for people, or an object for programs.

use std::fmt::Display;

use deskbound_vm::{Label, Standing};
use serde_json::Value;

use crate::terminal::{escaped, say};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Json,
}

impl Form {
    /// Tells it in one of the two forms.
    pub(super) fn tell(self, line: impl Display, object: &Value) {
        match self {
            Self::Text => say(line),
            Self::Json => say(escaped(&object.to_string())),
        }
    }

    /// For people it goes without saying.
    pub(super) fn done(self, object: &Value) {
        if self == Self::Json {
            say(escaped(&object.to_string()));
        }
    }

    /// What was done to a desktop.
    pub(super) fn done_to(self, about: &Standing, object: Value) {
        self.done(&told_of(about, object));
    }
}

/// An object about a desktop, with its name and how it is run.
pub(super) fn told_of(about: &Standing, mut object: Value) -> Value {
    object["desktop"] = about.name.clone().into();
    labelled(&about.label, object)
}

/// An object with how something is run: nothing that names a desktop is silent about it.
pub(super) fn labelled(label: &Label, mut object: Value) -> Value {
    object["accel"] = label.accel.to_string().into();
    object["network"] = label.network.clone().into();
    object
}
