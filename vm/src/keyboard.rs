//! Keys as QEMU's monitor is told them.

use serde_json::{Value, json};

use crate::{
    keys::{Chord, Key},
    pointer::Pressed,
};

/// A key and what is done to it.
pub(crate) type Stroke = (&'static Key, Pressed);

pub(crate) fn events(keys: &[Stroke]) -> Vec<Value> {
    let event = |(key, pressed): &Stroke| {
        let code = json!({ "type": "qcode", "data": key.qcode });
        json!({ "type": "key", "data": { "key": code, "down": *pressed == Pressed::Down } })
    };
    keys.iter().map(event).collect()
}

/// All keys down in order, and up the other way round.
pub(crate) fn chord(chord: &Chord) -> Vec<Stroke> {
    let down = chord.keys().map(|key| (key, Pressed::Down));
    let up = chord.keys().rev().map(|key| (key, Pressed::Up));
    down.chain(up).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chord_goes_down_in_order_and_up_in_the_other() {
        let strokes = chord(&"ctrl+shift+s".parse().expect("known keys"));
        let said: Vec<String> =
            strokes.iter().map(|(key, pressed)| format!("{} {pressed:?}", key.qcode)).collect();
        let expected = ["ctrl Down", "shift Down", "s Down", "s Up", "shift Up", "ctrl Up"];
        assert_eq!(said, expected);
        assert_eq!(
            events(&strokes[..1]),
            [json!({
                "type": "key",
                "data": { "key": { "type": "qcode", "data": "ctrl" }, "down": true }
            })]
        );
    }
}
