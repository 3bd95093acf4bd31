use serde_json::json;

use super::*;

fn score(name: &str, options: Value, found: &str, rules: Value) -> f64 {
    let metric = Metric::named(name, &options, &rules).unwrap();
    metric.score(&Fetched::Text(found.to_owned()), &Fetched::Rule(rules))
}

#[test]
fn metrics_of_text_and_rules() {
    let expected = |value: Value| json!({ "expected": value });
    for (name, found, rules, passes) in [
        ("exact_match", "true\n", expected(json!("true\n")), true),
        ("exact_match", "true", expected(json!("true\n")), false),
        ("check_include_exclude", "a b", json!({"include": ["a"], "exclude": ["c"]}), true),
        ("check_include_exclude", "a c", json!({"include": ["a"], "exclude": ["c"]}), false),
        ("check_include_exclude", "a", json!({"include": ["b"]}), false),
        ("match_in_list", "b", expected(json!(["a", "b"])), true),
        ("match_in_list", "c", expected(json!(["a", "b"])), false),
        ("is_in_list", "x b y", expected(json!("b")), true),
        ("file_contains", "a\nb", expected(json!(["a", "b"])), true),
        ("file_contains", "a", expected(json!(["a", "b"])), false),
        ("compare_config", "a=1", expected(json!("a=1")), true),
        ("compare_config", "a=1\n", expected(json!("a=1")), false),
        ("is_extension_installed", "x.y\n", json!({"type": "contain", "expected": "x.y"}), true),
        (
            "is_extension_installed",
            "x.y\n",
            json!({"type": "not_contain", "expected": "x.y"}),
            false,
        ),
    ] {
        let found = score(name, Value::Null, found, rules.clone());
        assert_eq!(found == 1.0, passes, "{name} {rules}");
    }
}

#[test]
fn metrics_of_json() {
    let rule = |method: &str, reference: Value| json!({"expect": [{"key": ["a", 1], "method": method, "ref": reference}]});
    for (name, found, rules, passes) in [
        ("check_json", r#"{"a":[1,5]}"#, rule("eq", json!(5)), true),
        ("check_json", r#"{"a":[1,5]}"#, rule("lt", json!(5)), false),
        ("check_json", r#"{"a":[1,5]}"#, rule("ge", json!(5)), true),
        ("check_json", r#"{"a":[1]}"#, rule("ne", json!(5)), false),
        ("check_json", "no JSON", rule("eq", json!(5)), false),
        ("check_json", "{}", json!({"unexpect": [{"key": ["a"], "method": "eq", "ref": 1}]}), true),
        ("check_json_settings", r#"{"a":1,"b":2}"#, json!({"expected": {"a": 1}}), true),
        ("check_json_settings", r#"{"b":2}"#, json!({"expected": {"a": 1}}), false),
        ("check_direct_json_object", "{'a': 'x'}", json!({"expected": {"a": "x"}}), true),
        ("check_direct_json_object", "{'a': 'y'}", json!({"expected": {"a": "x"}}), false),
        (
            "check_json_keybindings",
            "// mine\n[{\"key\":\"f\"}]",
            json!({"expected": {"key": "f"}}),
            true,
        ),
        ("check_json_keybindings", "[]", json!({"expected": {"key": "f"}}), false),
    ] {
        let score = score(name, Value::Null, found, rules.clone());
        assert_eq!(score == 1.0, passes, "{name} {found} {rules}");
    }
}

#[test]
fn metrics_of_two_files() {
    let score = |name: &str, options: Value, one: &str, other: &str| {
        let metric = Metric::named(name, &options, &Value::Null).unwrap();
        let file = |text: &str| Fetched::File(text.as_bytes().to_vec());
        metric.score(&file(one), &file(other)) == 1.0
    };
    let none = Value::Null;
    assert!(score("compare_text_file", none.clone(), "a\n", "a\n"));
    assert!(!score("compare_text_file", none.clone(), "a", "a\n"));
    assert!(score("compare_text_file", json!({"ignore_blanks": true}), "a\t b\n", "a b"));
    assert!(score("compare_text_file", json!({"ignore_case": true}), "A", "a"));
    assert!(!score("compare_csv", none, "a,b \n", "a,b\n"));
    assert!(score("compare_csv", json!({"strict": false}), "a,b \n", "a,b\n"));
}

#[test]
fn nothing_scores_nothing_and_unknown_forms_are_named() {
    let metric = Metric::named("exact_match", &Value::Null, &Value::Null).unwrap();
    assert_eq!(metric.score(&Fetched::Nothing, &Fetched::Nothing), 0.0);
    for (name, options, rules) in [
        ("compare_table", Value::Null, Value::Null),
        ("check_json", json!({"is_yaml": true}), Value::Null),
        (
            "check_json",
            Value::Null,
            json!({"expect": [{"key": [], "method": "spreadsheet_range"}]}),
        ),
        ("check_list", Value::Null, json!({"expect": ["("]})),
        ("is_expected_bookmarks", Value::Null, json!({"type": "another"})),
    ] {
        assert!(Metric::named(name, &options, &rules).is_err(), "{name} {options} {rules}");
    }
}

#[derive(serde::Deserialize)]
struct Golden {
    pairs: Vec<(String, String, Option<String>, Value, f64)>,
    sizes: Vec<(String, Value, f64)>,
    lines: Vec<(String, String, f64)>,
}

/// Made by OSWorld's own metrics (`reference/osworld.py`).
fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/golden.json")).unwrap()
}

fn picture(name: &str) -> Fetched {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/import/osworld/metric/golden");
    Fetched::File(std::fs::read(format!("{folder}/{name}.png")).unwrap())
}

#[test]
fn pictures_are_compared_as_osworld_compares_them() {
    let golden = golden();
    for (name, one, other, options, expected) in golden.pairs {
        let metric = Metric::named(&name, &options, &Value::Null).unwrap();
        let against = other.as_deref().map_or(Fetched::Nothing, picture);
        let found = metric.score(&picture(&one), &against);
        // Two ways to make a picture smaller differ a little.
        let far = if one == "small" { 0.02 } else { 1e-6 };
        assert!((found - expected).abs() <= far, "{name} {one} {other:?}: {found} for {expected}");
    }
    for (one, rules, expected) in golden.sizes {
        let metric = Metric::named("check_image_size", &Value::Null, &rules).unwrap();
        assert_eq!(metric.score(&picture(&one), &Fetched::Nothing), expected, "{one} {rules}");
    }
}

#[test]
fn lines_are_alike_as_difflib_says() {
    for (one, other, expected) in golden().lines {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let found = listing::likeness(&words(&one), &words(&other));
        assert!((found - expected).abs() < 1e-9, "{one} | {other}: {found} for {expected}");
    }
}

#[test]
fn rules_compare_in_every_way() {
    let rule = |method: &str, reference: Value| json!({"method": method, "ref": reference});
    for (value, rule, expected) in [
        (json!("Dark theme"), rule("re", json!("dark")), Some(false)),
        (json!("Dark theme"), rule("re.I", json!("dark")), Some(true)),
        (json!("a\nb"), rule("re.S", json!("a.b")), Some(true)),
        (json!("a\nb"), rule("re", json!("a.b")), Some(false)),
        (json!("3.2"), rule("approx:0.5", json!(3)), Some(true)),
        (json!("x"), rule("approx:0.5", json!(3)), Some(false)),
        (json!(2), rule("range.te", json!([0, 2])), Some(true)),
        (json!(0), rule("range.te", json!([0, 2])), Some(false)),
        (json!("'b,a'"), rule("str_list_eq", json!(["a", "b"])), Some(false)),
        (json!("'b,a'"), rule("str_set_eq", json!(["a", "b"])), Some(true)),
        (json!(1), rule("re", json!("1")), None),
    ] {
        assert_eq!(compared(&value, &rule), expected, "{value} {rule}");
    }
    assert!(!is_known("spreadsheet_range") && !is_known("range.xx") && !is_known("re.Z"));
}

#[test]
fn metrics_of_lists_and_settings() {
    let prefs = "// mine\nuser_pref(\"a.b\", true);\nuser_pref(\"a.c\", \"dark blue\");\n";
    let pref = |key: &str, method: &str, reference: Value| json!({"expect": {key: {"method": method, "ref": reference}}});
    let filter = "name=\"x\"\nenabled=\"yes\"\ntype=\"17\"\naction=\"Forward\"\n\
                  actionValue=\"a@b\"\ncondition=\"AND (subject,contains,discount) OR (from,is,\\\"me\\\")\"\n";
    let filtered =
        |conditions: Value| json!({"expect": [{"enabled": "yes", "condition": conditions}]});
    let table = "url,user\n\"imap://x\",\"a \"\"b\"\"\"\nsmtp://y,c\n";
    let gimp = "# GIMP\n(undo-levels 100)\n    (theme \"Light\")\n(icon size 7)\n";
    let key = |key: Value, value: &str| json!({"key": key, "value": value});
    for (name, found, rules, passes) in [
        ("check_list", "a\nbc\n", json!({"expect": ["^b"], "unexpect": ["x"]}), true),
        ("check_list", "a\nbc\n", json!({"expect": ["^c"]}), false),
        ("check_list", "", json!({"unexpect": [".+"]}), true),
        ("check_list", "x.msf x", json!({"expect": ["x(?!\\.msf)"]}), true),
        ("check_csv", table, json!({"expect": [{"user": "a \"b\""}]}), true),
        ("check_csv", table, json!({"unexpect": [{"url": "smtp://y"}]}), false),
        ("check_thunderbird_prefs", prefs, pref("a.b", "eq", json!(true)), true),
        ("check_thunderbird_prefs", prefs, pref("a.c", "re", json!("dark")), true),
        ("check_thunderbird_prefs", prefs, pref("a.d", "eq", json!(true)), false),
        (
            "check_thunderbird_filter",
            filter,
            filtered(json!(["AND (subject,contains,discount)", "OR (from,is,\"me\")"])),
            true,
        ),
        ("check_thunderbird_filter", filter, filtered(json!(["ALL"])), false),
        ("check_config_status", gimp, key(json!("undo-levels"), "100"), true),
        ("check_config_status", gimp, key(json!("theme"), "\"Light\""), true),
        ("check_config_status", gimp, key(json!(["icon", "size"]), "7"), true),
        ("check_config_status", gimp, key(json!("theme"), "\"Dark\""), false),
        ("check_line_number", "12:00:01 x\nno\n23:59:60 y\n", json!({"expected": "2"}), true),
        ("is_utc_0", "a\nb\nc\nTime zone: UTC (UTC, +0000)\n", json!({}), true),
        ("is_utc_0", "a\nb\nc\nTime zone: CET (CET, +0100)\n", json!({}), false),
        ("check_gnome_favorite_apps", "['a', 'b']\n", json!({"expected": ["b", "a"]}), true),
        ("check_gnome_favorite_apps", "['a', 'b']", json!({"expected": ["a"]}), false),
        (
            "check_direct_json_object",
            "{'a': ['x', 'y'], 'b': 'long text'}",
            json!({"expect_in_result": true, "expected": {"a": ["y", "z"], "b": "text"}}),
            true,
        ),
        (
            "check_direct_json_object",
            "{'a': ['x']}",
            json!({"expect_in_result": true, "expected": {"a": ["y"]}}),
            false,
        ),
    ] {
        let found = score(name, Value::Null, found, rules.clone());
        assert_eq!(found == 1.0, passes, "{name} {rules}");
    }
}

#[test]
fn metrics_of_what_is_no_text() {
    let value = Fetched::Value;
    let rule = |rules: Value| Fetched::Rule(rules);
    let size = json!({"width": 1280, "height": 800});
    let smaller = json!({"width": 1280, "height": 700});
    for (name, result, expected, passes) in [
        ("is_vlc_fullscreen", value(size.clone()), value(size.clone()), true),
        ("is_vlc_fullscreen", value(size.clone()), value(smaller), false),
        ("is_vlc_fullscreen", value(size), Fetched::Nothing, false),
        ("check_moved_jpgs", value(json!(["a", "b"])), rule(json!({"expected": ["b", "a"]})), true),
        ("check_moved_jpgs", value(json!(["a"])), rule(json!({"expected": ["b", "a"]})), false),
        ("exact_match", value(json!("true")), rule(json!({"expected": "true"})), true),
        ("match_in_list", value(json!("Bing")), rule(json!({"expected": ["Bing"]})), true),
        ("is_in_list", value(json!(["/x", "/y"])), rule(json!({"expected": "/x"})), true),
        (
            "check_enabled_experiments",
            value(json!(["a@1", "b"])),
            rule(json!({"type": "names", "names": ["a", "b"]})),
            true,
        ),
        (
            "check_font_size",
            value(json!({"default_font_size": 16})),
            rule(json!({"type": "range", "min": 16, "max": 99})),
            false,
        ),
        (
            "is_expected_installed_extensions",
            value(json!(["X", "Y"])),
            rule(json!({"expected": ["Y"]})),
            true,
        ),
        (
            "is_in_vm_clickboard",
            rule(json!({"expected": ["a", "b"]})),
            Fetched::Text("b a".to_owned()),
            true,
        ),
        ("check_image_file_size", Fetched::File(vec![0; 9]), rule(json!({"max_size": 10})), true),
        ("check_image_file_size", Fetched::File(vec![0; 10]), rule(json!({"max_size": 10})), false),
        (
            "compare_result_files",
            Fetched::Text("x 3.5".to_owned()),
            Fetched::File(b"3.5".to_vec()),
            true,
        ),
        (
            "compare_result_files",
            Fetched::Text("a".to_owned()),
            Fetched::File(b"b".to_vec()),
            false,
        ),
    ] {
        let metric = Metric::named(name, &Value::Null, &Value::Null).unwrap();
        assert_eq!(metric.score(&result, &expected) == 1.0, passes, "{name} {result:?}");
    }
}

#[test]
fn metrics_of_a_player() {
    let vlc = "#qt-bgcone=1\nqt-max-volume=200\nglobal-key-play-pause=Space\n\
               input-record-path=/home/user/Desktop\nqt-slider-colours=1;2;3;99;0;0\n";
    let playing = "<root><state>playing</state><info name=\"filename\">a &amp; b.mp4</info></root>";
    for (name, found, rules, passes) in [
        ("check_qt_bgcone", vlc, json!({"expected_qt_bgcone": 1}), true),
        ("check_qt_max_volume", vlc, json!({"expected_qt_max_volume": 200}), true),
        ("check_qt_minimal_view", vlc, json!({"expected_qt_minimal_view": 1}), false),
        (
            "check_one_instance_when_started_from_file",
            vlc,
            json!({"expected_one_instance_when_started_from_file": 0}),
            false,
        ),
        ("check_global_key_play_pause", vlc, json!({"expected_global_key_play_pause": 1}), true),
        (
            "is_vlc_recordings_folder",
            vlc,
            json!({"recording_file_path": "/home/user/Desktop"}),
            true,
        ),
        ("check_qt_slider_colours", vlc, json!({"type": "blackish"}), true),
        ("is_vlc_playing", playing, json!({"type": "file_name", "file_name": "a & b.mp4"}), true),
        ("is_vlc_playing", playing, json!({"type": "url", "url": "https://x/y.m3u8"}), false),
    ] {
        let found = score(name, Value::Null, found, rules.clone());
        assert_eq!(found == 1.0, passes, "{name} {rules}");
    }
}
