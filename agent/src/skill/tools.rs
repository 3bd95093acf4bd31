//! What models are offered. All arguments are strings.

use deskbound_models::{ArgumentSpec, ToolSpec};

const fn tool(
    name: &'static str,
    purpose: &'static str,
    arguments: &'static [ArgumentSpec],
) -> ToolSpec {
    ToolSpec { name, purpose, arguments }
}

const fn needed(name: &'static str, purpose: &'static str) -> ArgumentSpec {
    ArgumentSpec { name, purpose, required: true }
}

const fn maybe(name: &'static str, purpose: &'static str) -> ArgumentSpec {
    ArgumentSpec { name, purpose, required: false }
}

const FILE: &str = "the file, as it was said; without it, the last one touched";
const THING: &str = "the file or folder, as it was said";
const INTO: &str = "the folder, as it was said";
const NAME: &str = "the file's name";
const LEAVE: ArgumentSpec =
    maybe("leave", "unsaved, where the next call saves it under another name");

/// Every tool there is.
pub static TOOLS: &[ToolSpec] = &[
    tool(
        "write",
        "type a text into a new document, and save it where a name is given",
        &[needed("text", "the text"), maybe("name", NAME), maybe("folder", INTO)],
    ),
    tool(
        "save",
        "save the current document, the last result, or a text under a name; without a name, save what is open",
        &[maybe("name", NAME), maybe("text", "the text"), maybe("folder", INTO)],
    ),
    tool(
        "open",
        "open a file or go into a folder; without a target, the last one touched",
        &[maybe("target", THING)],
    ),
    tool(
        "append",
        "add a line at the end of a file and save it",
        &[needed("line", "the line"), maybe("target", FILE), LEAVE],
    ),
    tool(
        "prepend",
        "add a line at the beginning of a file and save it",
        &[needed("line", "the line"), maybe("target", FILE), LEAVE],
    ),
    tool(
        "replace",
        "replace a text by another, everywhere in a file, and save it",
        &[
            needed("sought", "the text that is there"),
            needed("value", "the text instead"),
            maybe("target", FILE),
            LEAVE,
        ],
    ),
    tool(
        "delete_line",
        "take a line out of a file and save it",
        &[
            maybe("sought", "what the line says"),
            maybe("value", "its place, such as third or last"),
            maybe("target", FILE),
            LEAVE,
        ],
    ),
    tool("read", "tell what a file says", &[maybe("target", FILE)]),
    tool(
        "find_text",
        "find a text in a document",
        &[needed("sought", "the text"), maybe("target", FILE)],
    ),
    tool(
        "rename",
        "give a file or folder another name",
        &[needed("target", THING), needed("name", "the new name")],
    ),
    tool(
        "move",
        "move a file or folder into a folder",
        &[needed("target", THING), needed("folder", INTO)],
    ),
    tool(
        "copy",
        "copy a file or folder into a folder",
        &[needed("target", THING), needed("folder", INTO)],
    ),
    tool(
        "move_all",
        "move all files of a kind into a folder",
        &[needed("sought", "the kind, such as pictures or *.txt"), needed("folder", INTO)],
    ),
    tool(
        "copy_all",
        "copy all files of a kind into a folder",
        &[needed("sought", "the kind, such as pictures or *.txt"), needed("folder", INTO)],
    ),
    tool("duplicate", "make a second one of a file beside it", &[needed("target", THING)]),
    tool(
        "trash",
        "put a file or folder into the trash; nothing is deleted for good",
        &[needed("target", THING)],
    ),
    tool(
        "find",
        "find out in which folder a file is",
        &[needed("sought", "its name, as it was said")],
    ),
    tool(
        "list",
        "tell what a folder has",
        &[maybe("folder", "the folder, as it was said; without it, this one")],
    ),
    tool(
        "make_folder",
        "make a folder",
        &[needed("name", "its name"), maybe("folder", "the folder it goes into")],
    ),
    tool(
        "compress",
        "put a file or folder into an archive",
        &[needed("target", THING), maybe("name", "the name of the archive")],
    ),
    tool(
        "extract",
        "take everything out of an archive",
        &[needed("target", "the archive, as it was said")],
    ),
    tool(
        "calculate",
        "calculate, and save the result where a name is given",
        &[needed("expression", "plain arithmetic, such as 1290/8"), maybe("name", NAME)],
    ),
    tool(
        "press",
        "press a button, a link or another thing in the window in front",
        &[needed("control", "its name")],
    ),
    tool(
        "choose",
        "choose an item of a menu",
        &[
            needed("control", "its name, or its way: View > Reload"),
            maybe("menu", "the menu it is in"),
        ],
    ),
    tool(
        "check",
        "switch a box or an item of a menu on or off",
        &[needed("control", "its name"), needed("state", "on or off")],
    ),
    tool(
        "set",
        "set a field, a list or a number to a value",
        &[needed("control", "the name of the field"), needed("value", "the value")],
    ),
    tool("tab", "go to a tab", &[needed("control", "the name on the tab")]),
    tool(
        "edit",
        "edit what is in front",
        &[needed("action", "select all, copy, cut, paste, undo or redo")],
    ),
    tool("key", "press keys together", &[needed("value", "such as ctrl+s or Return")]),
    tool("scroll", "scroll what is in front", &[needed("direction", "up, down, top or bottom")]),
    tool(
        "go",
        "go to another place in a file manager or a browser",
        &[needed("where", "back, forward or up")],
    ),
    tool(
        "window",
        "do something to a window",
        &[
            needed("action", "focus, minimise, maximise, restore, close, left or right"),
            maybe("window", "its title or its application; without it, the one in front"),
        ],
    ),
    tool("launch", "start an application", &[needed("window", "what it is called")]),
    tool(
        "run",
        "run a command in the terminal, and save its output where a name is given",
        &[needed("command", "the command"), maybe("name", NAME)],
    ),
    tool("wait_for", "wait until a text can be seen", &[needed("sought", "the text")]),
];
