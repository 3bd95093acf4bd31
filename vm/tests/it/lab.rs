//! The template that all tests of this binary clone.

use std::sync::Once;

use deskbound_vm::{CommandSpec, Image, Mode, Progress, Recipe, Store, Stream, Template, User, Vm};
use tokio::sync::OnceCell;

static TEMPLATE: OnceCell<(Store, Template)> = OnceCell::const_new();

/// A fresh clone of `minimal`.
pub(crate) async fn clone() -> Vm {
    let (store, template) = template().await;
    Vm::start(store, template).await.expect("a clone starts")
}

pub(crate) async fn template() -> &'static (Store, Template) {
    TEMPLATE
        .get_or_init(|| async {
            install();
            let store = Store::open().expect("the store opens");
            let recipe = Recipe::named("minimal").expect("it is shipped");
            let mut say = |progress| match progress {
                Progress::Step(step) => eprintln!("{step}"),
                Progress::Detail(_) | Progress::Share { .. } => {}
            };
            let image = Image::ensure(&store, &recipe, &mut say).await;
            image.unwrap_or_else(|error| panic!("no image: {error}"));
            let template = Template::ensure(&store, &recipe, &mut say).await;
            let template = template.unwrap_or_else(|error| panic!("no template: {error}"));
            (store, template)
        })
        .await
}

/// What Debian must provide, installed where it may be and named where it may not.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let missing = deskbound_host::missing(deskbound_host::Purpose::Run);
        let said = deskbound_host::install(&missing, &mut |step| eprintln!("{step:?}"));
        said.unwrap_or_else(|error| panic!("{error}"));
    });
}

pub(crate) fn command(argv: &[&str], user: User) -> CommandSpec {
    CommandSpec {
        argv: argv.iter().map(|arg| (*arg).to_owned()).collect(),
        cwd: None,
        env: Vec::new(),
        user,
        timeout: None,
        mode: Mode::Followed,
    }
}

/// Status and standard output.
pub(crate) async fn run(vm: &Vm, argv: &[&str], user: User) -> (i32, String) {
    let mut said = Vec::new();
    let mut keep = |stream, bytes: &[u8]| {
        if stream == Stream::Stdout {
            said.extend_from_slice(bytes);
        }
    };
    let end = vm.run(command(argv, user), &mut keep).await.expect("the command runs");
    (end.status, String::from_utf8(said).expect("UTF-8"))
}
