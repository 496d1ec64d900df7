//! What can be done with campaigns.

pub mod rules;
