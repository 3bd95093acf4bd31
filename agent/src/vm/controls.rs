//! Keyboard, pointer, screen and power of a virtual desktop, whoever owns it.

use std::sync::Arc;
use std::time::Duration;

use deskbound_accessibility::ScreenPx;
use deskbound_vm::{
    Button, Chord, Controls as Own, Direction, Frame, Key, Pressed, RemoteControls, VmError,
};

#[derive(Clone)]
pub(crate) enum Controls {
    /// A machine of this process.
    Own(Arc<Own>),
    /// One of another process, through its door.
    Visited(Arc<RemoteControls>),
}

/// What both can do, in the same words.
macro_rules! both {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        impl Controls {
            $(pub(crate) async fn $name(&self, $($argument: $kind),*) -> Result<$result, VmError> {
                match self {
                    Self::Own(controls) => controls.$name($($argument),*).await,
                    Self::Visited(controls) => controls.$name($($argument),*).await,
                }
            })*
        }
    };
}

both! {
    frame() -> Frame;
    move_to(at: ScreenPx) -> ();
    click(at: ScreenPx, button: Button, count: u8) -> ();
    button(button: Button, pressed: Pressed) -> ();
    drag(path: &[ScreenPx], button: Button) -> ();
    scroll(direction: Direction, notches: u32) -> ();
    chord(chord: &Chord) -> ();
    hold(chord: &Chord, time: Duration) -> ();
    key(key: &'static Key, pressed: Pressed) -> ();
    release_all() -> ();
    pause() -> ();
    resume() -> ();
}
