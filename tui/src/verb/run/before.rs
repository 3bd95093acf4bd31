//! Before a run: files of this machine are laid into the desktop.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use deskbound_agent::desktop::{Command, Desktop};
use serde_json::Value;

use crate::failure::Failure;

/// The largest file that is laid in.
const FILE_BYTES: u64 = 256 << 20;
/// For the folder of one.
const FOLDER_LIMIT: Duration = Duration::from_secs(20);
/// Of a schema; a longer one is cut, and then no JSON.
const SCHEMA_BYTES: u64 = 1 << 20;

/// `HERE:THERE`: a file of this machine, and where it goes in the home folder; its own name where
/// nothing is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    from: PathBuf,
    to: String,
}

impl FromStr for Given {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (from, to) = match text.rsplit_once(':') {
            Some((from, to)) => (from, to.to_owned()),
            None => {
                let name = Path::new(text).file_name().ok_or("it names no file")?;
                (text, name.to_string_lossy().into_owned())
            }
        };
        let leaves = to.starts_with('/') || to.split('/').any(|part| part == "..");
        if from.is_empty() || to.is_empty() || leaves {
            return Err("HERE:THERE is wanted, THERE below the home folder".to_owned());
        }
        Ok(Self { from: from.into(), to })
    }
}

/// A file that was read, and where it goes.
pub(super) type Laid = (String, Vec<u8>);

/// Reads all of them, before there is a desktop.
pub(super) fn read(given: &[Given]) -> Result<Vec<Laid>, Failure> {
    let mut files = Vec::new();
    for Given { from, to } in given {
        let unread = |error: String| {
            Failure::usage(format!("`{}` cannot be given to the desktop: {error}", from.display()))
        };
        let about = fs::metadata(from).map_err(|error| unread(error.to_string()))?;
        if about.len() > FILE_BYTES {
            return Err(unread(format!("it has {} bytes, more than {FILE_BYTES}", about.len())));
        }
        files.push((to.clone(), fs::read(from).map_err(|error| unread(error.to_string()))?));
    }
    Ok(files)
}

pub(super) async fn lay(desktop: &mut impl Desktop, files: &[Laid]) -> Result<(), Failure> {
    for (to, content) in files {
        if let Some((folder, _)) = to.rsplit_once('/') {
            let args = ["-p", "--", &format!("{}/{folder}", desktop.home())].map(str::to_owned);
            let (program, limit) = ("mkdir".to_owned(), FOLDER_LIMIT);
            // Without the folder, the file says why.
            desktop.run(&Command { program, args: args.into(), limit }).await?;
        }
        desktop.write_file(&format!("{}/{to}", desktop.home()), content).await?;
    }
    Ok(())
}

/// The schema of an answer.
pub(super) fn schema(path: &Path) -> Result<Value, Failure> {
    let unread =
        |error: String| Failure::usage(format!("`{}` is no JSON schema: {error}", path.display()));
    let file = fs::File::open(path).map_err(|error| unread(error.to_string()))?;
    let text = std::io::read_to_string(file.take(SCHEMA_BYTES));
    let text = text.map_err(|error| unread(error.to_string()))?;
    let schema: Value = serde_json::from_str(&text).map_err(|error| unread(error.to_string()))?;
    match schema.is_object() {
        true => Ok(schema),
        false => Err(unread("an object is wanted".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_goes_below_the_home_folder() {
        let check = |text: &str, expected: Result<(&str, &str), &str>| {
            let given = text.parse::<Given>();
            let given = given.as_ref().map(|it| (it.from.to_str().unwrap(), &*it.to));
            match expected {
                Ok(expected) => assert_eq!(given, Ok(expected), "{text}"),
                Err(part) => assert!(given.unwrap_err().contains(part), "{text}"),
            }
        };
        check("notes/a.txt", Ok(("notes/a.txt", "a.txt")));
        check("a.txt:Documents/b.txt", Ok(("a.txt", "Documents/b.txt")));
        check("a:b:c", Ok(("a:b", "c")));
        for wrong in ["", "/", "a:", "a:/etc/passwd", "a:../b", ":b"] {
            check(wrong, Err(""));
        }
    }
}
