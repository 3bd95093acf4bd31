//! What every desktop promises, asked of each of them in the same words.

mod hands;

use std::time::{Duration, Instant};

use deskbound_accessibility::{ScreenPx, State};
use deskbound_agent::action::{Action, Button};
use deskbound_agent::desktop::{Command, Desktop, DesktopError, Observation, Standing};
use deskbound_agent::limits::FILE_BYTES;
use deskbound_agent::vm::VmDesktop;
use deskbound_host::{Purpose, install, missing};
use deskbound_vm::{Image, Recipe, Store, Template, Vm};

use crate::bed::Bed;

/// For an application to show, emulated and on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_AGAIN: Duration = Duration::from_millis(700);
const TYPED: &str = "grün – 3 < 4";

/// Looks until it shows.
async fn until(
    desktop: &mut impl Desktop,
    what: &str,
    shows: impl Fn(&Observation) -> bool,
) -> Observation {
    let begun = Instant::now();
    loop {
        let observation = desktop.observe().await.expect("it can be looked at");
        if shows(&observation) {
            return observation;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: never seen");
        desktop.changed(&observation.frame, LOOK_AGAIN).await.expect("it can be waited for");
    }
}

fn says(observation: &Observation, text: &str) -> bool {
    let tree = &observation.tree;
    tree.nodes().any(|(id, _)| tree.name(id).contains(text) || tree.text(id).contains(text))
}

fn command(program: &str, args: &[&str]) -> Command {
    let args = args.iter().map(|arg| (*arg).to_owned()).collect();
    Command { program: program.to_owned(), args, limit: Duration::from_secs(30) }
}

async fn keeps_files(desktop: &mut impl Desktop) {
    let home = desktop.home();
    assert!(home.starts_with('/') && !home.ends_with('/'), "{home}");
    let path = format!("{home}/bytes");
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    desktop.write_file(&path, &bytes).await.expect("it is written");
    let read = desktop.read_file(&path).await.expect("it is read");
    assert!(read == Some(bytes), "it is not what was written");
    assert_eq!(desktop.read_file(&format!("{home}/none")).await.expect("it is asked"), None);
    let large = format!("{}", FILE_BYTES + 1);
    let made = desktop.run(&command("truncate", &["-s", &large, &path])).await.expect("it runs");
    assert_eq!(made.status, Some(0));
    let read = desktop.read_file(&path).await.map(|bytes| bytes.map(|bytes| bytes.len()));
    assert!(matches!(read, Err(DesktopError::File { .. })), "{read:?}");
}

async fn runs_commands(desktop: &mut impl Desktop) {
    let said = desktop.run(&command("sh", &["-c", "echo out; echo err >&2; exit 3"])).await;
    let said = said.expect("it runs");
    assert_eq!(
        (said.status, &*said.stdout, &*said.stderr),
        (Some(3), &b"out\n"[..], &b"err\n"[..])
    );
    let none = desktop.run(&command("no-such-program", &[])).await;
    assert!(matches!(none, Err(DesktopError::Start { .. })), "{none:?}");
    let late = Command { limit: Duration::from_millis(300), ..command("sleep", &["60"]) };
    let late = desktop.run(&late).await;
    assert!(matches!(late, Err(DesktopError::Late { .. })), "{late:?}");
}

async fn takes_input(desktop: &mut impl Desktop) {
    let launch = Action::Launch { program: "mousepad".to_owned(), args: Vec::new() };
    desktop.perform(&launch).await.expect("it is started");
    let is_ready = |seen: &Observation| {
        let tree = &seen.tree;
        let focused =
            |(_, node): (_, &deskbound_accessibility::Node)| node.states.contains(State::Focused);
        says(seen, "Untitled") && tree.nodes().any(focused)
    };
    let seen = until(desktop, "an editor", is_ready).await;
    assert!(seen.titles().iter().any(|title| title.contains("Untitled")), "{:?}", seen.titles());
    let (width, height) = seen.frame.dimensions();
    let typed = Action::Type { text: TYPED.to_owned() };
    desktop.perform(&typed).await.expect("it is typed");
    until(desktop, "what was typed", |seen| says(seen, TYPED)).await;
    for chord in ["ctrl+a", "Delete"] {
        let key = Action::chord(chord.parse().expect("a chord"));
        desktop.perform(&key).await.expect("it is pressed");
    }
    until(desktop, "an empty document", |seen| !says(seen, TYPED)).await;
    // The corners are places like any other; what lies beyond them is none.
    for (x, y) in [(0, 0), (width as i32 - 1, height as i32 - 1)] {
        desktop
            .perform(&Action::Move { to: ScreenPx { x, y } })
            .await
            .expect("it is on the screen");
    }
    for (x, y) in [(-1, 5), (width as i32, 5), (5, height as i32)] {
        let at = ScreenPx { x, y };
        let beyond = desktop.perform(&Action::press(at, Button::Left, 1)).await;
        assert!(matches!(beyond, Err(DesktopError::OffScreen { .. })), "{x},{y}: {beyond:?}");
    }
    desktop.release_all().await.expect("nothing is held");
}

async fn stands_still(desktop: &mut impl Desktop, standing: Standing) {
    assert_eq!(desktop.freeze().await.expect("it stands still"), standing);
    desktop.thaw().await.expect("it goes on");
    desktop.observe().await.expect("it can be looked at again");
    let mut eye = desktop.eye();
    assert!(eye.frame().await.expect("the eye is open").is_some());
}

/// What is thrown away afterwards has a beginning to go back to; what is somebody's own has none.
async fn goes_back(desktop: &mut impl Desktop, standing: Standing) {
    let path = format!("{}/new", desktop.home());
    desktop.write_file(&path, b"since the beginning").await.expect("it is written");
    // Somebody watches all the time.
    let mut eye = desktop.eye();
    let reset = desktop.reset().await;
    let read = desktop.read_file(&path).await.expect("it is read");
    match standing {
        Standing::Frozen => {
            reset.expect("it goes back");
            assert_eq!(read, None);
            desktop.observe().await.expect("it can be looked at");
            takes_input(desktop).await;
        }
        Standing::Live => {
            assert!(matches!(reset, Err(DesktopError::Refused { .. })), "{reset:?}");
            assert!(read.is_some());
        }
    }
    assert!(eye.frame().await.expect("the eye is open").is_some());
}

async fn conforms(desktop: &mut impl Desktop, standing: Standing) {
    keeps_files(desktop).await;
    runs_commands(desktop).await;
    takes_input(desktop).await;
    hands::acts_on_things(desktop).await;
    hands::copies(desktop).await;
    hands::moves_windows(desktop).await;
    hands::has_monitors(desktop).await;
    stands_still(desktop, standing).await;
    goes_back(desktop, standing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_users_own_desktop_conforms() {
    let mut bed = Bed::start().await;
    conforms(&mut bed.desktop, Standing::Live).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_virtual_desktop_conforms() {
    install(&missing(Purpose::Run), &mut |_| {}).expect("what a desktop needs is installed");
    let store = Store::open().expect("the store opens");
    let recipe = Recipe::named("minimal").expect("it is shipped");
    Image::ensure(&store, &recipe, &mut |_| {}).await.expect("an image");
    let template = Template::ensure(&store, &recipe, &mut |_| {}).await.expect("a template");
    let vm = Vm::start(&store, &template).await.expect("it starts");
    conforms(&mut VmDesktop::new(vm), Standing::Frozen).await;
}
