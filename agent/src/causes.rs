//! What an error says, with what it was caused by.

use std::error::Error;

/// An error and its causes, in one line.
pub fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desktop::DesktopError;

    #[test]
    fn causes_follow_what_they_caused() {
        let source = std::io::Error::other("the disk is full");
        let file = DesktopError::File { path: "a.txt".to_owned(), source };
        assert_eq!(chain(&file), "the file `a.txt` could not be used: the disk is full");
        let outer = DesktopError::Other { what: "no luck".to_owned(), source: Box::new(file) };
        let all = "no luck: the file `a.txt` could not be used: the disk is full";
        assert_eq!(chain(&outer), all);
    }
}
