//! As much of the engine's errors as reading rows can meet.

use std::fmt::Display;

/// One field that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

impl FieldError {
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

/// Why rows are refused as a whole.
#[derive(Debug)]
pub enum EngineError {
    Invalid(Vec<FieldError>),
    Unreadable(String),
    TooLarge(String),
    Internal(String),
}

impl EngineError {
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    pub fn internal(source: impl Display) -> Self {
        Self::Internal(source.to_string())
    }
}
