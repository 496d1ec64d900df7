//! Numbers that must not be called, as the first generation shows them: `/api/suppressions`. What is asked is the same in
//! both generations.

pub mod crud;
pub mod example;
pub mod import;
pub mod request;
pub mod view;
