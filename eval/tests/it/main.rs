//! Suites run whole: on plain folders in place of desktops where it is about the running, and on a
//! private X server where it is about the tasks.

mod breaking;
mod desk;
mod folder;
mod ground;
mod reading;
mod resuming;
mod shipped;
