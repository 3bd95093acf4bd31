//! The windows of an X server, as [`Tree::place`](deskbound_accessibility::Tree::place) wants them:
//! which there are and in which order (`_NET_CLIENT_LIST_STACKING`), whose they are (XRes, which
//! knows also those that say nothing of themselves), where they are and what the window manager put
//! around them. With them come popups, which no manager manages and which lie over all of them.
//!
//! And what a window manager is told to do with one of them ([`WindowAct`]).
//!
//! A piece of its own because both who sits inside a desktop and who drives the user's own session
//! need it, and the reader of the tree asks no window system. All questions go out before the first
//! answer is waited for: few round trips in all, however many windows there are.

mod popup;
mod verbs;

use deskbound_accessibility::{Border, Layout, ScreenRect, Tree, Window};
use x11rb::{
    connection::{Connection, RequestConnection},
    cookie::Cookie,
    errors::{ConnectError, ConnectionError, ReplyError},
    protocol::{
        res::{self, ClientIdMask, ClientIdSpec, ConnectionExt as _},
        xproto::{
            Atom, AtomEnum, ConnectionExt as _, GetGeometryReply, GetPropertyReply,
            TranslateCoordinatesReply, Window as WindowId,
        },
    },
    rust_connection::RustConnection,
};

pub use verbs::{FOCUS_LIMIT, WindowAct};

/// Windows beyond are not looked at; a desktop has a few dozen.
const WINDOWS_MAX: usize = 512;
/// Of one property, in units of four bytes.
const PROPERTY_LONGS_MAX: u32 = 1_024;
/// Characters of a title or a class.
const TITLE_CHARS_MAX: usize = 500;

x11rb::atom_manager! {
    /// The properties that are read.
    Atoms: AtomsCookie {
        _NET_ACTIVE_WINDOW,
        _NET_CLIENT_LIST,
        _NET_CLIENT_LIST_STACKING,
        _NET_CLOSE_WINDOW,
        _NET_FRAME_EXTENTS,
        _NET_MOVERESIZE_WINDOW,
        _NET_SUPPORTING_WM_CHECK,
        _NET_WM_NAME,
        _NET_WM_PID,
    }
}

/// The X server does not answer, or has no window manager that speaks EWMH.
#[derive(Debug, thiserror::Error)]
pub enum WindowsError {
    #[error("the X server cannot be reached")]
    Unreachable(#[from] ConnectError),
    #[error("the X server is lost")]
    Lost(#[from] ConnectionError),
    #[error("the X server refuses to tell of windows")]
    Refused(#[from] ReplyError),
    #[error("there is no window {id}")]
    NoWindow { id: WindowId },
    #[error("the window manager does not bring window {id} to the front")]
    NotInFront { id: WindowId },
}

/// A connection of its own to an X server, to place trees with.
#[derive(Debug)]
pub struct Screen {
    connection: RustConnection,
    windows: Windows,
    bounds: ScreenRect,
}

impl Screen {
    /// `display` such as `:0`; without one, what the environment says.
    pub fn open(display: Option<&str>) -> Result<Self, WindowsError> {
        let (connection, screen) = RustConnection::connect(display)?;
        let screen = &connection.setup().roots[screen];
        let (width, height) = (screen.width_in_pixels.into(), screen.height_in_pixels.into());
        let windows = Windows::of(&connection, screen.root)?;
        Ok(Self { connection, windows, bounds: ScreenRect { x: 0, y: 0, width, height } })
    }

    /// Asks where the windows are now, and places the tree among them.
    pub fn place(&self, tree: &mut Tree) -> Result<(), WindowsError> {
        tree.place(self.windows.layout(&self.connection, self.bounds)?);
        Ok(())
    }
}

/// Reads the windows of one X server again and again.
#[derive(Debug)]
pub struct Windows {
    atoms: Atoms,
    root: WindowId,
    has_res: bool,
}

/// What was asked of one window.
struct Asked<'c, C: RequestConnection> {
    id: WindowId,
    geometry: Cookie<'c, C, GetGeometryReply>,
    origin: Cookie<'c, C, TranslateCoordinatesReply>,
    title: Cookie<'c, C, GetPropertyReply>,
    old_title: Cookie<'c, C, GetPropertyReply>,
    class: Cookie<'c, C, GetPropertyReply>,
    border: Cookie<'c, C, GetPropertyReply>,
    told_pid: Cookie<'c, C, GetPropertyReply>,
    pid: AskedPid<'c, C>,
}

/// Where the server knows whose a window is.
type AskedPid<'c, C> = Option<Cookie<'c, C, res::QueryClientIdsReply>>;

impl Windows {
    /// Of the screen with that root window.
    pub fn of<C: Connection>(connection: &C, root: WindowId) -> Result<Self, WindowsError> {
        let atoms = Atoms::new(connection)?;
        let has_res = connection.extension_information(res::X11_EXTENSION_NAME)?.is_some();
        Ok(Self { atoms: atoms.reply()?, root, has_res })
    }

    /// All that is on that screen, as [`Tree::place`] wants it.
    pub fn layout<C: Connection>(
        &self,
        connection: &C,
        screen: ScreenRect,
    ) -> Result<Layout, WindowsError> {
        let windows = self.list(connection)?;
        Ok(Layout { screen, windows, popups: self.popups(connection)? })
    }

    /// From the lowest to the uppermost. Without a window manager there are none.
    pub fn list<C: Connection>(&self, connection: &C) -> Result<Vec<Window>, WindowsError> {
        let ids = self.ids(connection)?;
        let mut asked = Vec::with_capacity(ids.len());
        for id in ids {
            asked.push(self.ask(connection, id)?);
        }
        // A window may go while it is looked at; then it is not there.
        Ok(asked.into_iter().filter_map(Asked::answer).collect())
    }

    fn ids<C: Connection>(&self, connection: &C) -> Result<Vec<WindowId>, WindowsError> {
        let lists = [self.atoms._NET_CLIENT_LIST_STACKING, self.atoms._NET_CLIENT_LIST];
        let lists =
            lists.map(|list| property(connection, self.root, list, AtomEnum::WINDOW.into()));
        let mut ids: Vec<WindowId> = Vec::new();
        for list in lists {
            // xfwm4 leaves a window out of the first list until one has been raised.
            let list = list?.reply()?;
            for id in list.value32().into_iter().flatten().take(WINDOWS_MAX) {
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        Ok(ids)
    }

    fn ask<'c, C: Connection>(
        &self,
        connection: &'c C,
        id: WindowId,
    ) -> Result<Asked<'c, C>, ConnectionError> {
        let pid = self.ask_pid(connection, id)?;
        let text = AtomEnum::ANY.into();
        let number: Atom = AtomEnum::CARDINAL.into();
        let of = |atom: Atom, kind: Atom| property(connection, id, atom, kind);
        Ok(Asked {
            id,
            geometry: connection.get_geometry(id)?,
            origin: connection.translate_coordinates(id, self.root, 0, 0)?,
            title: of(self.atoms._NET_WM_NAME, text)?,
            old_title: of(AtomEnum::WM_NAME.into(), text)?,
            class: of(AtomEnum::WM_CLASS.into(), text)?,
            border: of(self.atoms._NET_FRAME_EXTENTS, number)?,
            told_pid: of(self.atoms._NET_WM_PID, number)?,
            pid,
        })
    }

    fn ask_pid<'c, C: Connection>(
        &self,
        connection: &'c C,
        id: WindowId,
    ) -> Result<AskedPid<'c, C>, ConnectionError> {
        let owner = ClientIdSpec { client: id, mask: ClientIdMask::LOCAL_CLIENT_PID };
        self.has_res.then(|| connection.res_query_client_ids(&[owner])).transpose()
    }
}

impl<C: RequestConnection> Asked<'_, C> {
    fn answer(self) -> Option<Window> {
        let (geometry, origin) = (self.geometry.reply().ok()?, self.origin.reply().ok()?);
        let (title, old_title) = (self.title.reply().ok()?, self.old_title.reply().ok()?);
        let (class, border) = (self.class.reply().ok()?, self.border.reply().ok()?);
        let told_pid = self.told_pid.reply().ok()?;
        let known_pid = self.pid.and_then(pid_in);
        let told_pid = told_pid.value32().into_iter().flatten().next();
        let title = text(&title).or_else(|| text(&old_title)).unwrap_or_default();
        // Two words, each with a zero behind it.
        let class = class.value.split(|byte| *byte == 0).nth(1).map(bounded).unwrap_or_default();
        let edges: Vec<u32> = border.value32().into_iter().flatten().collect();
        let edge = |place: usize| edges.get(place).copied().unwrap_or(0);
        Some(Window {
            id: self.id,
            pid: known_pid.or(told_pid),
            title,
            class,
            bounds: ScreenRect {
                x: i32::from(origin.dst_x),
                y: i32::from(origin.dst_y),
                width: u32::from(geometry.width),
                height: u32::from(geometry.height),
            },
            border: Border {
                left_px: edge(0),
                right_px: edge(1),
                top_px: edge(2),
                bottom_px: edge(3),
            },
        })
    }
}

fn pid_in<C: RequestConnection>(asked: Cookie<'_, C, res::QueryClientIdsReply>) -> Option<u32> {
    let told = asked.reply().ok()?;
    let of_process = told.ids.iter().find(|id| id.spec.mask == ClientIdMask::LOCAL_CLIENT_PID);
    of_process.and_then(|id| id.value.first().copied())
}

fn property<C: Connection>(
    connection: &C,
    window: WindowId,
    atom: Atom,
    kind: Atom,
) -> Result<Cookie<'_, C, GetPropertyReply>, ConnectionError> {
    connection.get_property(false, window, atom, kind, 0, PROPERTY_LONGS_MAX)
}

fn text(property: &GetPropertyReply) -> Option<String> {
    (!property.value.is_empty()).then(|| bounded(&property.value))
}

fn bounded(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(TITLE_CHARS_MAX).collect()
}
