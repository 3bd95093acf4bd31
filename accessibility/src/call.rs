//! The one way out: every message this crate can send is a [`Call`], and only [`Bus`] sends it.
//!
//! Reading can crash an application. `Properties.GetAll` ends Qt applications with a segmentation
//! fault and Chromium with an assertion, and a D-Bus proxy with a property cache sends it unasked.
//! So there are no proxies here, and what is not in [`Call`] cannot be said.

use std::time::Duration;

use tokio::time::timeout;
use zbus::{
    Connection, Message, MessageStream,
    zvariant::{DynamicType, ObjectPath, Value},
};

use crate::{
    reply::{CallError, Reply},
    socket::BoundedSocket,
};

/// How long connecting and its handshake may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// A message that was seen to be safe to send, on every toolkit tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Call<'a> {
    /// Asked of `org.a11y.Bus` on the session bus.
    BusAddress,
    /// Asked of the bus daemon: every connection.
    ConnectionNames,
    /// Asked of the bus daemon: the process behind a unique name.
    ProcessId(&'a str),
    /// Asked of the bus daemon: signals of that rule, please.
    AddMatch(&'a str),
    /// Asked of the registry. Applications keep their objects only while somebody listens.
    RegisterEvent(&'a str),
    /// Asked of the registry: takes an application of ours into its list, by its unique name.
    Embed(&'a str),
    /// Asked of an application's root: a socket of its own, past the bus.
    PeerAddress,
    /// Asked of an application's cache: all its objects at once.
    Items,
    Role,
    States,
    Interfaces,
    Children,
    IndexInParent,
    Get(Property),
    /// In screen coordinates, the only ones that are right anywhere.
    Extents,
    /// In screen coordinates.
    AccessibleAtPoint {
        x: i32,
        y: i32,
    },
    GrabFocus,
    ScrollTo,
    /// From the start.
    Text {
        chars: i32,
    },
    SetText(&'a str),
    InsertText {
        /// In characters.
        at: i32,
        text: &'a str,
        /// In the toolkit's own unit.
        length: i32,
    },
    /// Index 0 was the default action in every toolkit.
    DoAction(i32),
    ActionName(i32),
    SelectChild(i32),
    SetValue(f64),
    TableRow(i32),
    TableColumn(i32),
    TableCell {
        row: i32,
        column: i32,
    },
}

/// One property, for `Properties.Get`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Property {
    Name,
    Description,
    Parent,
    ChildCount,
    ToolkitName,
    ToolkitVersion,
    CharacterCount,
    CurrentValue,
    ActionCount,
}

/// Who is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer<'a> {
    /// None at the other end of a socket that belongs to one application.
    pub(crate) bus_name: Option<&'a str>,
    pub(crate) path: &'a str,
}

impl Peer<'static> {
    pub(crate) const REGISTRY: Self = Self::known("org.a11y.atspi.Registry", ROOT_PATH);
    /// The registry's other object.
    pub(crate) const REGISTRATION: Self =
        Self::known("org.a11y.atspi.Registry", "/org/a11y/atspi/registry");
    pub(crate) const DAEMON: Self = Self::known("org.freedesktop.DBus", "/org/freedesktop/DBus");
    pub(crate) const LAUNCHER: Self = Self::known("org.a11y.Bus", "/org/a11y/bus");

    const fn known(bus_name: &'static str, path: &'static str) -> Self {
        Self { bus_name: Some(bus_name), path }
    }
}

/// Every application's root.
pub(crate) const ROOT_PATH: &str = "/org/a11y/atspi/accessible/root";
/// Every application's cache, where it has one.
pub(crate) const CACHE_PATH: &str = "/org/a11y/atspi/cache";
/// Where toolkits put what is not there.
pub(crate) const NULL_PATH: &str = "/org/a11y/atspi/null";

/// A connection to a bus or to one application, and the only place that has one.
#[derive(Clone, Debug)]
pub(crate) struct Bus {
    connection: Connection,
}

impl Bus {
    pub(crate) async fn connect(address: &str) -> Result<Self, CallError> {
        let lost = |error: zbus::Error| CallError::Lost(error.to_string());
        let building = async {
            let socket = BoundedSocket::connect(address).await?;
            zbus::connection::Builder::socket(socket).build().await
        };
        let silent = CallError::Silent { limit: CONNECT_LIMIT };
        let connection = timeout(CONNECT_LIMIT, building).await.map_err(|_| silent)?;
        Ok(Self { connection: connection.map_err(lost)? })
    }

    /// To the socket of one application. A stopped one accepts and says nothing, so a limit
    /// belongs around this.
    pub(crate) async fn connect_peer(address: &str) -> Result<Self, CallError> {
        let building = async {
            let socket = BoundedSocket::connect(address).await?;
            zbus::connection::Builder::socket(socket).p2p().build().await
        };
        let connection = building.await.map_err(|error| CallError::Lost(error.to_string()))?;
        Ok(Self { connection })
    }

    /// Whatever comes in that is no answer.
    pub(crate) fn incoming(&self) -> MessageStream {
        MessageStream::from(&self.connection)
    }

    /// To a call that came in.
    pub(crate) async fn answer<B>(&self, call: &Message, body: &B) -> zbus::Result<()>
    where
        B: serde::Serialize + DynamicType,
    {
        self.connection.reply(&call.header(), body).await
    }

    /// To a call that came in and is not understood.
    pub(crate) async fn refuse(&self, call: &Message) -> zbus::Result<()> {
        let error = "org.freedesktop.DBus.Error.UnknownMethod";
        self.connection.reply_error(&call.header(), error, &"nobody answers this here").await
    }

    pub(crate) fn unique_name(&self) -> Option<&str> {
        self.connection.unique_name().map(|name| name.as_str())
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.connection.is_closed()
    }

    /// Sends and waits, for as long as the caller does: a limit belongs around this.
    pub(crate) async fn send(&self, to: Peer<'_>, call: Call<'_>) -> Result<Reply, CallError> {
        match call {
            Call::Get(property) => {
                self.deliver(to, call, &(property.interface(), property.name())).await
            }
            Call::SetValue(value) => {
                let what = (Property::CurrentValue.interface(), Property::CurrentValue.name());
                self.deliver(to, call, &(what.0, what.1, Value::from(value))).await
            }
            Call::RegisterEvent(event) => {
                let properties: &[&str] = &[];
                self.deliver(to, call, &(event, properties, "")).await
            }
            Call::Embed(ours) => {
                let root = ObjectPath::from_static_str_unchecked(ROOT_PATH);
                self.deliver(to, call, &((ours, root),)).await
            }
            Call::ProcessId(text) | Call::SetText(text) | Call::AddMatch(text) => {
                self.deliver(to, call, &text).await
            }
            Call::InsertText { at, text, length } => {
                self.deliver(to, call, &(at, text, length)).await
            }
            Call::Extents => self.deliver(to, call, &SCREEN).await,
            Call::AccessibleAtPoint { x, y } => self.deliver(to, call, &(x, y, SCREEN)).await,
            Call::ScrollTo => self.deliver(to, call, &ANYWHERE).await,
            Call::Text { chars } => self.deliver(to, call, &(0_i32, chars)).await,
            Call::DoAction(index)
            | Call::ActionName(index)
            | Call::SelectChild(index)
            | Call::TableRow(index)
            | Call::TableColumn(index) => self.deliver(to, call, &index).await,
            Call::TableCell { row, column } => self.deliver(to, call, &(row, column)).await,
            Call::BusAddress
            | Call::ConnectionNames
            | Call::PeerAddress
            | Call::Items
            | Call::Role
            | Call::States
            | Call::Interfaces
            | Call::Children
            | Call::IndexInParent
            | Call::GrabFocus => self.deliver(to, call, &()).await,
        }
    }

    async fn deliver<B>(&self, to: Peer<'_>, call: Call<'_>, body: &B) -> Result<Reply, CallError>
    where
        B: serde::Serialize + DynamicType,
    {
        let (interface, member) = call.member();
        // Paths come from applications too.
        let path = ObjectPath::try_from(to.path)
            .map_err(|error| CallError::Malformed(error.to_string()))?;
        let sending = self.connection.call_method(to.bus_name, path, Some(interface), member, body);
        Ok(Reply::new(sending.await?))
    }
}

/// AT-SPI's number of a coordinate space.
const SCREEN: u32 = 0;
/// AT-SPI's number of the place on the screen that something is scrolled to.
const ANYWHERE: u32 = 6;

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const ACTION: &str = "org.a11y.atspi.Action";
const APPLICATION: &str = "org.a11y.atspi.Application";
const COMPONENT: &str = "org.a11y.atspi.Component";
const DAEMON: &str = "org.freedesktop.DBus";
const EDITABLE_TEXT: &str = "org.a11y.atspi.EditableText";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const TABLE: &str = "org.a11y.atspi.Table";

impl Call<'_> {
    /// Interface and member, as D-Bus spells them.
    pub(crate) fn member(&self) -> (&'static str, &'static str) {
        match self {
            Self::BusAddress => ("org.a11y.Bus", "GetAddress"),
            Self::ConnectionNames => (DAEMON, "ListNames"),
            Self::ProcessId(_) => (DAEMON, "GetConnectionUnixProcessID"),
            Self::AddMatch(_) => (DAEMON, "AddMatch"),
            Self::RegisterEvent(_) => ("org.a11y.atspi.Registry", "RegisterEvent"),
            Self::Embed(_) => ("org.a11y.atspi.Socket", "Embed"),
            Self::PeerAddress => (APPLICATION, "GetApplicationBusAddress"),
            Self::Items => ("org.a11y.atspi.Cache", "GetItems"),
            Self::Role => (ACCESSIBLE, "GetRole"),
            Self::States => (ACCESSIBLE, "GetState"),
            Self::Interfaces => (ACCESSIBLE, "GetInterfaces"),
            Self::Children => (ACCESSIBLE, "GetChildren"),
            Self::IndexInParent => (ACCESSIBLE, "GetIndexInParent"),
            Self::Get(_) => (PROPERTIES, "Get"),
            Self::SetValue(_) => (PROPERTIES, "Set"),
            Self::Extents => (COMPONENT, "GetExtents"),
            Self::AccessibleAtPoint { .. } => (COMPONENT, "GetAccessibleAtPoint"),
            Self::GrabFocus => (COMPONENT, "GrabFocus"),
            Self::ScrollTo => (COMPONENT, "ScrollTo"),
            Self::Text { .. } => ("org.a11y.atspi.Text", "GetText"),
            Self::SetText(_) => (EDITABLE_TEXT, "SetTextContents"),
            Self::InsertText { .. } => (EDITABLE_TEXT, "InsertText"),
            Self::DoAction(_) => (ACTION, "DoAction"),
            Self::ActionName(_) => (ACTION, "GetName"),
            Self::SelectChild(_) => ("org.a11y.atspi.Selection", "SelectChild"),
            Self::TableRow(_) => (TABLE, "GetRowAtIndex"),
            Self::TableColumn(_) => (TABLE, "GetColumnAtIndex"),
            Self::TableCell { .. } => (TABLE, "GetAccessibleAt"),
        }
    }
}

impl Property {
    fn interface(self) -> &'static str {
        match self {
            Self::Name | Self::Description | Self::Parent | Self::ChildCount => ACCESSIBLE,
            Self::ToolkitName | Self::ToolkitVersion => APPLICATION,
            Self::CharacterCount => "org.a11y.atspi.Text",
            Self::CurrentValue => "org.a11y.atspi.Value",
            Self::ActionCount => ACTION,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Description => "Description",
            Self::Parent => "Parent",
            Self::ChildCount => "ChildCount",
            Self::ToolkitName => "ToolkitName",
            Self::ToolkitVersion => "Version",
            Self::CharacterCount => "CharacterCount",
            Self::CurrentValue => "CurrentValue",
            Self::ActionCount => "NActions",
        }
    }
}
