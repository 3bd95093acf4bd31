//! Names as a person says them, made into paths inside the home folder.

/// The longest name a Linux file system takes.
const NAME_BYTES: usize = 255;

/// `folder`/`name`, or why that is no name for a file.
pub(crate) fn join(folder: &str, name: &str) -> Result<String, String> {
    let name = name.trim();
    let shown = crate::sanitize::line(name);
    if name.is_empty() || name == "." || name == ".." {
        return Err(format!("“{shown}” is no name for a file"));
    }
    if name.contains('/') || name.chars().any(char::is_control) {
        return Err(format!("the name “{shown}” has characters that a file name cannot have"));
    }
    if name.len() > NAME_BYTES {
        return Err(format!("the name “{shown}” is longer than {NAME_BYTES} bytes"));
    }
    Ok(format!("{folder}/{name}"))
}

/// The last part of a path.
pub(crate) fn base(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, base)| base)
}

/// All but the last part of a path.
pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_folder() {
        for (name, expected) in [
            ("note.txt", Ok("/home/user/note.txt")),
            (" plan ", Ok("/home/user/plan")),
            ("..", Err(())),
            ("../x", Err(())),
            ("/etc/passwd", Err(())),
            ("a\nb", Err(())),
            ("", Err(())),
        ] {
            let found = join("/home/user", name);
            assert_eq!(found.as_deref().map_err(|_| ()), expected, "{name}");
        }
        assert_eq!(base("/home/user/note.txt"), "note.txt");
        assert_eq!(folder("/home/user/note.txt"), "/home/user");
    }
}
