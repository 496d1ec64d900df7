//! The shape of an exported file of suppressions.

use crate::export::Sheet;

/// Known again when it comes back: of it numbers and reasons are read.
pub(super) static SHEET: Sheet = Sheet {
    columns: &COLUMNS,
    history: &HISTORY,
};

/// The columns, in this order.
pub(super) const COLUMNS: [&str; 7] = [
    "phoneNumber",
    "reason",
    "source",
    "addedBy",
    "userId",
    "createdAt",
    "id",
];

/// Columns that tell how a number came onto the list from which the file is.
const HISTORY: [&str; 5] = ["source", "addedBy", "userId", "createdAt", "id"];
