//! The user's own X11 session as the desktop of a run.

use std::env;
use std::io;

use deskbound_agent::launcher::Launcher;
use deskbound_agent::x11::{Programs, X11Desktop, X11Session};

use crate::failure::Failure;
use crate::verb::a11y::session_bus;

/// The verb that makes this program a launcher.
const LAUNCHER: &str = "launcher";

pub(crate) fn launcher() -> io::Result<Launcher> {
    Launcher::spawn(&env::current_exe()?, &[LAUNCHER])
}

/// `launcher` is from before the confinement.
pub(crate) async fn desktop(launcher: Option<Launcher>) -> Result<X11Desktop, Failure> {
    let display = env::var("DISPLAY").ok().filter(|display| !display.is_empty());
    let wayland = env::var_os("WAYLAND_DISPLAY").is_some_and(|display| !display.is_empty())
        || env::var("XDG_SESSION_TYPE").is_ok_and(|session| session == "wayland");
    if wayland {
        let error = "this is a Wayland session: it lets no program see the screen or type for \
                     another one";
        let hint = "use a virtual desktop (leave out `--desktop x11`), or log in to an X11 session";
        return Err(Failure::missing(error).hint(hint));
    }
    let display = display.ok_or_else(|| {
        let hint = "start this in an X11 session, or set DISPLAY and XAUTHORITY to the session's; \
                    without `--desktop x11` a virtual desktop is used";
        Failure::missing("there is no X11 session here: DISPLAY is not set").hint(hint)
    })?;
    let launcher = launcher.expect("it is started before a run on the user's own desktop");
    let home = env::var("HOME").map_err(Failure::missing)?;
    let session = X11Session {
        display,
        bus: session_bus()?,
        home: home.trim_end_matches('/').to_owned(),
        programs: Programs::Users(launcher),
    };
    Ok(X11Desktop::connect(session).await?)
}
