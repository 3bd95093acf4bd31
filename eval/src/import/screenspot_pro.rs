//! ScreenSpot-Pro: `annotations/<application>_<system>.json`, and `images/`.
//!
//! A record: `id`, `img_filename`, `bbox` (left, top, right, bottom in pixels), `instruction`,
//! `application`, `platform`, `group`, `ui_type` (text or icon).

use std::path::Path;

use super::records::{kind, numbers, picture, records, text};
use crate::ground::{Ground, GroundError, Item, Target};

const RECORDS: &str = "annotations";

pub(crate) fn read(folder: &Path) -> Result<Ground, GroundError> {
    let inner = folder.join(RECORDS);
    let list = records(if inner.is_dir() { &inner } else { folder })?;
    let wrong = |what| GroundError::Wrong { path: folder.to_owned(), what };
    let mut made = Vec::new();
    for (_, record) in &list {
        let path = text(record, "img_filename").and_then(|name| picture(folder, name));
        let groups = ["group", "application", "platform"]
            .into_iter()
            .filter_map(|name| record[name].as_str().map(str::to_owned));
        let item = Item {
            id: text(record, "id").map_err(wrong)?.to_owned(),
            screen: 0,
            phrase: text(record, "instruction").map_err(wrong)?.to_owned(),
            target: Target::Box(numbers(record, "bbox").map_err(wrong)?),
            kind: record["ui_type"].as_str().and_then(kind),
            groups: groups.collect(),
        };
        made.push((path.map_err(wrong)?, item));
    }
    Ok(Ground::of_files("screenspot-pro", made))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ground::{Answer, Kind, Verdict};

    #[test]
    fn records_of_every_application_are_read() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("annotations")).unwrap();
        std::fs::create_dir_all(folder.path().join("images/blender")).unwrap();
        for (file, id, kind) in [("blender_windows", "b_0", "icon"), ("word_macos", "w_0", "text")]
        {
            let record = json!([{"id": id, "img_filename": "blender/a.png",
                "bbox": [10, 20, 40, 60], "img_size": [3840, 2160], "instruction": "add a mesh",
                "application": "blender", "platform": "windows", "group": "CAD", "ui_type": kind}]);
            let path = folder.path().join(format!("annotations/{file}.json"));
            std::fs::write(path, record.to_string()).unwrap();
        }
        let name = format!("screenspot-pro:{}", folder.path().display());
        let ground = Ground::named(&name).unwrap();
        let found: Vec<_> = ground.items.iter().map(|it| (it.id.as_str(), it.kind)).collect();
        assert_eq!(found, [("b_0", Some(Kind::Icon)), ("w_0", Some(Kind::Text))]);
        let item = &ground.items[0];
        assert_eq!(item.groups, ["CAD", "blender", "windows"]);
        // Right and bottom, not width and height.
        assert_eq!(item.target.judge(&Answer::Point { x: 40.0, y: 60.0 }), Verdict::Right);
        assert_eq!(item.target.judge(&Answer::Point { x: 41.0, y: 60.0 }), Verdict::Wrong);
    }
}
