//! ScreenSpot and ScreenSpot-v2: `screenspot_desktop_v2.json` and the like, and a folder of pictures.
//!
//! A record: `img_filename`, `bbox` (x, y, width, height in pixels), `instruction`, `data_type`
//! (text or icon), `data_source`. Copies that hold no number above 1 hold left, top, right and
//! bottom as shares of the picture.

use std::path::Path;

use serde_json::Value;

use super::records::{kind, numbers, picture, records, text};
use crate::ground::{Ground, GroundError, Item, Target};

pub(crate) fn read(folder: &Path) -> Result<Ground, GroundError> {
    let records = records(folder)?;
    let wrong = |what| GroundError::Wrong { path: folder.to_owned(), what };
    let mut made = Vec::new();
    for (number, (file, record)) in records.iter().enumerate() {
        let path = text(record, "img_filename").and_then(|name| picture(folder, name));
        let path = path.map_err(wrong)?;
        let target = target(record, &path).map_err(wrong)?;
        let platform = ["desktop", "mobile", "web"].into_iter().find(|one| file.contains(one));
        let sources = record["data_source"].as_str().into_iter().chain(platform);
        let item = Item {
            id: format!("{file}-{number:04}"),
            screen: 0,
            phrase: text(record, "instruction").map_err(wrong)?.to_owned(),
            target,
            kind: record["data_type"].as_str().and_then(kind),
            groups: sources.map(str::to_owned).collect(),
        };
        made.push((path, item));
    }
    Ok(Ground::of_files("screenspot", made))
}

fn target(record: &Value, picture: &Path) -> Result<Target, String> {
    let bbox = numbers::<4>(record, "bbox")?;
    if bbox.iter().any(|number| *number > 1.0) {
        let [x, y, width, height] = bbox;
        return Ok(Target::Box([x, y, x + width, y + height]));
    }
    let (width, height) = image::image_dimensions(picture)
        .map_err(|error| format!("{} cannot be measured: {error}", picture.display()))?;
    let (width, height) = (f64::from(width), f64::from(height));
    let [left, top, right, bottom] = bbox;
    Ok(Target::Box([left * width, top * height, right * width, bottom * height]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ground::{Answer, Kind, Verdict};

    #[test]
    fn both_forms_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let picture = folder.path().join("screenspotv2_image/a.png");
        std::fs::create_dir(picture.parent().unwrap()).unwrap();
        image::RgbImage::new(200, 100).save(&picture).unwrap();
        let record = |bbox: Value, kind: &str| {
            json!({"img_filename": "a.png", "bbox": bbox, "instruction": "close this window",
                "data_type": kind, "data_source": "windows"})
        };
        let list = json!([
            record(json!([10, 20, 30, 40]), "icon"),
            record(json!([0.05, 0.2, 0.2, 0.6]), "text"),
        ]);
        let path = folder.path().join("screenspot_desktop_v2.json");
        std::fs::write(path, list.to_string()).unwrap();
        let ground = Ground::named(&format!("screenspot:{}", folder.path().display())).unwrap();
        assert_eq!((ground.screens.len(), ground.items.len()), (1, 2));
        assert_eq!(ground.screens[0].image().unwrap().dimensions(), (200, 100));
        for item in &ground.items {
            assert_eq!(item.target, Target::Box([10.0, 20.0, 40.0, 60.0]));
            assert_eq!(item.groups, ["windows", "desktop"]);
            let edge = Answer::Point { x: 40.0, y: 60.0 };
            assert_eq!(item.target.judge(&edge), Verdict::Right);
        }
        assert_eq!(ground.items[0].kind, Some(Kind::Icon));
        assert_eq!(ground.items[1].kind, Some(Kind::Text));
    }

    #[test]
    fn what_is_no_record_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("screenspot:{}", folder.path().display());
        let path = folder.path().join("screenspot_web.json");
        for (text, what) in [
            ("{}", "it is no list"),
            (r#"[{"img_filename": "../x.png"}]"#, "`../x.png` leads astray"),
            (r#"[{"img_filename": "x.png", "bbox": [1, 2]}]"#, "not 4 numbers"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = Ground::named(&name).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
    }
}
