//! What comes back from a call, decoded without believing it.

use std::time::Duration;

use atspi_common::{InterfaceSet, Role, StateSet};
use zbus::{
    Message,
    message::Sequence,
    zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Type},
};

use crate::{cache::Item, call::NULL_PATH, geometry::ScreenRect, wire};

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
    /// This end of the connection, or the bus in between.
    #[error("the connection is lost: {0}")]
    Lost(String),
}

impl CallError {
    /// Nothing more will come from this peer; otherwise only this one question failed.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Gone | Self::Silent { .. } | Self::Lost(_))
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
            zbus::Error::InputOutput(error) => Self::Lost(error.to_string()),
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

/// One row of `Cache.GetItems`: object, application, parent, index, count of children, interfaces,
/// name, role, description, states. (`atspi-common` calls the name `short_name`, and the
/// description `name`.)
type ItemRow<'a> = (
    Reference<'a>,
    Reference<'a>,
    Reference<'a>,
    i32,
    i32,
    Vec<&'a str>,
    &'a str,
    u32,
    &'a str,
    Vec<u32>,
);
type Reference<'a> = (&'a str, ObjectPath<'a>);

/// An answer that came.
#[derive(Debug)]
pub(crate) struct Reply(Message);

impl Reply {
    pub(crate) fn new(message: Message) -> Self {
        Self(message)
    }

    /// Its place among everything that came on its connection.
    pub(crate) fn position(&self) -> Sequence {
        self.0.recv_position()
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

    /// One object, unless it is the null one.
    pub(crate) fn object(&self) -> Result<Option<ObjectRef>, CallError> {
        self.decode::<(String, OwnedObjectPath)>().map(object)
    }

    /// What an application keeps of its objects. Qt's has another shape, and is always empty.
    pub(crate) fn items(&self) -> Result<Vec<Item>, CallError> {
        let body = self.0.body();
        let rows = body.deserialize::<Vec<ItemRow<'_>>>();
        let rows = rows.map_err(|error| CallError::Malformed(error.to_string()))?;
        Ok(rows.into_iter().map(item).collect())
    }

    pub(crate) fn names(&self) -> Result<Vec<String>, CallError> {
        self.decode()
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

fn item(row: ItemRow<'_>) -> Item {
    let (object, _, parent, index, count, interfaces, name, role, description, states) = row;
    Item {
        path: object.1.as_str().to_owned(),
        parent: parent.1.as_str().to_owned(),
        index: u32::try_from(index).ok(),
        child_count: u32::try_from(count).ok(),
        role: wire::role_of(role),
        states: wire::states_of(&states),
        interfaces: wire::interfaces_of(interfaces),
        name: name.to_owned(),
        description: description.to_owned(),
    }
}

fn object((bus_name, path): (String, OwnedObjectPath)) -> Option<ObjectRef> {
    let there = !bus_name.is_empty() && path.as_str() != NULL_PATH;
    there.then(|| ObjectRef { bus_name, path: path.to_string() })
}
