use atspi_common::Role;

use super::*;
use crate::{
    geometry::ScreenRect,
    sample::Sample,
    tree::App,
    window::{Border, Fit, Window},
};

/// Of process 7 and that class.
fn window(class: &str) -> PlacedWindow {
    let window = Window {
        id: 1,
        pid: Some(7),
        title: "a window".to_owned(),
        class: class.to_owned(),
        bounds: ScreenRect { x: 0, y: 0, width: 100, height: 100 },
        border: Border::default(),
    };
    PlacedWindow { window, node: None, fit: Fit::Unknown }
}

/// An application of process 7, and what is in it by depth.
fn tree(toolkit: &str, status: AppStatus, rows: &[(usize, Role)]) -> Tree {
    let mut sample = Sample::default();
    sample.app_with(App {
        name: "app".to_owned(),
        toolkit: toolkit.to_owned(),
        toolkit_version: "3.24.38".to_owned(),
        pid: Some(7),
        started: None,
        bus_name: ":1.7".to_owned(),
        status,
    });
    for (depth, role) in rows {
        sample.put(*depth, *role, "");
    }
    sample.finish()
}

#[test]
fn a_window_without_an_application_in_the_list() {
    let check = |class: &str, on_bus: Option<&[u32]>, expected: Diagnosis| {
        let told = Tree::default().diagnosis_of(&window(class), on_bus);
        assert_eq!(told, expected, "{class} {on_bus:?}");
    };
    check("XTerm", Some(&[6, 8]), Diagnosis::NotOnBus);
    check("XTerm", Some(&[]), Diagnosis::NotOnBus);
    check("Gtk4-widget-factory", Some(&[6, 7]), Diagnosis::NotEmbedded);
    for on_bus in [Some(&[6][..]), Some(&[7]), None] {
        let without = Diagnosis::BrowserWithoutSwitch;
        check("firefox-esr", on_bus, without(Browser::Firefox));
        check("Chromium", on_bus, without(Browser::Chromium));
        check("Brave-browser", on_bus, without(Browser::Chromium));
    }
    // A bus that says nothing says nothing of this application.
    let told = Tree::default().diagnosis_of(&window("XTerm"), None);
    assert!(matches!(told, Diagnosis::BusBroken { .. }), "{told:?}");
    // A window that nobody owns.
    let mut nobody = window("XTerm");
    nobody.window.pid = None;
    assert_eq!(Tree::default().diagnosis_of(&nobody, Some(&[7])), Diagnosis::NotOnBus);
}

#[test]
fn a_window_of_an_application_in_the_list() {
    let check = |tree: &Tree, expected: Diagnosis| {
        for on_bus in [Some(&[7][..]), Some(&[]), None] {
            assert_eq!(tree.diagnosis_of(&window("Chromium"), on_bus), expected);
        }
    };
    let whole = &[(1, Role::Frame), (2, Role::Panel)];
    let hollow = &[(1, Role::Frame), (1, Role::Frame)];
    for toolkit in ["gtk", "Qt", "Chromium", "Gecko"] {
        check(&tree(toolkit, AppStatus::Complete, whole), Diagnosis::Fine);
        check(&tree(toolkit, AppStatus::Truncated, whole), Diagnosis::Fine);
        check(&tree(toolkit, AppStatus::Stalled, whole), Diagnosis::Stopped);
        check(&tree(toolkit, AppStatus::Stalled, &[]), Diagnosis::Stopped);
        check(&tree(toolkit, AppStatus::Died, whole), Diagnosis::NotOnBus);
    }
    let without = Diagnosis::BrowserWithoutSwitch;
    check(&tree("Chromium", AppStatus::Complete, hollow), without(Browser::Chromium));
    check(&tree("Gecko", AppStatus::Complete, hollow), without(Browser::Firefox));
    check(&tree("gtk", AppStatus::Complete, hollow), Diagnosis::Fine);
    // One whose windows are all hidden shows nothing, and that is no fault.
    check(&tree("Chromium", AppStatus::Complete, &[]), Diagnosis::Fine);
}
