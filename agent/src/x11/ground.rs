//! What the screen is made of: its size and its monitors (RandR), as they are now.

use deskbound_accessibility::{ScreenPx, ScreenRect};
use x11rb::connection::RequestConnection as _;
use x11rb::protocol::randr::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, Window};
use x11rb::rust_connection::RustConnection;

use super::gone;
use crate::desktop::{DesktopError, Monitor};

/// Pixels to an inch that applications mean where nobody says anything else.
const USUAL_DPI: f64 = 96.0;
/// Of the user's resources, in four bytes.
const RESOURCES_MAX: u32 = 16 * 1024;

/// Where there is screen.
pub(super) struct Ground {
    whole: ScreenRect,
    /// Empty where the server knows none: then all of it is shown.
    monitors: Vec<ScreenRect>,
}

impl Ground {
    pub(super) fn of(connection: &RustConnection, root: Window) -> Result<Self, DesktopError> {
        let size = connection.get_geometry(root).map_err(gone)?;
        let monitors = known(connection, root)?.into_iter().map(|info| bounds(&info)).collect();
        let size = size.reply().map_err(gone)?;
        let (width, height) = (size.width.into(), size.height.into());
        Ok(Self { whole: ScreenRect { x: 0, y: 0, width, height }, monitors })
    }

    /// A point as the server takes it, where somebody could see it.
    pub(super) fn point(&self, at: ScreenPx) -> Result<(i16, i16), DesktopError> {
        let is_shown =
            self.monitors.is_empty() || self.monitors.iter().any(|shown| shown.contains(at));
        let inside = self.whole.contains(at) && is_shown;
        let point = i16::try_from(at.x).ok().zip(i16::try_from(at.y).ok()).filter(|_| inside);
        point.ok_or(DesktopError::OffScreen { x: at.x, y: at.y })
    }
}

pub(super) fn monitors(
    connection: &RustConnection,
    root: Window,
) -> Result<Vec<Monitor>, DesktopError> {
    let scale = scale(connection, root)?;
    let mut monitors = Vec::new();
    for info in known(connection, root)? {
        let name = connection.get_atom_name(info.name).map_err(gone)?.reply().map_err(gone)?;
        let name = String::from_utf8_lossy(&name.name).into_owned();
        monitors.push(Monitor { name, bounds: bounds(&info), is_primary: info.primary, scale });
    }
    if monitors.is_empty() {
        let ScreenRect { width, height, .. } = Ground::of(connection, root)?.whole;
        monitors.push(Monitor { scale, ..Monitor::only((width, height)) });
    }
    Ok(monitors)
}

fn known(
    connection: &RustConnection,
    root: Window,
) -> Result<Vec<randr::MonitorInfo>, DesktopError> {
    if connection.extension_information(randr::X11_EXTENSION_NAME).map_err(gone)?.is_none() {
        return Ok(Vec::new());
    }
    // A server from before there were monitors refuses.
    let told = connection.randr_get_monitors(root, true).map_err(gone)?.reply();
    let told = told.map(|told| told.monitors).unwrap_or_default();
    Ok(told.into_iter().filter(|info| info.width > 0 && info.height > 0).collect())
}

fn bounds(info: &randr::MonitorInfo) -> ScreenRect {
    let (x, y) = (info.x.into(), info.y.into());
    ScreenRect { x, y, width: info.width.into(), height: info.height.into() }
}

/// X has one scale for all monitors: what the session's resources say of the resolution.
fn scale(connection: &RustConnection, root: Window) -> Result<f64, DesktopError> {
    let (name, kind) = (AtomEnum::RESOURCE_MANAGER, AtomEnum::STRING);
    let asked = connection.get_property(false, root, name, kind, 0, RESOURCES_MAX);
    let resources = asked.map_err(gone)?.reply().map_err(gone)?.value;
    Ok(dpi(&String::from_utf8_lossy(&resources)).unwrap_or(USUAL_DPI) / USUAL_DPI)
}

fn dpi(resources: &str) -> Option<f64> {
    let value = resources.lines().find_map(|line| line.strip_prefix("Xft.dpi:"))?;
    value.trim().parse().ok().filter(|dpi: &f64| dpi.is_finite() && *dpi > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resolution_is_read_from_the_resources() {
        for (resources, expected) in [
            ("Xft.antialias:\t1\nXft.dpi:\t192\n", Some(192.0)),
            ("Xft.dpi: 120.5", Some(120.5)),
            ("Xft.dpi: much", None),
            ("Xft.dpi: 0", None),
            ("", None),
        ] {
            assert_eq!(dpi(resources), expected, "{resources}");
        }
    }

    #[test]
    fn what_no_monitor_shows_is_no_place() {
        let rect = |x, y, width, height| ScreenRect { x, y, width, height };
        let ground = Ground {
            whole: rect(0, 0, 300, 200),
            monitors: vec![rect(0, 0, 100, 200), rect(100, 0, 200, 100)],
        };
        let check = |x, y, is_place| {
            assert_eq!(ground.point(ScreenPx { x, y }).is_ok(), is_place, "{x},{y}");
        };
        check(0, 0, true);
        check(99, 199, true);
        check(299, 99, true);
        check(100, 100, false);
        check(300, 0, false);
        check(-1, 0, false);
        let whole = Ground { monitors: Vec::new(), ..ground };
        assert!(whole.point(ScreenPx { x: 100, y: 100 }).is_ok());
    }
}
