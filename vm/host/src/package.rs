//! The table of packages, and what of it is missing.

use std::path::Path;

/// What a package is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Building images and running desktops.
    Run,
    /// Only the tests: a private X server and real applications on it.
    Test,
    /// Only the long tests and the benchmarks: large applications, and what others have built.
    Long,
}

/// A Debian package.
#[derive(Debug, PartialEq, Eq)]
pub struct Package {
    pub name: &'static str,
    /// A file of this package; where it exists, the package counts as installed.
    pub probe: &'static str,
    pub purpose: Purpose,
}

/// Everything asked of the host.
pub const PACKAGES: &[Package] = &[
    run("qemu-system-x86", "/usr/bin/qemu-system-x86_64"),
    run("qemu-utils", "/usr/bin/qemu-img"),
    run("mmdebstrap", "/usr/bin/mmdebstrap"),
    run("e2fsprogs", "/sbin/mke2fs"),
    run("uidmap", "/usr/bin/newuidmap"),
    // `vm view` shows a desktop in it.
    run("tigervnc-viewer", "/usr/bin/xtigervncviewer"),
    test("xvfb", "/usr/bin/Xvfb"),
    test("xfwm4", "/usr/bin/xfwm4"),
    test("dbus-daemon", "/usr/bin/dbus-daemon"),
    test("dbus-bin", "/usr/bin/dbus-send"),
    test("dbus-x11", "/usr/bin/dbus-launch"),
    test("at-spi2-core", "/usr/libexec/at-spi2-registryd"),
    test("x11-utils", "/usr/bin/xprop"),
    test("xfconf", "/usr/bin/xfconf-query"),
    test("mousepad", "/usr/bin/mousepad"),
    test("thunar", "/usr/bin/thunar"),
    test("galculator", "/usr/bin/galculator"),
    test("featherpad", "/usr/bin/featherpad"),
    test("xterm", "/usr/bin/xterm"),
    test("mesa-utils", "/usr/bin/glxgears"),
    test("gtk-3-examples", "/usr/bin/gtk3-widget-factory"),
    test("python3-pyatspi", "/usr/lib/python3/dist-packages/pyatspi/__init__.py"),
    test("adwaita-icon-theme", "/usr/share/icons/Adwaita/index.theme"),
    test("fonts-dejavu-core", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
    test("tmux", "/usr/bin/tmux"),
    long("python3-venv", "/usr/share/doc/python3-venv"),
    long("gtk-4-examples", "/usr/bin/gtk4-widget-factory"),
    long("kcalc", "/usr/bin/kcalc"),
    long("qt6ct", "/usr/bin/qt6ct"),
    long("firefox-esr", "/usr/bin/firefox-esr"),
    long("chromium", "/usr/bin/chromium"),
    long("libreoffice-calc", "/usr/bin/localc"),
    long("libreoffice-gtk3", "/usr/lib/libreoffice/program/libvclplug_gtk3lo.so"),
    long("xdotool", "/usr/bin/xdotool"),
];

const fn run(name: &'static str, probe: &'static str) -> Package {
    Package { name, probe, purpose: Purpose::Run }
}

const fn test(name: &'static str, probe: &'static str) -> Package {
    Package { name, probe, purpose: Purpose::Test }
}

const fn long(name: &'static str, probe: &'static str) -> Package {
    Package { name, probe, purpose: Purpose::Long }
}

/// What of [`PACKAGES`] this purpose needs and this machine lacks.
pub fn missing(purpose: Purpose) -> Vec<&'static Package> {
    missing_under(Path::new("/"), purpose)
}

fn missing_under(root: &Path, purpose: Purpose) -> Vec<&'static Package> {
    let lacks = |package: &&Package| !root.join(package.probe.trim_start_matches('/')).exists();
    PACKAGES.iter().filter(|package| package.purpose == purpose).filter(lacks).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs;

    use super::*;

    #[test]
    fn a_bare_machine_lacks_all_of_a_purpose_and_a_probe_file_settles_it() {
        let root = tempfile::tempdir().unwrap();
        let names = |purpose| -> Vec<_> {
            missing_under(root.path(), purpose).iter().map(|package| package.name).collect()
        };
        assert_eq!(
            names(Purpose::Run),
            [
                "qemu-system-x86",
                "qemu-utils",
                "mmdebstrap",
                "e2fsprogs",
                "uidmap",
                "tigervnc-viewer"
            ]
        );
        fs::create_dir_all(root.path().join("usr/bin")).unwrap();
        fs::write(root.path().join("usr/bin/qemu-img"), "").unwrap();
        let rest = ["qemu-system-x86", "mmdebstrap", "e2fsprogs", "uidmap", "tigervnc-viewer"];
        assert_eq!(names(Purpose::Run), rest);
        assert!(names(Purpose::Test).contains(&"xvfb"));
    }

    #[test]
    fn every_row_is_a_package_of_its_own_with_an_absolute_probe() {
        let names: HashSet<_> = PACKAGES.iter().map(|package| package.name).collect();
        assert_eq!(names.len(), PACKAGES.len());
        for package in PACKAGES {
            assert!(package.probe.starts_with('/'), "{}", package.name);
        }
    }
}
