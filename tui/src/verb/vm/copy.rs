//! `vm copy`: files and folders, in and out.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::form::Form;
use super::place::Place;
use crate::failure::{Exit, Failure};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  deskbound vm copy report.odt desk-12-1:/home/desk/report.odt
  deskbound vm copy desk-12-1:/home/desk/Documents ./documents")]
pub(crate) struct Copy {
    /// A file or folder here, or NAME:PATH inside a desktop.
    from: Side,
    /// Where it goes; one of the two is inside a desktop. What is here already is not overwritten.
    to: Side,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Side {
    Here(PathBuf),
    Inside { name: String, path: String },
}

impl std::str::FromStr for Side {
    type Err = std::convert::Infallible;

    /// A path with a colon in it is one of this machine where a slash comes first.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.split_once(':') {
            Some((name, path)) if !name.is_empty() && !name.contains('/') => {
                Self::Inside { name: name.to_owned(), path: path.to_owned() }
            }
            _ => Self::Here(text.into()),
        })
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(path) => write!(f, "{}", path.display()),
            Self::Inside { name, path } => write!(f, "{name}:{path}"),
        }
    }
}

impl Copy {
    /// The folder that a copy from a desktop is made in.
    pub(super) fn writes(&self) -> Option<PathBuf> {
        match (&self.from, &self.to) {
            (Side::Inside { .. }, Side::Here(path)) => Some(folder(path)),
            _ => None,
        }
    }

    pub(super) async fn run(&self, form: Form) -> Result<Exit, Failure> {
        let place = match (&self.from, &self.to) {
            (Side::Here(from), Side::Inside { name, path }) => {
                let place = Place::awake(name, form).await?;
                place.guest().copy_in(from, path).await?;
                place
            }
            (Side::Inside { name, path }, Side::Here(to)) => {
                let place = Place::awake(name, form).await?;
                place.guest().copy_out(path, to).await?;
                place
            }
            _ => {
                let error = "one of the two is a path here, the other one is NAME:PATH";
                return Err(Failure::usage(error).hint("`deskbound vm list` names the desktops"));
            }
        };
        let (from, to) = (self.from.to_string(), self.to.to_string());
        form.done_to(place.about(), json!({ "from": from, "to": to }));
        Ok(Exit::Done)
    }
}

/// The folder that a file is made in.
pub(super) fn folder(path: &Path) -> PathBuf {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.map_or_else(|| PathBuf::from("."), Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_told_apart() {
        let inside = |name: &str, path: &str| Side::Inside { name: name.into(), path: path.into() };
        for (text, expected) in [
            ("a.txt", Side::Here("a.txt".into())),
            ("./a:b", Side::Here("./a:b".into())),
            (":x", Side::Here(":x".into())),
            ("desk-1-1:/tmp/a:b", inside("desk-1-1", "/tmp/a:b")),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        assert_eq!(folder(Path::new("a")), Path::new("."));
        assert_eq!(folder(Path::new("b/a")), Path::new("b"));
    }
}
