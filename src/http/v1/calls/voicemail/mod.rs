//! Machines that answer: how often, how sure that is, and where they were none.

pub mod analysis;
pub mod correct;
pub mod stats;
