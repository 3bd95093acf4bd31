//! Steering a run from the view: every wish becomes an order for the run, and what the run says of
//! itself decides which wishes there are.

use deskbound_agent::control::{Answer, Command, Phase as RunPhase};
use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::bar::Typed;
use super::helm::Order;
use super::keymap::Wish;
use super::line_edit::Edited;
use super::phase::Phase;
use super::question::{Card, Reply, Room};
use super::{Confirm, Dashboard, Effect, Layer, Tense};

impl Dashboard {
    /// What the run is doing: its own word is newer than its records.
    pub(crate) fn phase(&self) -> Phase {
        match self.live {
            Some(live) if self.is_going_on() => Phase::of_run(live, self.story.phase),
            _ => self.story.phase,
        }
    }

    pub(crate) fn is_going_on(&self) -> bool {
        self.tense == Tense::Live && !self.story.phase.is_over()
    }

    /// Whether this view may tell the run anything.
    pub(crate) fn steers(&self) -> bool {
        self.controls && self.is_going_on()
    }

    pub(super) fn heard(&mut self, live: RunPhase) -> Vec<Effect> {
        self.live = Some(live);
        match (&mut self.layer, live) {
            (Layer::Hands { taken, .. }, RunPhase::TakenOver) => {
                *taken = true;
                Vec::new()
            }
            // Somebody else gave it back, or the run is over.
            (Layer::Hands { taken: true, .. }, _) => self.lift_hands(),
            _ => Vec::new(),
        }
    }

    /// The control, or the run, is gone.
    pub(super) fn parted(&mut self, why: String) -> Vec<Effect> {
        self.controls = false;
        self.live = None;
        (self.sight, self.spent) = (None, None);
        // Mostly it is over, and its last record is about to come.
        self.parting = (!why.is_empty()).then_some((why, self.now));
        let hands = matches!(self.layer, Layer::Hands { .. });
        if !matches!(self.layer, Layer::Details(_)) {
            self.layer = Layer::None;
        }
        if hands { vec![Effect::Mouse(self.mouse)] } else { Vec::new() }
    }

    /// The card of a question lies over everything until it is answered, by whomever.
    pub(super) fn attend(&mut self) -> Vec<Effect> {
        let asked = self.story.question.as_ref().map(|question| question.ask);
        let shown = match &self.layer {
            Layer::Ask(card) => Some(card.ask),
            _ => None,
        };
        if !self.steers() || asked == shown {
            return Vec::new();
        }
        let hands = matches!(self.layer, Layer::Hands { .. });
        let next = match asked {
            Some(ask) => Layer::Ask(Card::new(ask, self.now)),
            None => Layer::None,
        };
        let before = std::mem::replace(&mut self.layer, next);
        match before {
            Layer::Prompt(line) => self.draft = line,
            Layer::Details(details) => self.cursor = details.before,
            _ => {}
        }
        if hands { vec![Effect::Mouse(self.mouse)] } else { Vec::new() }
    }

    pub(super) fn steer(&mut self, wish: Wish) -> Vec<Effect> {
        let paused = self.phase() == Phase::Paused;
        match wish {
            Wish::Pause if paused => tell(Command::Resume),
            Wish::Pause => tell(Command::Pause),
            Wish::SingleStep if paused => tell(Command::Step),
            Wish::SingleStep => [tell(Command::Pause), tell(Command::Step)].concat(),
            Wish::Prompt => {
                self.layer = Layer::Prompt(std::mem::take(&mut self.draft));
                Vec::new()
            }
            Wish::TakeOver => self.take_over(),
            Wish::Stop => {
                self.layer = Layer::Confirm(Confirm::Stop);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// A key while something lies over the view; `None` where nothing takes it.
    pub(super) fn layered(&mut self, key: KeyEvent) -> Option<Vec<Effect>> {
        let now = self.now;
        Some(match &mut self.layer {
            Layer::None | Layer::Help { .. } => return None,
            Layer::Hands { .. } => self.by_hand(key),
            Layer::Details(_) => self.in_full(key),
            Layer::Command(_) => self.command(key),
            Layer::Prompt(line) => match line.key(key) {
                Edited::Going => Vec::new(),
                Edited::Left => self.lift(),
                Edited::Given(text) => {
                    self.lift();
                    tell(Command::Prompt { text })
                }
            },
            Layer::Find(line) => {
                let edited = line.key(key);
                self.looked_for(edited)
            }
            Layer::Ask(card) => {
                let ask = card.ask;
                match card.reply(key, now) {
                    Reply::Answer(answer) => tell(Command::Answer { ask, answer }),
                    Reply::DenyAndStop => {
                        let denied = tell(Command::Answer { ask, answer: Answer::Deny });
                        [denied, vec![Effect::Order(Order::Stop)]].concat()
                    }
                    Reply::Explain => {
                        card.explains = !card.explains;
                        Vec::new()
                    }
                    Reply::Turn => {
                        card.room = match card.room {
                            Room::Card => Room::Full,
                            Room::Full => Room::Card,
                        };
                        Vec::new()
                    }
                    Reply::Nothing => Vec::new(),
                }
            }
            Layer::Confirm(confirm) => {
                let confirm = *confirm;
                self.lift();
                self.confirmed(confirm, key.code)
            }
        })
    }

    fn command(&mut self, key: KeyEvent) -> Vec<Effect> {
        let Layer::Command(mut bar) = std::mem::replace(&mut self.layer, Layer::None) else {
            return Vec::new();
        };
        let typed = bar.pressed(key, &self.keymap, |when| self.holds(when));
        if typed == Typed::Going {
            self.layer = Layer::Command(bar);
        }
        match typed {
            Typed::Going | Typed::Left => {}
            Typed::Wish(wish) => return self.obey(wish),
            Typed::Go(number) => self.go(super::Cursor::At(number.saturating_sub(1))),
            Typed::Find(text) => self.find(&text),
            Typed::Say(text) => return tell(Command::Prompt { text }),
            Typed::Theme(name) => self.dress_as(&name),
            Typed::Nothing(why) => self.say(why),
        }
        Vec::new()
    }

    /// The outline is filtered while one types; steps are gone to once it is whole.
    fn looked_for(&mut self, edited: Edited) -> Vec<Effect> {
        let is_outline =
            self.showing == super::Showing::Outline && self.pane == super::Pane::Screen;
        if is_outline {
            self.outline_row = 0;
        }
        let Layer::Find(line) = &self.layer else { return Vec::new() };
        let typed = line.text();
        match edited {
            Edited::Going if is_outline => self.filter = typed,
            Edited::Going => {}
            Edited::Left => {
                self.filter.clear();
                self.lift();
            }
            Edited::Given(text) => {
                self.lift();
                if !is_outline {
                    self.find(&text);
                }
            }
        }
        Vec::new()
    }

    fn confirmed(&mut self, confirm: Confirm, key: KeyCode) -> Vec<Effect> {
        match (confirm, key) {
            (Confirm::Stop, KeyCode::Char('y')) => vec![Effect::Order(Order::Stop)],
            (Confirm::Leave, KeyCode::Char('q' | 'l')) => vec![Effect::Leave],
            (Confirm::Leave, KeyCode::Char('s')) => vec![Effect::Order(Order::Stop)],
            (Confirm::Take, KeyCode::Char('y')) => vec![Effect::Order(Order::TakeControl)],
            _ => Vec::new(),
        }
    }

    /// Says something in the foot's row for a while, and in the log for longer.
    pub(super) fn say(&mut self, what: String) {
        self.note(what.clone());
        self.notice = Some((what, self.now));
    }

    fn lift(&mut self) -> Vec<Effect> {
        self.layer = Layer::None;
        Vec::new()
    }
}

pub(super) fn tell(command: Command) -> Vec<Effect> {
    vec![Effect::Order(Order::Tell(command))]
}
