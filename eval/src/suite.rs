//! Suites, tasks and samples, as they stand in the files under `suites/`.
//!
//! The files are part of the program, so that a suite is the same wherever it is run.

use serde::{Deserialize, Serialize};

/// Suite, task, text of its file.
const FILES: [(&str, &str, &str); 5] = [
    ("first-steps", "add-a-line", include_str!("../suites/first-steps/add-a-line/task.toml")),
    (
        "first-steps",
        "calculate-into-file",
        include_str!("../suites/first-steps/calculate-into-file/task.toml"),
    ),
    (
        "first-steps",
        "make-and-enter-folder",
        include_str!("../suites/first-steps/make-and-enter-folder/task.toml"),
    ),
    (
        "first-steps",
        "rename-or-move",
        include_str!("../suites/first-steps/rename-or-move/task.toml"),
    ),
    (
        "first-steps",
        "write-and-save",
        include_str!("../suites/first-steps/write-and-save/task.toml"),
    ),
];

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SuiteError {
    #[error("there is no suite `{name}`; there are: {}", known.join(", "))]
    Unknown { name: String, known: Vec<&'static str> },
    #[error("the task `{task}` cannot be read")]
    Task { task: String, source: toml::de::Error },
    #[error("the task `{task}` has no samples")]
    Empty { task: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suite {
    pub name: String,
    pub tasks: Vec<Task>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub name: String,
    pub samples: Vec<Sample>,
}

/// One thing to try, and how to tell whether it was done.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    pub instruction: String,
    #[serde(default)]
    pub given: Vec<Given>,
    #[serde(rename = "check")]
    pub checks: Vec<Check>,
}

/// Laid out in the home folder before the agent starts. Paths are below that folder.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Fields")]
pub enum Given {
    File { path: String, text: String },
    Folder { path: String },
}

/// Must hold when the agent has ended. Paths are below the home folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields")]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// The file holds this text; one newline at its end may be there or not.
    File {
        path: String,
        text: String,
    },
    /// There is nothing of this name.
    Missing {
        path: String,
    },
    Folder {
        path: String,
    },
    /// A showing window has this in its title.
    Window {
        title: String,
    },
}

/// All fields that a `given` or a `check` may have.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    file: Option<String>,
    text: Option<String>,
    folder: Option<String>,
    missing: Option<String>,
    window: Option<String>,
}

impl TryFrom<Fields> for Given {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        match fields {
            Fields {
                file: Some(path),
                text: Some(text),
                folder: None,
                missing: None,
                window: None,
            } => Ok(Self::File { path: below_home(path)?, text }),
            Fields { folder: Some(path), file: None, text: None, missing: None, window: None } => {
                Ok(Self::Folder { path: below_home(path)? })
            }
            _ => Err("given is either `file` and `text`, or `folder`".to_owned()),
        }
    }
}

impl TryFrom<Fields> for Check {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let Fields { file, text, folder, missing, window } = fields;
        match (file, text, folder, missing, window) {
            (Some(path), Some(text), None, None, None) => {
                Ok(Self::File { path: below_home(path)?, text })
            }
            (None, None, Some(path), None, None) => Ok(Self::Folder { path: below_home(path)? }),
            (None, None, None, Some(path), None) => Ok(Self::Missing { path: below_home(path)? }),
            (None, None, None, None, Some(title)) => Ok(Self::Window { title }),
            _ => Err("a check is `file` and `text`, or `folder`, `missing` or `window`".to_owned()),
        }
    }
}

fn below_home(path: String) -> Result<String, String> {
    let is_below = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if is_below { Ok(path) } else { Err(format!("`{path}` is no path below the home folder")) }
}

/// The suites there are.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = FILES.iter().map(|(suite, ..)| *suite).collect();
    names.dedup();
    names
}

impl Suite {
    pub fn named(name: &str) -> Result<Self, SuiteError> {
        let files = FILES.iter().filter(|(suite, ..)| *suite == name);
        let tasks =
            files.map(|(_, task, text)| Task::parse(task, text)).collect::<Result<Vec<_>, _>>()?;
        if tasks.is_empty() {
            return Err(SuiteError::Unknown { name: name.to_owned(), known: names() });
        }
        Ok(Self { name: name.to_owned(), tasks })
    }

    /// Every sample with its id, which is the task's name and the sample's number in it.
    pub fn samples(&self) -> impl Iterator<Item = (String, &Sample)> {
        self.tasks.iter().flat_map(|task| {
            task.samples.iter().zip(1..).map(|(sample, n)| (format!("{}-{n}", task.name), sample))
        })
    }
}

impl Task {
    fn parse(name: &str, text: &str) -> Result<Self, SuiteError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[serde(rename = "sample")]
            samples: Vec<Sample>,
        }
        let File { samples } = toml::from_str(text)
            .map_err(|source| SuiteError::Task { task: name.to_owned(), source })?;
        if samples.iter().any(|sample| sample.checks.is_empty()) || samples.is_empty() {
            return Err(SuiteError::Empty { task: name.to_owned() });
        }
        Ok(Self { name: name.to_owned(), samples })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_task_file_is_in_the_program() {
        let suites = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites");
        let mut found = HashSet::new();
        for suite in fs::read_dir(suites).unwrap() {
            for task in fs::read_dir(suite.unwrap().path()).unwrap() {
                let task = task.unwrap().path();
                let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
                found.insert((name(task.parent().unwrap()), name(&task)));
            }
        }
        let known = FILES.map(|(suite, task, _)| (suite.to_owned(), task.to_owned()));
        assert_eq!(found, HashSet::from(known));
    }

    #[test]
    fn the_shipped_suite_is_read() {
        let suite = Suite::named("first-steps").unwrap();
        let ids: Vec<_> = suite.samples().map(|(id, _)| id).collect();
        assert_eq!((suite.tasks.len(), ids.len()), (5, 15));
        assert_eq!(ids[0], "add-a-line-1");
        assert!(matches!(Suite::named("no-such"), Err(SuiteError::Unknown { .. })));
    }

    #[test]
    fn a_mistake_in_a_task_is_an_error() {
        let check = |body: &str| {
            let text = format!("[[sample]]\ninstruction = \"x\"\n[[sample.check]]\n{body}");
            Task::parse("t", &text).is_ok()
        };
        assert!(check("file = \"a\"\ntext = \"b\""));
        for wrong in [
            "fil = \"a\"",
            "file = \"a\"",
            "text = \"a\"",
            "file = \"a\"\ntext = \"b\"\nmissing = \"c\"",
            "missing = \"/etc/passwd\"",
            "folder = \"a/../../b\"",
            "folder = \"\"",
        ] {
            assert!(!check(wrong), "{wrong}");
        }
        let unchecked = Task::parse("t", "[[sample]]\ninstruction = \"x\"\ncheck = []");
        assert!(matches!(unchecked, Err(SuiteError::Empty { .. })), "{unchecked:?}");
    }
}
