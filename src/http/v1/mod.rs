//! The second generation of the API: `/api/v1`.

pub mod contacts;
pub mod crud;
pub mod lifecycle;
pub mod request;
pub mod summary;
pub mod view;
