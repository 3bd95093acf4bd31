//! Every embedded profile against replies in the published form of its model.

use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;

use super::catalogue::parse;
use super::grammar::{OutputGrammar, REPLY_BYTES_MAX, Raw};
use super::*;
use crate::ImageRect;

fn profiles() -> &'static Profiles {
    static EMBEDDED: LazyLock<Profiles> = LazyLock::new(Profiles::embedded);
    &EMBEDDED
}

fn shown(profile: &Profile, (width, height): (u32, u32)) -> Shown {
    let image = ImageSize { width, height };
    let limits = profile.image.expect("it sees");
    Shown { image, resized: limits.resized(image).unwrap() }
}

/// A reply to a phrase, and the pixel of a 1920×1080 screen that it means.
#[track_caller]
fn check_where(id: &str, reply: &str, expected: &str) {
    let profiles = profiles();
    let profile = profiles.named(id).unwrap();
    let shown = shown(profile, (1920, 1080));
    let found = match profile.read_where(reply, &shown) {
        Ok(Spot::NotHere) => "not here".to_owned(),
        Ok(spot) => {
            let pixel = spot.centre().unwrap().pixel(shown.image);
            format!("{},{}", pixel.x, pixel.y)
        }
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected, "{id}: {reply}");
}

/// A reply to an instruction, and the calls it means on a 1920×1080 screen.
#[track_caller]
fn check_what(id: &str, reply: &str, expected: &[&str]) {
    let profiles = profiles();
    let profile = profiles.named(id).unwrap();
    let shown = profile.image.map(|_| shown(profile, (1920, 1080)));
    let found = match profile.read_what(reply, shown.as_ref()) {
        Ok(reply) => reply.asked.iter().map(|asked| line(asked, shown.as_ref())).collect(),
        Err(error) => vec![error.to_string()],
    };
    assert_eq!(found, expected, "{id}: {reply}");
}

fn line(asked: &Asked, shown: Option<&Shown>) -> String {
    let at = |unit: &crate::Unit| {
        let pixel = unit.pixel(shown.unwrap().image);
        format!("{},{}", pixel.x, pixel.y)
    };
    let place = |unit: &Option<crate::Unit>| unit.as_ref().map_or("here".to_owned(), at);
    match asked {
        Asked::Tool(call) => format!("{} {}", call.tool, json!(call.arguments)),
        Asked::Ui(UiCall::Move { to }) => format!("move {}", at(to)),
        Asked::Ui(UiCall::Click { at, button, count }) => {
            format!("{button:?} ×{count} {}", place(at))
        }
        Asked::Ui(UiCall::Drag { from, to }) => format!("drag {} to {}", place(from), at(to)),
        Asked::Ui(UiCall::Type { text }) => format!("type {text:?}"),
        Asked::Ui(UiCall::Key { chord }) => format!("key {chord}"),
        Asked::Ui(UiCall::KeyDown { chord }) => format!("down {chord}"),
        Asked::Ui(UiCall::KeyUp { chord }) => format!("up {chord}"),
        Asked::Ui(UiCall::Scroll { at, right, down }) => {
            format!("scroll {right},{down} at {}", place(at))
        }
        Asked::Ui(other) => format!("{other:?}"),
    }
}

fn computer_use(arguments: &str) -> String {
    let call = format!(r#"{{"name": "computer_use", "arguments": {arguments}}}"#);
    format!("Action: what to do.\n<tool_call>\n{call}\n</tool_call>")
}

#[test]
fn all_that_must_be_there_is_and_none_is_called_verified() {
    let profiles = profiles();
    let ids: Vec<&str> = profiles.iter().map(|(profile, _)| profile.id.as_str()).collect();
    let expected = [
        "evocua",
        "fara-7b",
        "gta1",
        "gui-owl-1.5",
        "holo1.5",
        "holo2",
        "llama-3",
        "mai-ui",
        "os-atlas-base",
        "qwen",
        "qwen3-vl",
        "showui",
        "ui-tars",
        "ui-tars-1.5",
        "ui-venus-1.5",
    ];
    assert_eq!(ids, expected);
    // Turns true only with a run on real weights.
    assert!(profiles.iter().all(|(profile, _)| profile.trust == Trust::Unverified));
    let found: Vec<_> = profiles.of_model("bytedance-seed/ui-tars-1.5-7b").collect();
    assert_eq!(found.len(), 1);
}

#[test]
fn places_are_read() {
    let click =
        |x, y| computer_use(&format!(r#"{{"action": "left_click", "coordinate": [{x}, {y}]}}"#));
    for id in ["gui-owl-1.5", "qwen3-vl"] {
        check_where(id, &click(500, 300), "960,324");
        check_where(id, &click(1000, 0), "1919,0");
        check_where(id, &computer_use(r#"{"action":"terminate","status":"failure"}"#), "not here");
        check_where(
            id,
            &click(1001, 0),
            "the point 1001, 0 is outside its image (0,0 to 1000,1000)",
        );
    }
    check_where("ui-venus-1.5", "[235,512]", "451,553");
    check_where("ui-venus-1.5", "[-1,-1]", "not here");
    check_where(
        "ui-venus-1.5",
        "[-1,5]",
        "the point -1, 5 is outside its image (0,0 to 1000,1000)",
    );
    let mai = "<grounding_think>The gear at [1, 2].</grounding_think>\n<answer>\n{\"coordinate\": [250, 750]}\n</answer>";
    check_where("mai-ui", mai, "480,810");
    check_where("holo2", r#"{"x": 947, "y": 338}"#, "1818,365");
    check_where("holo2", "<think>\n\n</think>\n\n{\"x\":947,\"y\":338}", "1818,365");
    check_where("holo2", "<think> still at it", "the reply ends within its thoughts");
    // 1920×1080 was resized to 1932×1092.
    check_where("holo1.5", r#"{"action": "click_absolute", "x": 947, "y": 338}"#, "941,334");
    check_where("ui-tars-1.5", "Thought: xxx\nAction: click(start_box='(197,525)')", "196,519");
    check_where("ui-tars-1.5", "Action: click(point='<point>200 300</point>')", "199,297");
    check_where("ui-tars", "(235,512)", "451,553");
    let atlas = "<|object_ref_start|>language switch<|object_ref_end|><|box_start|>(576,12),(592,42)<|box_end|><|im_end|>";
    check_where("os-atlas-base", atlas, "1121,29");
    check_where("os-atlas-base", "close (x) (1,2) button(744,381),(756,400)", "1440,422");
    check_where("os-atlas-base", "Week 0 Functions(212,646)", "407,698");
    check_where("showui", "[0.73, 0.21]", "1402,227");
    check_where("gta1", "(966,546)", "960,540");
    check_where(
        "gta1",
        "I cannot see it.",
        "the reply has no point in parentheses: “I cannot see it.”",
    );
}

/// A reply to the question what is on a 1920×1080 screen, and what is read in it.
#[track_caller]
fn check_list(id: &str, reply: &str, expected: &[&str]) {
    let profile = profiles().named(id).unwrap();
    let found = match profile.read_list(reply, &shown(profile, (1920, 1080)), 0.5) {
        Ok(finds) => finds
            .iter()
            .map(|find| {
                let ImageRect { x, y, width, height } = find.bounds;
                format!("{} {:?} {x},{y} {width}×{height}", find.kind, find.text)
            })
            .collect(),
        Err(error) => vec![error.to_string()],
    };
    assert_eq!(found, expected, "{id}: {reply}");
}

#[test]
fn lists_of_what_is_on_a_screen_are_read() {
    let qwen = r#"```json
[
	{"bbox_2d": [0, 0, 500, 1000], "label": "person"},
	{"bbox_2d": [900, 500, 800, 400], "kind": "button", "label": "Save \"all\""}
]
```"#;
    let things = ["text \"person\" 0,0 960×1080", "button \"Save \\\"all\\\"\" 1536,432 192×108"];
    check_list("qwen3-vl", qwen, &things);
    let cut = qwen.split_once("\"kind\"").unwrap().0;
    check_list("qwen3-vl", cut, &things[..1]);
    check_list("qwen3-vl", "[]", &[]);
    check_list("qwen3-vl", r#"[{"bbox_2d": [5, 5, 5, 9], "label": "a line"}]"#, &[]);
    // 1920×1080 was resized to 1932×1092.
    let pixels = r#"[{"bbox_2d": [966, 546, 1932, 1092], "kind": "icon", "label": ""}]"#;
    check_list("holo1.5", pixels, &["icon \"\" 960,540 960×540"]);
    check_list("qwen3-vl", "A desktop.", &["the reply has no list of things: “A desktop.”"]);
    check_list(
        "qwen3-vl",
        r#"[{"bbox_2d": [0, 0, 1001, 5], "label": "x"}]"#,
        &["the point 1001, 5 is outside its image (0,0 to 1000,1000)"],
    );
    check_list("gta1", "[]", &["this profile says nothing of vision"]);
}

#[test]
fn calls_of_computer_use_are_read() {
    for (arguments, expected) in [
        (r#"{"action": "left_click", "coordinate": [500, 300]}"#, "Left ×1 960,324"),
        (r#"{"action": "right_click", "coordinate": [500, 300]}"#, "Right ×1 960,324"),
        (r#"{"action": "triple_click", "coordinate": [0, 0]}"#, "Left ×3 0,0"),
        (r#"{"action": "left_click_drag", "coordinate": [500, 300]}"#, "drag here to 960,324"),
        (r#"{"action": "type", "text": "a \"b\"\n<tool_call>"}"#, r#"type "a \"b\"\n<tool_call>""#),
        (r#"{"action": "key", "keys": ["ctrl", "Page_Down"]}"#, "key ctrl+pagedown"),
        (r#"{"action": "scroll", "pixels": -5}"#, "scroll 0,5 at here"),
        (r#"{"action": "wait", "time": 2}"#, "Wait { time: 2s }"),
        (r#"{"action": "terminate", "status": "success"}"#, r#"Done { answer: "" }"#),
        (r#"{"action": "terminate", "status": "failure"}"#, r#"Fail { reason: "failure" }"#),
        (r#"{"action": "answer", "text": 42}"#, r#"Done { answer: "42" }"#),
        (r#"{"action": "interact", "text": "Log in"}"#, r#"AskUser { question: "Log in" }"#),
        (
            r#"{"action": "left_click", "coordinate": [5]}"#,
            "in the call “left_click”, `coordinate` should be a point, not “[5]”",
        ),
        (r#"{"action": "key"}"#, "in the call “key”, `keys` should be keys, not missing"),
    ] {
        check_what("gui-owl-1.5", &computer_use(arguments), &[expected]);
    }
    check_what(
        "qwen3-vl",
        &computer_use(r#"{"action": "hscroll", "pixels": 3}"#),
        &["scroll -3,0 at here"],
    );
    check_what(
        "qwen3-vl",
        &computer_use(r#"{"action": "dance"}"#),
        &["the reply calls “dance”; there are answer, double_click, hscroll, key, left_click, \
         left_click_drag, middle_click, mouse_move, right_click, scroll, terminate, \
         triple_click, type, wait"],
    );
    check_what("qwen3-vl", "All done!", &["the reply has no call: “All done!”"]);
    // 999 is its far edge.
    check_what(
        "evocua",
        &computer_use(r#"{"action": "click", "coordinate": [999, 0]}"#),
        &["Left ×1 1919,0"],
    );
    check_what(
        "evocua",
        &computer_use(r#"{"action": "key_down", "keys": ["shift"]}"#),
        &["down shift"],
    );
    check_what(
        "fara-7b",
        &computer_use(
            r#"{"action": "type", "coordinate": [966, 546], "text": "cats", "press_enter": true, "delete_existing_text": true}"#,
        ),
        &["Left ×1 960,540", "key ctrl+a", "type \"cats\"", "key return"],
    );
    check_what(
        "fara-7b",
        &computer_use(r#"{"action": "scroll", "pixels": -400}"#),
        &["scroll 0,10 at here"],
    );
    check_what(
        "fara-7b",
        &computer_use(r#"{"action": "visit_url", "url": "file:///a.html"}"#),
        &[r#"Open { what: Url, target: "file:///a.html" }"#],
    );
    check_what("fara-7b", &computer_use(r#"{"action": "history_back"}"#), &["key alt+left"]);
}

#[test]
fn calls_of_ui_tars_are_read() {
    for (action, expected) in [
        ("click(start_box='<|box_start|>(235,512)<|box_end|>')", "Left ×1 451,553"),
        ("left_double(start_box='(235,512)')", "Left ×2 451,553"),
        ("right_single(start_box='[235, 512, 235, 512]')", "Right ×1 451,553"),
        ("drag(start_box='(0,0)', end_box='(500,500)')", "drag 0,0 to 960,540"),
        ("hotkey(key='ctrl c')", "key ctrl+c"),
        (r#"type(content='Ann\'s \"list\"\n')"#, r##"type "Ann's \"list\"\n""##),
        ("type(content='it's here')", r#"type "it's here""#),
        ("scroll(start_box='(500,500)', direction='down')", "scroll 0,5 at 960,540"),
        ("scroll(direction='left')", "scroll -5,0 at here"),
        ("wait()", "Wait { time: 1s }"),
        ("finished(content='3 files')", r#"Done { answer: "3 files" }"#),
        ("call_user()", r#"AskUser { question: "" }"#),
        (
            "scroll(direction='in')",
            "in the call “scroll”, `direction` should be up, down, left or right, not “\\\"in\\\"”",
        ),
    ] {
        check_what("ui-tars", &format!("Thought: I will.\nAction: {action}"), &[expected]);
    }
    check_what(
        "ui-tars",
        "Action: click(start_box='(0,0)')\n\ntype(content='x')",
        &["Left ×1 0,0", "type \"x\""],
    );
    let profiles = profiles();
    let reply = profiles.named("ui-tars").unwrap();
    let reply = reply.read_what("Thought: Wait a bit.\nAction: wait()", None).unwrap();
    assert_eq!(reply.thought, "Wait a bit.");
}

#[test]
fn calls_of_ui_venus_and_showui_are_read() {
    for (action, expected) in [
        ("Click(box=(500, 300))", "Left ×1 960,324"),
        ("DoubleClick(box=(500,300))", "Left ×2 960,324"),
        ("Hover(box=(500,300))", "move 960,324"),
        ("Drag(start=(0,0), end=(500,500))", "drag 0,0 to 960,540"),
        ("Scroll(direction='up')", "scroll 0,-5 at here"),
        ("Hotkey(keys=['ctrl', 'c'])", "key ctrl+c"),
        ("Launch(app='Files')", r#"Open { what: App, target: "Files" }"#),
        ("Launch(app='', url='a.org')", r#"Open { what: Url, target: "https://a.org" }"#),
        ("Finished(content='')", r#"Done { answer: "" }"#),
        ("CallUser(content='Which one?')", r#"AskUser { question: "Which one?" }"#),
    ] {
        let reply = format!(
            "<think> hm </think>\n<action> {action} </action>\n<conclusion>so</conclusion>"
        );
        check_what("ui-venus-1.5", &reply, &[expected]);
    }
    check_what(
        "ui-venus-1.5",
        "<think>a</think><action>Type(content='x')</action>",
        &["type \"x\"", "key return"],
    );
    check_what(
        "ui-venus-1.5",
        "<action>Click</action>",
        &["the reply has no call in its action: “<action>Click</action>”"],
    );
    check_what(
        "showui",
        "{'action': 'CLICK', 'value': None, 'position': [0.49, 0.42]}",
        &["Left ×1 941,454"],
    );
    check_what(
        "showui",
        "{'action': 'INPUT', 'value': 'weather', 'position': [0.49, 0.42]},\n{'action': 'ENTER', 'value': None, 'position': None}",
        &["Left ×1 941,454", "type \"weather\"", "key return"],
    );
    check_what(
        "showui",
        "{'action': 'SELECT_TEXT', 'value': None, 'position': [[0.1,0.2], [0.3,0.4]]}",
        &["drag 192,216 to 576,432"],
    );
}

#[test]
fn calls_of_tools_are_passed_on() {
    let call = [r#"open {"target":"report"}"#];
    check_what("llama-3", r#"{"name": "open", "parameters": {"target": "report"}}"#, &call);
    check_what(
        "llama-3",
        r#"<|python_tag|>{"name": "open", "parameters": {"target": "report"}}<|eom_id|>"#,
        &call,
    );
    check_what(
        "llama-3",
        r#"{"name":"a","parameters":{}}; {"name":"b","parameters":{}}"#,
        &["a {}", "b {}"],
    );
    check_what(
        "qwen",
        "<tool_call>\n{\"name\": \"open\", \"arguments\": {\"target\": \"report\"}}\n</tool_call>",
        &call,
    );
    check_what(
        "qwen",
        "<think>\n\n</think>\n\n<tool_call>{\"name\": \"open\", \"arguments\": \"{\\\"target\\\": \\\"report\\\"}\"}</tool_call>",
        &call,
    );
    check_what("qwen", "done", &[]);
    check_what(
        "qwen",
        "<tool_call>open</tool_call>",
        &["the reply has no name and arguments in its call: “<tool_call>open</tool_call>”"],
    );
    check_what(
        "llama-3",
        "<|python_tag|>print(1)",
        &["the reply has no call: “<|python_tag|>print(1)”"],
    );
}

#[test]
fn forms_without_an_embedded_profile_are_read() {
    let said = |grammar: OutputGrammar, text: &str| {
        let said = grammar.parse(text).map(|said| said.raw);
        said.map(|raw| format!("{raw:?}")).unwrap_or_else(|error| error.to_string())
    };
    let xml = "Hm.\n<tool_call>\n<function=left_click>\n<parameter=coordinate>\n[500, 300]\n</parameter>\n<parameter=text>\na\nb\n</parameter>\n</function>\n</tool_call>";
    let xml = said(OutputGrammar::ToolCallXml, xml);
    assert_eq!(
        xml,
        r#"[Call(ToolCall { tool: "left_click", arguments: {"coordinate": Array [Number(500), Number(300)], "text": String("a\nb")} })]"#
    );
    let code = "## Code:\n```python\nimport pyautogui\npyautogui.click(123, 456, clicks=2)  # twice\npyautogui.hotkey('ctrl', 'c')\ncomputer.terminate(status='success', answer='''it's''')\n```";
    let code = OutputGrammar::Pyautogui.parse(code).unwrap().raw;
    let calls: Vec<_> = code
        .iter()
        .map(|raw| match raw {
            Raw::Call(call) => json!([call.tool, call.arguments]),
            Raw::Place(place) => json!(place),
        })
        .collect();
    let expected = [
        json!(["click", {"x": 123, "y": 456, "clicks": 2}]),
        json!(["hotkey", {"keys": ["ctrl", "c"]}]),
        json!(["terminate", {"status": "success", "answer": "it's"}]),
    ];
    assert_eq!(calls, expected);
    for not_plain in
        ["```python\nfor i in x:\n  pyautogui.click(i)\n```", "x = 3", "", "```python\n```"]
    {
        assert!(
            said(OutputGrammar::Pyautogui, not_plain).starts_with("the reply has no"),
            "{not_plain}"
        );
    }
}

#[test]
fn a_wrong_profile_says_which_file_which_key_and_what_would_do() {
    let text = include_str!("../../profiles/gta1.toml");
    for (from, to, expected) in [
        (
            "factor = 28",
            "factor = 28\nfactors = 1",
            "unknown field `factors`, expected one of `factor`, `min-px`, `max-px`",
        ),
        ("\"paren-xy\"", "\"round-xy\"", "unknown variant `round-xy`, expected one of `json-xy`"),
        (
            "max-tokens = 32",
            "max-tokens = 0",
            "the profile own.toml, `grounding.sampling.max-tokens`: `0` will not do; 1 to 32768",
        ),
        ("share = 0.5", "share = 1", "`grounding.zoom.share`: `1` will not do; above 0, below 1"),
        (
            "{phrase}\"",
            "{phrases}\"",
            "`grounding.prompt.user`: `{phrases}` will not do; allowed are {image}, {phrase}, {width}, {height}",
        ),
        (
            "{image}{phrase}",
            "{phrase}",
            "`grounding.prompt.user`: `0 × {image}` will not do; it belongs there once",
        ),
        ("\"gta1\"", "\"GTA 1\"", "`id`: `GTA 1` will not do; lower-case letters"),
        (
            "coordinates = \"abs-resized\"",
            "",
            "`grounding.reply.coordinates`: `nothing` will not do; rel1000",
        ),
        (
            "\"paren-xy\"",
            "\"uitars-call\"",
            "`grounding.reply.calls`: `nothing` will not do; calls of the output need a map",
        ),
        ("max-px = 8847360", "max-px = 1", "`image.max-px`: `1` will not do"),
        ("id = \"gta1\"", "", "missing field `id`"),
    ] {
        assert!(text.contains(from), "{from}");
        let error = parse(Path::new("own.toml"), &text.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("own.toml"), "{error}\nnot {expected}");
    }
}

#[test]
fn a_users_own_profile_goes_before_an_embedded_one() {
    let folder = tempfile::tempdir().unwrap();
    let own =
        include_str!("../../profiles/gta1.toml").replace("title = \"GTA1\"", "title = \"Mine\"");
    std::fs::write(folder.path().join("mine.toml"), own).unwrap();
    std::fs::write(folder.path().join("broken.toml"), "id = 3").unwrap();
    std::fs::write(folder.path().join("notes.txt"), "not a profile").unwrap();
    let (profiles, errors) = Profiles::with_own(folder.path());
    assert_eq!(profiles.named("gta1").unwrap().title, "Mine");
    assert_eq!(profiles.iter().count(), Profiles::embedded().iter().count());
    assert_eq!(errors.len(), 1);
    assert!(errors[0].to_string().contains("broken.toml"), "{}", errors[0]);
    let (_, errors) = Profiles::with_own(&folder.path().join("none"));
    assert!(errors.is_empty());
    let unknown = profiles.named("gpt").unwrap_err().to_string();
    assert!(unknown.starts_with("there is no profile `gpt`; there are evocua, "), "{unknown}");
}

fn told(messages: &[Message]) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => text.replace('\n', "¶"),
        Part::Image { step } => format!("[image {step}]"),
    };
    let line = |message: &Message| {
        let text: String = message.parts.iter().map(part).collect();
        let cut: String =
            text.chars().rev().take(160).collect::<Vec<_>>().into_iter().rev().collect();
        format!("{:?}: {cut}\n", message.role)
    };
    messages.iter().map(line).collect()
}

#[test]
fn a_phrase_is_asked_in_the_models_own_order() {
    let profiles = profiles();
    let ask = |id: &str| {
        let profile = profiles.named(id).unwrap();
        let messages = profile.ask_where("the <|im_end|> bin", &shown(profile, (1920, 1080)));
        told(&messages.unwrap())
    };
    insta::assert_snapshot!(ask("gta1"), @r"
    System: gle (x,y) point. The image resolution is height 1092 and width 1932. For elements with area, return the center point.¶¶Output the coordinate pair exactly:¶(x,y)
    User: [image 0]the < |im_end| > bin
    ");
    insta::assert_snapshot!(ask("mai-ui"), @r#"
    System: unding_think> tags, a [x,y] format coordinate within <answer></answer> XML tags:¶<grounding_think>...</grounding_think>¶<answer>¶{"coordinate": [x,y]}¶</answer>
    User: the < |im_end| > bin¶[image 0]
    "#);
    insta::assert_snapshot!(ask("showui"), @"User: dinate represents a clickable location [x, y] for an element, which is a relative coordinate on the screenshot, scaled from 0 to 1.[image 0]the < |im_end| > bin");
}

#[test]
fn history_only_grows_between_folds() {
    let profiles = profiles();
    let profile = profiles.named("gui-owl-1.5").unwrap();
    let step = |n: usize| Past {
        said: format!("said {n}"),
        summary: format!("did {n}"),
        ..Past::default()
    };
    let past: Vec<Past> = (0..8).map(step).collect();
    let shown = shown(profile, (1920, 1080));
    let ask = |steps: usize| {
        let request = ActionRequest {
            instruction: "tidy up",
            elements: "",
            past: &past[..steps],
            shown: Some(shown),
        };
        profile.ask_what(&request).unwrap()
    };
    insta::assert_snapshot!(told(&ask(5)[1..]), @r"
    User: te the next move according to the UI screenshot, instruction and previous actions.¶¶Instruction: tidy up¶¶Previous actions:¶Step 1: did 0¶Step 2: did 1[image 2]
    Assistant: said 2
    User: [image 3]
    Assistant: said 3
    User: [image 4]
    Assistant: said 4
    User: [image 5]
    ");
    for steps in 0..8 {
        let (now, then) = (ask(steps), ask(steps + 1));
        // It folds two at once, when there would be five.
        let is_folded = steps + 1 == 5 || steps + 1 == 7;
        assert_eq!(then.starts_with(&now), !is_folded, "{steps}");
        let is_image = |part: &&Part| matches!(part, Part::Image { .. });
        let images = then.iter().flat_map(|message| &message.parts).filter(is_image).count();
        assert!(images <= 5, "{images}");
    }
}

#[test]
fn history_in_lines_and_without_images() {
    let profiles = profiles();
    let past = [Past {
        said: "<|box_start|>(1,2)<|box_end|><|im_end|>".to_owned(),
        thought: "hm".to_owned(),
        summary: "Click(box=(1,2))".to_owned(),
        outcome: "done".to_owned(),
    }];
    let request = ActionRequest { instruction: "tidy up", elements: "", past: &past, shown: None };
    let ask = |id: &str| told(&profiles.named(id).unwrap().ask_what(&request).unwrap());
    assert!(ask("ui-venus-1.5").lines().count() == 1);
    insta::assert_snapshot!(ask("showui"), @"User: presents the relative coordinates on the screenshot and should be scaled to a range of 0-1.¶Task: tidy up¶< |box_start| >(1,2)< |box_end| >< |im_end| >[image 1]");
    insta::assert_snapshot!(ask("llama-3"), @r"
    System: o you. When all that was asked for has been done, answer with the one word `done`. When you cannot do it, or nothing you have does it, answer `cannot:` and why.
    User: tidy up¶¶On the screen:¶(see below)
    Assistant: <|box_start|>(1,2)<|box_end|>< |im_end| >
    Tool: done¶¶On the screen now:¶
    ");
}

const GRAMMARS: [OutputGrammar; 12] = [
    OutputGrammar::JsonXy,
    OutputGrammar::BracketXy,
    OutputGrammar::ParenXy,
    OutputGrammar::BoxTokens,
    OutputGrammar::AnswerTag,
    OutputGrammar::ToolCallJson,
    OutputGrammar::ToolCallXml,
    OutputGrammar::LlamaJson,
    OutputGrammar::UitarsCall,
    OutputGrammar::VenusCall,
    OutputGrammar::Pyautogui,
    OutputGrammar::DictCall,
];

/// Pieces of all forms, so that what is made of them is nearly right.
fn nearly_a_reply() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<tool_call>",
        "</tool_call>",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "\"name\"",
        ":",
        ",",
        "'",
        "\"",
        "\\",
        "Action:",
        "Thought:",
        "click",
        "start_box=",
        "<answer>",
        "</answer>",
        "<action>",
        "<function=",
        "<parameter=",
        ">",
        "```python\n",
        "```",
        "1",
        "-",
        ".",
        "e9",
        "null",
        "\\u12",
        "<|box_start|>",
        "(1,2)",
        "é",
        "\n",
        " ",
        "action",
        "\"arguments\"",
        "{\"bbox_2d\":[1,2,3,4]",
        ",\"label\":\"a\"}",
        "<think>",
        "</think>",
        "'''",
        "#",
        ";",
        "=",
        "pyautogui.click",
        "type(content=",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in prop_oneof![any::<String>(), nearly_a_reply()]) {
        for grammar in GRAMMARS {
            let _ = grammar.parse(&text);
        }
        for (profile, _) in profiles().iter() {
            let shown = Shown {
                image: ImageSize { width: 640, height: 480 },
                resized: ImageSize { width: 644, height: 476 },
            };
            let _ = profile.read_where(&text, &shown);
            let _ = profile.read_what(&text, Some(&shown));
            let _ = profile.read_list(&text, &shown, 1.0);
        }
    }
}

/// The longest replies of what is dearest to read; a parser that goes back and forth would take
/// minutes.
#[test]
fn no_text_is_slow() {
    let full = |piece: &str| piece.repeat(REPLY_BYTES_MAX / piece.len());
    let started = std::time::Instant::now();
    for piece in [
        "{",
        "[",
        "(",
        "{\"a\":",
        "(1,",
        "'",
        "\"",
        "\\",
        "<tool_call>",
        "<tool_call>{",
        "<function=",
        "<parameter=",
        "Action:",
        "click(",
        "a(b=",
        "```",
        "#\n",
        "((1,2),",
        "{'action':'a'},",
        "[1,2]",
        "(1,2),",
        "<answer>",
        "a('",
        "a(' ",
        "' ",
        "1",
        "<|box_start|>",
        "\\u",
        "x ",
    ] {
        for grammar in GRAMMARS {
            let _ = grammar.parse(&full(piece));
        }
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    let long = "x".repeat(REPLY_BYTES_MAX + 1);
    let error = OutputGrammar::BracketXy.parse(&long).unwrap_err();
    assert!(matches!(error, ReplyError::TooLong { .. }), "{error}");
}
