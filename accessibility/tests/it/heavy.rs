//! Applications too large for every run: GTK 4, Qt 6, browsers and an office. Whether they live
//! comes first; some calls end them.

use deskbound_accessibility::{
    ActError, AppId, AppStatus, Browser, Diagnosis, Effect, NodeAction, Role, Scope, Selector,
    State, Tree, TreeLimits,
};
use deskbound_testbed::Testbed;

use crate::{
    desk::Desk,
    peer::{Row, read_by_pyatspi, read_by_us},
    pixels::{MARGIN_PX, is_between, is_exact},
};

/// Pictures that are taken of each application.
const LOOKS: usize = 5;

/// The button is at whole pixels: Chromium rounds the rectangles of others outwards.
const PAGE: &str = "<title>Form</title><h1>A form</h1><label><input type=checkbox>Agree</label>\
    <button style='background:#f0f;border:0;border-radius:0;color:#f0f;width:120px;height:40px;\
    outline:0;position:absolute;left:200px;top:60px'>Send</button><details><summary>More</summary><p>Told</p></details><input type=range min=0 max=10 value=3 aria-label=Amount>\
    <div style='height:4000px'></div><button>Far away</button>";

fn desk() -> Desk {
    Desk::on(Testbed::start_large().expect("the testbed starts"))
}

fn page(desk: &Desk) -> String {
    let path = desk.bed.home().join("page.html");
    std::fs::write(&path, PAGE).expect("a page is written");
    format!("file://{}", path.display())
}

fn whole(desk: &Desk) -> Tree {
    let limits = TreeLimits { scope: Scope::Whole, ..TreeLimits::default() };
    desk.reader.forget();
    let tree = desk.block_on(desk.reader.snapshot(&limits)).expect("the registry answers");
    tree.check().expect("the tree is whole");
    tree
}

/// Read often and whole, it lives, and is fine.
#[track_caller]
fn check_lives(desk: &Desk, process: u32) {
    for _ in 0..LOOKS {
        desk.reader.forget();
        desk.snapshot();
        whole(desk);
    }
    let tree = desk.snapshot();
    desk.assert_all_alive();
    let app = tree.apps.iter().position(|app| app.pid == Some(process)).expect("it is listed");
    let app = AppId(u16::try_from(app).expect("few applications"));
    assert_eq!(tree.diagnose_app(app), Diagnosis::Fine, "{:?}", tree.apps);
}

/// What pyatspi reads and we do not, or the other way round, in parts of a hundred.
#[track_caller]
fn check_as_pyatspi(desk: &Desk, process: u32, difference_max: usize) {
    read_by_us(desk, process);
    let theirs = read_by_pyatspi(desk, process);
    let ours = read_by_us(desk, process);
    // Qt makes the cells of a table anew for each reader that asks, with new paths.
    let cell = |row: &&Row| matches!(row.1, Role::TableCell | Role::TableColumnHeader);
    let difference: Vec<&Row> =
        ours.symmetric_difference(&theirs).filter(|row| !cell(row)).collect();
    let allowed = theirs.len() * difference_max / 100;
    assert!(
        difference.len() <= allowed,
        "{} by us, {} by pyatspi: {difference:#?}",
        ours.len(),
        theirs.len(),
    );
}

#[track_caller]
fn act(desk: &Desk, selector: &Selector, action: &NodeAction) -> Effect {
    let tree = desk.snapshot();
    let node = tree.find(selector).next().unwrap_or_else(|| panic!("no {selector:?}"));
    desk.block_on(desk.reader.act(&tree.node_ref(node), action)).expect("it is acted on")
}

#[track_caller]
fn check_confirmed(effect: &Effect) {
    assert!(matches!(effect, Effect::Confirmed { .. }), "{effect:?}");
}

#[test]
#[ignore = "long: large applications"]
fn long_gtk_4_is_read_and_lives() {
    let mut desk = desk();
    let process = desk.launch_with("gtk4-widget-factory", &[], &[("GSK_RENDERER", "cairo")]);
    check_lives(&desk, process);
    check_as_pyatspi(&desk, process, 0);
    // What is on a page that was left keeps its rectangles, and is left out.
    let tab = |name: &str| Selector::role(Role::PageTab).named(name);
    let inform = Selector::role(Role::Button).named("_Inform Inform");
    let radio = Selector::role(Role::PageTab).named("Tab");
    for (page, shows) in [("Page _1", false), ("Page _2", true), ("Page _1", false)] {
        act(&desk, &tab(page), &NodeAction::Select);
        desk.wait_for("the other page shows", |tree| {
            let is_there = |selector: &Selector| tree.find(selector).next().is_some();
            is_there(&inform) == shows && is_there(&radio) != shows
        });
    }
    act(&desk, &tab("Page _2"), &NodeAction::Select);
    check_folds(&desk, &Selector::name("GtkExpander"));
    desk.assert_all_alive();
}

/// Whatever it is at first, it is made the other way round and back again.
#[track_caller]
fn check_folds(desk: &Desk, selector: &Selector) {
    let open = selector.clone().with(State::Expanded);
    let tree = desk.wait_for("what folds shows", |tree| tree.find(selector).next().is_some());
    let is_open = tree.find(&open).next().is_some();
    let both = [NodeAction::Expand, NodeAction::Collapse];
    let order = if is_open { [1, 0] } else { [0, 1] };
    for action in order.map(|at| &both[at]) {
        check_confirmed(&act(desk, selector, action));
        let tree = desk.snapshot();
        assert_eq!(tree.find(&open).next().is_some(), *action == NodeAction::Expand, "{action:?}");
    }
}

#[test]
#[ignore = "long: large applications"]
fn long_qt_5_and_6_are_read_and_live() {
    let mut desk = desk();
    let five = desk.launch("kcalc", &[]);
    let six = desk.launch("qt6ct", &[]);
    for process in [five, six] {
        check_lives(&desk, process);
        check_as_pyatspi(&desk, process, 0);
    }
    check_confirmed(&act(&desk, &Selector::role(Role::Button).named("7"), &NodeAction::Press));
    check_folds(&desk, &Selector::role(Role::ComboBox).named("Fusion"));
    // A tab is pressed: there is no way to select it.
    let fonts = Selector::role(Role::PageTab).named("Fonts");
    check_confirmed(&act(&desk, &fonts, &NodeAction::Press));
    let tree = desk.wait_for("the other page shows", |tree| {
        tree.find(&Selector::role(Role::SpinButton)).next().is_some()
            || tree.find(&Selector::role(Role::Button)).next().is_some()
    });
    let node = tree.node_ref(tree.find(&fonts).next().expect("it is there"));
    let refused = desk.block_on(desk.reader.act(&node, &NodeAction::Select));
    assert!(matches!(refused, Err(ActError::Refused { .. })), "{refused:?}");
    desk.assert_all_alive();
}

#[test]
#[ignore = "long: large applications"]
fn long_qt_6_is_where_it_says() {
    let mut desk = desk();
    let style = desk.bed.home().join("style.qss");
    let rules = "QPushButton { background: #ff00ff; color: #ff00ff; border: none; margin: 4px; }";
    std::fs::write(&style, rules).unwrap();
    desk.launch("qt6ct", &["-stylesheet", style.to_str().unwrap()]);
    // Others may have an icon on their edge, or are in a window that has a style of its own.
    let names = ["Information", "Hide"];
    desk.wait_for("buttons are where they are drawn", |tree| {
        let picture = desk.bed.picture().expect("the X server answers");
        names.into_iter().all(|name| {
            let button = Selector::role(Role::Button).named(name);
            let bounds = tree.find(&button).next().and_then(|button| tree.node(button).bounds);
            bounds.is_some_and(|bounds| is_exact(&picture, bounds, MARGIN_PX))
        })
    });
    desk.assert_all_alive();
}

#[test]
#[ignore = "long: large applications"]
fn long_firefox_is_read_and_lives() {
    let mut desk = desk();
    let page = page(&desk);
    let process = desk.launch("firefox-esr", &["--no-remote", &page]);
    let agree = Selector::role(Role::CheckBox).named("Agree");
    desk.wait_for("the page shows", |tree| tree.find(&agree).next().is_some());
    check_lives(&desk, process);
    check_as_pyatspi(&desk, process, 5);
    browse(&desk);
}

/// The one button of that colour is where it is drawn.
fn check_drawn(desk: &Desk) {
    let send = Selector::role(Role::Button).named("Send");
    desk.wait_for("the button is where it is drawn", |tree| {
        let picture = desk.bed.picture().expect("the X server answers");
        let bounds = tree.find(&send).next().and_then(|send| tree.node(send).bounds);
        bounds.is_some_and(|bounds| is_exact(&picture, bounds, 0))
    });
}

/// A browser's form, as far as its toolkit takes part.
fn browse(desk: &Desk) {
    check_drawn(desk);
    let agree = Selector::role(Role::CheckBox).named("Agree");
    // Firefox swallows the first press on a page, says yes, and is found out; so one more.
    let pressed = |_| match act(desk, &agree, &NodeAction::Press) {
        Effect::Confirmed { .. } => true,
        other => {
            assert!(matches!(other, Effect::NothingHappened { .. }), "{other:?}");
            false
        }
    };
    assert!((0..2).any(pressed));
    let ticked = agree.with(State::Checked);
    desk.wait_for("the box is ticked", |tree| tree.find(&ticked).next().is_some());
    let more = Selector::name("More").with(State::Expandable);
    for action in [NodeAction::Expand, NodeAction::Collapse] {
        // Again the first press may be swallowed.
        let folded = |_| matches!(act(desk, &more, &action), Effect::Confirmed { .. });
        assert!((0..2).any(folded), "{action:?}");
    }
    let amount = Selector::role(Role::Slider).named("Amount");
    act(desk, &amount, &NodeAction::SetValue(7.0));
    desk.wait_for("the amount is set", |tree| {
        tree.find(&amount).next().is_some_and(|amount| tree.node(amount).value == Some(7.0))
    });
    desk.assert_all_alive();
}

#[test]
#[ignore = "long: large applications"]
fn long_chromium_is_read_and_lives() {
    let mut desk = desk();
    let page = page(&desk);
    let common = ["--no-sandbox", "--no-first-run", "--disable-gpu", page.as_str()];
    let with_switch = [&common[..], &["--force-renderer-accessibility"]].concat();
    let process = desk.launch("chromium", &with_switch);
    let agree = Selector::role(Role::CheckBox).named("Agree");
    desk.wait_for("the page shows", |tree| tree.find(&agree).next().is_some());
    check_lives(&desk, process);
    check_as_pyatspi(&desk, process, 5);
    browse(&desk);
}

#[test]
#[ignore = "long: large applications"]
fn long_a_browser_without_its_switch_is_told() {
    let mut desk = desk();
    let page = page(&desk);
    let args = ["--no-sandbox", "--no-first-run", "--disable-gpu", page.as_str()];
    desk.apps.push(desk.bed.launch("chromium", &args).expect("it starts"));
    let process = desk.apps[0].pid();
    desk.wait_for("it is told", |tree| {
        let app = tree.apps.iter().position(|app| app.pid == Some(process));
        app.and_then(|app| u16::try_from(app).ok()).is_some_and(|app| {
            let told = tree.diagnose_app(AppId(app));
            told == Diagnosis::BrowserWithoutSwitch(Browser::Chromium)
        })
    });
}

#[test]
#[ignore = "long: large applications"]
fn long_an_office_is_read_at_its_cells_in_view_and_lives() {
    let mut desk = desk();
    let table = desk.bed.home().join("table.fods");
    std::fs::write(&table, SHEET).unwrap();
    let args = ["--calc", "--norestore", "--nologo", "--nolockcheck", table.to_str().unwrap()];
    // The program that is started starts the one that stays.
    let env = [("SAL_USE_VCLPLUGIN", "gtk3")];
    desk.apps.push(desk.bed.launch_with("soffice", &args, &env).expect("it starts"));
    let cell = |tree: &Tree| tree.find(&Selector::role(Role::TableCell).named("A1")).next();
    desk.wait_for("the sheet shows", |tree| cell(tree).is_some());
    for _ in 0..LOOKS {
        desk.reader.forget();
        let tree = desk.snapshot();
        let cells = tree.nodes().filter(|(_, node)| node.role == Role::TableCell).count();
        assert!((100..=2_100).contains(&cells), "{cells} cells");
        let a1 = cell(&tree).expect("it is in view");
        assert_eq!(tree.text(a1), "one");
        let office = tree.app(a1);
        let cut: Vec<String> = tree
            .nodes()
            .filter(|(_, node)| node.flags.truncated)
            .map(|(id, node)| format!("{} {:?}", node.role, tree.name(id)))
            .collect();
        assert_eq!(office.status, AppStatus::Complete, "{cut:?}");
    }
    let coloured = Selector::role(Role::TableCell).named("B3");
    let tree = desk.wait_for("the cell is where it is drawn", |tree| {
        let picture = desk.bed.picture().expect("the X server answers");
        let bounds = tree.find(&coloured).next().and_then(|cell| tree.node(cell).bounds);
        // The lines between cells belong to none of them.
        bounds.is_some_and(|bounds| is_between(&picture, bounds, 2, -2))
    });
    let office = tree.app(cell(&tree).expect("it is in view")).pid.expect("it says who it is");
    check_as_pyatspi(&desk, office, 0);
    desk.assert_all_alive();
}

/// A sheet with a word in its first cell and a colour in `B3`.
const SHEET: &str = r##"<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
 office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
<office:automatic-styles>
<style:style style:name="loud" style:family="table-cell">
<style:table-cell-properties fo:background-color="#ff00ff"/></style:style>
</office:automatic-styles>
<office:body><office:spreadsheet><table:table table:name="Sheet1">
<table:table-row><table:table-cell office:value-type="string"><text:p>one</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>two</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell/></table:table-row>
<table:table-row><table:table-cell/><table:table-cell table:style-name="loud"/></table:table-row>
</table:table></office:spreadsheet></office:body></office:document>
"##;
