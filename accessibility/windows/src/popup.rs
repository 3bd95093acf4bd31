//! What shows itself above all windows: menus, lists of choices, hints. Their applications tell the
//! window manager to leave them alone, so that no list of windows has them.

use deskbound_accessibility::{Popup, ScreenRect};
use x11rb::{
    connection::Connection,
    protocol::{
        shape::{self, ConnectionExt as _},
        xproto::{AtomEnum, ConnectionExt as _, MapState, Window as WindowId, WindowClass},
    },
};

use super::{WINDOWS_MAX, Windows, WindowsError, pid_in, property};

/// Nobody reads what is smaller: such windows hold selections and edges of the screen.
const SIDE_PX_MIN: u16 = 8;

impl Windows {
    /// Without those of the window manager, which frames windows with the like, and without those
    /// that let every click through.
    pub(super) fn popups<C: Connection>(&self, connection: &C) -> Result<Vec<Popup>, WindowsError> {
        let all = connection.query_tree(self.root)?;
        let manager = self.manager(connection)?;
        let mask = connection.setup().resource_id_mask;
        let is_managed = |id: WindowId| {
            let client = id & !mask;
            client == 0 || manager.is_some_and(|manager| client == manager & !mask)
        };
        let mut asked = Vec::new();
        let others = all.reply()?.children.into_iter().filter(|id| !is_managed(*id));
        for id in others.take(WINDOWS_MAX) {
            asked.push((id, connection.get_window_attributes(id)?));
        }
        let mut shown = Vec::new();
        for (id, attributes) in asked {
            // One that has gone in the meantime is not there.
            let shows = attributes.reply().is_ok_and(|told| {
                told.override_redirect
                    && told.map_state == MapState::VIEWABLE
                    && told.class == WindowClass::INPUT_OUTPUT
            });
            if shows {
                let geometry = connection.get_geometry(id)?;
                let takes = connection.shape_get_rectangles(id, shape::SK::INPUT)?;
                shown.push((geometry, takes, self.ask_pid(connection, id)?));
            }
        }
        let popups = shown.into_iter().filter_map(|(geometry, takes, pid)| {
            let (place, takes) = (geometry.reply().ok()?, takes.reply().ok()?);
            let is_small = place.width < SIDE_PX_MIN || place.height < SIDE_PX_MIN;
            (!is_small && !takes.rectangles.is_empty()).then(|| Popup {
                pid: pid.and_then(pid_in),
                bounds: ScreenRect {
                    x: place.x.into(),
                    y: place.y.into(),
                    width: place.width.into(),
                    height: place.height.into(),
                },
            })
        });
        Ok(popups.collect())
    }

    /// A window of the window manager's own.
    fn manager<C: Connection>(&self, connection: &C) -> Result<Option<WindowId>, WindowsError> {
        let check = self.atoms._NET_SUPPORTING_WM_CHECK;
        let told = property(connection, self.root, check, AtomEnum::WINDOW.into())?.reply()?;
        Ok(told.value32().and_then(|mut ids| ids.next()))
    }
}
