//! The shipped phrases and their screens, and how they are taken.

use std::collections::BTreeSet;

use deskbound_eval::{Answer, Ground, Harvest, Kind, Nobody, PrivateServers, Target, Verdict};

use crate::desk::installed;

const ITEMS_MIN: usize = 300;
const BYTES_MAX: u64 = 15 << 20;

#[test]
fn every_phrase_has_a_place_on_its_screen() {
    let ground = Ground::named("ground").expect("it is shipped");
    let sizes: Vec<_> = ground
        .screens
        .iter()
        .map(|screen| screen.image().expect("a picture").dimensions())
        .collect();
    let mut there = 0;
    for item in &ground.items {
        assert!(!item.phrase.trim().is_empty(), "{}", item.id);
        let Target::Box([left, top, right, bottom]) = item.target else { continue };
        let (width, height) = sizes[item.screen];
        let is_inside =
            left >= 0.0 && top >= 0.0 && right <= width.into() && bottom <= height.into();
        assert!(is_inside && left < right && top < bottom, "{}: {:?}", item.id, item.target);
        let middle = Answer::Point { x: (left + right) / 2.0, y: (top + bottom) / 2.0 };
        assert_eq!(item.target.judge(&middle), Verdict::Right);
        there += 1;
    }
    assert!(there >= ITEMS_MIN, "only {there} items");
    let ids: BTreeSet<_> = ground.items.iter().map(|item| &item.id).collect();
    assert_eq!(ids.len(), ground.items.len());
    for kind in [Kind::Text, Kind::Icon] {
        let of_kind = ground.items.iter().filter(|item| item.kind == Some(kind)).count();
        assert!(of_kind * 10 >= there, "only {of_kind} items of {kind:?}");
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/ground");
    let files = std::fs::read_dir(folder).expect("it is there").flatten();
    let bytes: u64 = files.map(|file| file.metadata().expect("a file").len()).sum();
    assert!(bytes <= BYTES_MAX, "{bytes} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_is_taken_with_its_tree_and_phrases() {
    tokio::task::block_in_place(installed);
    let folder = tempfile::tempdir().expect("a folder");
    let scenes = folder.path().join("scenes.toml");
    let text = r#"
        [look.dark]
        theme = "Adwaita:dark"
        font = "DejaVu Sans 12"
        [[scene]]
        name = "editor"
        application = "Mousepad"
        looks = ["dark"]
        given = [{ file = "a.txt", text = "milk" }]
        setup = [{ launch = ["mousepad", "{home}/a.txt"] }, { window = "a.txt" }]
        absent = ["the moon"]
        [[phrase]]
        name = "Search"
        says = ["look for words"]
    "#;
    std::fs::write(&scenes, text).expect("a file");
    let into = folder.path().join("out");
    let harvest = Harvest::read(&scenes).expect("scenes");
    let bench = PrivateServers(Nobody);
    let taken = harvest.take(&bench, &into, None, &|_, _| {}).await.expect("it is written");
    assert_eq!(taken.screens.len(), 1);
    let ground = Ground::named(into.to_str().expect("UTF-8")).expect("what was just written");
    assert_eq!(ground.items.len(), taken.items.len());
    let phrases: Vec<_> = ground.items.iter().map(|item| item.phrase.as_str()).collect();
    assert!(phrases.contains(&"look for words"), "{phrases:?}");
    assert_eq!(ground.items.last().map(|item| &item.target), Some(&Target::Refusal));
    // The look was put on: a menu is light on dark.
    let image = ground.screens[0].image().expect("a picture");
    let file = taken.screens[0].things.iter().find(|thing| thing.name == "File");
    let [x, y, ..] = file.expect("it has a menu").bounds.map(i32::unsigned_abs);
    let corner = image.get_pixel(x + 1, y + 1).0;
    assert!(corner.iter().all(|part| *part < 90), "{corner:?}");
}
