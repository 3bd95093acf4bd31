//! Runs on a private X desktop with the real applications; a script stands in for the models, and
//! the disk says what became of it.

mod asking;
mod attaching;
mod bed;
mod client;
mod conformance;
mod controls;
mod filing;
mod kinds;
mod refusals;
mod replaying;
mod screen;
mod serving;
mod steering;
mod verbs;
