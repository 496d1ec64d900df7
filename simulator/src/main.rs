//! The pretend phone network as a process of its own.
fn main() {}
