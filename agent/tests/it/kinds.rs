//! The five kinds of task, each on fresh applications.

use deskbound_agent::record::End;

use crate::bed::Bed;

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_written_and_saved() {
    let mut bed = Bed::start().await;
    let text = "The boiler was serviced on Tuesday: “quite” fine, 4.2 – ünïcode\nsecond line";
    let (end, _) = bed.run(&[("write", &[("text", text), ("name", "boiler-note.txt")])]).await;
    assert_eq!(end, End::Done);
    assert_eq!(bed.text("boiler-note.txt").as_deref(), Some(text));
    // In two calls, with a document already there.
    let calls: [(&str, &[(&str, &str)]); 2] =
        [("write", &[("text", "parcel 88")]), ("save", &[("name", "delivery.txt")])];
    let (end, _) = bed.run(&calls).await;
    assert_eq!(end, End::Done);
    assert_eq!(bed.text("delivery.txt").as_deref(), Some("parcel 88"));
    assert_eq!(bed.text("boiler-note.txt").as_deref(), Some(text));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_added_to_a_file() {
    let mut bed = Bed::start().await;
    bed.given("weekend-chores.txt", "sweep the porch\n");
    bed.given("garage-list.txt", "nails");
    let calls: [(&str, &[(&str, &str)]); 3] = [
        ("append", &[("line", "water the ferns"), ("target", "my weekend chores")]),
        ("open", &[("target", "garage-list.txt")]),
        ("append", &[("line", "12 spare fuses")]),
    ];
    let (end, _) = bed.run(&calls).await;
    assert_eq!(end, End::Done);
    let chores = bed.text("weekend-chores.txt");
    assert_eq!(chores.as_deref(), Some("sweep the porch\nwater the ferns"));
    assert_eq!(bed.text("garage-list.txt").as_deref(), Some("nails\n12 spare fuses"));
    // Under another name only.
    let calls: [(&str, &[(&str, &str)]); 2] = [
        ("append", &[("line", "a saw"), ("target", "garage-list.txt"), ("leave", "unsaved")]),
        ("save", &[("name", "workshop.txt")]),
    ];
    let (end, _) = bed.run(&calls).await;
    assert_eq!(end, End::Done);
    assert_eq!(bed.text("workshop.txt").as_deref(), Some("nails\n12 spare fuses\na saw"));
    assert_eq!(bed.text("garage-list.txt").as_deref(), Some("nails\n12 spare fuses"));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_renamed_and_moved() {
    let mut bed = Bed::start().await;
    bed.given("draft7.txt", "seven\n");
    bed.given("holiday-budget.txt", "tickets 240\n");
    bed.given("kitchen-plan.txt", "tiles\n");
    std::fs::create_dir(bed.path("Archive")).unwrap();
    let calls: [(&str, &[(&str, &str)]); 2] = [
        ("rename", &[("target", "draft7.txt"), ("name", "final-report.txt")]),
        ("move", &[("target", "my holiday budget"), ("folder", "the Archive folder")]),
    ];
    let (end, _) = bed.run(&calls).await;
    assert_eq!(end, End::Done);
    assert_eq!(bed.text("final-report.txt").as_deref(), Some("seven"));
    assert_eq!(bed.text("draft7.txt"), None);
    assert_eq!(bed.text("Archive/holiday-budget.txt").as_deref(), Some("tickets 240"));
    assert_eq!(bed.text("holiday-budget.txt"), None);
    assert_eq!(bed.text("kitchen-plan.txt").as_deref(), Some("tiles"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_made_and_entered() {
    let mut bed = Bed::start().await;
    let (end, kept) = bed.run(&[("make_folder", &[("name", "Invoices")]), ("open", &[])]).await;
    assert_eq!(end, End::Done);
    assert!(bed.path("Invoices").is_dir());
    let tree = kept.0.iter().rev().find_map(|record| record.tree()).unwrap();
    let titles: Vec<&str> = tree.nodes().map(|(id, _)| tree.name(id)).collect();
    assert!(titles.contains(&"Invoices - Thunar"), "{titles:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_lands_in_a_file() {
    let mut bed = Bed::start().await;
    let calls: [(&str, &[(&str, &str)]); 3] = [
        ("calculate", &[("expression", "1290 / 8"), ("name", "share.txt")]),
        ("calculate", &[("expression", "(467+1985)×2")]),
        ("save", &[("name", "total")]),
    ];
    let (end, _) = bed.run(&calls).await;
    assert_eq!(end, End::Done);
    assert_eq!(bed.text("share.txt").as_deref(), Some("161.25"));
    assert_eq!(bed.text("total").as_deref(), Some("4904"));
}
