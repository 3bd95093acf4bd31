//! Another program at a run's door.

use std::path::Path;
use std::time::Duration;

use deskbound_agent::action::Action;
use deskbound_agent::attach::{Announcing, AttachError, Door, FromRun, Heard, Part, Visitor};
use deskbound_agent::control::{Command, Phase, control};
use deskbound_agent::desktop::Desktop as _;
use deskbound_agent::record::{End, Record};
use deskbound_agent::run::{Request, run};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::bed::{Bed, Call, Kept, script};

const FOLDER: [Call<'_>; 1] = [("make_folder", &[("name", "Invoices")])];

/// For a run to say something that it is about to say.
const SAID_LIMIT: Duration = Duration::from_secs(60);

/// A run that stands still from its beginning until its visitors let it go on.
async fn with_visitors<V: Future<Output = ()>>(
    bed: &mut Bed,
    visitors: impl FnOnce(std::path::PathBuf) -> V,
) -> (End, Vec<Record>) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (control, mut inbox) = control();
    control.tell(Command::Pause).expect("the inbox is empty");
    let mut sink = Announcing::over(Kept::default());
    let door = Door::open(folder.path(), control, sink.records(), bed.desktop.eye());
    let door = door.expect("the folder takes a socket");
    let (request, mut roles) = (Request::new("attached"), script(&FOLDER));
    let running = async {
        let end = run(&mut bed.desktop, &mut roles, &request, &mut inbox, &mut sink).await;
        drop(door);
        end
    };
    let (end, ()) = tokio::join!(running, visitors(folder.path().to_owned()));
    (end, sink.into_inner().0)
}

async fn visit(folder: &Path, part: Part) -> Visitor {
    Visitor::connect(folder, part).await.expect("the run answers")
}

/// Waits until the run says what is waited for.
async fn hear(visitor: &mut Visitor, fits: impl Fn(&Heard) -> bool) -> Heard {
    let hearing = async {
        loop {
            let heard = visitor.hearing.next().await.expect("the run goes on");
            if fits(&heard) {
                return heard;
            }
        }
    };
    timeout(SAID_LIMIT, hearing).await.expect("it is said in time")
}

fn is_phase(wanted: Phase) -> impl Fn(&Heard) -> bool {
    move |heard| matches!(heard, Heard::Said(FromRun::Phase { phase }) if *phase == wanted)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_visitor_steers_and_others_watch() {
    let mut bed = Bed::start().await;
    let (end, records) = with_visitors(&mut bed, async |folder| {
        let mut steering = visit(&folder, Part::Controller).await;
        assert!(steering.control);
        hear(&mut steering, is_phase(Phase::Paused)).await;

        let mut watching = visit(&folder, Part::Controller).await;
        assert!(!watching.control, "there is one control");
        watching.telling.tell(Command::Resume).await.unwrap();
        hear(&mut watching, |heard| matches!(heard, Heard::Said(FromRun::NotTaken { .. }))).await;
        watching.telling.pictures(10).await.unwrap();
        let picture = hear(&mut watching, |heard| matches!(heard, Heard::Picture(_))).await;
        let Heard::Picture(picture) = picture else { unreachable!("it was waited for") };
        assert!(picture.width() >= 640, "{}", picture.width());

        let mut heir = visit(&folder, Part::Successor).await;
        assert!(heir.control);
        hear(&mut steering, |heard| matches!(heard, Heard::Said(FromRun::Succeeded))).await;
        heir.telling.tell(Command::TakeOver).await.unwrap();
        hear(&mut heir, is_phase(Phase::TakenOver)).await;
        let action = Action::Type { text: "by hand".to_owned() };
        heir.telling.tell(Command::Hand { action }).await.unwrap();
        let action = Action::Copy { text: "for the heir".to_owned() };
        heir.telling.tell(Command::Hand { action }).await.unwrap();
        heir.telling.tell(Command::Carry).await.unwrap();
        let carried = |heard: &Heard| matches!(heard, Heard::Said(FromRun::Carried { text }) if text == "for the heir");
        hear(&mut heir, carried).await;
        heir.telling.tell(Command::GiveBack).await.unwrap();
        // Leaving ends nothing.
        drop((steering, heir));
        let told = |heard: &Heard| {
            let is_carried = matches!(heard, Heard::Said(FromRun::Carried { .. }));
            assert!(!is_carried, "who only watches is given the clipboard");
            matches!(heard, Heard::Said(FromRun::Recorded { records }) if *records > 8)
        };
        hear(&mut watching, told).await;
    })
    .await;
    assert_eq!(end, End::Done);
    assert!(bed.path("Invoices").is_dir());
    assert!(records.iter().any(|record| matches!(record, Record::ByHand { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_at_the_door_costs_its_visitor_only() {
    let mut bed = Bed::start().await;
    let (end, _) = with_visitors(&mut bed, async |folder| {
        let mut steering = visit(&folder, Part::Controller).await;
        for nonsense in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            &[0xff; 64],
            &[4, 0, 0, 0, 0, 2, b'{', b'}'],
            &[5, 0, 0, 0, 1, 1, 1, 0, 0],
        ] {
            let mut stream = UnixStream::connect(folder.join("door")).await.unwrap();
            stream.write_all(nonsense).await.unwrap();
            let mut answer = Vec::new();
            let read = timeout(SAID_LIMIT, stream.read_to_end(&mut answer)).await;
            assert!(read.is_ok() && answer.is_empty(), "{nonsense:?}: {answer:?}");
        }
        steering.telling.stop().await.unwrap();
        hear(&mut steering, is_phase(Phase::Over)).await;
    })
    .await;
    assert_eq!(end, End::Stopped);
}

#[tokio::test]
async fn a_run_that_is_over_is_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let refused = Visitor::connect(folder.path(), Part::Watcher).await.err();
    assert!(matches!(refused, Some(AttachError::NotRunning { .. })), "{refused:?}");
}
