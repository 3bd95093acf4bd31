//! The `deskbound` program as a user starts it, and the repository it is built from.

mod command;
mod program;
mod tidy;
