//! What comes back from a call, decoded without believing it.

use std::time::Duration;

use atspi_common::{InterfaceSet, Role, StateSet};

use crate::{
    body::Body,
    cache::Item,
    call::NULL_PATH,
    decode::{Decoder, Go, Nonsense, Order},
    geometry::ScreenRect,
    message::Incoming,
    wire,
};

/// Rows of a cache that are read; the walk asks for what is behind them.
const ITEMS_MAX: usize = 100_000;
/// Names that are read where a bus tells who is on it.
const NAMES_MAX: usize = 10_000;
/// Characters of an error's own words.
const ERROR_CHARS_MAX: usize = 500;

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

impl CallError {
    /// The peer says that it has no such object (any more), in the words of GTK and Qt, or of
    /// others.
    pub(crate) fn is_no_object(&self) -> bool {
        let known = ["UnknownObject", "UnknownMethod"];
        let Self::Refused { error, .. } = self else { return false };
        let short = error.strip_prefix("org.freedesktop.DBus.Error.");
        short.is_some_and(|short| known.contains(&short))
    }

    fn refused(name: &str, text: &str) -> Self {
        let gone = ["ServiceUnknown", "NameHasNoOwner", "NoReply", "Disconnected"];
        let short = name.strip_prefix("org.freedesktop.DBus.Error.");
        if short.is_some_and(|short| gone.contains(&short)) {
            return Self::Gone;
        }
        let text = text.chars().take(ERROR_CHARS_MAX).collect();
        Self::Refused { error: name.to_owned(), text }
    }
}

impl From<zbus::Error> for CallError {
    fn from(error: zbus::Error) -> Self {
        match error {
            zbus::Error::MethodError(name, text, _) => {
                Self::refused(name.as_str(), &text.unwrap_or_default())
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

/// The bodies that answers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Nothing,
    Number,
    Word,
    YesOrNo,
    Text,
    Variant,
    Texts,
    Words,
    Rectangle,
    Object,
    Objects,
    /// Of `Cache.GetItems`. Qt's has another, and is always empty.
    Items,
    Other,
}

impl Shape {
    fn of(signature: &[u8]) -> Self {
        match signature {
            b"" => Self::Nothing,
            b"i" => Self::Number,
            b"u" => Self::Word,
            b"b" => Self::YesOrNo,
            b"s" => Self::Text,
            b"v" => Self::Variant,
            b"as" => Self::Texts,
            b"au" => Self::Words,
            b"(iiii)" | b"iiii" => Self::Rectangle,
            b"(so)" | b"so" => Self::Object,
            b"a(so)" => Self::Objects,
            b"a((so)(so)(so)iiassusau)" => Self::Items,
            _ => Self::Other,
        }
    }
}

/// An answer that came.
#[derive(Debug)]
pub(crate) struct Reply {
    shape: Shape,
    order: Order,
    body: Body,
}

impl Reply {
    pub(crate) fn of(incoming: &Incoming<'_>) -> Result<Self, CallError> {
        let Incoming { error, signature, body, order, .. } = *incoming;
        let shape = Shape::of(signature);
        if let Some(name) = error {
            let says = (shape == Shape::Text).then(|| Decoder::new(body, order).str().ok());
            return Err(CallError::refused(name, says.flatten().unwrap_or_default()));
        }
        Ok(Self { shape, order, body: body.into() })
    }

    pub(crate) fn role(&self) -> Result<Role, CallError> {
        self.body(Shape::Word, |body| body.u32().map(wire::role_of))
    }

    pub(crate) fn states(&self) -> Result<StateSet, CallError> {
        self.body(Shape::Words, states)
    }

    pub(crate) fn interfaces(&self) -> Result<InterfaceSet, CallError> {
        self.body(Shape::Texts, interfaces)
    }

    /// Children, null ones left out, and not many more than `limit` of them.
    pub(crate) fn objects(&self, limit: usize) -> Result<Vec<ObjectRef>, CallError> {
        self.body(Shape::Objects, |body| {
            let mut objects = Vec::new();
            body.each(8, |element| {
                objects.extend(object(element)?);
                Ok(if objects.len() > limit { Go::Stop } else { Go::On })
            })?;
            Ok(objects)
        })
    }

    /// One object, unless it is the null one.
    pub(crate) fn object(&self) -> Result<Option<ObjectRef>, CallError> {
        self.body(Shape::Object, object)
    }

    /// What an application keeps of its objects.
    pub(crate) fn items(&self) -> Result<Vec<Item>, CallError> {
        self.body(Shape::Items, |body| {
            let mut items = Vec::new();
            body.each(8, |element| {
                items.push(item(element)?);
                Ok(if items.len() == ITEMS_MAX { Go::Stop } else { Go::On })
            })?;
            Ok(items)
        })
    }

    pub(crate) fn names(&self) -> Result<Vec<String>, CallError> {
        self.body(Shape::Texts, |body| {
            let mut names = Vec::new();
            body.each(4, |element| {
                names.push(element.str()?.to_owned());
                Ok(if names.len() == NAMES_MAX { Go::Stop } else { Go::On })
            })?;
            Ok(names)
        })
    }

    pub(crate) fn bounds(&self) -> Result<Option<ScreenRect>, CallError> {
        self.body(Shape::Rectangle, |body| {
            let (x, y, width, height) = (body.i32()?, body.i32()?, body.i32()?, body.i32()?);
            Ok(ScreenRect::from_extents(x, y, width, height))
        })
    }

    pub(crate) fn text(&self) -> Result<String, CallError> {
        self.body(Shape::Text, |body| body.str().map(str::to_owned))
    }

    pub(crate) fn number(&self) -> Result<i32, CallError> {
        self.body(Shape::Number, Decoder::i32)
    }

    pub(crate) fn process_id(&self) -> Result<u32, CallError> {
        self.body(Shape::Word, Decoder::u32)
    }

    pub(crate) fn yes(&self) -> Result<bool, CallError> {
        self.body(Shape::YesOrNo, Decoder::bool)
    }

    pub(crate) fn text_property(&self) -> Result<String, CallError> {
        self.property(b"s", |body| body.str().map(str::to_owned))
    }

    pub(crate) fn count_property(&self) -> Result<i32, CallError> {
        self.property(b"i", Decoder::i32)
    }

    pub(crate) fn value_property(&self) -> Result<f64, CallError> {
        self.property(b"d", Decoder::f64)
    }

    pub(crate) fn object_property(&self) -> Result<Option<ObjectRef>, CallError> {
        self.property(b"(so)", object)
    }

    fn property<'b, T>(
        &'b self,
        signature: &[u8],
        read: impl FnOnce(&mut Decoder<'b>) -> Result<T, Nonsense>,
    ) -> Result<T, CallError> {
        self.body(Shape::Variant, |body| {
            if body.signature()? == signature { read(body) } else { Err(Nonsense) }
        })
    }

    /// What is behind the body is nobody's business.
    fn body<'b, T>(
        &'b self,
        shape: Shape,
        read: impl FnOnce(&mut Decoder<'b>) -> Result<T, Nonsense>,
    ) -> Result<T, CallError> {
        if self.shape != shape {
            let Self { shape: come, .. } = self;
            return Err(CallError::Malformed(format!("{come:?} instead of {shape:?}")));
        }
        let read = read(&mut Decoder::new(&self.body, self.order));
        read.map_err(|Nonsense| CallError::Malformed(format!("no {shape:?} of that kind")))
    }
}

fn states(body: &mut Decoder<'_>) -> Result<StateSet, Nonsense> {
    let (mut words, mut count) = ([0; 2], 0);
    body.each(4, |element| {
        let word = element.u32()?;
        if let Some(place) = words.get_mut(count) {
            *place = word;
        }
        count += 1;
        Ok(Go::On)
    })?;
    Ok(wire::states_of(&words))
}

fn interfaces(body: &mut Decoder<'_>) -> Result<InterfaceSet, Nonsense> {
    let mut names = InterfaceSet::empty();
    body.each(4, |element| {
        if let Some(known) = wire::interface_of(element.str()?) {
            names.insert(known);
        }
        Ok(Go::On)
    })?;
    Ok(names)
}

fn object(body: &mut Decoder<'_>) -> Result<Option<ObjectRef>, Nonsense> {
    let (bus_name, path) = reference(body)?;
    let there = !bus_name.is_empty() && path != NULL_PATH;
    Ok(there.then(|| ObjectRef { bus_name: bus_name.to_owned(), path: path.to_owned() }))
}

fn reference<'b>(body: &mut Decoder<'b>) -> Result<(&'b str, &'b str), Nonsense> {
    body.align(8)?;
    Ok((body.str()?, body.path()?))
}

/// One row of `Cache.GetItems`: object, application, parent, index, count of children, interfaces,
/// name, role, description, states. (`atspi-common` calls the name `short_name`, and the
/// description `name`.)
fn item(row: &mut Decoder<'_>) -> Result<Item, Nonsense> {
    let (_, path) = reference(row)?;
    reference(row)?;
    let (_, parent) = reference(row)?;
    Ok(Item {
        path: path.to_owned(),
        parent: parent.to_owned(),
        index: u32::try_from(row.i32()?).ok(),
        child_count: u32::try_from(row.i32()?).ok(),
        interfaces: interfaces(row)?,
        name: row.str()?.to_owned(),
        role: wire::role_of(row.u32()?),
        description: row.str()?.to_owned(),
        states: states(row)?,
    })
}

#[cfg(test)]
mod tests;
