//! The everyday desktop with its applications, looked at.

use std::time::{Duration, Instant};

use deskbound_accessibility::{ScreenPx, Selector, State};
use deskbound_vm::{Button, CommandSpec, Image, Mode, Recipe, Store, Template, User, Vm, VmError};

use crate::lab::{self, command, run};

/// A browser’s first start, emulated on cores that do other things too: minutes.
const START_LIMIT: Duration = Duration::from_secs(15 * 60);

const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Where the pictures of what was seen go.
const PICTURES: &str = env!("CARGO_TARGET_TMPDIR");

async fn launch(vm: &Vm, argv: &[&str]) {
    let spec = CommandSpec { mode: Mode::Background, ..command(argv, User::Session) };
    vm.run(spec, &mut |_, _| {}).await.expect("it starts");
}

/// Waits for a window with such a title, and keeps a picture of it.
async fn shows(vm: &Vm, title: &str, picture: &str) {
    let asked = Instant::now();
    loop {
        let tree = vm.tree(&vm.accel().tree_limits()).await.expect("a tree");
        let names: Vec<&str> = tree.nodes().map(|(id, _)| tree.name(id)).collect();
        if names.iter().any(|name| name.contains(title)) {
            break;
        }
        if asked.elapsed() > START_LIMIT {
            let frame = vm.controls().frame().await.expect("a frame");
            let at = format!("{PICTURES}/{picture}-not-there.png");
            frame.image.save(&at).expect("a picture");
            let tops: Vec<&str> = tree.apps.iter().map(|app| app.name.as_str()).collect();
            panic!("no “{title}”; see {at}; applications: {tops:?}");
        }
    }
    let frame = vm.controls().frame().await.expect("a frame");
    frame.image.save(format!("{PICTURES}/{picture}.png")).expect("a picture");
}

/// A desktop of this recipe, built where it was not.
async fn desktop(recipe: &str) -> Vm {
    lab::install();
    let store = Store::open().expect("the store opens");
    let recipe = Recipe::named(recipe).expect("it is shipped");
    Image::ensure(&store, &recipe, &mut |_| {}).await.expect("an image");
    let template = Template::ensure(&store, &recipe, &mut |_| {}).await.expect("a template");
    Vm::start(&store, &template).await.expect("it starts")
}

/// Waits until the desktop has exactly these windows besides its own, and nothing else comes: a
/// dialog of a first start would be one more.
async fn has_windows(vm: &Vm, titles: &[&str]) {
    const STILL: Duration = Duration::from_secs(10);
    let asked = Instant::now();
    let mut since = Instant::now();
    let mut before = Vec::new();
    loop {
        let windows = vm.guest().windows().await.expect("the windows");
        let own = ["xfce4-panel", "xfdesktop"];
        let windows = windows
            .into_iter()
            .filter(|window| !own.iter().any(|class| window.class.eq_ignore_ascii_case(class)));
        let found: Vec<String> = windows.map(|window| window.title).collect();
        let is_whole = found.len() == titles.len()
            && titles.iter().all(|title| found.iter().any(|found| found.contains(title)));
        if found != before || !is_whole {
            (before, since) = (found, Instant::now());
        } else if since.elapsed() > STILL {
            return;
        }
        if asked.elapsed() > START_LIMIT {
            let at = format!("{PICTURES}/windows-not-there.png");
            vm.controls().frame().await.expect("a frame").image.save(&at).expect("a picture");
            panic!("{before:?} instead of {titles:?}; see {at}");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: builds a larger image and starts all its applications"]
async fn long_the_everyday_desktop_opens_what_it_says() {
    let vm = desktop("xfce").await;
    let frame = vm.controls().frame().await.expect("a frame");
    frame.image.save(format!("{PICTURES}/desktop.png")).expect("a picture");
    has_windows(&vm, &[]).await;
    let content = b"<title>A page</title><h1>Read me</h1><button>Go</button>";
    vm.write_file("/home/desk/page.html", content).await.expect("written");
    let icon = "/usr/share/icons/Adwaita/32x32/places/folder.png";
    launch(&vm, &["firefox-esr", "/home/desk/page.html"]).await;
    shows(&vm, "Read me", "browser").await;
    has_windows(&vm, &["A page"]).await;
    let mut titles = vec!["A page"];
    for (id, target, title) in [
        ("org.xfce.ristretto", Some(icon), "folder.png"),
        ("atril", None, "Atril"),
        ("org.xfce.mousepad", None, "Mousepad"),
        ("thunar", None, "Thunar"),
        ("xfce4-terminal", None, "Terminal"),
        ("galculator", None, "galculator"),
    ] {
        let targets: Vec<String> = target.into_iter().map(str::to_owned).collect();
        vm.guest().launch(id, &targets).await.unwrap_or_else(|error| panic!("{id}: {error}"));
        titles.push(title);
        has_windows(&vm, &titles).await;
    }
    let frame = vm.controls().frame().await.expect("a frame");
    frame.image.save(format!("{PICTURES}/applications.png")).expect("a picture");
}

/// Neither the X server nor a program of the session turns the screen off.
#[tokio::test(flavor = "multi_thread")]
async fn the_screen_is_never_blanked() {
    let vm = lab::clone().await;
    let (status, said) = run(&vm, &["xset", "q"], User::Session).await;
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("timeout:  0"), "{said}");
    assert!(!said.contains("DPMS is Enabled"), "{said}");
    let savers = ["xscreensaver", "light-locker", "xfce4-screensaver", "xfce4-power-manager"];
    for saver in savers {
        assert_ne!(run(&vm, &["pidof", saver], User::Session).await.0, 0, "{saver} runs");
    }
}

/// What a command is given, and what a program of the session has.
#[tokio::test(flavor = "multi_thread")]
async fn the_environment_of_the_session_is_that_of_a_command() {
    let vm = lab::clone().await;
    let (_, own) = run(&vm, &["env"], User::Session).await;
    let panel = "tr '\\0' '\\n' < /proc/$(pidof xfce4-panel)/environ";
    let (_, panels) = run(&vm, &["sh", "-c", panel], User::Session).await;
    for variable in ["GSK_RENDERER=cairo", "NO_AT_BRIDGE=0", "LANG=C.UTF-8", "HOME=/home/desk"] {
        for (whose, found) in [("a command", &own), ("the panel", &panels)] {
            assert!(found.lines().any(|line| line == variable), "{whose}: {found}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: builds an image with LibreOffice"]
async fn long_the_office_starts_without_a_question_and_takes_text() {
    let vm = desktop("office").await;
    vm.guest().launch("libreoffice-writer", &[]).await.expect("it starts");
    has_windows(&vm, &["LibreOffice Writer"]).await;
    listens(&vm, "soffice").await;
    vm.guest().type_text("Grüße").await.expect("typed");
    shows(&vm, "Grüße", "office").await;
    let tree = vm.tree(&vm.accel().tree_limits()).await.expect("a tree");
    let news = tree.find(&Selector::name("Release Notes")).next();
    assert!(news.is_none(), "it has news for whoever starts it first");
}

/// Waits until something of that application has the keyboard.
async fn listens(vm: &Vm, application: &str) {
    let asked = Instant::now();
    loop {
        let tree = vm.tree(&vm.accel().tree_limits()).await.expect("a tree");
        let mut focused = tree.nodes().filter(|(_, node)| node.states.contains(State::Focused));
        if focused.any(|(id, _)| tree.app(id).name == application) {
            return;
        }
        assert!(asked.elapsed() < START_LIMIT, "nothing of {application} has the focus");
    }
}

/// What a recipe says of user and screen holds everywhere.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: builds an image of its own"]
async fn long_a_recipe_has_its_own_user_and_screen() {
    lab::install();
    let root = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let store = Store::at(root.path().join("store")).expect("opens");
    let text = "extends = 'minimal'\nuser = 'alice'\nwidth_px = 1024\nheight_px = 768";
    std::fs::write(root.path().join("own.toml"), text).expect("written");
    let recipe = Recipe::among("own", &[root.path().to_owned()]).expect("read");
    Image::ensure(&store, &recipe, &mut |_| {}).await.expect("an image");
    let template = Template::ensure(&store, &recipe, &mut |_| {}).await.expect("a template");
    let vm = Vm::start(&store, &template).await.expect("it starts");
    assert_eq!(vm.home(), "/home/alice");
    for (argv, expected) in [(["whoami"], "alice\n"), (["pwd"], "/home/alice\n")] {
        assert_eq!(run(&vm, &argv, User::Session).await, (0, expected.into()));
    }
    let script = "ps -o user= -C xfce4-panel 2>/dev/null || stat -c %U /proc/$(pidof xfce4-panel)";
    assert_eq!(run(&vm, &["sh", "-c", script], User::Root).await.1.trim(), "alice");
    vm.write_file("/home/alice/note", b"x").await.expect("written");
    let owner = ["stat", "-c", "%U", "/home/alice/note"];
    assert_eq!(run(&vm, &owner, User::Root).await.1, "alice\n");
    let frame = vm.controls().frame().await.expect("a frame");
    assert_eq!((frame.image.dimensions(), vm.size()), ((1024, 768), (1024, 768)));
    vm.controls().move_to(ScreenPx { x: 1023, y: 767 }).await.expect("the last point");
    let beyond = vm.controls().move_to(ScreenPx { x: 1024, y: 0 }).await;
    assert!(
        matches!(beyond, Err(VmError::OffScreen { width: 1024, height: 768, .. })),
        "{beyond:?}"
    );
    // The pointer is where it was sent, whatever the size of the screen.
    vm.controls().click(ScreenPx { x: 512, y: 400 }, Button::Right, 1).await.expect("clicked");
    let asked = Instant::now();
    while vm.controls().frame().await.expect("a frame").digest == frame.digest {
        assert!(asked.elapsed() < START_LIMIT, "no menu opens");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
