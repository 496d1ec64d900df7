//! The use cases of the dialer.
