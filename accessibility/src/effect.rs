//! What an action did, as far as anybody can tell. A toolkit's own `true` is never an effect.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "effect")]
pub enum Effect {
    /// The world changed as meant; `evidence` says what was read afterwards.
    Confirmed { evidence: String },
    /// Done, and nothing that can be read tells whether it took.
    Unverifiable { reason: String },
    /// The world was read again and is as before.
    NothingHappened { reason: String },
}

impl Effect {
    pub fn confirmed(evidence: impl Into<String>) -> Self {
        Self::Confirmed { evidence: evidence.into() }
    }

    pub fn unverifiable(reason: impl Into<String>) -> Self {
        Self::Unverifiable { reason: reason.into() }
    }

    pub fn nothing_happened(reason: impl Into<String>) -> Self {
        Self::NothingHappened { reason: reason.into() }
    }
}
