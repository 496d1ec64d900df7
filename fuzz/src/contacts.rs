//! A row as a contact.

#[path = "../../engine/src/contacts/exported.rs"]
pub(crate) mod exported;
#[path = "../../engine/src/contacts/reading.rs"]
#[allow(dead_code, reason = "some of it is for changes of one contact")]
pub(crate) mod reading;
pub mod rows;
