//! A client of the protocol at a real desktop: it speaks the bytes that any client speaks.

use std::time::Duration;

use deskbound_agent::action::Action;
use deskbound_agent::control::Command;
use deskbound_agent::policy::Surface;
use deskbound_agent::record::Record;
use deskbound_agent::serve::Manner;
use deskbound_agent::serve::dialect::Dialect;
use deskbound_agent::tool::Toolbox;
use deskbound_testbed::wait_until;
use serde_json::json;

use crate::bed::Bed;
use crate::client::{number, seated, served, with_client};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_does_a_task() {
    let bed = Bed::start().await;
    let records = with_client(bed, (Surface::Disposable, json!({})), async |mut client, home| {
        let tools = client.ask("tools/list", json!({})).await;
        let tools = tools["result"]["tools"].as_array().unwrap().clone();
        let names: Vec<&str> = tools.iter().filter_map(|tool| tool["name"].as_str()).collect();
        assert!(names.contains(&"look") && names.contains(&"click"), "{names:?}");
        assert_eq!(tools[0]["annotations"]["readOnlyHint"], true);
        assert_eq!(tools[1]["annotations"]["destructiveHint"], true);

        let (told, refused) = client.call("launch", json!({ "application": "mousepad" })).await;
        assert!(!refused, "{told}");
        let (told, refused) =
            client.call("wait", json!({ "text": "Untitled", "seconds": 30 })).await;
        assert!(!refused, "{told}");
        let (told, refused) = client.call("type", json!({ "text": "twelve – ünïcode" })).await;
        assert!(!refused && told.contains("twelve"), "{told}");
        let (list, _) = client.call("look", json!({ "picture": false })).await;
        let file = number(&list, "\"File\"");
        let (told, refused) = client.call("click", json!({ "target": { "element": file } })).await;
        assert!(!refused && told.contains("this changed"), "{told}");
        client.call("key", json!({ "keys": "Escape" })).await;
        let (told, refused) =
            client.call("write_file", json!({ "path": "a.txt", "text": "by hand" })).await;
        assert!(!refused, "{told}");
        let (text, _) = client.call("read_file", json!({ "path": "a.txt" })).await;
        assert_eq!(text, "by hand");
        assert_eq!(home.text("a.txt").as_deref(), Some("by hand"));
        let (told, refused) = client.call("shell", json!({ "command": "echo out; exit 3" })).await;
        assert!(refused && told.contains("out") && told.contains("ended with 3"), "{told}");
    })
    .await;
    assert!(records.iter().any(|record| matches!(record, Record::Acted { .. })));
    assert!(matches!(records.last(), Some(Record::Ended { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_said_and_ends_nothing() {
    let bed = Bed::start().await;
    with_client(bed, (Surface::Disposable, json!({})), async |mut client, _| {
        for (name, arguments, part) in [
            ("dance", json!({}), "there is no tool `dance`"),
            ("click", json!({}), "missing field `target`"),
            ("click", json!({ "target": {} }), "a target is one of"),
            ("click", json!({ "target": { "element": 999_999 } }), "no element 999999"),
            ("click", json!({ "target": { "x": -1, "y": 5 } }), "not on the screen"),
            ("click", json!({ "target": { "description": "the purple unicorn" } }), "unicorn"),
            ("key", json!({ "keys": "ctrl+fnord" }), "fnord"),
            ("read_file", json!({ "path": "nothing.txt" }), "there is no file"),
            ("look", json!({ "region": { "x": 0, "y": 0, "width": 9999, "height": 1 } }), "region"),
        ] {
            let (told, refused) = client.call(name, arguments).await;
            assert!(refused && told.contains(part), "{name}: {told}");
        }
        // The corner is a place like any other.
        let (told, refused) = client.call("click", json!({ "target": { "x": 0, "y": 0 } })).await;
        assert!(!refused, "{told}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_persons_own_desktop_nothing_is_done_unasked() {
    let bed = Bed::start().await;
    let records = with_client(bed, (Surface::Own, json!({})), async |mut client, home| {
        let (_, refused) = client.call("look", json!({})).await;
        assert!(!refused);
        for (name, arguments) in [
            ("click", json!({ "target": { "x": 5, "y": 5 } })),
            ("type", json!({ "text": "x" })),
            ("launch", json!({ "application": "mousepad" })),
            ("shell", json!({ "command": "touch ran" })),
            ("write_file", json!({ "path": "written", "text": "x" })),
        ] {
            let (told, refused) = client.call(name, arguments).await;
            assert!(refused && told.contains("nobody is there to ask"), "{name}: {told}");
        }
        assert_eq!((home.text("ran"), home.text("written")), (None, None));
    })
    .await;
    assert!(!records.iter().any(|record| matches!(record, Record::Acted { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_person_at_the_client_allows_is_done() {
    let bed = Bed::start().await;
    let records =
        with_client(bed, (Surface::Own, json!({ "elicitation": {} })), async |mut client, home| {
            client.answers = Some(json!({ "action": "accept", "content": { "extent": "once" } }));
            let (told, refused) =
                client.call("write_file", json!({ "path": "a.txt", "text": "allowed" })).await;
            assert!(!refused, "{told}");
            assert_eq!(home.text("a.txt").as_deref(), Some("allowed"));
            let (told, refused) = client.call("key", json!({ "keys": "Escape" })).await;
            assert!(!refused, "{told}");
            assert!(
                client.asked.iter().any(|asked| asked.contains("press Escape")),
                "{:?}",
                client.asked
            );
            client.answers = Some(json!({ "action": "decline" }));
            let (told, refused) = client.call("key", json!({ "keys": "Escape" })).await;
            assert!(refused && told.contains("a person said no"), "{told}");
        })
        .await;
    assert!(
        records.iter().any(|record| matches!(record, Record::Answered { answer: Some(_), .. }))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_lasts_gives_signs_and_can_be_given_up() {
    let bed = Bed::start().await;
    with_client(bed, (Surface::Disposable, json!({})), async |mut client, home| {
        let progress = json!({ "_meta": { "progressToken": "p" } });
        let mut params = json!({ "name": "wait", "arguments": { "seconds": 3 } });
        params["_meta"] = progress["_meta"].clone();
        let answer = client.ask("tools/call", params).await;
        assert_ne!(answer["result"]["isError"], true, "{answer}");
        let signs = client.notified.iter().filter(|it| it["method"] == "notifications/progress");
        assert!(signs.count() >= 2, "{:?}", client.notified);

        let begun = std::time::Instant::now();
        let command = json!({ "command": "sleep 50; touch late", "seconds": 60 });
        let id = client.begin_call("shell", command).await;
        let wait = json!({ "seconds": 1 });
        client.notify("notifications/cancelled", json!({ "requestId": id })).await;
        let (told, refused) = client.call("wait", wait).await;
        assert!(!refused, "{told}");
        assert!(begun.elapsed() < Duration::from_secs(20), "the command was not given up");
        assert_eq!(home.text("late"), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_found_again_as_it_was() {
    let bed = Bed::start().await;
    let (handle, host, _home) = seated(bed, Surface::Disposable, Some(Duration::from_secs(60)));
    let kept = tokio::spawn(host.keep());
    let manner = Manner { toolbox: Toolbox::Full, dialect: None };
    let (mut one, serving) = served(&handle, &manner).await;
    one.call("launch", json!({ "application": "mousepad" })).await;
    one.call("wait", json!({ "text": "Untitled", "seconds": 30 })).await;
    let (list, _) = one.call("look", json!({ "picture": false })).await;
    let (told, refused) = one.call("hold", json!({ "keys": "shift", "pressed": "down" })).await;
    assert!(!refused, "{told}");
    drop(one);
    serving.await.expect("a client that goes ends its connection").expect("in order");
    assert!(!handle.is_over(), "a session with a lease outlives its client");

    let (mut other, serving) = served(&handle, &manner).await;
    let (again, _) = other.call("look", json!({ "picture": false })).await;
    assert_eq!(number(&list, "\"File\""), number(&again, "\"File\""));
    // Shift is still held.
    other.call("type", json!({ "text": "a" })).await;
    other.call("key", json!({ "keys": "b" })).await;
    let (found, _) = other.call("wait", json!({ "text": "B", "seconds": 10 })).await;
    assert!(found.contains("can be seen"), "{found}");
    let (told, refused) = other.call("hold", json!({ "keys": "shift", "pressed": "up" })).await;
    assert!(!refused, "{told}");

    // A pause holds calls up, and none of its time is the lease's.
    let before = handle.left().expect("it has a lease");
    other.call("pause", json!({})).await;
    let id = other.begin_call("wait", json!({ "seconds": 0 })).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (status, _) = other.call("status", json!({})).await;
    assert!(status.contains("paused"), "{status}");
    other.call("resume", json!({})).await;
    other.answer_to(id).await;
    let after = handle.left().expect("it has a lease");
    assert!(after + Duration::from_secs(1) >= before, "{before:?} {after:?}");

    handle.end();
    serving.await.expect("it ends").expect("in order");
    let records = kept.await.expect("it ends").expect("in order").0;
    assert!(matches!(records.last(), Some(Record::Ended { .. })));
    assert!(records.iter().any(|record| matches!(record, Record::Paused { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_is_over_frees_the_desktop() {
    let bed = Bed::start().await;
    let (handle, host, _home) = seated(bed, Surface::Disposable, Some(Duration::from_secs(1)));
    let kept = tokio::spawn(host.keep());
    let (mut client, serving) = served(&handle, &Manner::default()).await;
    let (told, refused) = client.call("key", json!({ "keys": "Escape" })).await;
    assert!(!refused, "{told}");
    serving.await.expect("the server ends it").expect("in order");
    kept.await.expect("it ends").expect("in order");
    assert!(handle.is_over());
    // Whoever has it still is told why.
    let (mut late, _) = served(&handle, &Manner::default()).await;
    let answer = late.try_ask("tools/call", json!({ "name": "look" })).await;
    assert!(answer.is_none_or(|it| it["error"]["message"].to_string().contains("lease is over")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_plays_the_instrument_it_knows() {
    let bed = Bed::start().await;
    let (handle, host, home) = seated(bed, Surface::Disposable, None);
    let kept = tokio::spawn(host.keep());
    let dialect = Some(Dialect::named("anthropic-20250124").expect("it is one"));
    let manner = Manner { dialect, ..Manner::default() };
    let (mut client, serving) = served(&handle, &manner).await;
    let shell = async |client: &mut crate::client::Client, command: &str| {
        client.call("bash", json!({ "command": command })).await
    };
    let (told, refused) = shell(&mut client, "cd /usr && export A=b; echo out").await;
    assert!(!refused && told.contains("out"), "{told}");
    let (told, _) = shell(&mut client, "echo $A in $PWD").await;
    assert!(told.contains("b in /usr"), "{told}");
    let path = home.path("notes.txt");
    let edit = json!({ "command": "create", "path": path, "file_text": "\tone\ntwo\n" });
    let (told, refused) = client.call("str_replace_editor", edit).await;
    assert!(!refused && told.contains("created"), "{told}");
    let edit =
        json!({ "command": "str_replace", "path": path, "old_str": "two", "new_str": "three" });
    let (told, _) = client.call("str_replace_editor", edit).await;
    assert!(told.contains("     2\tthree"), "{told}");
    client.call("str_replace_editor", json!({ "command": "undo_edit", "path": path })).await;
    assert_eq!(home.text("notes.txt").as_deref(), Some("\tone\ntwo\n"));

    let open = format!("mousepad {path} >/dev/null 2>&1 &");
    shell(&mut client, &open).await;
    // Somebody else of the same session sees when it is there.
    let (mut other, _other) = served(&handle, &Manner::default()).await;
    let (told, refused) = other.call("wait", json!({ "text": "notes.txt", "seconds": 60 })).await;
    assert!(!refused, "{told}");
    for (action, argument) in [("key", "ctrl+End"), ("type", "a < b\n"), ("key", "ctrl+s")] {
        let call = json!({ "action": action, "text": argument });
        let seen = client.picture("computer", call).await;
        assert_eq!(seen.dimensions(), (1280, 800));
    }
    let saved = || home.text("notes.txt").is_some_and(|text| text == "\tone\ntwo\na < b\n");
    wait_until("it is saved", Duration::from_secs(20), saved).expect("it is saved");
    // The corner is a place, and is told as one.
    client.call("computer", json!({ "action": "mouse_move", "coordinate": [0, 0] })).await;
    let (told, _) = client.call("computer", json!({ "action": "cursor_position" })).await;
    assert_eq!(told, "X=0,Y=0");
    // A refusal keeps its picture.
    let wrong = json!({ "action": "left_click", "coordinate": [1280, 5] });
    let answer = client.ask("tools/call", json!({ "name": "computer", "arguments": wrong })).await;
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    assert_eq!(answer["result"]["content"][1]["type"], "image");
    handle.end();
    serving.await.expect("it ends").expect("in order");
    kept.await.expect("it ends").expect("in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_is_asked_where_the_client_cannot() {
    let bed = Bed::start().await;
    let (handle, host, home) = seated(bed, Surface::Own, None);
    let kept = tokio::spawn(host.keep());
    let control = handle.control().clone();
    let attendance = control.attend();
    let watching = tokio::spawn(async move {
        let mut phase = control.phase();
        loop {
            if let Some(ask) = control.asked() {
                let extent = deskbound_agent::control::Extent::Once;
                let answer = deskbound_agent::control::Answer::Approve { extent };
                control.tell(Command::Answer { ask, answer }).expect("it is taken");
            }
            if phase.changed().await.is_err() {
                return;
            }
        }
    });
    let (mut client, _serving) = served(&handle, &Manner::default()).await;
    let (told, refused) = client.call("key", json!({ "keys": "Escape" })).await;
    assert!(!refused, "{told}");
    // What is done past the screen is asked about like everything else.
    let (told, refused) = client.call("shell", json!({ "command": "touch ran" })).await;
    assert!(!refused && home.text("ran").is_some(), "{told}");
    let write = json!({ "path": "x/../a.txt", "text": "a" });
    let (told, refused) = client.call("write_file", write).await;
    assert!(!refused && home.text("a.txt").is_some(), "{told}");
    let long = format!("true {}", "x".repeat(2000));
    let (told, refused) = client.call("shell", json!({ "command": long })).await;
    assert!(refused && told.contains("too long to ask"), "{told}");
    drop(attendance);
    let (told, refused) = client.call("shell", json!({ "command": "touch later" })).await;
    assert!(refused && told.contains("nobody is there to ask"), "{told}");
    handle.end();
    let records = kept.await.expect("it ends").expect("in order").0;
    watching.abort();
    let asked = records.iter().filter_map(|record| match record {
        Record::Asked { action, .. } => Some(action.to_string()),
        _ => None,
    });
    let asked: Vec<_> = asked.collect();
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert!(asked[1].contains("touch ran") && asked[2].contains("/a.txt"), "{asked:?}");
    let denied = records.iter().filter(|record| matches!(record, Record::Denied { .. }));
    assert_eq!(denied.count(), 2);
    let ran = |record: &Record| match record {
        Record::Acted { action, .. } => action.to_string().contains("touch ran"),
        _ => false,
    };
    assert!(records.iter().any(ran), "what was run is in the record");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_covered_window_comes_to_the_front_for_what_is_clicked_in_it() {
    let bed = Bed::start().await;
    let records = with_client(bed, (Surface::Disposable, json!({})), async |mut client, _| {
        client.call("launch", json!({ "application": "galculator" })).await;
        let (told, refused) =
            client.call("wait", json!({ "text": "galculator", "seconds": 60 })).await;
        assert!(!refused, "{told}");
        let (list, _) = client.call("look", json!({ "picture": false })).await;
        let seven = number(&list, "\"7\"");
        client.call("launch", json!({ "application": "mousepad" })).await;
        let (told, refused) =
            client.call("wait", json!({ "text": "Untitled", "seconds": 60 })).await;
        assert!(!refused, "{told}");
        client.call("key", json!({ "keys": "F11" })).await;
        let (told, refused) = client.call("click", json!({ "target": { "element": seven } })).await;
        assert!(!refused, "{told}");
        let (told, refused) = client.call("type", json!({ "text": "8" })).await;
        assert!(!refused && told.contains("78"), "{told}");
    })
    .await;
    let clicked = records.iter().find_map(|record| match record {
        Record::Acted { action: Action::Click { on, .. }, .. } => on.clone(),
        _ => None,
    });
    assert_eq!(clicked.expect("it says what it clicked on").name, "7");
}
