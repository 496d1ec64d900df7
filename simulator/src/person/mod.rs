//! The people behind the numbers: who they are, and how each call to them goes.

mod behaviour;
mod people;
mod shares;

pub use behaviour::Behaviour;
pub(crate) use people::Person;
pub use people::{People, PeopleConfig};
pub use shares::{MsRange, Shares};
