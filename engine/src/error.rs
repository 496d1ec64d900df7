//! What can go wrong, told by what the caller must do. No HTTP here: the edge maps it.

use std::time::Duration;

use domain::lifecycle::IllegalTransition;
use sea_orm::{DbErr, RuntimeErr, TransactionError};

/// One field of a request that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's path in the request, e.g. `transferConfig.transferTargets[0].number`.
    pub field: String,
    /// A sentence that helps.
    pub message: String,
}

impl FieldError {
    /// Says what is wrong with `field`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

/// Why a use case did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// There is no such thing, or it is not the caller's: the two are not told apart.
    #[error("{what} not found")]
    NotFound {
        /// The noun: `campaign`, `contact`, `call`.
        what: &'static str,
    },
    /// It exists, but cannot be done to it as it stands; the sentence says why.
    #[error("{message}")]
    Conflict {
        /// A word a program can branch on, e.g. `illegal_transition`.
        code: &'static str,
        /// A sentence for people.
        message: String,
    },
    /// The request can be read and is wrong; every wrong field is named.
    #[error("the request is not valid: {}", .0.iter().map(|e| format!("{}: {}", e.field, e.message)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldError>),
    /// The request cannot be read at all.
    #[error("{0}")]
    Unreadable(String),
    /// The request asks for more than is done at once; the sentence says how much is.
    #[error("{0}")]
    TooLarge(String),
    /// The caller may see it, but not do this to it.
    #[error("{0}")]
    Forbidden(String),
    /// The caller asks more often than it may; the sentence says of what.
    #[error("{message}")]
    TooMany {
        /// How long to wait before trying again.
        retry_after: Duration,
        /// A sentence for people.
        message: String,
    },
    /// A dependency does not answer; the same call may work later.
    #[error("temporarily unavailable, try again in a moment")]
    Unavailable {
        /// How long to wait before trying again.
        retry_after: Duration,
        /// What happened.
        #[source]
        source: anyhow::Error,
    },
    /// A mistake of ours.
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

impl EngineError {
    /// `what` is not there for this caller.
    #[must_use]
    pub const fn not_found(what: &'static str) -> Self {
        Self::NotFound { what }
    }

    /// A refusal because of how things stand.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict {
            code,
            message: message.into(),
        }
    }

    /// A refusal because of one field.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    /// A mistake of ours, told by `source`.
    pub fn internal(source: impl Into<anyhow::Error>) -> Self {
        Self::Internal(source.into())
    }

    /// A dependency that does not answer, told by `source`.
    pub fn unavailable(source: impl Into<anyhow::Error>) -> Self {
        Self::Unavailable {
            retry_after: RETRY_AFTER,
            source: source.into(),
        }
    }

    /// True where the same call may work later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// True where two transactions waited for each other and this one was ended: to be run again at once.
    #[must_use]
    pub fn is_deadlock(&self) -> bool {
        let Self::Unavailable { source, .. } = self else {
            return false;
        };
        let code = source.downcast_ref::<DbErr>().and_then(code_of);
        code.as_deref() == Some("40P01")
    }

    /// `Unavailable` in place of [`Self::is_duplicate`]: the next try may go better.
    #[must_use]
    pub fn or_unavailable(self) -> Self {
        match self {
            Self::Internal(source) if is_duplicate(&source) => Self::unavailable(source),
            other => other,
        }
    }

    /// True where a row was to be added that somebody else had just added (Postgres).
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Internal(source) if is_duplicate(source))
    }
}

const RETRY_AFTER: Duration = Duration::from_secs(1);

impl From<DbErr> for EngineError {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Self::unavailable(error),
            ref inner if is_interruption(inner) => Self::unavailable(error),
            other => Self::internal(other),
        }
    }
}

impl From<TransactionError<Self>> for EngineError {
    fn from(error: TransactionError<Self>) -> Self {
        match error {
            TransactionError::Connection(error) => error.into(),
            TransactionError::Transaction(error) => error,
        }
    }
}

impl From<IllegalTransition> for EngineError {
    fn from(error: IllegalTransition) -> Self {
        Self::conflict("illegal_transition", error.to_string())
    }
}

fn is_duplicate(source: &anyhow::Error) -> bool {
    let code = source.downcast_ref::<DbErr>().and_then(code_of);
    code.as_deref() == Some("23505")
}

/// The database's own word for what went wrong.
fn code_of(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return None;
    };
    let told = error.as_database_error()?;
    told.code().map(|code| code.into_owned())
}

/// A statement that failed because the server went away, is starting, is overloaded, or broke a tie.
fn is_interruption(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    match &**error {
        sqlx::Error::Database(told) => told.code().is_some_and(|code| is_passing(&code)),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}

/// SQLSTATEs of Postgres and result codes of SQLite that say nothing about the statement.
fn is_passing(code: &str) -> bool {
    const CLASSES: [&str; 2] = ["08", "57P"];
    const CODES: [&str; 11] = [
        "53300", // too many connections
        "53400", // configuration limit exceeded
        "40001", // serialization failure
        "40P01", // deadlock
        "55P03", // lock not available in time
        "57014", // statement took too long
        "25006", // read only: a standby that is being promoted
        "25P03", // idle in a transaction for too long
        "5",     // SQLite: busy
        "6",     // SQLite: locked
        "517",   // SQLite: busy snapshot
    ];
    CLASSES.iter().any(|class| code.starts_with(class)) || CODES.contains(&code)
}
