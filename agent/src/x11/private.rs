//! A private desktop with the applications of this machine, to act on.

use std::path::{Path, PathBuf};

use deskbound_private::{Private, PrivateError, Wanted};

use crate::desktop::DesktopError;

const WANTED: Wanted<'_> = Wanted {
    prefix: "deskbound-",
    screen: (1280, 800),
    mark: "DESKBOUND_PRIVATE",
    env: &[
        // Settings are read back from files by whoever checks them.
        ("GSETTINGS_BACKEND", "keyfile"),
        ("XDG_SESSION_TYPE", "x11"),
        ("QT_LINUX_ACCESSIBILITY_ALWAYS_ON", "1"),
        ("GNOME_ACCESSIBILITY", "1"),
        // Firefox cannot build a cage within ours, which stays around it.
        ("MOZ_DISABLE_CONTENT_SANDBOX", "1"),
    ],
};

/// Every server has its socket and its lock there.
const SOCKETS: &str = "/tmp";
/// Where a server that root starts keeps keymaps that it has read. Others keep them among the
/// temporary files.
const KEYMAPS: &str = "/var/lib/xkb";

/// What a server writes, wherever temporary files are.
pub(super) fn writes() -> Vec<PathBuf> {
    let is_so = rustix::process::geteuid().is_root() && Path::new(KEYMAPS).is_dir();
    let keymaps = is_so.then_some(KEYMAPS);
    keymaps.into_iter().chain([SOCKETS]).map(PathBuf::from).collect()
}

/// Blocks until all of it answers.
pub(super) fn start() -> Result<Private, DesktopError> {
    Private::start(&WANTED).map_err(|error| match error {
        PrivateError::Start { program, source } => DesktopError::Start { program, source },
        PrivateError::File { path, source } => {
            DesktopError::File { path: path.to_string_lossy().into_owned(), source }
        }
        late => DesktopError::Gone { what: late.to_string() },
    })
}
