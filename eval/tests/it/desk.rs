//! Tasks with a screen, each on a private X server: its oracle does what is asked, and nothing
//! passes by itself.

use std::sync::Once;

use deskbound_eval::{Nobody, PrivateServers, Suite, try_task};
use deskbound_testbed::Testbed;

/// The testbed installs what a desktop is made of, where it is missing.
pub(crate) fn installed() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| drop(Testbed::start().expect("a desktop starts on this machine")));
}

async fn check(suite: &str, wanted: impl Fn(&str) -> bool) {
    tokio::task::block_in_place(installed);
    let mut wrong = Vec::new();
    let mut tried = 0;
    for task in Suite::named(suite).expect("it is shipped").tasks {
        if wanted(&task.id) {
            tried += 1;
            let trial = try_task(&PrivateServers(Nobody), None, &task).await;
            println!("{} {}", trial.task, if trial.is_sound() { "sound" } else { "WRONG" });
            if !trial.is_sound() {
                wrong.push(trial);
            }
        }
    }
    assert!(tried > 0, "there is no such task");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_typed_a_setting_made_and_a_question_answered() {
    let some = ["text-write-note", "settings-hidden-files", "recovery-drop-changes"];
    check("desk", |task| some.contains(&task)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: every task of the suite on a desktop of its own, Firefox among them"]
async fn long_every_task_of_the_desk_is_sound() {
    tokio::task::block_in_place(|| {
        drop(Testbed::start_large().expect("a desktop starts on this machine"));
    });
    check("desk", |_| true).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: fifteen desktops"]
async fn long_every_task_of_the_first_steps_is_sound() {
    check("first-steps", |_| true).await;
}
