//! The second generation of the API: `/api/v1`.

pub mod agents;
pub mod analytics;
pub mod api_keys;
pub mod calls;
pub mod contact_view;
pub mod contacts;
pub mod crud;
pub mod example;
pub mod lifecycle;
pub mod phone_numbers;
pub mod refresh;
pub mod request;
pub mod stats;
pub mod summary;
pub mod suppressions;
pub mod users;
pub mod view;
pub mod ws;
