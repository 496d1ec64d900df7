//! The shape of an exported file of contacts.

use crate::export::Sheet;

/// Known again when it comes back: its people are added anew, without what calling came to.
pub(super) static SHEET: Sheet = Sheet {
    columns: &COLUMNS,
    history: &HISTORY,
};

/// The columns, in this order.
pub(super) const COLUMNS: [&str; 16] = [
    "phoneNumber",
    "firstName",
    "lastName",
    "name",
    "email",
    "status",
    "attempts",
    "lastOutcome",
    "lastError",
    "nextAttemptAt",
    "lastAttemptAt",
    "timezone",
    "metadata",
    "createdAt",
    "updatedAt",
    "id",
];

/// Columns that tell what calling came to: they say nothing about somebody who is added anew.
const HISTORY: [&str; 9] = [
    "status",
    "attempts",
    "lastOutcome",
    "lastError",
    "nextAttemptAt",
    "lastAttemptAt",
    "createdAt",
    "updatedAt",
    "id",
];
