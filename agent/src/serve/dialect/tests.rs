//! Published examples of every dialect, and the traps that others have fallen into.

use deskbound_accessibility::{ScreenPx, ScreenRect};
use deskbound_models::ToolCall;
use deskbound_models::profile::ImageSize;
use serde_json::{Value, json};

use super::lens::Lens;
use super::perform::Part;
use super::*;
use crate::action::{Action, Button, Direction, Pressed};

/// What a call means on a screen of 1920×1080 whose pointer is at 7, 9.
fn parts(dialect: &str, tool: &str, arguments: &Value) -> Result<Vec<Part>, String> {
    let dialect = Dialect::named(dialect).unwrap();
    let screen = ImageSize { width: 1920, height: 1080 };
    let lens = Lens::of(&dialect.table.picture, screen).unwrap();
    let arguments = arguments.as_object().cloned().unwrap();
    let call = ToolCall { tool: tool.to_owned(), arguments };
    dialect.parts(&call, &lens, Some(at(7, 9)))
}

fn at(x: i32, y: i32) -> ScreenPx {
    ScreenPx { x, y }
}

fn acts(actions: Vec<Action>) -> Vec<Part> {
    actions.into_iter().map(Part::Act).collect()
}

fn click(at: ScreenPx, button: Button, count: u8) -> Action {
    Action::press(at, button, count)
}

fn hold(chord: &str, pressed: Pressed) -> Action {
    Action::Hold { chord: chord.parse().unwrap(), pressed }
}

fn scroll(at: ScreenPx, direction: Direction, notches: u32) -> Action {
    Action::Scroll { at, direction, notches }
}

fn check(dialect: &str, tool: &str, examples: Vec<(Value, Vec<Action>)>) {
    for (arguments, expected) in examples {
        let found = parts(dialect, tool, &arguments);
        assert_eq!(found, Ok(acts(expected)), "{dialect} {arguments}");
    }
}

fn check_refused(dialect: &str, tool: &str, examples: Vec<(Value, &str)>) {
    for (arguments, part) in examples {
        let reason = parts(dialect, tool, &arguments).unwrap_err();
        assert!(reason.contains(part), "{dialect} {arguments}: {reason}");
    }
}

#[test]
fn every_table_holds_together() {
    let all = Dialect::all();
    assert_eq!(all.len(), EMBEDDED.len());
    for dialect in &all {
        assert!(dialect.id().chars().all(|c| c.is_ascii_lowercase() || "-.0123456789".contains(c)));
        assert_eq!(dialect.title().ends_with("(unverified)"), !dialect.table.verified);
        assert!(!dialect.tools.is_empty(), "{}", dialect.id());
        for tool in &dialect.tools {
            assert_eq!(tool.schema["type"], "object", "{} {}", dialect.id(), tool.name);
        }
        // A verb that is offered means something, and what means something is offered.
        let verb = dialect.table.reply.verb.as_deref();
        let known = |name: &str| {
            dialect.table.reply.calls.contains_key(name) || dialect.table.deeds.contains_key(name)
        };
        for tool in dialect.tools.iter().filter(|tool| tool.form == Form::Call) {
            let verbs = verb.and_then(|verb| tool.schema["properties"][verb]["enum"].as_array());
            match verbs {
                Some(verbs) => assert!(verbs.iter().all(|it| known(it.as_str().unwrap()))),
                None => assert!(known(&tool.name), "{} {}", dialect.id(), tool.name),
            }
        }
    }
    assert!(Dialect::named("anthropic").unwrap_err().to_string().contains("anthropic-20250124"));
}

#[test]
fn anthropics_calls() {
    let check = |examples| check("anthropic-20250124", "computer", examples);
    // 1920×1080 is sent as 1366×768.
    check(vec![
        (
            json!({"action": "left_click", "coordinate": [0, 0]}),
            vec![click(at(0, 0), Button::Left, 1)],
        ),
        (
            json!({"action": "left_click", "coordinate": [0, 384]}),
            vec![click(at(0, 540), Button::Left, 1)],
        ),
        (
            json!({"action": "left_click", "coordinate": [683, 384]}),
            vec![click(at(960, 540), Button::Left, 1)],
        ),
        (
            json!({"action": "left_click", "coordinate": [1365, 767]}),
            vec![click(at(1919, 1079), Button::Left, 1)],
        ),
        (json!({"action": "double_click"}), vec![click(at(7, 9), Button::Left, 2)]),
        (
            json!({"action": "triple_click", "coordinate": [0, 0]}),
            vec![click(at(0, 0), Button::Left, 3)],
        ),
        (json!({"action": "key", "text": "ctrl+s"}), vec![Action::key("ctrl+s")]),
        (json!({"action": "key", "text": "Return"}), vec![Action::key("Return")]),
        (json!({"action": "key", "text": "return"}), vec![Action::key("Return")]),
        (json!({"action": "key", "text": "KP_0"}), vec![Action::key("KP_0")]),
        (json!({"action": "key", "text": "Page_Down"}), vec![Action::key("PageDown")]),
        (json!({"action": "key", "text": "alt+Tab"}), vec![Action::key("alt+Tab")]),
        (json!({"action": "key", "text": "ctrl+plus"}), vec![Action::key("ctrl+plus")]),
        (json!({"action": "key", "text": "super"}), vec![Action::key("Super")]),
        (
            json!({"action": "key", "text": "Down Down Return"}),
            vec![Action::key("Down"), Action::key("Down"), Action::key("Return")],
        ),
        (json!({"action": "type", "text": "-a < b\n"}), vec![Action::text("-a < b\n")]),
        (
            json!({"action": "left_click_drag", "start_coordinate": [0, 0], "coordinate": [683, 384]}),
            vec![Action::Drag { path: vec![at(0, 0), at(960, 540)], button: Button::Left }],
        ),
        (
            json!({"action": "scroll", "coordinate": [683, 384], "scroll_direction": "down", "scroll_amount": 5}),
            vec![scroll(at(960, 540), Direction::Down, 5)],
        ),
        (
            json!({"action": "scroll", "scroll_direction": "left", "scroll_amount": 2}),
            vec![scroll(at(7, 9), Direction::Left, 2)],
        ),
        (
            json!({"action": "left_click", "coordinate": [683, 384], "text": "shift"}),
            vec![
                hold("shift", Pressed::Down),
                click(at(960, 540), Button::Left, 1),
                hold("shift", Pressed::Up),
            ],
        ),
        (
            json!({"action": "left_mouse_down"}),
            vec![Action::Button { button: Button::Left, pressed: Pressed::Down }],
        ),
    ]);
}

#[test]
fn anthropics_held_keys() {
    let held = parts(
        "anthropic-20250124",
        "computer",
        &json!({"action": "hold_key", "text": "Down", "duration": 1.5}),
    );
    let expected = vec![
        Part::Act(hold("Down", Pressed::Down)),
        Part::Wait { seconds: 2 },
        Part::Act(hold("Down", Pressed::Up)),
    ];
    assert_eq!(held, Ok(expected));
}

#[test]
fn anthropics_traps() {
    check_refused(
        "anthropic-20250124",
        "computer",
        vec![
            // Others let these through, to somewhere off the screen.
            (
                json!({"action": "left_click", "coordinate": [1366, 10]}),
                "outside the picture, which is 1366×768",
            ),
            (json!({"action": "left_click", "coordinate": [1500, 10]}), "outside its image"),
            (json!({"action": "left_click", "coordinate": [-1, 10]}), "outside its image"),
            (json!({"action": "left_click", "coordinate": [10]}), "`coordinate` should be a point"),
            (
                json!({"action": "left_click_drag", "coordinate": [1, 2]}),
                "`start_coordinate` should be a point",
            ),
            (
                json!({"action": "scroll", "scroll_direction": "sideways", "scroll_amount": 1}),
                "up, down, left or right",
            ),
            // Others press nothing, and say that all is well.
            (json!({"action": "key", "text": "ctl-c"}), "no key is called `ctl-c`"),
            (json!({"action": "dance"}), "calls “dance”"),
            (json!({}), "calls “computer”"),
        ],
    );
    let dialect = Dialect::named("anthropic-20241022").unwrap();
    let lens = Lens::of(&dialect.table.picture, ImageSize { width: 1280, height: 800 }).unwrap();
    let arguments = json!({"action": "left_click"}).as_object().cloned().unwrap();
    let call = ToolCall { tool: "computer".to_owned(), arguments };
    let nowhere = dialect.parts(&call, &lens, None).unwrap_err();
    assert!(nowhere.contains("nobody has moved the pointer yet"), "{nowhere}");
}

#[test]
fn a_zoom_is_of_the_whole_picture_and_shows_the_screen() {
    let zoom = |region: Value| {
        parts("anthropic-20251124", "computer", &json!({"action": "zoom", "region": region}))
    };
    let region = ScreenRect { x: 960, y: 540, width: 281, height: 141 };
    assert_eq!(zoom(json!([683, 384, 883, 484])), Ok(vec![Part::Zoom(region)]));
    assert_eq!(
        zoom(json!([0, 0, 1366, 768])),
        Ok(vec![Part::Zoom(ScreenRect { x: 0, y: 0, width: 1920, height: 1080 })])
    );
    assert!(zoom(json!([10, 10, 10, 20])).is_err() && zoom(json!([1, 2, 3])).is_err());
    assert!(
        parts("anthropic-20250124", "computer", &json!({"action": "zoom", "region": [0, 0, 1, 1]}))
            .is_err()
    );
}

#[test]
fn openais_calls() {
    check(
        "openai",
        "computer",
        vec![
            (
                json!({"type": "click", "button": "left", "x": 405, "y": 157}),
                vec![click(at(405, 157), Button::Left, 1)],
            ),
            (
                json!({"type": "click", "button": "wheel", "x": 0, "y": 0}),
                vec![click(at(0, 0), Button::Middle, 1)],
            ),
            (
                json!({"type": "click", "button": "back", "x": 1, "y": 2}),
                vec![click(at(1, 2), Button::Back, 1)],
            ),
            (
                json!({"type": "click", "button": "forward", "x": 1, "y": 2}),
                vec![click(at(1, 2), Button::Forward, 1)],
            ),
            (
                json!({"type": "double_click", "x": 3, "y": 4}),
                vec![click(at(3, 4), Button::Left, 2)],
            ),
            (
                json!({"type": "drag", "path": [{"x": 1, "y": 2}, {"x": 3, "y": 4}, {"x": 5, "y": 6}]}),
                vec![Action::Drag {
                    path: vec![at(1, 2), at(3, 4), at(5, 6)],
                    button: Button::Left,
                }],
            ),
            (json!({"type": "keypress", "keys": ["CTRL", "C"]}), vec![Action::key("ctrl+c")]),
            (json!({"type": "keypress", "keys": ["ENTER"]}), vec![Action::key("Return")]),
            (json!({"type": "keypress", "keys": ["ARROWDOWN"]}), vec![Action::key("Down")]),
            (
                json!({"type": "move", "x": 1919, "y": 1079}),
                vec![Action::Move { to: at(1919, 1079) }],
            ),
            // Pixels, downwards positive.
            (
                json!({"type": "scroll", "x": 10, "y": 20, "scroll_x": 0, "scroll_y": 500}),
                vec![scroll(at(10, 20), Direction::Down, 10)],
            ),
            (
                json!({"type": "scroll", "x": 10, "y": 20, "scroll_x": -100, "scroll_y": -50}),
                vec![scroll(at(10, 20), Direction::Up, 1), scroll(at(10, 20), Direction::Left, 2)],
            ),
            (json!({"type": "type", "text": "a<b"}), vec![Action::text("a<b")]),
            (
                json!({"type": "click", "button": "left", "x": 1, "y": 1, "keys": ["SHIFT"]}),
                vec![
                    hold("shift", Pressed::Down),
                    click(at(1, 1), Button::Left, 1),
                    hold("shift", Pressed::Up),
                ],
            ),
        ],
    );
    check_refused(
        "openai",
        "computer",
        vec![
            (json!({"type": "click", "button": "up", "x": 1, "y": 1}), "a button"),
            (json!({"type": "click", "button": "left", "x": 1920, "y": 1}), "outside the picture"),
            (json!({"type": "drag", "path": [{"x": 1, "y": 1}]}), "a list of points"),
        ],
    );
}

#[test]
fn e2bs_calls() {
    // A click at an edge moves there first, a scroll says its direction, and unknown keys are errors.
    check(
        "e2b",
        "left_click",
        vec![
            (json!({"x": 0, "y": 300}), vec![click(at(0, 300), Button::Left, 1)]),
            (json!({}), vec![click(at(7, 9), Button::Left, 1)]),
        ],
    );
    check_refused("e2b", "left_click", vec![(json!({"x": 5}), "`y` should be a number")]);
    check(
        "e2b",
        "scroll",
        vec![
            (json!({"direction": "up", "amount": 10}), vec![scroll(at(7, 9), Direction::Up, 10)]),
            (json!({"direction": "down"}), vec![scroll(at(7, 9), Direction::Down, 1)]),
        ],
    );
    check_refused("e2b", "scroll", vec![(json!({"direction": 10}), "up, down, left or right")]);
    check(
        "e2b",
        "press",
        vec![
            (json!({"key": "Return"}), vec![Action::key("Return")]),
            (json!({"key": "enter"}), vec![Action::key("Return")]),
            (json!({"key": ["ctrl", "c"]}), vec![Action::key("ctrl+c")]),
            (json!({"key": "page_up"}), vec![Action::key("PageUp")]),
        ],
    );
    check_refused("e2b", "press", vec![(json!({"key": "kp_entr"}), "no key is called")]);
    check(
        "e2b",
        "drag",
        vec![(
            json!({"fr": [0, 0], "to": [200, 100]}),
            vec![Action::Drag { path: vec![at(0, 0), at(200, 100)], button: Button::Left }],
        )],
    );
    check_refused("e2b", "drag", vec![(json!({"to": [1, 1]}), "`fr` should be a point")]);
    assert_eq!(parts("e2b", "wait", &json!({"ms": 1500})), Ok(vec![Part::Wait { seconds: 2 }]));
    assert_eq!(parts("e2b", "get_cursor_position", &json!({})), Ok(vec![Part::Pointer]));
}

#[test]
fn osworlds_calls() {
    check(
        "osworld-computer-13",
        "step",
        vec![
            (
                json!({"action_type": "MOVE_TO", "x": 1319.11, "y": 65.06}),
                vec![Action::Move { to: at(1319, 65) }],
            ),
            (
                json!({"action_type": "CLICK", "parameters": {"x": 5, "y": 6, "button": "right", "num_clicks": 2}}),
                vec![click(at(5, 6), Button::Right, 2)],
            ),
            (json!({"action_type": "CLICK"}), vec![click(at(7, 9), Button::Left, 1)]),
            // Positive is up.
            (
                json!({"action_type": "SCROLL", "dx": 0, "dy": 5}),
                vec![scroll(at(7, 9), Direction::Up, 5)],
            ),
            (
                json!({"action_type": "SCROLL", "dx": 3, "dy": 0}),
                vec![scroll(at(7, 9), Direction::Right, 3)],
            ),
            (
                json!({"action_type": "HOTKEY", "keys": ["ctrl", "alt", "t"]}),
                vec![Action::key("ctrl+alt+t")],
            ),
            (json!({"action_type": "PRESS", "key": "enter"}), vec![Action::key("Return")]),
            (
                json!({"action_type": "KEY_DOWN", "key": "shift"}),
                vec![hold("shift", Pressed::Down)],
            ),
            (
                json!({"action_type": "DRAG_TO", "x": 100, "y": 100}),
                vec![Action::Drag { path: vec![at(7, 9), at(100, 100)], button: Button::Left }],
            ),
        ],
    );
    let end = |kind: &'static str| Ok(vec![Part::Tell { end: kind, text: String::new() }]);
    assert_eq!(parts("osworld-computer-13", "step", &json!({"action_type": "DONE"})), end("done"));
    assert_eq!(parts("osworld-computer-13", "step", &json!({"action_type": "FAIL"})), end("fail"));
}

#[test]
fn pyautogui_is_read_and_not_run() {
    let text = |code: &str| json!({ "text": code });
    check(
        "osworld-pyautogui",
        "step",
        vec![
            (
                text(
                    "```python\nimport pyautogui\npyautogui.click(x=0, y=300, button='right')\n```",
                ),
                vec![click(at(0, 300), Button::Right, 1)],
            ),
            (
                text(
                    "```\npyautogui.moveTo(100, 100)\npyautogui.dragTo(200, 150, duration=1)\n```",
                ),
                vec![
                    Action::Move { to: at(100, 100) },
                    Action::Drag { path: vec![at(100, 100), at(200, 150)], button: Button::Left },
                ],
            ),
            // What pyautogui itself types as `>`.
            (text("pyautogui.typewrite('a < b', interval=0.1)"), vec![Action::text("a < b")]),
            (text("pyautogui.press('<')"), vec![Action::key("less")]),
            (
                text("pyautogui.press('enter', presses=2)"),
                vec![Action::key("Return"), Action::key("Return")],
            ),
            (text("pyautogui.hotkey('ctrl', 'shift', 't')"), vec![Action::key("ctrl+shift+t")]),
            (text("pyautogui.scroll(-3)"), vec![scroll(at(7, 9), Direction::Down, 3)]),
            (text("pyautogui.hscroll(2)"), vec![scroll(at(7, 9), Direction::Right, 2)]),
        ],
    );
    let end = parts("osworld-pyautogui", "step", &text("All is done.\n```\nDONE\n```"));
    assert_eq!(end, Ok(vec![Part::Tell { end: "done", text: String::new() }]));
    check_refused(
        "osworld-pyautogui",
        "step",
        vec![
            (text("import os\nos.system('rm -rf /')"), "no plain call"),
            (text("for i in range(3): pyautogui.click()"), "plain call"),
            (text("pyautogui.click(5000, 1)"), "outside"),
        ],
    );
}

#[test]
fn ui_tars_in_both_its_spaces() {
    let text = |action: &str| json!({ "text": format!("Thought: I see it.\nAction: {action}") });
    check(
        "ui-tars",
        "step",
        vec![
            (text("click(start_box='(500,500)')"), vec![click(at(960, 540), Button::Left, 1)]),
            (text("left_double(start_box='(0,0)')"), vec![click(at(0, 0), Button::Left, 2)]),
            (
                text("drag(start_box='(0,0)', end_box='(500,500)')"),
                vec![Action::Drag { path: vec![at(0, 0), at(960, 540)], button: Button::Left }],
            ),
            (text("hotkey(key='ctrl c')"), vec![Action::key("ctrl+c")]),
            (text("type(content='12\\n')"), vec![Action::text("12\n")]),
            (
                text("scroll(start_box='(500,500)', direction='down')"),
                vec![scroll(at(960, 540), Direction::Down, 5)],
            ),
        ],
    );
    // The tower makes 1932×1092 of 1920×1080.
    check(
        "ui-tars-1.5",
        "step",
        vec![
            (
                text("click(start_box='<|box_start|>(966,546)<|box_end|>')"),
                vec![click(at(960, 540), Button::Left, 1)],
            ),
            (text("click(point='<point>0 0</point>')"), vec![click(at(0, 0), Button::Left, 1)]),
        ],
    );
    check_refused(
        "ui-tars-1.5",
        "step",
        vec![
            (text("click(start_box='(1932,1)')"), "outside the picture, which is 1932×1092"),
            (text("drag(end_box='(1,1)')"), "`start_box|start_point` should be a point"),
        ],
    );
    let done = parts("ui-tars", "step", &text("finished(content='42')"));
    assert_eq!(done, Ok(vec![Part::Tell { end: "done", text: "42".to_owned() }]));
}

#[test]
fn calls_that_are_none_say_what_there_is() {
    let dialect = Dialect::named("ui-tars").unwrap();
    let error = |name: &str, arguments: Value| {
        dialect.read(name, arguments.as_object().cloned().unwrap()).err().unwrap().to_string()
    };
    assert!(error("computer", json!({})).contains("there are step"));
    assert!(error("step", json!({ "text": 7 })).contains("the model's reply as `text`"));
}
