//! Windows of real applications on a private X server.

use std::time::Duration;

use deskbound_accessibility::Window;
use deskbound_testbed::{SCREEN, Testbed, wait_for};
use deskbound_windows::Windows;
use x11rb::{connection::Connection, rust_connection::RustConnection};

const START_LIMIT: Duration = Duration::from_secs(40);

#[test]
fn windows_are_listed_with_their_owners_and_their_order() {
    let bed = Testbed::start().unwrap();
    let (connection, screen) = RustConnection::connect(Some(bed.display())).unwrap();
    let windows = Windows::of(&connection, connection.setup().roots[screen].root).unwrap();
    assert_eq!(windows.list(&connection).unwrap(), []);

    let find = |pid: u32| {
        let of_process = |window: &Window| window.pid == Some(pid);
        wait_for("the window is there", START_LIMIT, || {
            let listed = windows.list(&connection).ok()?;
            // The manager decorates a window after it has listed it.
            listed.into_iter().find(|window| of_process(window) && window.border.top_px > 0)
        })
        .unwrap()
    };
    let calculator = bed.launch("galculator", &[]).unwrap();
    let first = find(calculator.pid());
    assert_eq!((first.title.as_str(), first.class.as_str()), ("galculator", "Galculator"));
    assert!(first.bounds.width > 100 && first.bounds.height > 100, "{first:?}");
    assert!(first.bounds.width < SCREEN.0 && first.outer().height <= SCREEN.1, "{first:?}");
    assert!(first.outer().y < first.bounds.y, "{first:?}");

    let editor = bed.launch("mousepad", &[]).unwrap();
    let second = find(editor.pid());
    assert!(second.title.ends_with("Mousepad"), "{second:?}");
    // What comes later lies above.
    let order: Vec<u32> = windows.list(&connection).unwrap().iter().map(|w| w.id).collect();
    assert_eq!(order, [first.id, second.id]);
}
