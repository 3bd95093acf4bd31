//! A call of a dialect, done: what it means becomes actions and questions, in order, and what comes
//! back is what its model expects.

use std::time::Instant;

use deskbound_accessibility::{ScreenPx, ScreenRect};
use deskbound_models::profile::{Button as Held, CoordinateSpace, ImageSize, Opened, UiCall};
use deskbound_models::{ToolCall, Unit};
use image::RgbImage;
use serde_json::{Value, json};

use super::lens::Lens;
use super::table::{Form, Pictured};
use super::{Dialect, TEXT};
use crate::action::{Action, Button, Chord, Direction, Openable, Pressed};
use crate::desktop::Desktop;
use crate::record::StepSink;
use crate::session::{Answer, Caller, Failing, Session, picture};
use crate::tool::{Tool, Wait};

const NO_POINTER: &str = "nobody has moved the pointer yet; say where";

/// What one part of a call asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Act(Action),
    Wait {
        seconds: u32,
    },
    Picture,
    Zoom(ScreenRect),
    Pointer,
    /// Nothing is done; the client is told.
    Tell {
        end: &'static str,
        text: String,
    },
}

/// What was gathered for the answer.
#[derive(Default)]
struct Gathered {
    texts: Vec<String>,
    picture: Option<RgbImage>,
    end: Option<Value>,
    refused: bool,
}

impl Dialect {
    pub(crate) async fn perform<D: Desktop, S: StepSink>(
        &self,
        session: &mut Session<D, S>,
        call: &ToolCall,
        caller: &Caller<'_>,
    ) -> Result<Answer, Failing> {
        let begun = Instant::now();
        if let Some(deed) = self.table.deeds.get(&call.tool) {
            return deed.perform(session, call, caller).await;
        }
        session.steer().await?;
        let (width, height) = session.frame().await?.dimensions();
        let lens = match Lens::of(&self.table.picture, ImageSize { width, height }) {
            Ok(lens) => lens,
            Err(error) => return Ok(Answer::refused(error.to_string())),
        };
        let mut gathered = Gathered::default();
        match self.parts(call, &lens, session.pointer()) {
            Ok(parts) => self.done(session, (&parts, &lens), caller, &mut gathered).await?,
            Err(reason) => {
                gathered.texts.push(reason);
                gathered.refused = true;
            }
        }
        if gathered.picture.is_none() && self.table.answer.picture == Pictured::Every {
            gathered.picture = Some(lens.picture(session.view().await?.as_ref()));
        }
        let answer = gathered.answer();
        session.called(&call.tool, &answer, begun.elapsed())?;
        Ok(answer)
    }

    /// What a call asks for, in order; the error is for the model to read.
    pub(super) fn parts(
        &self,
        call: &ToolCall,
        lens: &Lens,
        mut pointer: Option<ScreenPx>,
    ) -> Result<Vec<Part>, String> {
        let form = &self.table.reply;
        let is_text = self.tool(&call.tool).is_some_and(|tool| tool.form == Form::Text);
        let calls = if is_text {
            let reply = call.arguments.get(TEXT).and_then(Value::as_str).unwrap_or_default();
            form.calls_of(reply).map_err(|error| error.to_string())?
        } else {
            vec![call.clone()]
        };
        let mut parts = Vec::new();
        for call in calls {
            let understood = form.understand(call, &lens.shown()).map_err(|it| it.to_string())?;
            for call in understood {
                let space = form.coordinates.unwrap_or(CoordinateSpace::AbsResized);
                Reading { lens, space, pointer: &mut pointer, parts: &mut parts }.read(call)?;
            }
        }
        Ok(parts)
    }

    async fn done<D: Desktop, S: StepSink>(
        &self,
        session: &mut Session<D, S>,
        (parts, lens): (&[Part], &Lens),
        caller: &Caller<'_>,
        gathered: &mut Gathered,
    ) -> Result<(), Failing> {
        let is_act = |part: &Part| matches!(part, Part::Act(_));
        for run in parts.chunk_by(|one, other| is_act(one) && is_act(other)) {
            match &run[0] {
                Part::Act(_) => {
                    let actions: Vec<Action> = run
                        .iter()
                        .filter_map(|part| match part {
                            Part::Act(action) => Some(action.clone()),
                            _ => None,
                        })
                        .collect();
                    let answer = session.act_all(&actions, caller).await?;
                    if answer.refused || self.table.answer.says_changes {
                        gathered.texts.push(answer.text);
                    }
                    gathered.refused = answer.refused;
                }
                Part::Wait { seconds } => {
                    let wait = Tool::Wait(Wait { text: None, seconds: *seconds });
                    gathered.refused = session.call(&wait, caller).await?.refused;
                }
                Part::Picture => {
                    session.forget_view();
                    gathered.picture = Some(lens.picture(session.view().await?.as_ref()));
                }
                Part::Zoom(region) => {
                    session.forget_view();
                    gathered.picture = Some(lens.zoomed(session.view().await?.as_ref(), *region));
                }
                Part::Pointer => gathered.point(self.pointer(session.pointer(), lens)),
                Part::Tell { end, text } => {
                    gathered.texts.push(text.clone());
                    gathered.end = Some(json!({ "end": end, "text": text }));
                }
            }
            // What comes behind was meant for what did not come about.
            if gathered.refused {
                session.release_all().await?;
                break;
            }
        }
        Ok(())
    }

    fn pointer(&self, at: Option<ScreenPx>, lens: &Lens) -> Result<String, String> {
        let at = at.ok_or_else(|| NO_POINTER.to_owned())?;
        let space = self.table.reply.coordinates.unwrap_or(CoordinateSpace::AbsResized);
        let (x, y) = lens.told(at, space);
        let words = &self.table.answer.pointer;
        Ok(words.replace("{x}", &x.to_string()).replace("{y}", &y.to_string()))
    }
}

impl Gathered {
    fn point(&mut self, told: Result<String, String>) {
        self.refused = told.is_err();
        self.texts.push(told.unwrap_or_else(|reason| reason));
    }

    fn answer(self) -> Answer {
        let png = self.picture.map(|image| picture(&image, None));
        let mut answer = Answer::said(self.texts.join("\n"));
        answer.refused = self.refused;
        answer.structured = self.end;
        match png {
            Some(Ok(png)) => answer.picture = Some(png),
            Some(Err(reason)) => answer = Answer::refused(reason),
            None => {}
        }
        answer
    }
}

/// From what is meant to what is done.
struct Reading<'r> {
    lens: &'r Lens,
    space: CoordinateSpace,
    /// Where it will be by then.
    pointer: &'r mut Option<ScreenPx>,
    parts: &'r mut Vec<Part>,
}

impl Reading<'_> {
    fn read(&mut self, call: UiCall) -> Result<(), String> {
        let part = match call {
            UiCall::Screenshot => Part::Picture,
            UiCall::Pointer => Part::Pointer,
            UiCall::Zoom { from, to } => Part::Zoom(self.region(from, to)?),
            UiCall::Wait { time } => Part::Wait { seconds: time.as_secs_f64().ceil() as u32 },
            UiCall::Note { text } => Part::Tell { end: "note", text },
            UiCall::AskUser { question } => Part::Tell { end: "ask", text: question },
            UiCall::Done { answer } => Part::Tell { end: "done", text: answer },
            UiCall::Fail { reason } => Part::Tell { end: "fail", text: reason },
            acting => return self.act(acting),
        };
        self.parts.push(part);
        Ok(())
    }

    fn act(&mut self, call: UiCall) -> Result<(), String> {
        let action = match call {
            UiCall::Move { to } => Action::Move { to: self.to(to)? },
            UiCall::Click { at, button, count } => Action::press(self.at(at)?, of(button), count),
            UiCall::Press { button } => held(button, Pressed::Down),
            UiCall::Release { button } => held(button, Pressed::Up),
            UiCall::Drag { from, to } => {
                let path = vec![self.at(from)?, self.to(to)?];
                Action::Drag { path, button: Button::Left }
            }
            UiCall::Path { points } => {
                let path = points.into_iter().map(|at| self.to(at)).collect::<Result<_, _>>()?;
                Action::Drag { path, button: Button::Left }
            }
            UiCall::Type { text } => Action::text(text),
            UiCall::Key { chord } => key(chord.keys().collect())?,
            UiCall::KeyDown { chord } => {
                Action::Hold { chord: named(chord.keys())?, pressed: Pressed::Down }
            }
            UiCall::KeyUp { chord } => {
                Action::Hold { chord: named(chord.keys())?, pressed: Pressed::Up }
            }
            UiCall::Scroll { at, right, down } => return self.scroll(at, right, down),
            UiCall::Open { what: Opened::App, target } => Action::launch(&target, &[]),
            UiCall::Open { what: Opened::Url, target } => {
                let target = target.parse::<Openable>().map_err(|error| error.to_string())?;
                Action::Open { target }
            }
            other => return Err(format!("{other:?} is nothing to be done here")),
        };
        self.parts.push(Part::Act(action));
        Ok(())
    }

    fn scroll(&mut self, at: Option<Unit>, right: i32, down: i32) -> Result<(), String> {
        let at = self.at(at)?;
        let ways =
            [(down, Direction::Down, Direction::Up), (right, Direction::Right, Direction::Left)];
        for (notches, forward, back) in ways.into_iter().filter(|(notches, ..)| *notches != 0) {
            let direction = if notches > 0 { forward } else { back };
            let notches = notches.unsigned_abs();
            self.parts.push(Part::Act(Action::Scroll { at, direction, notches }));
        }
        Ok(())
    }

    fn at(&mut self, at: Option<Unit>) -> Result<ScreenPx, String> {
        match at {
            Some(at) => self.to(at),
            None => self.pointer.ok_or_else(|| NO_POINTER.to_owned()),
        }
    }

    fn to(&mut self, at: Unit) -> Result<ScreenPx, String> {
        let ImageSize { width, height } = self.lens.shown().resized;
        let outside = || format!("the point is outside the picture, which is {width}×{height}");
        let at = self.lens.on_screen(at, self.space).ok_or_else(outside)?;
        *self.pointer = Some(at);
        Ok(at)
    }

    /// The far corner is the first pixel that is not in it.
    fn region(&self, from: Unit, to: Unit) -> Result<ScreenRect, String> {
        let ImageSize { width, height } = self.lens.shown().image;
        let pixel = |fraction: f32, side: u32| {
            ((f64::from(fraction) * f64::from(side)).round() as u32).min(side)
        };
        let (left, top) = (pixel(from.x, width), pixel(from.y, height));
        let (right, bottom) = (pixel(to.x, width), pixel(to.y, height));
        if right <= left || bottom <= top {
            return Err("the region has nothing in it".to_owned());
        }
        let (x, y) = (left as i32, top as i32);
        Ok(ScreenRect { x, y, width: right - left, height: bottom - top })
    }
}

fn of(button: Held) -> Button {
    match button {
        Held::Left => Button::Left,
        Held::Middle => Button::Middle,
        Held::Right => Button::Right,
        Held::Back => Button::Back,
        Held::Forward => Button::Forward,
    }
}

fn held(button: Held, pressed: Pressed) -> Action {
    Action::Button { button: of(button), pressed }
}

fn named<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Chord, String> {
    Chord::of_names(names).map_err(|error| error.to_string())
}

/// A character that has no key of its own is typed.
fn key(names: Vec<&str>) -> Result<Action, String> {
    let chord = named(names.iter().copied());
    match (chord, names.as_slice()) {
        (Ok(chord), _) => Ok(Action::chord(chord)),
        (Err(_), [name]) if name.chars().count() == 1 => Ok(Action::text(*name)),
        (Err(reason), _) => Err(reason),
    }
}
