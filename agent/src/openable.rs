//! What can be opened with whatever opens it: a file of the desktop, or an address of the web.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use crate::aim::absolute;

/// Longest address; servers take few that are longer.
const ADDRESS_CHARS: usize = 2000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Openable {
    /// By its absolute path, without `.` and `..`.
    File { path: String },
    /// `http:` or `https:`.
    Address { url: String },
}

/// Why something cannot be opened; for models and people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenableError {
    #[error("addresses of `{scheme}:` are not opened; of `http:`, `https:` and `file:` they are")]
    Scheme { scheme: String },
    #[error("`{text}` is no address that can be opened: {why}")]
    Address { text: String, why: &'static str },
    #[error("`{text}` is no absolute path")]
    Relative { text: String },
    #[error("`{path}` would start a program; launch that by its name")]
    Entry { path: String },
}

impl Openable {
    /// A file that is named without a `/` in front is below the home folder.
    pub(crate) fn below(home: &str, text: &str) -> Result<Self, OpenableError> {
        match split(text) {
            Some(_) => text.parse(),
            None => Self::file(absolute(home, text)),
        }
    }

    fn file(path: String) -> Result<Self, OpenableError> {
        // Openers take these for what they start, not for what they show.
        if path.to_ascii_lowercase().ends_with(".desktop") {
            return Err(OpenableError::Entry { path });
        }
        Ok(Self::File { path })
    }

    fn web(url: String) -> Result<Self, OpenableError> {
        let no = |why| Err(OpenableError::Address { text: crate::sanitize::line(&url), why });
        let rest = split(&url).map_or("", |(_, rest)| rest);
        let strange = |letter: char| {
            letter.is_whitespace() || letter.is_control() || "\\\"<>".contains(letter)
        };
        if url.chars().count() > ADDRESS_CHARS {
            return no("it is too long");
        }
        if url.chars().any(strange) {
            return no("there is a letter in it that addresses have not");
        }
        // What stands before the `@` is there to be taken for the host.
        if authority(rest).contains('@') {
            return no("a name or a password is in it");
        }
        if host(rest).is_empty() {
            return no("it has no host");
        }
        Ok(Self::Address { url })
    }

    /// Of an address.
    pub(crate) fn host(&self) -> Option<String> {
        match self {
            Self::File { .. } => None,
            Self::Address { url } => Some(host(split(url)?.1).to_ascii_lowercase()),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::File { path } => path,
            Self::Address { url } => url,
        }
    }
}

impl FromStr for Openable {
    type Err = OpenableError;

    fn from_str(text: &str) -> Result<Self, OpenableError> {
        let Some((scheme, rest)) = split(text) else {
            let text = text.to_owned();
            return match text.starts_with('/') {
                true => Self::file(absolute("", &text)),
                false => Err(OpenableError::Relative { text }),
            };
        };
        match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => Self::web(text.to_owned()),
            "file" => {
                let no = |why| OpenableError::Address { text: crate::sanitize::line(text), why };
                let path = rest.strip_prefix("localhost").unwrap_or(rest);
                let path = path.split(['?', '#']).next().unwrap_or_default();
                let path =
                    percent_decode_str(path).decode_utf8().map_err(|_| no("it is no text"))?;
                if !path.starts_with('/') || path.contains('\0') {
                    return Err(no("it names no file of this desktop"));
                }
                Self::file(absolute("", &path))
            }
            other => Err(OpenableError::Scheme { scheme: other.to_owned() }),
        }
    }
}

impl TryFrom<String> for Openable {
    type Error = OpenableError;

    fn try_from(text: String) -> Result<Self, OpenableError> {
        text.parse()
    }
}

impl From<Openable> for String {
    fn from(openable: Openable) -> Self {
        openable.as_str().to_owned()
    }
}

/// For people: nothing from a stranger is left raw.
impl fmt::Display for Openable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::sanitize::whole_line(self.as_str()))
    }
}

/// The scheme of a URL, and what follows its `//`; `None` of what is a path.
fn split(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let is_one = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.chars().all(|it| it.is_ascii_alphanumeric() || "+.-".contains(it));
    is_one.then_some((scheme, rest))
}

fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn host(rest: &str) -> &str {
    let authority = authority(rest);
    match authority.find(']') {
        Some(end) if authority.starts_with('[') => &authority[..=end],
        _ => authority.split(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        match (Openable::below("/home/user", text), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found.as_str(), expected, "{text}"),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (found, _) => panic!("{text}: {found:?}"),
        }
    }

    #[test]
    fn files_and_addresses_are_opened_and_nothing_else() {
        check("a b.txt", Ok("/home/user/a b.txt"));
        check("/etc/../tmp/x", Ok("/tmp/x"));
        check("mailto:a", Ok("/home/user/mailto:a"));
        check("file:///tmp/a%20b.txt#top", Ok("/tmp/a b.txt"));
        check("FILE://localhost/a/./b", Ok("/a/b"));
        check("file://elsewhere/a", Err("names no file"));
        check("file:///a%00b", Err("names no file"));
        check("file:///%ff", Err("no text"));
        check("run.desktop", Err("would start a program"));
        check("file:///a/Run%2eDesktop", Err("would start a program"));
        check("https://a.org/x?y=1#z", Ok("https://a.org/x?y=1#z"));
        check("ssh://a.org", Err("`ssh:` are not opened"));
        check("https://", Err("no host"));
        check("http://:80/", Err("no host"));
        check("https://a.org@b.org/", Err("a name or a password"));
        check("https://a.org\\@b.org/", Err("a letter"));
        check("https://a.org/\nx", Err("a letter"));
        check(&format!("https://a.org/{}", "x".repeat(ADDRESS_CHARS)), Err("too long"));
    }

    #[test]
    fn a_host_is_what_a_browser_asks() {
        let host = |text: &str| text.parse::<Openable>().unwrap().host().unwrap();
        assert_eq!(host("https://A.org"), "a.org");
        assert_eq!(host("HTTPS://a.org:8080/b@c"), "a.org");
        assert_eq!(host("http://[::1]:80?x"), "[::1]");
        assert_eq!(Openable::below("/", "a").unwrap().host(), None);
    }
}
