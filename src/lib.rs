//! The program `dialer`: its command line, its configuration, and the HTTP API over the engine.
//!
//! [`http`] parses requests, makes one call into [`engine`], and dresses the answer. [`assembly`] puts a process together
//! from its [`config`]; [`serve`] runs it.

pub mod assembly;
pub mod cli;
pub mod config;
pub mod demo;
pub mod descriptors;
pub mod doctor;
pub mod http;
pub mod recount;
pub mod restored;
pub mod serve;
pub mod token;
