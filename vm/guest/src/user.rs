//! The desktop's user, and the environment of that user's session.

use std::{fs, io, os::unix::process::CommandExt, process::Command};

/// The first ordinary user of a Debian system; an image has exactly one.
const SESSION_UID: u32 = 1000;

/// What a recipe gives to the session and to every command in it.
const ENVIRONMENT: &str = "/etc/environment";

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
        let text = fs::read_to_string(ENVIRONMENT).unwrap_or_default();
        command
            .uid(self.uid)
            .gid(self.gid)
            .envs(text.lines().filter_map(variable))
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

/// `NAME=VALUE`, as `pam_env` reads it: with or without quotes.
fn variable(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.trim().split_once('=')?;
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let value = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(value);
    (!name.is_empty() && name.chars().all(is_name)).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read() {
        for (line, expected) in [
            ("LANG=C.UTF-8", Some(("LANG", "C.UTF-8"))),
            (" export A_1=\"two words\" ", Some(("A_1", "two words"))),
            ("B='x=y'", Some(("B", "x=y"))),
            ("C=", Some(("C", ""))),
            ("# D=1", None),
            ("", None),
            ("=x", None),
        ] {
            assert_eq!(variable(line), expected, "{line}");
        }
    }
}
