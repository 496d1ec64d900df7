//! What can be wrong with something a provider sent us, or with what an operator told us about a provider.

/// Why the body of a webhook could not be understood. The sender is authentic; repeating the delivery will not help.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The body is longer than any genuine one.
    #[error("the body has {actual} bytes, more than the {allowed} allowed")]
    TooLarge {
        /// Bytes received.
        actual: usize,
        /// Bytes allowed.
        allowed: usize,
    },
    /// The body is neither what its content type says nor anything else we know.
    #[error("the body is not readable as {expected}")]
    Unreadable {
        /// What it should have been: "JSON" or "a form".
        expected: &'static str,
        /// What the parser said.
        #[source]
        source: anyhow::Error,
    },
    /// A field without which the event means nothing is missing, empty, or absurdly long.
    #[error("the field {field} is missing or unusable")]
    Field {
        /// Its name on the wire.
        field: &'static str,
    },
}

/// Why a webhook must not be believed. Answer 403 to all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The request carries no signature.
    #[error("the signature header is missing")]
    Missing,
    /// The header is there and is not a signature.
    #[error("the signature header is malformed")]
    Malformed,
    /// None of the keys made this signature over this request.
    #[error("the signature does not match")]
    Mismatch,
    /// It was signed too long ago, or in a future too far away: a replay, or a clock that is badly wrong.
    #[error("the signature's time is more than {tolerance_s} seconds off")]
    Expired {
        /// Seconds of difference allowed.
        tolerance_s: i64,
    },
}

/// Why a client cannot be built from its configuration. Says which key to repair.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct ConfigError {
    /// The configuration's field.
    pub key: &'static str,
    /// What is wrong with it, without its value.
    pub problem: String,
}
