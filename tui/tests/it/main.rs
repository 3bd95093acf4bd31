//! The `deskbound` program as a user starts it, and the repository it is built from.

mod a11y;
mod air_gap;
mod attach;
mod carry;
mod command;
mod desktop;
mod driving;
mod graphics;
mod idle;
mod killed;
mod manual;
mod models;
mod orphan;
mod package;
mod plain;
mod program;
mod pty;
mod replay;
mod serve;
mod standing;
mod suite;
mod tidy;
mod tmux;
mod view;
