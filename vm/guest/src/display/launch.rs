//! Starting applications by their desktop entries, and files by what the session has for them.

use std::{
    env, fs, io,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use deskbound_guest::Answer;

use crate::job::refused;

/// Programs that open a file or a URL with what the user prefers, the session's own first.
const OPENERS: [&[&str]; 3] = [&["exo-open"], &["gio", "open"], &["xdg-open"]];

const DATA_FOLDERS: &str = "/usr/local/share:/usr/share";

/// Largest desktop entry; those there are have a few kilobytes, most of it translations.
const ENTRY_BYTES_MAX: u64 = 1024 * 1024;

pub(super) fn open(target: &str) -> Answer {
    for opener in OPENERS {
        let mut command = Command::new(opener[0]);
        command.args(&opener[1..]).arg(target);
        match spawn(command) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            started => return answer(opener[0], started),
        }
    }
    let names = OPENERS.map(|opener| opener[0]).join(", ");
    refused(&format!("nothing here opens files: none of {names} is installed"))
}

pub(super) fn launch(desktop_id: &str, targets: &[String]) -> Answer {
    let Some(path) = find(desktop_id) else {
        return refused(&format!("no application is called `{desktop_id}`"));
    };
    let entry = match fs::metadata(&path).and_then(|found| match found.len() {
        0..=ENTRY_BYTES_MAX => fs::read_to_string(&path),
        _ => Err(io::Error::other("the file is too large")),
    }) {
        Ok(text) => text,
        Err(error) => return refused(&format!("{}: {error}", path.display())),
    };
    let entry = Entry::read(&entry);
    let Some((argv, folder)) =
        entry.and_then(|entry| Some((entry.argv(&path, targets)?, entry.folder)))
    else {
        return refused(&format!("{} starts no program", path.display()));
    };
    let mut command = Command::new(&argv[0]);
    command.args(&argv[1..]);
    if let Some(folder) = folder.map(Into::into).or_else(|| env::var_os("HOME")) {
        command.current_dir(folder);
    }
    answer(&argv[0], spawn(command))
}

fn answer(program: &str, started: io::Result<Child>) -> Answer {
    match started {
        Ok(mut child) => {
            let pid = child.id();
            thread::spawn(move || child.wait());
            Answer::Started { pid }
        }
        Err(error) => refused(&format!("`{program}` does not start: {error}")),
    }
}

fn spawn(mut command: Command) -> io::Result<Child> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command.spawn()
}

/// The file of a desktop entry, named with or without its ending.
fn find(desktop_id: &str) -> Option<PathBuf> {
    let name = desktop_id.strip_suffix(".desktop").unwrap_or(desktop_id);
    let is_a_name = !name.is_empty() && !name.contains('/') && !name.contains('\0');
    let own = env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let own = own.or_else(|| Some(Path::new(&env::var_os("HOME")?).join(".local/share")));
    let shared = env::var("XDG_DATA_DIRS").unwrap_or_else(|_| DATA_FOLDERS.into());
    let shared: Vec<PathBuf> = shared.split(':').map(PathBuf::from).collect();
    let folders = own.into_iter().chain(shared).filter(|_| is_a_name);
    let mut paths =
        folders.map(|folder| folder.join("applications").join(format!("{name}.desktop")));
    paths.find(|path| path.is_file())
}

/// What of a desktop entry starts its program.
struct Entry {
    name: String,
    icon: Option<String>,
    exec: String,
    folder: Option<String>,
}

impl Entry {
    fn read(text: &str) -> Option<Self> {
        let section = text.lines().skip_while(|line| line.trim() != "[Desktop Entry]").skip(1);
        let section: Vec<&str> =
            section.take_while(|line| !line.trim_start().starts_with('[')).collect();
        let value = |key: &str| {
            let mut pairs = section.iter().filter_map(|line| line.split_once('='));
            pairs.find(|(name, _)| name.trim() == key).map(|(_, value)| unescaped(value.trim()))
        };
        Some(Self {
            name: value("Name").unwrap_or_default(),
            icon: value("Icon"),
            exec: value("Exec")?,
            folder: value("Path").filter(|folder| !folder.is_empty()),
        })
    }

    /// The command with its field codes filled in; `None` where there is none.
    fn argv(&self, path: &Path, targets: &[String]) -> Option<Vec<String>> {
        let mut argv = Vec::new();
        for (word, is_quoted) in words(&self.exec)? {
            match word.as_str() {
                _ if is_quoted => argv.push(word),
                "%f" | "%u" => argv.extend(targets.first().cloned()),
                "%F" | "%U" => argv.extend(targets.iter().cloned()),
                "%i" => argv
                    .extend(self.icon.iter().flat_map(|icon| ["--icon".to_owned(), icon.clone()])),
                _ => argv.push(self.filled(&word, path, targets)),
            }
        }
        (!argv.is_empty()).then_some(argv)
    }

    /// Field codes within a word.
    fn filled(&self, word: &str, path: &Path, targets: &[String]) -> String {
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
                Some('k') => filled.push_str(&path.to_string_lossy()),
                Some('f' | 'u') => filled.push_str(targets.first().map_or("", String::as_str)),
                // Codes of old, which mean nothing any more.
                _ => {}
            }
        }
        filled
    }
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
        let entry = Entry::read(&text).expect("it has a command");
        let found = entry.argv(Path::new("/x/a.desktop"), &targets);
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
    fn an_entry_without_a_command_starts_nothing() {
        assert!(Entry::read("[Desktop Entry]\nName=A\n").is_none());
        assert!(Entry::read("Exec=outside any section\n").is_none());
    }
}
