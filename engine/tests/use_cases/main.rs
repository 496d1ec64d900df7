//! What campaigns, contacts and users may be asked to do, over SQLite, with a clock that stands still and a carrier that
//! carries nothing.

mod access;
mod bench;
mod campaigns;
mod contacts;
mod lifecycle;
mod listing;
