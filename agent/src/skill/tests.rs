//! Skills as a table: what is seen, and the move that is decided.

use deskbound_accessibility::Tree;
use deskbound_models::{Candidate, Grounding, ModelError, ToolCall};

use super::{Ground, Seen, Skill, SkillMove, skill};
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

/// The next move of a skill on a view, in words.
fn next(skill: &mut dyn Skill, tree: &Tree, memory: &Memory, misses: u32) -> String {
    let mut seen = Seen {
        view: View::new(tree),
        home: HOME,
        memory,
        misses,
        file: None,
        ground: &mut Choice(None),
    };
    match skill.next(&mut seen).unwrap() {
        SkillMove::Failed { reason } => format!("failed: {reason}"),
        SkillMove::Read { path } => format!("read {path}"),
        SkillMove::Done { evidence, .. } => format!("done: {evidence}"),
        SkillMove::Act { actions, expect } => {
            let actions: Vec<String> = actions.iter().map(ToString::to_string).collect();
            format!("{} → {expect:?}", actions.join(", "))
        }
    }
}

/// The first move for a call.
fn check(call: &ToolCall, tree: &Tree, last: Option<Touched>, expected: &str) {
    let mut memory = Memory::new(HOME);
    last.into_iter().for_each(|touched| memory.touch(touched));
    let found = match skill(call) {
        Err(reason) => format!("error: {reason}"),
        Ok(mut skill) => next(skill.as_mut(), tree, &memory, 0),
    };
    assert_eq!(found, expected, "{call:?}");
}

/// All moves for a call: what is seen, after how many misses, and what is decided.
fn check_all(call: &ToolCall, steps: &[(&Tree, u32, &str)]) {
    let (mut skill, memory) = (skill(call).unwrap(), Memory::new(HOME));
    for (place, (tree, misses, expected)) in steps.iter().enumerate() {
        let found = next(skill.as_mut(), tree, &memory, *misses);
        assert_eq!(found, *expected, "{call:?}, move {place}");
    }
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

#[test]
fn nothing_is_moved_until_it_has_arrived_and_left() {
    let (note, archive) = (("note.txt", "plain text document"), ("Archive", "folder"));
    let inside = format!("{HOME}/Archive");
    let home = sample::selected(HOME, &[archive, note], note.0);
    let left = sample::folder(HOME, &[archive]);
    let (empty, full) = (sample::folder(&inside, &[]), sample::folder(&inside, &[note]));
    let cut = "press ctrl+x, start thunar /home/user/Archive \
               → the file manager shows /home/user/Archive";
    let paste = "press ctrl+v → /home/user/Archive lists note.txt";
    let back = "start thunar /home/user → the file manager shows /home/user";
    let reload = "press F5 → /home/user lists no more note.txt";
    let done = "done: /home/user/Archive lists note.txt, and /home/user no more";
    let taken = "failed: there is already something called note.txt in Archive";
    let stayed = "failed: note.txt is still in user";
    let call = call("move", &[("target", "note.txt"), ("folder", "Archive")]);
    let runs: [&[(&Tree, u32, &str)]; 5] = [
        &[(&home, 0, cut), (&empty, 0, paste), (&full, 0, back), (&left, 0, done)],
        // The folder has one of this name: nothing is pasted.
        &[(&home, 0, cut), (&full, 0, taken)],
        // A paste that was not seen to do anything is made again.
        &[(&home, 0, cut), (&empty, 0, paste), (&empty, 1, paste), (&full, 0, back)],
        // One of this name came there by itself: what was cut is still where it was.
        &[
            (&home, 0, cut),
            (&empty, 0, paste),
            (&full, 0, back),
            (&home, 0, reload),
            (&home, 1, stayed),
        ],
        &[
            (&home, 0, cut),
            (&empty, 0, paste),
            (&full, 0, back),
            (&home, 0, reload),
            (&left, 0, done),
        ],
    ];
    for steps in runs {
        check_all(&call, steps);
    }
}
