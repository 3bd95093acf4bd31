//! Fixtures of our own, in the form of OSWorld's files.

use serde_json::json;

use super::*;
use crate::task::Move;

/// A folder with these files below `examples/os/`, and these in the cache of the task `a`.
fn imported(tasks: &[(&str, Value)], cached: &[(&str, &str)], cache: Cache) -> Vec<Imported> {
    let folder = tempfile::tempdir().unwrap();
    let examples = folder.path().join("examples/os");
    fs::create_dir_all(&examples).unwrap();
    for (id, task) in tasks {
        fs::write(examples.join(format!("{id}.json")), task.to_string()).unwrap();
    }
    let files = folder.path().join("cache/a");
    fs::create_dir_all(&files).unwrap();
    for (name, text) in cached {
        fs::write(files.join(name), text).unwrap();
    }
    read(folder.path(), cache).unwrap()
}

fn task(config: Value, evaluator: Value) -> Value {
    json!({"id": "a", "instruction": "Do it.", "config": config, "evaluator": evaluator,
        "related_apps": ["os"], "proxy": false})
}

fn exact() -> Value {
    json!({"func": "exact_match",
        "result": {"type": "vm_command_line", "command": "cat /home/user/x", "shell": true},
        "expected": {"type": "rule", "rules": {"expected": "1\n"}}})
}

fn runnable(config: Value, evaluator: Value, cached: &[(&str, &str)]) -> Task {
    let imported = imported(&[("a", task(config, evaluator))], cached, Cache::Needed);
    match imported.into_iter().next().unwrap().outcome {
        Outcome::Runnable(task) => *task,
        other => panic!("{other:?}"),
    }
}

#[test]
fn steps_become_ours() {
    let config = json!([
        {"type": "download", "parameters": {"files": [
            {"url": "https://example.org/files/notes.txt", "path": "/home/user/Desktop/notes.txt"}]}},
        {"type": "launch", "parameters": {"command": ["mousepad", "/home/user/Desktop/notes.txt"]}},
        {"type": "execute", "parameters": {"command": "mkdir -p /home/user/a", "shell": true}},
        {"type": "execute", "parameters": {"command": ["python", "-c",
            "import pyautogui; import time; time.sleep(0.5); pyautogui.hotkey('ctrl', 's'); \
             pyautogui.click({SCREEN_WIDTH_HALF}, 10); pyautogui.press([\"enter\"]); \
             pyautogui.write('cd x'); pyautogui.doubleClick(5, 6); pyautogui.scroll(-3)"]}},
        {"type": "activate_window", "parameters": {"window_name": "notes"}},
        {"type": "sleep", "parameters": {"seconds": 2}},
        {"type": "command", "parameters": {"command": ["wmctrl", "-l"], "stdout": "wmctrl.out"}},
        {"type": "download", "parameters": {"files": [
            {"url": "https://example.org/files/notes.txt", "path": "setup.sh"}]}},
    ]);
    let task = runnable(config, exact(), &[("notes.txt", "hello")]);
    let file = |path: &str| Given::File { path: path.to_owned(), bytes: b"hello".to_vec() };
    assert_eq!(task.given, [file("Desktop/notes.txt"), file("setup.sh")]);
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let expected = [
        Move::Launch { words: words(&["mousepad", "{home}/Desktop/notes.txt"]) },
        Move::Try { words: words(&["sh", "-c", "mkdir -p {home}/a"]) },
        Move::Wait { seconds: 0.5 },
        Move::Key { chord: "ctrl+s".parse().unwrap() },
        Move::ClickAt { x: 640, y: 10, count: 1 },
        Move::Key { chord: "Return".parse().unwrap() },
        Move::Type { text: "cd x".to_owned() },
        Move::ClickAt { x: 5, y: 6, count: 2 },
        Move::Scroll { notches: 3 },
        Move::Try { words: words(&["wmctrl", "-a", "notes"]) },
        Move::Wait { seconds: 2.0 },
    ];
    let (kept, rest) = task.setup.split_last().unwrap();
    assert_eq!(rest, expected);
    let Move::Try { words } = kept else { panic!("{kept:?}") };
    assert_eq!(words[4..], ["{home}/.deskbound-kept", "wmctrl.out", "wmctrl", "-l"]);
}

#[test]
fn what_is_not_here_is_named_and_nothing_passes_silently() {
    let reasons = |config: Value, evaluator: Value, proxy: bool| {
        let mut value = task(config, evaluator);
        value["proxy"] = proxy.into();
        match &imported(&[("a", value)], &[], Cache::Needed)[0].outcome {
            Outcome::Unsupported(reasons) => reasons.join(", "),
            other => panic!("{other:?}"),
        }
    };
    let step = |kind: &str, parameters: Value| json!([{"type": kind, "parameters": parameters}]);
    let file = json!({"files": [{"url": "https://x/y.xlsx", "path": "/home/user/y.xlsx"}]});
    let outside = json!({"files": [{"url": "https://x/y", "path": "/etc/y"}]});
    let table = json!({"func": ["exact_match", "compare_table"], "result": [{"type": "vm_file",
        "path": "/home/user/a"}, {"type": "vm_file", "path": "/home/user/b"}],
        "expected": [{"type": "rule", "rules": {}}, {"type": "rule", "rules": {}}]});
    let tab = json!({"func": "exact_match", "result": {"type": "active_tab_info"}});
    for (config, evaluator, proxy, expected) in [
        (step("googledrive", json!({})), exact(), false, "the step googledrive"),
        (step("download", file), exact(), false, "a file of the cache"),
        (step("download", outside), exact(), false, "a file outside of the home folder"),
        (json!([]), table, false, "the metric compare_table"),
        (json!([]), tab, false, "the getter active_tab_info"),
        (
            json!([]),
            json!({"func": "compare_images", "result": {"type": "vm_file", "path": "/home/user/a.JPG"},
                "expected": {"type": "vm_file", "path": "/home/user/b.png"}}),
            false,
            "a picture that is no PNG",
        ),
        (json!([]), exact(), true, "a live web"),
        (json!([]), json!({}), false, "a task without a score"),
        (
            step("execute", json!({"command": "sudo {CLIENT_PASSWORD}", "shell": true})),
            exact(),
            false,
            "a password of the desktop's user",
        ),
        (
            step("execute", json!({"command": ["python", "-c", "pyautogui.dragTo(1, 2)"]})),
            exact(),
            false,
            "pyautogui: pyautogui.dragTo",
        ),
    ] {
        assert_eq!(reasons(config, evaluator, proxy), expected);
    }
}

#[test]
fn files_are_counted_by_what_became_of_them() {
    let infeasible = task(json!([]), json!({"func": "infeasible"}));
    let tasks = [
        ("a", task(json!([]), exact())),
        ("b", infeasible),
        ("c", task(json!([{"type": "login", "parameters": {}}]), exact())),
        ("d", json!({"no": "task"})),
    ];
    let counts = Counts::of(&imported(&tasks, &[], Cache::Needed));
    assert_eq!((counts.files, counts.parsed, counts.runnable, counts.infeasible), (4, 3, 2, 1));
    assert_eq!(counts.reasons, BTreeMap::from([("the step login".to_owned(), 1)]));
}

#[test]
fn a_cache_that_is_assumed_is_said_to_be_empty() {
    let file = json!({"files": [{"url": "https://x/y.txt", "path": "/home/user/y.txt"}]});
    let config = json!([{"type": "download", "parameters": file}]);
    let tasks = [("a", task(config, exact()))];
    assert_eq!(Counts::of(&imported(&tasks, &[], Cache::Needed)).runnable, 0);
    assert_eq!(Counts::of(&imported(&tasks, &[], Cache::Assumed)).runnable, 1);
}
