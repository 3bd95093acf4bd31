//! What one event means for the picture of its application.

use std::collections::HashMap;

use zbus::{
    Message,
    zvariant::{ObjectPath, OwnedObjectPath, Value},
};

use crate::line::bounded;

/// Characters of a name that are compared.
const CLAIM_CHARS_MAX: u32 = 2_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// What reading itself brings about: cells of a list are made to be read, and go again.
    Nothing,
    /// An object says its name or description anew. GTK does so whenever a cell is read.
    Said(Claim),
    /// The picture does not hold any more.
    Changed,
}

/// That an object is called so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) path: String,
    pub(crate) what: Said,
    pub(crate) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Name,
    Description,
}

impl Event {
    /// Of a signal; what is not understood is a change.
    pub(crate) fn of(message: &Message) -> Self {
        let header = message.header();
        let member = header.member().map(|member| member.as_str()).unwrap_or_default();
        let Some((detail, value)) = detail(message) else { return Self::Changed };
        match (member, detail.as_str()) {
            ("StateChanged", "defunct") | ("PropertyChange", "accessible-parent") => Self::Nothing,
            ("PropertyChange", "accessible-name") => said(header.path(), Said::Name, value),
            ("PropertyChange", "accessible-description") => {
                said(header.path(), Said::Description, value)
            }
            _ => Self::Changed,
        }
    }
}

fn said(path: Option<&ObjectPath<'_>>, what: Said, value: Option<String>) -> Event {
    let (Some(path), Some(text)) = (path, value) else { return Event::Changed };
    let text = bounded(text, CLAIM_CHARS_MAX);
    Event::Said(Claim { path: path.as_str().to_owned(), what, text })
}

/// The first word of an event, and its value where that is a string. Qt's end in another way.
fn detail(message: &Message) -> Option<(String, Option<String>)> {
    type Properties<'a> = HashMap<String, Value<'a>>;
    let body = message.body();
    let of = |detail: &str, value: Value<'_>| {
        let text = if let Value::Str(text) = value { Some(text.as_str().to_owned()) } else { None };
        (detail.to_owned(), text)
    };
    if let Ok(now) = body.deserialize::<(&str, i32, i32, Value<'_>, Properties<'_>)>() {
        return Some(of(now.0, now.3));
    }
    let then = body.deserialize::<(&str, i32, i32, Value<'_>, (&str, OwnedObjectPath))>();
    then.ok().map(|then| of(then.0, then.3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(member: &'static str) -> zbus::message::Builder<'static> {
        Message::signal("/7", "org.a11y.atspi.Event.Object", member).unwrap()
    }

    #[test]
    fn reading_is_told_from_changing() {
        let check = |member: &'static str, detail: &str, value: Value<'_>, expected: Event| {
            let none: HashMap<&str, Value<'_>> = HashMap::new();
            let gtk = signal(member).build(&(detail, 0_i32, 0_i32, &value, none)).unwrap();
            assert_eq!(Event::of(&gtk), expected, "{member} {detail}");
            let root = ObjectPath::from_static_str_unchecked("/root");
            let qt = signal(member).build(&(detail, 0_i32, 0_i32, &value, (":1.1", root))).unwrap();
            assert_eq!(Event::of(&qt), expected, "{member} {detail}, as Qt says it");
        };
        let nothing = Value::from(0_u32);
        check("StateChanged", "defunct", nothing.try_clone().unwrap(), Event::Nothing);
        check("StateChanged", "showing", nothing.try_clone().unwrap(), Event::Changed);
        check("TextChanged", "insert", Value::from("x"), Event::Changed);
        let claim = Claim { path: "/7".into(), what: Said::Name, text: "Save".into() };
        check("PropertyChange", "accessible-name", Value::from("Save"), Event::Said(claim));
        check("PropertyChange", "accessible-name", nothing, Event::Changed);
    }

    #[test]
    fn what_has_another_shape_is_a_change() {
        assert_eq!(Event::of(&signal("StateChanged").build(&"defunct").unwrap()), Event::Changed);
        assert_eq!(Event::of(&signal("PropertyChange").build(&()).unwrap()), Event::Changed);
    }
}
