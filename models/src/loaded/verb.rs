//! What a model wants done, in the words of the tools that a desktop is driven with. Fractions of
//! the image become its pixels.

use serde_json::{Value, json};

use crate::profile::{Button, ImageSize, Opened, UiCall};
use crate::roles::{Move, ToolCall};
use crate::space::Unit;

/// Of a model that was shown no image, and so has no points.
pub(crate) const POINTLESS: ImageSize = ImageSize { width: 1, height: 1 };

pub(crate) enum Verb {
    Call(ToolCall),
    End(Move),
}

pub(crate) fn of(call: UiCall, image: ImageSize) -> Verb {
    let point = |at: Unit| {
        let at = at.pixel(image);
        json!({"x": at.x, "y": at.y})
    };
    let target = |at: Option<Unit>| at.map_or(json!({}), point);
    let (tool, arguments) = match call {
        UiCall::Move { to } => ("move", point(to)),
        UiCall::Click { at, button, count } => {
            let button = button_name(button);
            ("click", json!({"target": target(at), "button": button, "count": count}))
        }
        UiCall::Drag { from, to } => {
            let path: Vec<Value> = from.into_iter().chain([to]).map(point).collect();
            ("drag", json!({"path": path}))
        }
        UiCall::Path { points } => {
            let path: Vec<Value> = points.into_iter().map(point).collect();
            ("drag", json!({"path": path}))
        }
        UiCall::Type { text } => ("type", json!({"text": text})),
        UiCall::Key { chord } => {
            ("key", json!({"keys": chord.keys().collect::<Vec<_>>().join("+")}))
        }
        UiCall::Scroll { at, right, down } => {
            let (direction, notches) = match (right, down) {
                (0, down) if down < 0 => ("up", down),
                (0, down) => ("down", down),
                (right, _) if right < 0 => ("left", right),
                (right, _) => ("right", right),
            };
            let notches = notches.unsigned_abs();
            let arguments =
                json!({"target": target(at), "direction": direction, "notches": notches});
            ("scroll", arguments)
        }
        UiCall::Wait { time } => ("wait", json!({"seconds": time.as_secs().max(1)})),
        UiCall::Screenshot | UiCall::Pointer | UiCall::Zoom { .. } => {
            ("look", json!({"picture": false}))
        }
        UiCall::Open { what: Opened::App, target } => ("launch", json!({"application": target})),
        UiCall::Open { what: Opened::Url, target } => ("open", json!({"target": target})),
        UiCall::Press { button } => ("press", json!({"button": button_name(button)})),
        UiCall::Release { button } => ("release", json!({"button": button_name(button)})),
        UiCall::KeyDown { chord } => {
            ("hold", json!({"keys": chord.keys().collect::<Vec<_>>().join("+")}))
        }
        UiCall::KeyUp { chord } => {
            ("let_go", json!({"keys": chord.keys().collect::<Vec<_>>().join("+")}))
        }
        UiCall::Note { text } => ("note", json!({"text": text})),
        UiCall::AskUser { question } => ("ask", json!({"question": question})),
        UiCall::Done { .. } => return Verb::End(Move::Done),
        UiCall::Fail { reason } => return Verb::End(Move::Refuse { reason }),
    };
    let Value::Object(arguments) = arguments else { unreachable!("all of them are objects") };
    Verb::Call(ToolCall { tool: tool.to_owned(), arguments })
}

fn button_name(button: Button) -> &'static str {
    match button {
        Button::Left => "left",
        Button::Middle => "middle",
        Button::Right => "right",
        Button::Back => "back",
        Button::Forward => "forward",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_become_pixels() {
        let image = ImageSize { width: 101, height: 201 };
        let at = Some(Unit { x: 1.0, y: 0.0 });
        let Verb::Call(call) = of(UiCall::Scroll { at, right: 0, down: -3 }, image) else {
            panic!("a scroll is a call");
        };
        assert_eq!(call.tool, "scroll");
        let expected = json!({"target": {"x": 100, "y": 0}, "direction": "up", "notches": 3});
        assert_eq!(Value::Object(call.arguments), expected);
    }

    #[test]
    fn a_person_is_asked_and_an_address_opened() {
        let check = |call: UiCall, tool: &str, expected: Value| {
            let Verb::Call(call) = of(call, POINTLESS) else { panic!("`{tool}` is a call") };
            assert_eq!((call.tool.as_str(), Value::Object(call.arguments)), (tool, expected));
        };
        let question = "Which one?".to_owned();
        check(UiCall::AskUser { question }, "ask", json!({"question": "Which one?"}));
        let target = "https://a.org".to_owned();
        let url = UiCall::Open { what: Opened::Url, target };
        check(url, "open", json!({"target": "https://a.org"}));
    }
}
