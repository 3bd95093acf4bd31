//! Which Debian package brings which program. Naming them is all this does; installing is for
//! whoever runs the tests.

use std::path::Path;

use anyhow::{Result, bail};

/// What the desktop itself is made of.
pub(crate) const PARTS: &[&str] = &[
    "Xvfb",
    "dbus-daemon",
    "dbus-send",
    super::BUS_LAUNCHER,
    "xfwm4",
    "/usr/share/dbus-1/services/org.xfce.Xfconf.service",
    "xprop",
    "grep",
];

/// Programs whose package has another name.
const PACKAGES: &[(&str, &str)] = &[
    ("Xvfb", "xvfb"),
    ("dbus-send", "dbus-bin"),
    (super::BUS_LAUNCHER, "at-spi2-core"),
    ("/usr/share/dbus-1/services/org.xfce.Xfconf.service", "xfconf"),
    ("xprop", "x11-utils"),
    ("gtk3-widget-factory", "gtk-3-examples"),
    ("gtk4-widget-factory", "gtk-4-examples"),
];

/// One error with the packages of everything that is missing.
pub(crate) fn require(programs: &[&str]) -> Result<()> {
    let missing: Vec<&str> =
        programs.iter().filter(|name| !is_there(name)).map(|name| package(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    bail!("Debian packages are missing: {list} (apt-get install --no-install-recommends {list})");
}

fn package(program: &str) -> &str {
    PACKAGES.iter().find(|(name, _)| *name == program).map_or(program, |(_, package)| package)
}

fn is_there(program: &str) -> bool {
    if program.contains('/') {
        return Path::new(program).exists();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/bin".into(), "/bin".into()])
        .any(|folder| folder.join(program).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_every_missing_package_at_once() {
        let error = require(&["grep", "no-such-program", "/no/such/file"]).unwrap_err();
        assert!(error.to_string().contains("missing: no-such-program /no/such/file ("), "{error}");
        assert!(require(&["grep"]).is_ok());
        assert_eq!(package("xprop"), "x11-utils");
    }
}
