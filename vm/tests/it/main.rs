//! The real thing: QEMU, Debian, Xfce. The image is built where there is none, which takes
//! minutes; it is the user's own, so that what was built once serves every test and the program.

mod checkpoint;
mod custody;
mod desktop;
mod doors;
mod everyday;
mod files;
mod input;
mod inside;
mod lab;
mod lost;
mod network;
mod tree;
