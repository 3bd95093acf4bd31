//! The reader against real applications, and trees against whatever may arrive.

mod acting;
mod arbitrary;
mod bus;
mod desk;
mod fake;
mod heavy;
mod keeping;
mod lasting;
mod lies;
mod memory;
mod peer;
mod pixels;
mod reading;
mod sockets;
