//! The everyday desktop with its applications, looked at.

use std::time::{Duration, Instant};

use deskbound_vm::{CommandSpec, Image, Mode, Recipe, Store, Template, User, Vm};

use crate::lab::{self, command, run};

/// A browser’s first start, emulated on cores that do other things too: minutes.
const START_LIMIT: Duration = Duration::from_secs(15 * 60);

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

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: builds a larger image and starts a browser"]
async fn long_the_everyday_desktop_opens_what_it_says() {
    lab::install();
    let store = Store::open().expect("the store opens");
    let recipe = Recipe::named("xfce").expect("it is shipped");
    Image::ensure(&store, &recipe, &mut |_| {}).await.expect("an image");
    let template = Template::ensure(&store, &recipe, &mut |_| {}).await.expect("a template");
    let vm = Vm::start(&store, &template).await.expect("it starts");
    vm.controls()
        .frame()
        .await
        .expect("a frame")
        .image
        .save(format!("{PICTURES}/desktop.png"))
        .expect("a picture");
    vm.write_file(
        "/home/desk/page.html",
        b"<title>A page</title><h1>Read me</h1><button>Go</button>",
    )
    .await
    .expect("written");
    launch(&vm, &["firefox-esr", "/home/desk/page.html"]).await;
    shows(&vm, "Read me", "browser").await;
    let icon = "/usr/share/icons/Adwaita/32x32/places/folder.png";
    let (status, _) = run(&vm, &["test", "-f", icon], User::Session).await;
    let viewer = ["ristretto", icon];
    launch(&vm, if status == 0 { &viewer } else { &viewer[..1] }).await;
    shows(&vm, "Image Viewer", "pictures").await;
    launch(&vm, &["atril"]).await;
    shows(&vm, "Atril", "documents").await;
}
