//! Windows of real applications on a private X server.

use std::time::Duration;

use deskbound_accessibility::{
    BusAddress, Diagnosis, Fit, NodeAction, NodeId, Reader, Role, ScreenRect, Selector, Tree,
    TreeLimits, Window,
};
use deskbound_testbed::{Colour, Rect, SCREEN, Testbed, wait_for};
use deskbound_windows::{Screen, Windows};
use tokio::runtime::{Builder, Runtime};
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

/// Windows of toolkits that have no accessibility, beside one that has.
#[test]
fn windows_without_accessibility_are_told_and_live() {
    let bed = Testbed::start().unwrap();
    let programs = ["xterm", "glxgears", "galculator"];
    let apps = programs.map(|program| bed.launch(program, &[]).unwrap());
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let address = BusAddress::Session(bed.session_bus_address().to_owned());
    let reader = runtime.block_on(Reader::connect(&address)).unwrap();
    let screen = Screen::open(Some(bed.display())).unwrap();
    let told = || {
        let mut tree = runtime.block_on(reader.snapshot(&TreeLimits::default())).ok()?;
        screen.place(&mut tree).ok()?;
        let windows = runtime.block_on(reader.diagnose_windows(&tree));
        let of = |pid: u32| {
            let window = windows.iter().find(|told| told.placed.window.pid == Some(pid))?;
            Some((window.placed.node.is_some(), window.diagnosis.clone()))
        };
        let told: Vec<_> = apps.iter().filter_map(|app| of(app.pid())).collect();
        // It is there before it is on the bus.
        (told.last()? == &(true, Diagnosis::Fine) && told.len() == apps.len()).then_some(told)
    };
    let told = wait_for("all three windows are told", START_LIMIT, told).unwrap();
    let mute = (false, Diagnosis::NotOnBus);
    assert_eq!(told, [mute.clone(), mute, (true, Diagnosis::Fine)]);
    for app in &apps {
        assert!(app.is_alive(), "{:?}: {}", app.exit_status(), app.log());
    }
}

/// A reader and the windows of one testbed.
struct Sight<'b> {
    bed: &'b Testbed,
    runtime: Runtime,
    reader: Reader,
    screen: Screen,
}

impl<'b> Sight<'b> {
    fn of(bed: &'b Testbed) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let address = BusAddress::Session(bed.session_bus_address().to_owned());
        let reader = runtime.block_on(Reader::connect(&address)).expect("the bus is there");
        let screen = Screen::open(Some(bed.display())).expect("the X server is there");
        Self { bed, runtime, reader, screen }
    }

    /// The first picture that has what is wanted.
    fn wait_for(&self, what: &str, ready: impl Fn(&Tree) -> bool) -> Tree {
        let look = || {
            let seen = self.runtime.block_on(self.reader.snapshot(&TreeLimits::default()));
            let mut tree = seen.ok()?;
            self.screen.place(&mut tree).ok()?;
            ready(&tree).then_some(tree)
        };
        wait_for(what, START_LIMIT, look).expect("it comes")
    }
}

#[test]
fn a_menu_covers_what_lies_under_it_and_not_itself() {
    let bed = Testbed::start().unwrap();
    let calculator = bed.launch("galculator", &[]).unwrap();
    let sight = Sight::of(&bed);
    let seven = Selector::role(Role::ToggleButton).named("7");
    let has_fit = |tree: &Tree, fit: Fit| tree.windows.iter().any(|placed| placed.fit == fit);
    let tree = sight.wait_for("the calculator shows, where it says", |tree| {
        tree.find(&seven).next().is_some() && has_fit(tree, Fit::Exact)
    });
    assert!(!has_fit(&tree, Fit::Doubtful) && !has_fit(&tree, Fit::Repaired), "{:?}", tree.windows);
    assert!(tree.nodes().all(|(_, node)| !node.flags.covered && !node.flags.doubtful));

    let menu = tree.find(&Selector::role(Role::Menu).named("View")).next().unwrap();
    let menu = tree.node_ref(menu);
    sight.runtime.block_on(sight.reader.act(&menu, &NodeAction::Press)).unwrap();
    let modes = Selector::role(Role::RadioMenuItem);
    let open = sight.wait_for("its items show and keys are covered", |tree| {
        let key = Selector::role(Role::ToggleButton);
        let keys = tree.find(&key);
        let covered = keys.filter(|key| tree.node(*key).flags.covered).count();
        tree.find(&modes).count() > 1 && covered > 0
    });
    let in_menu = |id: NodeId| open.ancestors(id).any(|above| open.node(above).role == Role::Menu);
    let items = open.nodes().filter(|(id, _)| in_menu(*id));
    let items: Vec<ScreenRect> = items.filter_map(|(_, node)| node.bounds).collect();
    let mut free = 0;
    for (id, node) in open.nodes() {
        let in_menu = in_menu(id);
        let centre = node.bounds.map(|bounds| bounds.centre());
        let under = centre.is_some_and(|at| items.iter().any(|item| item.contains(at)));
        let is_so = node.flags.covered == (under && !in_menu);
        // What is below the menu but beside its items lies under its border.
        assert!(is_so || (node.flags.covered && !in_menu), "{} {:?}", node.role, open.name(id));
        free += usize::from(node.role == Role::ToggleButton && !node.flags.covered);
    }
    assert!(free > 0, "the menu covers all keys");
    // They are no windows: nobody is told that they have no tree.
    assert_eq!(open.windows.len(), tree.windows.len());
    assert!(calculator.is_alive());
}

/// GTK 4 speaks of its window alone; placed, its buttons are to the pixel where they are drawn.
#[test]
#[ignore = "long: large applications"]
fn long_gtk_4_is_where_it_is_placed() {
    const COLOUR: Colour = [255, 0, 255];
    let bed = Testbed::start_large().unwrap();
    let folder = bed.home().join(".config/gtk-4.0");
    std::fs::create_dir_all(&folder).unwrap();
    // Of a button it tells what is inside its padding.
    let style = "button, button:hover, button:focus, button:checked, button:disabled {
        background: #ff00ff; color: #ff00ff; border: none; border-radius: 0; box-shadow: none;
        margin: 4px; padding: 0; outline: none; -gtk-icon-shadow: none; text-shadow: none }
        button > * { opacity: 0 }";
    std::fs::write(folder.join("gtk.css"), style).unwrap();
    let env = [("GSK_RENDERER", "cairo")];
    let app = bed.launch_with("gtk4-widget-factory", &[], &env).unwrap();
    let sight = Sight::of(&bed);
    let is_drawn = |bounds: ScreenRect| {
        let side = |px: u32| i32::try_from(px).unwrap();
        let (width, height) = (side(bounds.width), side(bounds.height));
        let rect = Rect { x: bounds.x, y: bounds.y, width, height };
        let picture = sight.bed.picture().unwrap();
        picture.share(rect, 0, COLOUR) > 0.9 && picture.share(rect, -1, COLOUR) < 0.1
    };
    let tree = sight.wait_for("its buttons are where they are drawn", |tree| {
        let buttons = tree.nodes().filter(|(id, node)| {
            let is_button = matches!(node.role, Role::Button | Role::ToggleButton);
            is_button && !node.flags.off_screen && tree.name(*id).starts_with("togglebutton")
        });
        let bounds: Vec<ScreenRect> = buttons.filter_map(|(_, node)| node.bounds).collect();
        bounds.len() >= 2 && bounds.into_iter().all(is_drawn)
    });
    assert!(tree.windows.iter().any(|placed| placed.fit == Fit::Repaired), "{:?}", tree.windows);
    assert!(app.is_alive(), "{:?}: {}", app.exit_status(), app.log());
}
