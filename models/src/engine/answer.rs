//! An answer: tokens chosen one by one until there is a reason to stop.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::choice::{Chooser, Sampling};
use super::constraint::{Constraint, Next};
use super::conversation::Conversation;
use super::error::EngineError;

/// How an answer is to be made.
pub struct Ask<'a> {
    /// Tokens it may have.
    pub limit: usize,
    /// Tokens that end it, and are no part of it; those of the configuration are not added.
    pub ends: &'a [u32],
    pub sampling: Sampling,
    pub constraint: Option<&'a mut dyn Constraint>,
}

/// Why an answer ended. There is always one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The model said so, by this token.
    End {
        token: u32,
    },
    /// The constraint was fulfilled.
    Complete,
    /// It has as many tokens as it may.
    Limit,
    /// No more tokens fit.
    ContextFull,
    /// Whoever listened had enough.
    Stopped,
    Cancelled,
}

/// What was said.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub tokens: Vec<u32>,
    pub stop: StopReason,
    /// The sum of ln p over the tokens, each among those that were allowed.
    pub log_probability: f64,
    pub took: Duration,
}

impl Conversation {
    /// Answers what was read. Each token is told to `each` as it comes, which may end it.
    ///
    /// # Errors
    ///
    /// If nothing has been read, or no token may come next.
    pub fn answer(
        &mut self,
        mut ask: Ask<'_>,
        each: &mut dyn FnMut(u32) -> ControlFlow<()>,
    ) -> Result<Answer, EngineError> {
        if self.logits().is_empty() {
            return Err(EngineError::Silent);
        }
        let cancel = self.cancel();
        let begun = Instant::now();
        let mut chooser = Chooser::new(ask.sampling);
        let mut tokens = Vec::new();
        let mut log_probability = 0.0;
        let stop = loop {
            if cancel.is_cancelled() {
                break StopReason::Cancelled;
            }
            if tokens.len() >= ask.limit {
                break StopReason::Limit;
            }
            let choice = match ask.constraint.as_deref_mut() {
                Some(constraint) => {
                    let mut logits = self.logits().to_vec();
                    constraint.mask(&mut logits)?;
                    chooser.choose(&logits)?
                }
                None => chooser.choose(self.logits())?,
            };
            log_probability += choice.log_probability;
            let next = match ask.constraint.as_deref_mut() {
                Some(constraint) => constraint.accept(choice.token)?,
                None => Next::More,
            };
            if ask.ends.contains(&choice.token) {
                break StopReason::End { token: choice.token };
            }
            tokens.push(choice.token);
            let heard = each(choice.token);
            if self.tokens() >= self.context() {
                break StopReason::ContextFull;
            }
            self.push(choice.token)?;
            match (heard, next) {
                (_, Next::Complete) => break StopReason::Complete,
                (ControlFlow::Break(()), _) => break StopReason::Stopped,
                (ControlFlow::Continue(()), Next::More) => {}
            }
        };
        Ok(Answer { tokens, stop, log_probability, took: begun.elapsed() })
    }
}
