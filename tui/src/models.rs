//! Which models a run is to use, as the user names them.

use std::fmt;
use std::str::FromStr;

use deskbound_agent::run::Roles;
use deskbound_models::{ModelError, Starter, StarterKind};

/// `trained`, `shuffled:SEED` or `rules`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Models {
    /// The weights as trained.
    Trained,
    /// The same weights, shuffled: what is the training worth?
    Shuffled { seed: u64 },
    /// No weights: what are the rules around them worth?
    Rules,
}

impl FromStr for Models {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "trained" => Ok(Self::Trained),
            None if text == "rules" => Ok(Self::Rules),
            Some(("shuffled", seed)) => match seed.parse() {
                Ok(seed) => Ok(Self::Shuffled { seed }),
                Err(_) => Err(format!("`{seed}` is no seed; a whole number is")),
            },
            _ => Err("there are `trained`, `shuffled:SEED` and `rules`".to_owned()),
        }
    }
}

impl fmt::Display for Models {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trained => f.write_str("trained"),
            Self::Shuffled { seed } => write!(f, "shuffled:{seed}"),
            Self::Rules => f.write_str("rules"),
        }
    }
}

impl Models {
    pub(crate) fn load(self) -> Result<Roles, ModelError> {
        let Starter { actor, grounder } = Starter::load(match self {
            Self::Trained => StarterKind::Trained,
            Self::Shuffled { seed } => StarterKind::Shuffled { seed },
            Self::Rules => StarterKind::RulesAlone,
        })?;
        Ok(Roles { actor, grounder })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        for name in ["trained", "shuffled:7", "rules"] {
            assert_eq!(
                name.parse::<Models>().map(|models| models.to_string()),
                Ok(name.to_owned())
            );
        }
        for wrong in ["", "shuffled", "shuffled:x", "trained:1", "best"] {
            assert!(wrong.parse::<Models>().is_err(), "{wrong}");
        }
    }
}
