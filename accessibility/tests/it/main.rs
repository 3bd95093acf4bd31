//! The reader against real applications, and trees against whatever may arrive.

mod arbitrary;
mod desk;
mod reading;
