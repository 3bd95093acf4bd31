//! Where the pointer is and what it looks like (XFixes).

use deskbound_accessibility::ScreenPx;
use x11rb::connection::RequestConnection as _;
use x11rb::protocol::xfixes::{self, ConnectionExt as _};
use x11rb::rust_connection::RustConnection;

use super::gone;
use crate::desktop::{DesktopError, Pointer};

/// Of the shape's name.
const NAME_CHARS: usize = 64;

/// `None` where the server does not say.
pub(super) fn pointer(connection: &RustConnection) -> Result<Option<Pointer>, DesktopError> {
    if connection.extension_information(xfixes::X11_EXTENSION_NAME).map_err(gone)?.is_none() {
        return Ok(None);
    }
    // The version has to be agreed on by each connection, once; again does no harm. Both go out
    // before the first answer is waited for.
    let version = connection.xfixes_query_version(2, 0).map_err(gone)?;
    let asked = connection.xfixes_get_cursor_image_and_name().map_err(gone)?;
    version.reply().map_err(gone)?;
    // There is none before an application has set one.
    let Ok(told) = asked.reply() else { return Ok(None) };
    let at = ScreenPx { x: told.x.into(), y: told.y.into() };
    let shape = String::from_utf8_lossy(&told.name).chars().take(NAME_CHARS).collect();
    Ok(Some(Pointer { at, shape }))
}
