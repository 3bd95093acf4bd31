//! OSWorld-G, as published and as refined: one list, and `images/`.
//!
//! A record: `id`, `image_path`, `instruction`, `box_type`, `box_coordinates`, `GUI_types`. A `bbox` is
//! x, y, width and height; a `polygon` is x and y of each corner, one after the other; of a
//! `refusal` what is asked for is not there.

use std::path::Path;

use serde_json::Value;

use super::records::{numbers, picture, records, text};
use crate::ground::{Ground, GroundError, Item, Target};

/// The names that its list goes by.
const LISTS: [&str; 2] = ["OSWorld-G_refined.json", "OSWorld-G.json"];

pub(crate) fn read(path: &Path) -> Result<Ground, GroundError> {
    let listed = LISTS.iter().map(|name| path.join(name)).find(|list| list.is_file());
    let list = records(listed.as_deref().unwrap_or(path))?;
    let wrong = |what| GroundError::Wrong { path: path.to_owned(), what };
    let mut made = Vec::new();
    for (_, record) in &list {
        let name = text(record, "image_path").or_else(|_| text(record, "img_filename"));
        let picture = name.and_then(|name| picture(path, name)).map_err(wrong)?;
        let kinds = record["GUI_types"].as_array().into_iter().flatten();
        let item = Item {
            id: text(record, "id").map_err(wrong)?.to_owned(),
            screen: 0,
            phrase: text(record, "instruction").map_err(wrong)?.to_owned(),
            target: target(record).map_err(wrong)?,
            kind: None,
            groups: kinds.filter_map(|kind| kind.as_str().map(str::to_owned)).collect(),
        };
        made.push((picture, item));
    }
    Ok(Ground::of_files("osworld-g", made))
}

fn target(record: &Value) -> Result<Target, String> {
    const NAME: &str = "box_coordinates";
    match text(record, "box_type")? {
        "bbox" => {
            let [x, y, width, height] = numbers(record, NAME)?;
            Ok(Target::Box([x, y, x + width, y + height]))
        }
        "polygon" => {
            let list = record[NAME].as_array().into_iter().flatten().map(Value::as_f64);
            let list = list.collect::<Option<Vec<f64>>>().ok_or("a corner is no number")?;
            match list.as_chunks::<2>() {
                (corners, []) if corners.len() >= 3 => Ok(Target::Polygon(corners.to_vec())),
                _ => Err("a polygon has three corners or more".to_owned()),
            }
        }
        "refusal" => Ok(Target::Refusal),
        other => Err(format!("`{other}` is no kind of target")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ground::{Answer, Verdict};

    #[test]
    fn boxes_polygons_and_refusals_are_judged_each_by_its_rule() {
        let folder = tempfile::tempdir().unwrap();
        let record = |id: &str, kind: &str, coordinates: Value| {
            json!({"id": id, "image_path": "a.png", "image_size": [1920, 1080],
                "instruction": "the funnel", "box_type": kind, "box_coordinates": coordinates,
                "GUI_types": ["Icon", "Button"]})
        };
        let list = json!([
            record("b", "bbox", json!([100.5, 20, 30, 40])),
            record("p", "polygon", json!([0, 0, 10, 0, 0, 10])),
            record("r", "refusal", json!([-1, -1, -1, -1])),
        ]);
        std::fs::write(folder.path().join("OSWorld-G.json"), list.to_string()).unwrap();
        let ground = Ground::named(&format!("osworld-g:{}", folder.path().display())).unwrap();
        let point = |x, y| Answer::Point { x, y };
        for (at, answer, expected) in [
            (0, point(130.5, 60.0), Verdict::Right),
            (0, point(131.0, 60.0), Verdict::Wrong),
            (0, Answer::NotHere, Verdict::Wrong),
            (1, point(2.0, 2.0), Verdict::Right),
            (1, point(6.0, 6.0), Verdict::Wrong),
            (2, Answer::NotHere, Verdict::Right),
            (2, point(0.0, 0.0), Verdict::Wrong),
        ] {
            assert_eq!(ground.items[at].target.judge(&answer), expected, "{at} {answer:?}");
        }
        assert_eq!(ground.items[0].groups, ["Icon", "Button"]);
    }

    #[test]
    fn a_polygon_of_two_corners_is_none() {
        let record = json!({"box_type": "polygon", "box_coordinates": [0, 0, 1, 1]});
        assert!(target(&record).is_err());
        assert!(target(&json!({"box_type": "circle"})).is_err());
    }
}
