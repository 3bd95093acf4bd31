//! What comes in, and what is to be done about it.

use std::time::Duration;

use deskbound_agent::control::Phase as RunPhase;
use deskbound_agent::journal::Entry;
use deskbound_eval::Progress;
use ratatui::crossterm::event::{KeyEvent, MouseEvent};
use ratatui::layout::Size;

use super::gallery::{Exhibit, Request};
use super::helm::{Order, Sight, Spent};
use super::home::{Choice, Find};
use super::pace::LinkFigures;

/// What happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// Lines of the journal, in order.
    Told(Vec<Entry>),
    /// What the run is doing, by its own word.
    Phase(RunPhase),
    /// The screen between two records.
    Sighted(Sight),
    /// What the run takes of this machine.
    Spent(Spent),
    /// An order was not taken.
    Refused(String),
    /// Another view holds the control now.
    Succeeded,
    /// This view does.
    Controls,
    /// The text of the desktop's clipboard.
    Carried(String),
    /// The line to the run is gone.
    Parted(String),
    Mouse(MouseEvent),
    /// The journal cannot be read on.
    Broken(String),
    Key(KeyEvent),
    Pasted(String),
    Resized(Size),
    Fetched(Box<Exhibit>),
    /// The time since the view was opened, now and then.
    Tick(Duration),
    Link(LinkFigures),
    /// Something about this machine.
    Found(Find),
    /// How far a suite is.
    Measured(Box<Progress>),
}

/// What is to be done, by somebody else.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    Leave,
    Suspend,
    Redraw,
    Fetch(Request),
    /// Something for the run.
    Order(Order),
    /// A text for the terminal's own clipboard.
    Carry(String),
    /// Whether the pointer is listened to.
    Mouse(bool),
    /// The first screen is left for this.
    Chosen(Choice),
}
