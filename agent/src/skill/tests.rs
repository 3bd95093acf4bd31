//! Skills as a table: what is seen, and the move that is decided.

use deskbound_accessibility::Tree;
use deskbound_models::{Candidate, Grounding, ModelError, ToolCall};

use super::{Ground, Seen, SkillMove, skill};
use crate::memory::{Memory, Touched};
use crate::view::{View, sample};

const HOME: &str = "/home/user";

/// Chooses the candidate of this number, or none.
struct Choice(Option<usize>);

impl Ground for Choice {
    fn ground(&mut self, _: &str, _: Vec<Candidate>) -> Result<Grounding, ModelError> {
        Ok(match self.0 {
            Some(index) => Grounding::Candidate { index, probability: 0.9 },
            None => Grounding::NotHere { best: 0.2 },
        })
    }
}

fn call(tool: &str, arguments: &[(&str, &str)]) -> ToolCall {
    let arguments = arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).into()));
    ToolCall { tool: tool.to_owned(), arguments: arguments.collect() }
}

/// The first move of a skill on a view, in words.
fn check(call: &ToolCall, tree: &Tree, last: Option<Touched>, expected: &str) {
    let mut memory = Memory::new(HOME);
    last.into_iter().for_each(|touched| memory.touch(touched));
    let mut seen = Seen {
        view: View::new(tree),
        home: HOME,
        memory: &memory,
        misses: 0,
        file: None,
        ground: &mut Choice(None),
    };
    let found = match skill(call).map(|mut skill| skill.next(&mut seen).unwrap()) {
        Err(reason) => format!("error: {reason}"),
        Ok(SkillMove::Failed { reason }) => format!("failed: {reason}"),
        Ok(SkillMove::Read { path }) => format!("read {path}"),
        Ok(SkillMove::Done { evidence, .. }) => format!("done: {evidence}"),
        Ok(SkillMove::Act { actions, expect }) => {
            let actions: Vec<String> = actions.iter().map(ToString::to_string).collect();
            format!("{} → {expect:?}", actions.join(", "))
        }
    };
    assert_eq!(found, expected, "{call:?}");
}

#[test]
fn calls_that_make_no_sense_are_answered() {
    let tree = sample::document("Untitled 1 - Mousepad", "");
    for (call, expected) in [
        (call("fly", &[]), "error: there is no tool `fly`"),
        (call("rename", &[("target", "x")]), "error: `rename` needs `name`"),
        (call("open", &[("file", "x")]), "error: `open` has no argument `file`"),
        (
            call("write", &[("text", "x"), ("name", "../x")]),
            "failed: the name “../x” has characters that a file name cannot have",
        ),
        (call("save", &[("name", "x")]), "failed: there is nothing to save"),
        (
            call("calculate", &[("expression", "rm -rf")]),
            "failed: “rm -rf” is not plain arithmetic",
        ),
        (call("append", &[("line", "x")]), "failed: there is no document to add the line to"),
        (call("open", &[]), "failed: nothing was touched yet that could be opened"),
    ] {
        check(&call, &tree, None, expected);
    }
}

#[test]
fn moves_follow_what_is_seen() {
    let empty = sample::document("Untitled 1 - Mousepad", "");
    let other = sample::document("other.txt - Mousepad", "other");
    let rows = [("Archive", "folder"), ("note.txt", "plain text document")];
    let home = sample::folder(HOME, &rows);
    let write = call("write", &[("text", "hello")]);
    check(&write, &empty, None, "type “hello” → the document says the text");
    check(&write, &other, None, "start mousepad → an empty document is in front");
    let rename = call("rename", &[("target", "note.txt"), ("name", "plan.txt")]);
    check(&rename, &other, None, "start thunar /home/user → the file manager shows /home/user");
    check(&rename, &home, None, "click at 250,195 → note.txt is selected");
    let taken = call("rename", &[("target", "note.txt"), ("name", "Archive")]);
    check(&taken, &home, None, "failed: there is already something called Archive");
    let folder = call("make_folder", &[("name", "Invoices")]);
    check(&folder, &home, None, "press ctrl+shift+n → the dialog for the name is in front");
    let stranger = call("open", &[("target", "the\u{1b}[2J budget")]);
    check(&stranger, &home, None, "failed: no file or folder here is “the·[2J budget”");
    let last = Touched::Document { path: Some("/home/user/note.txt".to_owned()) };
    let append = call("append", &[("line", "x")]);
    check(&append, &home, Some(last.clone()), "read /home/user/note.txt");
    let open = call("open", &[]);
    let expected = "start mousepad /home/user/note.txt → note.txt is in front";
    check(&open, &home, Some(last), expected);
}
