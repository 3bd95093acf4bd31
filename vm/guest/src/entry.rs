//! Desktop entries: which program an application is, and how it is told what to open.
//!
//! Source: the Desktop Entry Specification 1.5 of freedesktop.org.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

const DATA_FOLDERS: &str = "/usr/local/share:/usr/share";

/// Largest desktop entry; those there are have a few kilobytes, most of it translations.
const ENTRY_BYTES_MAX: u64 = 1024 * 1024;

/// Entries that are looked through for a program.
const ENTRIES_MAX: usize = 4096;

/// Programs that open a file or an address with what the user prefers, the session's own first.
const OPENERS: [&[&str]; 3] = [&["exo-open"], &["gio", "open"], &["xdg-open"]];

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    #[error("no application is called `{name}`")]
    None { name: String },
    #[error("{} cannot be read", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} starts no program", path.display())]
    NoProgram { path: PathBuf },
}

/// What of a desktop entry starts its program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesktopEntry {
    path: PathBuf,
    name: String,
    icon: Option<String>,
    exec: String,
    folder: Option<String>,
}

/// Where an application's program is started, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The program first.
    pub argv: Vec<String>,
    pub folder: Option<PathBuf>,
}

impl DesktopEntry {
    /// By its id, with or without the ending.
    pub fn of_id(id: &str) -> Result<Self, EntryError> {
        let name = id.strip_suffix(".desktop").unwrap_or(id);
        let none = || EntryError::None { name: id.to_owned() };
        let is_a_name = !name.is_empty() && !name.contains('/') && !name.contains('\0');
        let mut folders = folders().filter(|_| is_a_name);
        let found = folders.find_map(|folder| {
            Some(folder.join(format!("{name}.desktop"))).filter(|path| path.is_file())
        });
        Self::open(&found.ok_or_else(none)?)
    }

    /// By the name of the program it starts, such as `mousepad`.
    pub fn of_program(program: &str) -> Result<Self, EntryError> {
        let entries = folders().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).take(ENTRIES_MAX).collect();
        // The settings of a program come behind the program itself.
        paths.sort_by_key(|path| path.as_os_str().len());
        let opened = paths.iter().filter_map(|path| Self::open(path).ok());
        let starts = |entry: &Self| {
            let first = words(&entry.exec).and_then(|words| Some(words.first()?.0.clone()));
            first.is_some_and(|first| {
                Path::new(&first).file_name().is_some_and(|name| name == program)
            })
        };
        let none = || EntryError::None { name: program.to_owned() };
        opened.into_iter().find(starts).ok_or_else(none)
    }

    fn open(path: &Path) -> Result<Self, EntryError> {
        let read = fs::metadata(path).and_then(|found| match found.len() {
            0..=ENTRY_BYTES_MAX => fs::read_to_string(path),
            _ => Err(io::Error::other("the file is too large")),
        });
        let text = read.map_err(|source| EntryError::Read { path: path.to_owned(), source })?;
        Self::read(&text, path).ok_or_else(|| EntryError::NoProgram { path: path.to_owned() })
    }

    fn read(text: &str, path: &Path) -> Option<Self> {
        let section = text.lines().skip_while(|line| line.trim() != "[Desktop Entry]").skip(1);
        let section: Vec<&str> =
            section.take_while(|line| !line.trim_start().starts_with('[')).collect();
        let value = |key: &str| {
            let mut pairs = section.iter().filter_map(|line| line.split_once('='));
            pairs.find(|(name, _)| name.trim() == key).map(|(_, value)| unescaped(value.trim()))
        };
        Some(Self {
            path: path.to_owned(),
            name: value("Name").unwrap_or_default(),
            icon: value("Icon"),
            exec: value("Exec")?,
            folder: value("Path").filter(|folder| !folder.is_empty()),
        })
    }

    /// The command that opens these files or addresses.
    pub fn start(&self, targets: &[String]) -> Result<Start, EntryError> {
        let none = || EntryError::NoProgram { path: self.path.clone() };
        let argv = self.argv(targets).ok_or_else(none)?;
        Ok(Start { argv, folder: self.folder.as_ref().map(PathBuf::from) })
    }

    /// The command with its field codes filled in; `None` where there is none.
    fn argv(&self, targets: &[String]) -> Option<Vec<String>> {
        let mut argv = Vec::new();
        for (word, is_quoted) in words(&self.exec)? {
            match word.as_str() {
                _ if is_quoted => argv.push(word),
                "%f" | "%u" => argv.extend(targets.first().cloned()),
                "%F" | "%U" => argv.extend(targets.iter().cloned()),
                "%i" => argv
                    .extend(self.icon.iter().flat_map(|icon| ["--icon".to_owned(), icon.clone()])),
                _ => argv.push(self.filled(&word, targets)),
            }
        }
        (!argv.is_empty()).then_some(argv)
    }

    /// Field codes within a word.
    fn filled(&self, word: &str, targets: &[String]) -> String {
        let mut filled = String::new();
        let mut rest = word.chars();
        while let Some(character) = rest.next() {
            if character != '%' {
                filled.push(character);
                continue;
            }
            match rest.next() {
                Some('%') => filled.push('%'),
                Some('c') => filled.push_str(&self.name),
                Some('k') => filled.push_str(&self.path.to_string_lossy()),
                Some('f' | 'u') => filled.push_str(targets.first().map_or("", String::as_str)),
                // Codes of old, which mean nothing any more.
                _ => {}
            }
        }
        filled
    }
}

/// Opens a file or an address with whatever the session has for it. `start` starts a command; the
/// first one that is installed is it.
pub fn open_with<T>(target: &str, mut start: impl FnMut(&Start) -> io::Result<T>) -> io::Result<T> {
    for opener in OPENERS {
        let words = opener.iter().chain([&target]);
        let argv = words.map(|word| (*word).to_owned()).collect();
        match start(&Start { argv, folder: None }) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            started => return started,
        }
    }
    let names = OPENERS.map(|opener| opener[0]).join(", ");
    let why = format!("nothing here opens files: none of {names} is installed");
    Err(io::Error::new(io::ErrorKind::NotFound, why))
}

/// Where entries lie, the user's own first.
fn folders() -> impl Iterator<Item = PathBuf> {
    let own = env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let own = own.or_else(|| Some(Path::new(&env::var_os("HOME")?).join(".local/share")));
    let shared = env::var("XDG_DATA_DIRS").unwrap_or_else(|_| DATA_FOLDERS.into());
    let shared: Vec<PathBuf> = shared.split(':').map(PathBuf::from).collect();
    own.into_iter().chain(shared).map(|folder| folder.join("applications"))
}

/// The general escapes of a value.
fn unescaped(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => match rest.next() {
                Some('s') => text.push(' '),
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some(other) => text.push(other),
                None => {}
            },
            _ => text.push(character),
        }
    }
    text
}

/// The words of a command and whether each was quoted; `None` where a quote does not end.
fn words(exec: &str) -> Option<Vec<(String, bool)>> {
    let (mut words, mut rest) = (Vec::new(), exec.chars().peekable());
    loop {
        while rest.next_if(|next| next.is_whitespace()).is_some() {}
        if rest.peek().is_none() {
            return Some(words);
        }
        let (mut word, mut is_quoted) = (String::new(), false);
        while let Some(character) = rest.next_if(|next| !next.is_whitespace()) {
            if character != '"' {
                word.push(character);
                continue;
            }
            is_quoted = true;
            loop {
                match rest.next()? {
                    '"' => break,
                    '\\' => word.push(rest.next()?),
                    other => word.push(other),
                }
            }
        }
        words.push((word, is_quoted));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(exec: &str, targets: &[&str], expected: Option<&[&str]>) {
        let text = format!(
            "# a comment\n[Desktop Entry]\nName=A B\nName[de]=C\nIcon=face\nExec={exec}\n\
             [Desktop Action new]\nExec=other\n"
        );
        let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
        let path = Path::new("/x/a.desktop");
        let entry = DesktopEntry::read(&text, path).expect("it has a command");
        let found = entry.argv(&targets);
        let expected = expected.map(|all| all.iter().map(|one| (*one).to_owned()).collect());
        assert_eq!(found, expected, "{exec}");
    }

    #[test]
    fn a_command_is_filled_in() {
        check("mousepad %U", &[], Some(&["mousepad"]));
        check("mousepad %U", &["a b", "-c"], Some(&["mousepad", "a b", "-c"]));
        check("view  %f", &["1", "2"], Some(&["view", "1"]));
        check(
            "\"/opt/a b/run\" --title=%c %i",
            &[],
            Some(&["/opt/a b/run", "--title=A B", "--icon", "face"]),
        );
        check(r#"sh -c "echo \\"%f\\" \\$HOME""#, &["x"], Some(&["sh", "-c", "echo \"%f\" $HOME"]));
        check("a 100%% %k %d", &[], Some(&["a", "100%", "/x/a.desktop", ""]));
        check("\"never ends", &[], None);
    }

    #[test]
    fn the_first_opener_that_is_installed_opens() {
        let opened = |installed: &str| {
            open_with("/a b", |start| match start.argv[0] == installed {
                true => Ok(start.argv.join("|")),
                false => Err(io::ErrorKind::NotFound.into()),
            })
        };
        assert_eq!(opened("exo-open").unwrap(), "exo-open|/a b");
        assert_eq!(opened("gio").unwrap(), "gio|open|/a b");
        let none = opened("none").unwrap_err();
        assert!(none.to_string().contains("exo-open, gio, xdg-open"), "{none}");
        let broken = open_with("/a", |_| Err::<(), _>(io::Error::other("broken"))).unwrap_err();
        assert_eq!(broken.to_string(), "broken");
    }

    #[test]
    fn an_entry_without_a_command_starts_nothing() {
        assert!(DesktopEntry::read("[Desktop Entry]\nName=A\n", Path::new("/x")).is_none());
        assert!(DesktopEntry::read("Exec=outside any section\n", Path::new("/x")).is_none());
    }
}
