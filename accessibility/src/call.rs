//! The one way out: every message this crate can send is a [`Call`], and only [`Bus`] sends it.
//!
//! Reading can crash an application. `Properties.GetAll` ends Qt applications with a segmentation
//! fault and Chromium with an assertion, and a D-Bus proxy with a property cache sends it unasked.
//! So there are no proxies here, and what is not in [`Call`] cannot be said.

use std::time::Duration;

use tokio::time::timeout;
use zbus::{
    Connection,
    zvariant::{DynamicType, ObjectPath},
};

use crate::reply::{CallError, Reply};

/// How long connecting and its handshake may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// When an answer that nobody waits for any more is forgotten.
const CALL_LIMIT: Duration = Duration::from_secs(30);

/// A message that was seen to be safe to send, on every toolkit tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Call<'a> {
    /// Asked of `org.a11y.Bus` on the session bus.
    BusAddress,
    /// Asked of the bus daemon: the process behind a unique name.
    ProcessId(&'a str),
    /// Asked of the registry. Applications keep their objects only while somebody listens.
    RegisterEvent(&'a str),
    Role,
    States,
    Interfaces,
    Children,
    IndexInParent,
    Get(Property),
    /// In screen coordinates, the only ones that are right anywhere.
    Extents,
    GrabFocus,
    /// From the start.
    Text {
        chars: i32,
    },
    SetText(&'a str),
    /// Index 0, which was the default action in every toolkit.
    DoDefaultAction,
    SelectChild(i32),
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
}

/// Who is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer<'a> {
    pub(crate) bus_name: &'a str,
    pub(crate) path: &'a str,
}

impl Peer<'static> {
    pub(crate) const REGISTRY: Self = Self { bus_name: "org.a11y.atspi.Registry", path: ROOT_PATH };
    /// The registry's other object.
    pub(crate) const REGISTRATION: Self =
        Self { bus_name: "org.a11y.atspi.Registry", path: "/org/a11y/atspi/registry" };
    pub(crate) const DAEMON: Self =
        Self { bus_name: "org.freedesktop.DBus", path: "/org/freedesktop/DBus" };
    pub(crate) const LAUNCHER: Self = Self { bus_name: "org.a11y.Bus", path: "/org/a11y/bus" };
}

/// Every application's root.
pub(crate) const ROOT_PATH: &str = "/org/a11y/atspi/accessible/root";
/// Where toolkits put what is not there.
pub(crate) const NULL_PATH: &str = "/org/a11y/atspi/null";

/// A connection to a bus, and the only place that has one.
#[derive(Clone, Debug)]
pub(crate) struct Bus {
    connection: Connection,
}

impl Bus {
    pub(crate) async fn connect(address: &str) -> Result<Self, CallError> {
        let lost = |error: zbus::Error| CallError::BusLost(error.to_string());
        let building = zbus::connection::Builder::address(address).map_err(lost)?.build();
        let silent = CallError::Silent { limit: CONNECT_LIMIT };
        let connection = timeout(CONNECT_LIMIT, building).await.map_err(|_| silent)?;
        Ok(Self { connection: connection.map_err(lost)? })
    }

    /// Sends and waits, for as long as the caller does: a limit belongs around this.
    pub(crate) async fn send(&self, to: Peer<'_>, call: Call<'_>) -> Result<Reply, CallError> {
        match call {
            Call::Get(property) => {
                self.deliver(to, call, (property.interface(), property.name())).await
            }
            Call::RegisterEvent(event) => {
                let properties: Vec<String> = Vec::new();
                self.deliver(to, call, (event.to_owned(), properties, "")).await
            }
            Call::ProcessId(text) | Call::SetText(text) => {
                self.deliver(to, call, text.to_owned()).await
            }
            Call::Extents => self.deliver(to, call, 0_u32).await,
            Call::Text { chars } => self.deliver(to, call, (0_i32, chars)).await,
            Call::DoDefaultAction => self.deliver(to, call, 0_i32).await,
            Call::SelectChild(index) => self.deliver(to, call, index).await,
            Call::BusAddress
            | Call::Role
            | Call::States
            | Call::Interfaces
            | Call::Children
            | Call::IndexInParent
            | Call::GrabFocus => self.deliver(to, call, ()).await,
        }
    }

    async fn deliver<B>(&self, to: Peer<'_>, call: Call<'_>, body: B) -> Result<Reply, CallError>
    where
        B: serde::Serialize + DynamicType + Send + Sync + 'static,
    {
        let (interface, member) = call.member();
        // Paths come from applications too.
        let path = ObjectPath::try_from(to.path.to_owned())
            .map_err(|error| CallError::Malformed(error.to_string()))?;
        let connection = self.connection.clone();
        let bus_name = to.bus_name.to_owned();
        // A caller that stops waiting must not stop a message that is half written: all that come
        // after it would be garbage. So the call is a task, and has its own end.
        let call = async move {
            let to = Some(bus_name.as_str());
            let sending = connection.call_method(to, path, Some(interface), member, &body);
            timeout(CALL_LIMIT, sending).await
        };
        match tokio::spawn(call).await {
            Ok(Ok(reply)) => reply.map(Reply::new).map_err(CallError::from),
            Ok(Err(_)) => Err(CallError::Silent { limit: CALL_LIMIT }),
            Err(_) => Err(CallError::BusLost("the runtime is ending".to_owned())),
        }
    }
}

impl Call<'_> {
    /// Interface and member, as D-Bus spells them.
    pub(crate) fn member(&self) -> (&'static str, &'static str) {
        const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
        const COMPONENT: &str = "org.a11y.atspi.Component";
        match self {
            Self::BusAddress => ("org.a11y.Bus", "GetAddress"),
            Self::ProcessId(_) => ("org.freedesktop.DBus", "GetConnectionUnixProcessID"),
            Self::RegisterEvent(_) => ("org.a11y.atspi.Registry", "RegisterEvent"),
            Self::Role => (ACCESSIBLE, "GetRole"),
            Self::States => (ACCESSIBLE, "GetState"),
            Self::Interfaces => (ACCESSIBLE, "GetInterfaces"),
            Self::Children => (ACCESSIBLE, "GetChildren"),
            Self::IndexInParent => (ACCESSIBLE, "GetIndexInParent"),
            Self::Get(_) => ("org.freedesktop.DBus.Properties", "Get"),
            Self::Extents => (COMPONENT, "GetExtents"),
            Self::GrabFocus => (COMPONENT, "GrabFocus"),
            Self::Text { .. } => ("org.a11y.atspi.Text", "GetText"),
            Self::SetText(_) => ("org.a11y.atspi.EditableText", "SetTextContents"),
            Self::DoDefaultAction => ("org.a11y.atspi.Action", "DoAction"),
            Self::SelectChild(_) => ("org.a11y.atspi.Selection", "SelectChild"),
        }
    }
}

impl Property {
    fn interface(self) -> &'static str {
        match self {
            Self::Name | Self::Description | Self::Parent | Self::ChildCount => {
                "org.a11y.atspi.Accessible"
            }
            Self::ToolkitName | Self::ToolkitVersion => "org.a11y.atspi.Application",
            Self::CharacterCount => "org.a11y.atspi.Text",
            Self::CurrentValue => "org.a11y.atspi.Value",
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
        }
    }
}
