//! What comes back from a call, decoded without believing it.

use std::time::Duration;

use atspi_common::{InterfaceSet, Role, StateSet};
use zbus::{
    Message,
    zvariant::{OwnedObjectPath, OwnedValue, Type},
};

use crate::{call::NULL_PATH, geometry::ScreenRect, wire};

/// Why a call brought no answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallError {
    /// The peer is alive and says no: no such object, no such interface.
    #[error("{error}: {text}")]
    Refused { error: String, text: String },
    #[error("its connection has ended")]
    Gone,
    #[error("no answer in {limit:?}")]
    Silent { limit: Duration },
    #[error("the answer has the wrong shape: {0}")]
    Malformed(String),
    #[error("the bus is lost: {0}")]
    BusLost(String),
}

impl CallError {
    /// Nothing more will come from this peer; otherwise only this one question failed.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Gone | Self::Silent { .. } | Self::BusLost(_))
    }
}

impl From<zbus::Error> for CallError {
    fn from(error: zbus::Error) -> Self {
        match error {
            zbus::Error::MethodError(name, text, _) => {
                let gone = ["ServiceUnknown", "NameHasNoOwner", "NoReply", "Disconnected"];
                let short = name.as_str().strip_prefix("org.freedesktop.DBus.Error.");
                if short.is_some_and(|short| gone.contains(&short)) {
                    return Self::Gone;
                }
                Self::Refused { error: name.to_string(), text: text.unwrap_or_default() }
            }
            zbus::Error::InputOutput(error) => Self::BusLost(error.to_string()),
            other => Self::Malformed(other.to_string()),
        }
    }
}

/// Another object, as its parent or child names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ObjectRef {
    pub(crate) bus_name: String,
    pub(crate) path: String,
}

/// An answer that came.
#[derive(Debug)]
pub(crate) struct Reply(Message);

impl Reply {
    pub(crate) fn new(message: Message) -> Self {
        Self(message)
    }

    pub(crate) fn role(&self) -> Result<Role, CallError> {
        self.decode().map(wire::role_of)
    }

    pub(crate) fn states(&self) -> Result<StateSet, CallError> {
        self.decode::<Vec<u32>>().map(|words| wire::states_of(&words))
    }

    pub(crate) fn interfaces(&self) -> Result<InterfaceSet, CallError> {
        let names = self.decode::<Vec<String>>()?;
        Ok(wire::interfaces_of(names.iter().map(String::as_str)))
    }

    /// Children, null ones left out.
    pub(crate) fn objects(&self) -> Result<Vec<ObjectRef>, CallError> {
        let objects = self.decode::<Vec<(String, OwnedObjectPath)>>()?;
        Ok(objects.into_iter().filter_map(object).collect())
    }

    pub(crate) fn bounds(&self) -> Result<Option<ScreenRect>, CallError> {
        let (x, y, width, height) = self.decode::<(i32, i32, i32, i32)>()?;
        Ok(ScreenRect::from_extents(x, y, width, height))
    }

    pub(crate) fn text(&self) -> Result<String, CallError> {
        self.decode()
    }

    pub(crate) fn number(&self) -> Result<i32, CallError> {
        self.decode()
    }

    pub(crate) fn process_id(&self) -> Result<u32, CallError> {
        self.decode()
    }

    pub(crate) fn yes(&self) -> Result<bool, CallError> {
        self.decode()
    }

    pub(crate) fn text_property(&self) -> Result<String, CallError> {
        self.property()
    }

    pub(crate) fn count_property(&self) -> Result<i32, CallError> {
        self.property()
    }

    pub(crate) fn value_property(&self) -> Result<f64, CallError> {
        self.property()
    }

    pub(crate) fn object_property(&self) -> Result<Option<ObjectRef>, CallError> {
        let value = self.decode::<OwnedValue>()?;
        let pair = <(String, OwnedObjectPath)>::try_from(value);
        pair.map(object).map_err(|error| CallError::Malformed(error.to_string()))
    }

    fn property<T: TryFrom<OwnedValue>>(&self) -> Result<T, CallError> {
        let value = self.decode::<OwnedValue>()?;
        let signature = value.value_signature().to_string();
        T::try_from(value).map_err(|_| CallError::Malformed(format!("a property of {signature}")))
    }

    fn decode<T: for<'d> serde::Deserialize<'d> + Type>(&self) -> Result<T, CallError> {
        let decoded = self.0.body().deserialize();
        decoded.map_err(|error| CallError::Malformed(error.to_string()))
    }
}

fn object((bus_name, path): (String, OwnedObjectPath)) -> Option<ObjectRef> {
    let there = !bus_name.is_empty() && path.as_str() != NULL_PATH;
    there.then(|| ObjectRef { bus_name, path: path.to_string() })
}
