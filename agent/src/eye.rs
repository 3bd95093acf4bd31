//! Looks at a desktop beside the run that acts on it, for whoever watches.

use std::sync::Arc;

use image::RgbImage;
use tokio::sync::watch;

use crate::desktop::DesktopError;
use crate::secrets::Covers;
use crate::vm::Controls;
use crate::x11::ScreenEye;

/// Never disturbs what it looks at, and sees no secrets.
pub struct Eye {
    sight: Sight,
    covers: Covers,
}

pub(crate) enum Sight {
    /// Those of the machine that it is now.
    Vm(watch::Receiver<Controls>),
    X11(Box<ScreenEye>),
    /// There is nothing to be seen but what the records have.
    None,
}

impl Eye {
    pub(crate) fn new(sight: Sight, covers: Covers) -> Self {
        Self { sight, covers }
    }

    /// Sees nothing.
    pub fn closed() -> Self {
        Self::new(Sight::None, Covers::default())
    }

    pub async fn frame(&mut self) -> Result<Option<Arc<RgbImage>>, DesktopError> {
        let frame = match &mut self.sight {
            Sight::Vm(controls) => {
                let controls = controls.borrow().clone();
                match controls.frame().await {
                    Ok(frame) => frame.image,
                    Err(error) => return Err(DesktopError::Gone { what: error.to_string() }),
                }
            }
            Sight::X11(eye) => eye.frame()?,
            Sight::None => return Ok(None),
        };
        Ok(Some(self.covers.cover(frame)))
    }
}
