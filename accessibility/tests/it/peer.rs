//! The same trees as pyatspi reads, node by node.

use std::collections::HashSet;

use deskbound_accessibility::{Role, Scope, TreeLimits};

use crate::desk::Desk;

/// Path, role, name.
pub(crate) type Row = (String, Role, String);

/// Read by pyatspi at this moment.
pub(crate) fn read_by_pyatspi(desk: &Desk, process: u32) -> HashSet<Row> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/walk.py");
    let mut command = desk.bed.command("/usr/bin/python3");
    let said = command.args([script, &process.to_string()]).output().expect("python runs");
    let text = String::from_utf8_lossy(&said.stdout);
    let rows: Vec<(String, u32, String)> = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&said.stderr)));
    let role = |number| Role::try_from(number).unwrap_or(Role::Unknown);
    rows.into_iter().map(|(path, number, name)| (path, role(number), name)).collect()
}

pub(crate) fn read_by_us(desk: &Desk, process: u32) -> HashSet<Row> {
    let limits = TreeLimits { scope: Scope::Whole, ..TreeLimits::default() };
    desk.reader.forget();
    let tree = desk.block_on(desk.reader.snapshot(&limits)).expect("the registry answers");
    let of_process = tree.nodes().filter(|(id, _)| tree.app(*id).pid == Some(process));
    of_process
        .map(|(id, node)| (tree.path(id).to_owned(), node.role, tree.name(id).to_owned()))
        .collect()
}

#[track_caller]
fn check_same(program: &str, args: &[&str], is_expected: impl Fn(&Row) -> bool) {
    let desk = Desk::with_args(&[(program, args)]);
    let process = desk.apps[0].pid();
    // Looked at once before, so that both see the objects that looking brings forth.
    read_by_us(&desk, process);
    let theirs = read_by_pyatspi(&desk, process);
    let ours = read_by_us(&desk, process);
    assert!(theirs.len() > 20, "{program}: pyatspi read {} nodes", theirs.len());
    let unexplained: Vec<&Row> =
        ours.symmetric_difference(&theirs).filter(|row| !is_expected(row)).collect();
    assert!(
        unexplained.is_empty(),
        "{program}: {} by us, {} by pyatspi, {unexplained:#?}",
        ours.len(),
        theirs.len(),
    );
    desk.assert_all_alive();
}

#[test]
fn gtk_3_is_read_as_pyatspi_reads_it() {
    check_same("galculator", &[], |_| false);
    check_same("mousepad", &[], |_| false);
    // Cells of lists are made anew for each reader that asks, with new paths.
    let cell = |row: &Row| matches!(row.1, Role::TableCell | Role::Icon | Role::ListItem);
    check_same("thunar", &[], cell);
    check_same("gtk3-widget-factory", &[], cell);
}

#[test]
fn qt_is_read_as_pyatspi_reads_it() {
    check_same("featherpad", &[], |_| false);
}
