//! What is laid out in the home folder before the agent starts.

use serde::Deserialize;

use super::below_home;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    File { path: String, bytes: Vec<u8> },
    Folder { path: String },
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fields {
    file: Option<String>,
    text: Option<String>,
    from: Option<String>,
    folder: Option<String>,
}

impl Fields {
    pub(crate) fn with(self, beside: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Given, String> {
        let bytes = match (self.text, self.from) {
            (Some(text), None) => Some(text.into_bytes()),
            (None, Some(name)) => match beside(&name) {
                Some(bytes) => Some(bytes),
                None => return Err(format!("there is no file `{name}` beside the task")),
            },
            (None, None) => None,
            (Some(_), Some(_)) => return Err("a file has `text` or `from`, not both".to_owned()),
        };
        match (self.file, bytes, self.folder) {
            (Some(path), Some(bytes), None) => {
                Ok(Given::File { path: below_home(&path)?.to_owned(), bytes })
            }
            (None, None, Some(path)) => Ok(Given::Folder { path: below_home(&path)?.to_owned() }),
            _ => Err("given is `file` with `text` or `from`, or `folder`".to_owned()),
        }
    }
}
