//! The desktop's user, and the environment of that user's session.

use std::{fs, io, os::unix::process::CommandExt, process::Command};

/// The first ordinary user of a Debian system; an image has exactly one.
const SESSION_UID: u32 = 1000;

#[derive(Clone, Debug)]
pub(crate) struct SessionUser {
    name: String,
    pub(crate) home: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl SessionUser {
    pub(crate) fn find() -> io::Result<Self> {
        let passwd = fs::read_to_string("/etc/passwd")?;
        passwd.lines().find_map(Self::parse).ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, format!("no user has uid {SESSION_UID}"))
        })
    }

    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, uid, gid, _, home, _] = fields[..] else { return None };
        let uid = uid.parse().ok().filter(|uid| *uid == SESSION_UID)?;
        Some(Self { name: name.into(), home: home.into(), uid, gid: gid.parse().ok()? })
    }

    /// The address of the session's bus, as systemd lays it.
    pub(crate) fn bus_address(&self) -> String {
        format!("unix:path=/run/user/{}/bus", self.uid)
    }

    /// Makes the command run as this user, in the session.
    pub(crate) fn take_on(&self, command: &mut Command) {
        command
            .uid(self.uid)
            .gid(self.gid)
            .env("HOME", &self.home)
            .env("USER", &self.name)
            .env("LOGNAME", &self.name)
            .env("SHELL", "/bin/bash")
            .env("DISPLAY", ":0")
            .env("XDG_CURRENT_DESKTOP", "XFCE")
            .env("XDG_RUNTIME_DIR", format!("/run/user/{}", self.uid))
            .env("DBUS_SESSION_BUS_ADDRESS", self.bus_address());
    }
}
