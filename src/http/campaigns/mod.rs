//! The first generation of the API: `/api/campaigns`.

pub mod call_view;
pub mod calls;
pub mod contact;
pub mod contacts;
pub mod conversation_view;
pub mod conversations;
pub mod crud;
pub mod debug;
pub mod events;
pub mod example;
pub mod fields;
pub mod held_back;
pub mod lifecycle;
pub mod request;
pub mod statistics;
pub mod view;
