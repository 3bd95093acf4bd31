//! One tool call: a skill is driven move by move, a verb is done; the answer joins the history.

use std::sync::Arc;
use std::time::Instant;

use deskbound_models::{Hands, ToolCall, Turn};
use image::RgbImage;

use super::grounding::GroundingSeat;
use super::hold::Held;
use super::think::Mind;
use super::{End, Outcome, Run, Same, unrecorded};
use crate::action::Action;
use crate::desktop::Desktop;
use crate::limits::{FAILURES_OF_VERBS, IDLE_VERBS, MISSES, SKILL_MOVES, VIEWS_KEPT};
use crate::record::Record;
use crate::skill::{self, Expect, File, Seen, Skill, SkillMove};
use crate::view::View;

/// How many windows of a failed call are closed before the next.
const DIALOGS: u32 = 4;

impl<D: Desktop> Run<'_, D> {
    /// One tool call, from its first move to its answer; whether it succeeded. `said` is the reply
    /// that begins with it.
    pub(super) async fn call(
        &mut self,
        call: ToolCall,
        said: Option<String>,
        hands: Hands,
    ) -> Result<bool, End> {
        let begun = Instant::now();
        let view = self.seen.as_ref().map(|seen| Arc::clone(&seen.frame));
        let ended = match hands {
            Hands::Verbs => self.verb(&call).await?,
            Hands::Skills => match skill::skill(&call) {
                Ok(mut skill) => self.drive_skill(skill.as_mut()).await?,
                Err(reason) => Err(reason),
            },
        };
        let succeeded = ended.is_ok();
        let answer = ended.unwrap_or_else(|reason| reason);
        let turn = Turn { call, succeeded, answer: answer.clone(), said };
        self.history.push(turn.clone());
        self.keep(view);
        self.record(Record::Called { turn, took: begun.elapsed() })?;
        match hands {
            Hands::Verbs => self.judge(succeeded, answer)?,
            Hands::Skills if succeeded => {}
            Hands::Skills => {
                self.failures += 1;
                if self.failures >= self.request.limits.failures {
                    return Err(End::Failed { reason: answer });
                }
                self.close_dialogs().await?;
            }
        }
        Ok(succeeded)
    }

    /// A model that finds its own way may be wrong, but not for ever.
    pub(super) fn judge(&mut self, succeeded: bool, answer: String) -> Result<(), End> {
        self.failures = if succeeded { 0 } else { self.failures + 1 };
        if self.failures >= FAILURES_OF_VERBS {
            return Err(End::Failed { reason: answer });
        }
        if self.idle >= IDLE_VERBS {
            let reason = format!("no progress: {IDLE_VERBS} calls in a row changed nothing");
            return Err(End::Failed { reason });
        }
        Ok(())
    }

    /// Of what was seen, only the latest is kept.
    pub(super) fn keep(&mut self, view: Option<Arc<RgbImage>>) {
        self.views.push(view);
        if let Some(old) = self.views.len().checked_sub(VIEWS_KEPT + 1) {
            self.views[old] = None;
        }
    }

    /// `Ok` is the evidence, `Err` the reason.
    async fn drive_skill(&mut self, skill: &mut dyn Skill) -> Result<Result<String, String>, End> {
        let (mut misses, mut file) = (0, None);
        self.same = Same::default();
        for _ in 0..SKILL_MOVES {
            self.steer().await?;
            self.look().await?;
            // Where a person took over, the skill decides again by what they leave.
            let Some(next) = self.next_move(skill, misses, file.take())? else { continue };
            match next {
                SkillMove::Done { evidence, touched } => {
                    self.memory.touch(touched);
                    return Ok(Ok(evidence));
                }
                SkillMove::Failed { reason } => return Ok(Err(reason)),
                SkillMove::Read { path } => match self.read(path).await? {
                    Held::Done(Ok(read)) => file = Some(read),
                    Held::Done(Err(reason)) => return Ok(Err(reason)),
                    // The skill asks again.
                    Held::TakenOver => file = None,
                },
                SkillMove::Act { actions, expect } => match self.act(&actions, &expect).await? {
                    Outcome::Met => misses = 0,
                    Outcome::Missed if misses + 1 >= MISSES => {
                        return Ok(Err(format!("it was expected that {}", expect.what)));
                    }
                    Outcome::Missed => misses += 1,
                    Outcome::Interrupted => self.same = Same::default(),
                    Outcome::Over(reason) => return Ok(Err(reason)),
                },
            }
        }
        Ok(Err(format!("no end after {SKILL_MOVES} moves")))
    }

    /// `None` where a person took over meanwhile.
    fn next_move(
        &mut self,
        skill: &mut dyn Skill,
        misses: u32,
        file: Option<File>,
    ) -> Result<Option<SkillMove>, End> {
        let deadline = self.deadline()?;
        let observation = self.seen.as_ref().expect("looked before every move");
        let mut seat = GroundingSeat {
            mind: Mind { inbox: self.inbox, deadline },
            grounder: self.models.grounder.as_mut(),
            frame: &observation.frame,
            asked: Vec::new(),
        };
        let mut seen = Seen {
            view: View::new(&observation.tree),
            home: &self.home,
            memory: &self.memory,
            misses,
            file,
            ground: &mut seat,
        };
        let decided = skill.next(&mut seen);
        for asked in seat.asked {
            self.sink.record(&asked).map_err(|error| unrecorded(&error))?;
        }
        self.thought(decided)
    }

    /// Leaves no dialog of a failed call in the way of the next one.
    async fn close_dialogs(&mut self) -> Result<(), End> {
        for _ in 0..DIALOGS {
            self.look().await?;
            let open = dialogs(View::new(&self.seen.as_ref().expect("looked right above").tree));
            if open == 0 {
                return Ok(());
            }
            let expect = Expect::new("a dialog is closed", move |view| dialogs(view) < open);
            self.act(&[Action::key("Escape")], &expect).await?;
        }
        Ok(())
    }
}

fn dialogs(view: View<'_>) -> usize {
    view.windows().filter(|window| window.is_dialog()).count()
}
