//! The line to one application: a window of calls in flight, and an ear for silence.

use std::{sync::Arc, time::Duration};

use atspi_common::{Role, StateSet};

use crate::{
    answers::Answer,
    bus::Bus,
    call::{Call, Peer, Property},
    exchange::Window,
    reply::{CallError, Reply},
};

/// Clones share the window and the ear.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    bus: Bus,
    bus_name: Arc<str>,
    way: Way,
    window: Arc<Window>,
}

/// How an application is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Through the daemon, which handles every message twice.
    Bus,
    /// Through a socket of its own, with nobody in between.
    Peer,
}

impl Line {
    pub(crate) fn new(bus: &Bus, way: Way, bus_name: &str, silence: Duration) -> Self {
        let bus_name: Arc<str> = bus_name.into();
        let answers = (way == Way::Bus).then(|| Arc::clone(&bus_name));
        let window = Arc::new(Window::new(answers, silence));
        Self { bus: bus.clone(), bus_name, way, window }
    }

    pub(crate) fn bus_name(&self) -> &str {
        &self.bus_name
    }

    /// Fails as silent when nothing at all has come back for the whole limit, to this call or
    /// another: an application that is busy answering others is not stalled.
    pub(crate) async fn ask(&self, path: &str, call: Call<'_>) -> Result<Reply, CallError> {
        let bus_name = (self.way == Way::Bus).then_some(&*self.bus_name);
        let answer = self.bus.send_in(&self.window, Peer { bus_name, path }, call).await;
        answer.map_err(|error| self.blame(error))
    }

    /// All at once, each of an object: the answers come together, in the order of the questions.
    pub(crate) async fn ask_all<'q, Q>(&self, questions: Q) -> Vec<Answer>
    where
        Q: IntoIterator<Item = (&'q str, Call<'q>)>,
        Q::IntoIter: ExactSizeIterator,
    {
        let bus_name = (self.way == Way::Bus).then_some(&*self.bus_name);
        let asked = questions.into_iter().map(|(path, call)| (Peer { bus_name, path }, call));
        let mut answers = self.bus.send_all(&self.window, asked).await;
        for answer in &mut answers {
            if let Err(error) = answer {
                *error = self.blame(error.clone());
            }
        }
        answers
    }

    /// [`Line::ask_all`], all of one object.
    pub(crate) async fn ask_of<const N: usize>(
        &self,
        path: &str,
        calls: [Call<'_>; N],
    ) -> [Answer; N] {
        let answers = self.ask_all(calls.map(|call| (path, call))).await;
        answers.try_into().expect("there is an answer to each question")
    }

    /// A socket that belongs to the application ends with it.
    fn blame(&self, error: CallError) -> CallError {
        match (self.way, error) {
            (Way::Peer, CallError::Lost(_)) => CallError::Gone,
            (_, error) => error,
        }
    }

    pub(crate) async fn states(&self, path: &str) -> Result<StateSet, CallError> {
        self.ask(path, Call::States).await?.states()
    }

    pub(crate) async fn role(&self, path: &str) -> Result<Role, CallError> {
        self.ask(path, Call::Role).await?.role()
    }

    pub(crate) async fn string(&self, path: &str, what: Property) -> Result<String, CallError> {
        self.ask(path, Call::Get(what)).await?.text_property()
    }

    /// At most `limit` characters, and whether there were more.
    pub(crate) async fn text(&self, path: &str, limit: u32) -> Result<(String, bool), CallError> {
        let count = self.ask(path, Call::Get(Property::CharacterCount)).await;
        self.text_of(path, count, limit).await
    }

    /// The same, where it was asked already how long it is.
    pub(crate) async fn text_of(
        &self,
        path: &str,
        count: Answer,
        limit: u32,
    ) -> Result<(String, bool), CallError> {
        let count = count?.count_property()?;
        let chars = count.clamp(0, i32::try_from(limit).unwrap_or(i32::MAX));
        if chars == 0 {
            return Ok((String::new(), count > 0));
        }
        let text = self.ask(path, Call::Text { chars }).await?.text()?;
        let bytes = text.len();
        let text = bounded(text, limit);
        let goes_on = count > chars || text.len() < bytes;
        Ok((text, goes_on))
    }
}

/// The first `limit` characters: an application may send more than was asked for.
pub(crate) fn bounded(mut text: String, limit: u32) -> String {
    // A string is never shorter in bytes than in characters.
    if text.len() > limit as usize
        && let Some((end, _)) = text.char_indices().nth(limit as usize)
    {
        text.truncate(end);
        text.shrink_to_fit();
    }
    text
}
