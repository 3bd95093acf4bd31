//! The table itself. The order is that of help and footer.

use ratatui::crossterm::event::KeyCode;

use super::When::{
    Everywhere, Hands, Home, Live, Outline, Past, Steering, Steps, Suite, View, Watching,
};
use super::{Binding, Stroke, When, Wish};

const fn char(key: char) -> Stroke {
    Stroke::char(key)
}

const fn control(key: char) -> Stroke {
    Stroke::control(key)
}

const fn code(code: KeyCode) -> Stroke {
    Stroke::code(code)
}

const fn row(name: &'static str, wish: Wish, strokes: &'static [Stroke], when: When) -> Binding {
    Binding { name, wish, strokes, when, word: "", help: "" }
}

impl Binding {
    const fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }

    /// In the footer, too.
    const fn word(mut self, word: &'static str) -> Self {
        self.word = word;
        self
    }
}

pub(crate) const TABLE: &[Binding] = &[
    row("new-run", Wish::New, &[char('n'), char('i')], Home)
        .word("new run")
        .help("type what is to be done"),
    row("open", Wish::Choose, &[code(KeyCode::Enter)], Home)
        .word("open")
        .help("attach to the run, or replay it"),
    row("next-list", Wish::NextPane, &[code(KeyCode::Tab)], Home)
        .word("list")
        .help("runs, desktops, models: choose a row with the arrows"),
    row("find-run", Wish::Find, &[char('/')], Home).word("find").help("only runs that say this"),
    row("doctor", Wish::Doctor, &[char('d')], Home).help("all that the doctor has to say"),
    row("evaluation", Wish::Evaluation, &[char('e')], Home)
        .word("eval")
        .help("how the newest evaluation is doing"),
    row("open-record", Wish::Choose, &[code(KeyCode::Enter)], Suite)
        .word("open")
        .help("the record of this sample, step by step"),
    row("which", Wish::Which, &[char('w')], Suite)
        .word("which")
        .help("only samples that did not pass, or all again"),
    row("pause", Wish::Pause, &[char(' ')], Steering)
        .word("pause")
        .help("let the run and its desktop stand still, or go on"),
    row("step", Wish::SingleStep, &[char('s')], Steering)
        .word("step")
        .help("one step, then stand still"),
    row("prompt", Wish::Prompt, &[char('p')], Steering)
        .word("prompt")
        .help("tell the models something"),
    row("take-over", Wish::TakeOver, &[char('t')], Steering)
        .word("take over")
        .help("your keys and pointer go to the desktop"),
    row("take-control", Wish::TakeControl, &[char('c')], Watching)
        .word("take the control")
        .help("steer from this view; the one that did watches from then on"),
    row("give-back", Wish::GiveBack, &[control(']')], Hands)
        .word("give the desktop back")
        .help("give the desktop back to the run"),
    row("special-keys", Wish::SpecialKeys, &[control('\\')], Hands)
        .word("special keys")
        .help("keys that a terminal keeps to itself, the desktop's clipboard, and its reset"),
    row("stop", Wish::Stop, &[char('S')], Steering).word("stop").help("end the run"),
    row("play", Wish::Play, &[char(' ')], Past)
        .word("play")
        .help("play the steps one after the other"),
    row("help", Wish::Help, &[char('?'), code(KeyCode::F(1))], Everywhere)
        .word("help")
        .help("these keys"),
    row("commands", Wish::Commands, &[char(':')], Everywhere)
        .word("commands")
        .help("everything by its name, with completion"),
    row("up", Wish::Up, &[code(KeyCode::Up), char('k')], Everywhere)
        .help("one row up; with the screen in focus, up the picture"),
    row("down", Wish::Down, &[code(KeyCode::Down), char('j')], Everywhere).help("one row down"),
    row("left", Wish::Left, &[code(KeyCode::Left), char('h')], View).help("back, or to the left"),
    row("right", Wish::Right, &[code(KeyCode::Right), char('l')], View).help("on, or to the right"),
    row("page-up", Wish::PageUp, &[code(KeyCode::PageUp), control('u')], Everywhere)
        .help("ten rows up"),
    row("page-down", Wish::PageDown, &[code(KeyCode::PageDown), control('d')], Everywhere)
        .help("ten rows down"),
    row("first", Wish::First, &[code(KeyCode::Home), char('g')], Everywhere)
        .help("to the first row"),
    row("newest", Wish::Newest, &[code(KeyCode::End), char('G')], Everywhere)
        .help("to the last row, and on with every new one"),
    row("next-mark", Wish::NextMark, &[char('n')], View)
        .word("next mark")
        .help("to the next question, denial, failure or person"),
    row("previous-mark", Wish::PreviousMark, &[char('N')], View).help("to the one before"),
    row("next-question", Wish::NextQuestion, &[char('A')], View)
        .help("to the next question, from the first again after the last"),
    row("next-denial", Wish::NextDenial, &[char('D')], View).help("to the next denial"),
    row("next-failure", Wish::NextFailure, &[char('E')], View).help("to the next failure"),
    row("zoom-in", Wish::ZoomIn, &[char('z'), char('+')], View)
        .word("zoom")
        .help("closer to the target"),
    row("zoom-out", Wish::ZoomOut, &[char('Z'), char('-')], View).help("farther away"),
    row("outline", Wish::Outline, &[char('a')], View)
        .word("outline")
        .help("the elements on the screen as text, or the picture again"),
    row("details", Wish::Details, &[code(KeyCode::Enter)], Steps)
        .word("in full")
        .help("the step in full: every word, its rule, what it changed"),
    row("show", Wish::Choose, &[code(KeyCode::Enter)], Outline)
        .word("show")
        .help("show it on the screen"),
    row("find", Wish::Find, &[char('/')], View)
        .help("the next step that says this; with elements shown, only those that do"),
    row("before-after", Wish::After, &[char('v')], View)
        .word("before/after")
        .help("the screen before the action, or after it"),
    row("freeze", Wish::Freeze, &[char('f')], Live).help("hold this view still; the run goes on"),
    row("next-pane", Wish::NextPane, &[code(KeyCode::Tab)], View)
        .help("the next pane takes the arrow keys"),
    row("theme", Wish::Theme, &[char('T')], Everywhere).help("the next theme"),
    row("mouse", Wish::Mouse, &[char('m')], Everywhere)
        .help("the wheel scrolls and a click chooses; off, text can be marked"),
    row("back", Wish::Back, &[code(KeyCode::Esc)], Everywhere).help("one level back"),
    row("suspend", Wish::Suspend, &[control('z')], Everywhere)
        .help("to the shell, and back with `fg`"),
    row("redraw", Wish::Redraw, &[control('l')], Everywhere).help("draw everything again"),
    row("leave", Wish::Leave, &[char('q'), control('c')], Everywhere)
        .word("leave")
        .help("leave this view; a run goes on"),
];
