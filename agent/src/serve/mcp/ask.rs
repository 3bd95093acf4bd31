//! Questions to the person at the client, by elicitation, where the client has that.

use rmcp::RoleServer;
use rmcp::model::{ElicitRequestParams, ElicitationAction, ElicitationSchema};
use rmcp::service::{ElicitationMode, Peer};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use crate::control::{Answer, Extent};
use crate::limits::ANSWER_LIMIT;
use crate::session::{Approver, Asking};

/// One call asks one thing at a time.
const QUESTIONS_MAX: usize = 1;
/// In the form, for how far a yes reaches.
const EXTENT: &str = "extent";
const ONCE: &str = "once";
const SESSION: &str = "session";

pub(super) struct Question {
    text: String,
    answer: oneshot::Sender<Option<Answer>>,
}

/// From the task of the session to that of the request, which is the one that may ask.
struct Way(mpsc::Sender<Question>);

impl Approver for Way {
    fn ask<'a>(&'a self, question: &'a str) -> Asking<'a> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            self.0.send(Question { text: question.to_owned(), answer }).await.ok()?;
            answered.await.ok()?
        })
    }
}

/// `None`: this client cannot ask.
pub(super) fn way(
    peer: &Peer<RoleServer>,
) -> (Option<Box<dyn Approver>>, mpsc::Receiver<Question>) {
    let (sender, questions) = mpsc::channel(QUESTIONS_MAX);
    let can_ask = peer.supported_elicitation_modes().contains(&ElicitationMode::Form);
    (can_ask.then(|| Box::new(Way(sender)) as Box<dyn Approver>), questions)
}

pub(super) async fn pass_on(question: Question, peer: &Peer<RoleServer>) {
    let asked = ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: question.text,
        requested_schema: form(),
    };
    let result = peer.create_elicitation_with_timeout(asked, Some(ANSWER_LIMIT)).await;
    let answer = result.ok().map(|result| match result.action {
        ElicitationAction::Accept => {
            let content = result.content.unwrap_or_default();
            let is_session = content.get(EXTENT).and_then(Value::as_str) == Some(SESSION);
            Answer::Approve { extent: if is_session { Extent::Run } else { Extent::Once } }
        }
        _ => Answer::Deny,
    });
    // The session may have had another answer meanwhile.
    let _ = question.answer.send(answer);
}

fn form() -> ElicitationSchema {
    let schema = json!({
        "type": "object",
        "properties": { (EXTENT): {
            "type": "string",
            "description": "once, or for all of its kind in this application until the session ends",
            "enum": [ONCE, SESSION],
        } },
    });
    let schema = schema.as_object().cloned().expect("it is written as an object");
    ElicitationSchema::from_json_schema(schema).expect("it is a form of one choice")
}
