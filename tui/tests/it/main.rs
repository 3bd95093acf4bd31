//! The `deskbound` program as a user starts it, and the repository it is built from.

mod a11y;
mod command;
mod desktop;
mod driving;
mod idle;
mod orphan;
mod program;
mod suite;
mod tidy;
