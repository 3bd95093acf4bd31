//! How applications look: theme, font, and the size of what they draw.

use deskbound_agent::desktop::{Desktop, DesktopError};
use serde::Deserialize;

use crate::home::Home;
use crate::task::Move;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Look {
    /// As GTK names it, such as `Adwaita:dark`.
    pub(super) theme: String,
    /// Such as `DejaVu Serif 12`.
    pub(super) font: String,
    /// Of what Qt draws: 1 is the usual size.
    #[serde(default = "usual")]
    scale: f64,
}

fn usual() -> f64 {
    1.0
}

impl Look {
    /// What toolkits read when they start.
    pub(super) async fn lay_out<D: Desktop>(
        &self,
        home: &mut Home<'_, D>,
    ) -> Result<(), DesktopError> {
        let settings = format!("[Settings]\ngtk-font-name={}\n", self.font);
        home.put(".config/gtk-3.0/settings.ini", settings.as_bytes()).await?;
        home.put(".config/gtk-4.0/settings.ini", settings.as_bytes()).await
    }

    /// The same script, with programs that start in this look.
    pub(super) fn dressed(&self, script: &[Move]) -> Vec<Move> {
        let clothes = [
            "env".to_owned(),
            format!("GTK_THEME={}", self.theme),
            format!("QT_SCALE_FACTOR={}", self.scale),
        ];
        let dressed = |step: &Move| match step {
            Move::Launch { words } => {
                Move::Launch { words: clothes.iter().chain(words).cloned().collect() }
            }
            other => other.clone(),
        };
        script.iter().map(dressed).collect()
    }
}
