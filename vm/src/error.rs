//! Why a desktop could not be built, started or driven.

use std::{io, path::PathBuf, process::ExitStatus, time::Duration};

use deskbound_accessibility::ActError;
use deskbound_guest::wire::WireError;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VmError {
    #[error("there is no recipe `{name}`; there are: {known}")]
    NoRecipe { name: String, known: String },
    #[error("the recipe `{name}` cannot be read")]
    Recipe { name: String, source: toml::de::Error },
    #[error("the recipe `{name}` does not say `{what}`")]
    RecipeLacks { name: String, what: &'static str },
    #[error("`{name}` is no name of a recipe: letters, digits, `-` and `_`")]
    NoRecipeName { name: String },
    #[error(
        "the recipe `{name}` says `{what} = {said}`, which is less than {least} or more than {most}"
    )]
    RecipeAmount { name: String, what: &'static str, said: u32, least: u32, most: u32 },
    #[error("the recipe `{name}` has a screen of more than {most} pixels")]
    RecipeScreen { name: String, most: u32 },
    #[error("the recipe `{name}` has a file that leads nowhere inside: `{path}`")]
    RecipeFile { name: String, path: String },
    #[error("the recipe `{name}` has a user that is none: `{user}`")]
    RecipeUser { name: String, user: String },
    #[error("the recipe `{name}` extends more than {most} others, or itself")]
    RecipeDepth { name: String, most: usize },
    #[error("the recipe `{name}` has a forward that is none: {what}")]
    RecipeForward { name: String, what: String },
    #[error("there is no desktop of the recipe `{recipe}` yet")]
    NotBuilt { recipe: String },
    #[error("an image is built by root, or by a user with a namespace; there is none: {said}")]
    NoNamespace { said: String },
    #[error("the desktop of the recipe `{recipe}` was made with {made_with}; here is {here}")]
    OutOfDate { recipe: String, made_with: String, here: String },
    #[error("{running} desktops run already, and no more than {most} may")]
    TooManyClones { running: usize, most: usize },
    #[error("{asked_mib} MiB more are more than may be promised: {promised_mib} of {most_mib} are")]
    TooMuchMemory { asked_mib: u32, promised_mib: u64, most_mib: u64 },
    #[error("{} has {free_mb} MB free; {wanted_mb} MB are wanted", path.display())]
    DiskFull { path: PathBuf, free_mb: u64, wanted_mb: u64 },
    #[error("the archive cannot be used")]
    Archive(#[from] crate::archive::ArchiveError),
    #[error("the owner of `{desktop}` did not do it: {reason}")]
    NotGranted { desktop: String, reason: String },
    #[error("`{name}` is no name: letters, digits, `-`, `_` and `.`, 64 at most")]
    NoName { name: String },
    #[error("there is a checkpoint `{name}` already")]
    NameTaken { name: String },
    #[error("there is no checkpoint `{name}`; there are: {known}")]
    NotKept { name: String, known: String },
    #[error("`{name}` was made with {made_with}, and here is {here}")]
    OfAnotherMachine { name: String, made_with: String, here: String },
    #[error("a checkpoint of a checkpoint, more than {most} deep")]
    TooManyLayers { most: usize },
    #[error(
        "something inside the desktop is waited for; there is no checkpoint between question and answer"
    )]
    Busy,
    #[error("the machine's state was not saved")]
    State { source: Box<dyn std::error::Error + Send + Sync> },
    #[error("the kernel does not let QEMU's memory be read by its owner")]
    NoLook { source: io::Error },
    #[error("no desktop `{name}` is running; running: {running}")]
    NotRunning { name: String, running: String },
    #[error("`{program}` is not installed")]
    ProgramMissing { program: String },
    #[error("`{step}` failed ({status}); its log is {}", log.display())]
    StepFailed { step: &'static str, status: ExitStatus, log: PathBuf },
    #[error("of the desktop of the recipe `{recipe}` there is no {} any more", path.display())]
    Vanished { recipe: String, path: PathBuf },
    #[error("`{}` cannot be {done}", path.display())]
    File { done: &'static str, path: PathBuf, source: io::Error },
    #[error("QEMU ended ({status}) before {before}; it said: {said}")]
    QemuEnded { before: &'static str, status: String, said: String },
    #[error("QEMU refuses `{command}`: {reason}")]
    QmpRefused { command: String, reason: String },
    #[error("QEMU's monitor says what is no QMP: {what}")]
    QmpBroken { what: String },
    #[error("{what} did not come about within {}", said(*limit))]
    TooLate { what: String, limit: Duration },
    #[error("the desktop did not come up within {}; its console ends with:\n{console}", said(*limit))]
    NeverUp { limit: Duration, console: String },
    #[error("the guest program has ended the conversation")]
    GuestGone,
    #[error("the guest program breaks the protocol: {what}")]
    GuestBroken { what: String },
    #[error("the guest program's port is broken")]
    GuestWire(#[source] WireError),
    #[error("there is no file `{path}` inside the desktop")]
    NoFile { path: String },
    #[error("inside the desktop: {reason}")]
    GuestRefused { reason: String },
    #[error("the desktop's owner refuses: {reason}")]
    OwnerRefused { reason: String },
    #[error("the node was not acted upon")]
    NotActed(#[source] ActError),
    #[error("({x}, {y}) is not on the screen of {width}×{height}")]
    OffScreen { x: i32, y: i32, width: u32, height: u32 },
    #[error("{what} are at least one and at most {max}")]
    Amount { what: &'static str, max: u32 },
    #[error("of {sent} keys or buttons only {seen} arrived inside the desktop")]
    InputLost { sent: usize, seen: u64 },
    #[error("the character {character:?} stands for no key and cannot be typed")]
    NoKey { character: char },
    #[error("QEMU wrote {bytes} bytes that are no frame")]
    Frame { bytes: usize },
}

impl VmError {
    pub(crate) fn file(
        done: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { done, path, source }
    }
}

/// Names for an error, which may be none.
pub(crate) fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn said(limit: Duration) -> String {
    format!("{:.1} s", limit.as_secs_f64())
}
