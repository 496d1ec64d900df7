//! Numbers that must not be called: `/api/v1/suppressions`.

pub mod crud;
pub mod import;
pub mod view;
