//! Rectangles against pixels: buttons of a colour that nothing else has are where the tree says.

use deskbound_accessibility::{Interface, Role, ScreenRect, State, Tree};
use deskbound_testbed::{Colour, Picture, Rect};

use crate::desk::{Desk, is};

pub(crate) const COLOUR: Colour = [255, 0, 255];
/// Around each button; toolkits count it as part of the button.
pub(crate) const MARGIN_PX: i32 = 4;
/// Of the frame just inside the margin that has the colour, and of the one just outside.
const INSIDE_MIN: f64 = 0.9;
const OUTSIDE_MAX: f64 = 0.1;

/// Whether the colour begins so many pixels inside the rectangle, and not one pixel before.
pub(crate) fn is_exact(picture: &Picture, bounds: ScreenRect, margin_px: i32) -> bool {
    is_between(picture, bounds, margin_px, margin_px - 1)
}

/// Whether all of a frame inside has the colour, and nothing of one outside.
pub(crate) fn is_between(picture: &Picture, bounds: ScreenRect, inside: i32, outside: i32) -> bool {
    let side = |px: u32| i32::try_from(px).expect("it fits on a screen");
    let rect =
        Rect { x: bounds.x, y: bounds.y, width: side(bounds.width), height: side(bounds.height) };
    picture.share(rect, inside, COLOUR) >= INSIDE_MIN
        && picture.share(rect, outside, COLOUR) <= OUTSIDE_MAX
}

/// Waits until at least `count` buttons show, all of them to the pixel where they are drawn.
#[track_caller]
fn check_buttons(desk: &Desk, program: &str, count: usize) {
    let buttons = |tree: &Tree| -> Vec<ScreenRect> {
        let all = tree.nodes().filter(|(id, node)| {
            is(&tree.app(*id).name, program)
                && matches!(node.role, Role::Button | Role::ToggleButton)
                && node.states.contains(State::Showing)
                && node.interfaces.contains(Interface::Component)
        });
        all.filter_map(|(_, node)| node.bounds).collect()
    };
    desk.wait_for("buttons are where they are drawn", |tree| {
        let picture = desk.bed.picture().expect("the X server answers");
        let buttons = buttons(tree);
        buttons.len() >= count
            && buttons.iter().all(|bounds| is_exact(&picture, *bounds, MARGIN_PX))
    });
}

#[test]
fn gtk_3_is_where_it_says() {
    let mut desk = Desk::with(&[]);
    let folder = desk.bed.home().join(".config/gtk-3.0");
    std::fs::create_dir_all(&folder).unwrap();
    let style = "button, button:hover, button:focus, button:checked, button:disabled {
        background: #ff00ff; border: none; border-radius: 0; box-shadow: none; margin: 4px;
        outline: none; -gtk-icon-shadow: none; text-shadow: none }";
    std::fs::write(folder.join("gtk.css"), style).unwrap();
    desk.launch("galculator", &[]);
    check_buttons(&desk, "galculator", 20);
}

#[test]
fn qt_is_where_it_says() {
    let mut desk = Desk::with(&[]);
    let style = desk.bed.home().join("style.qss");
    let rules = "QToolButton { background: #ff00ff; border: none; margin: 4px; }";
    std::fs::write(&style, rules).unwrap();
    desk.launch("featherpad", &["-stylesheet", style.to_str().unwrap()]);
    check_buttons(&desk, "featherpad", 10);
}
