//! The reader against real applications, and trees against whatever may arrive.

mod acting;
mod arbitrary;
mod bus;
mod desk;
mod fake;
mod lasting;
mod lies;
mod reading;
