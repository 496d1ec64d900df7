//! The shape of an exported file: how it is written, and how it is known when it comes back.
//!
//! Spreadsheets take a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula, and contacts are
//! written by strangers. So an apostrophe is put before such a cell, and before one that already has apostrophes there:
//! then taking one away gives back what was, always.

use std::borrow::Cow;

/// The columns, in this order.
pub(super) const COLUMNS: [&str; 16] = [
    PHONE_NUMBER,
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

const PHONE_NUMBER: &str = "phoneNumber";

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

const GUARD: char = '\'';

/// True where a file with these columns was exported here: it has all of [`COLUMNS`], and maybe others.
pub(super) fn is_export(columns: &[String]) -> bool {
    COLUMNS
        .iter()
        .all(|wanted| columns.iter().any(|column| column == wanted))
}

/// True for a column of an exported file that is not read back.
pub(super) fn is_history(column: &str) -> bool {
    HISTORY.contains(&column)
}

/// The cell so that no spreadsheet computes it.
///
/// A plain phone number stays as it is, so that every program reads it: a `+` and digits compute nothing but themselves.
pub(super) fn guarded<'a>(column: &str, cell: &'a str) -> Cow<'a, str> {
    let is_plain_number = column == PHONE_NUMBER && is_e164(cell);
    if is_plain_number || !is_formula(cell) {
        return cell.into();
    }
    format!("{GUARD}{cell}").into()
}

/// The cell that [`guarded`] made this one of; cells of columns that are not ours stay as they are.
pub(super) fn unguarded<'a>(column: &str, cell: &'a str) -> &'a str {
    match cell.strip_prefix(GUARD) {
        Some(bare) if COLUMNS.contains(&column) && is_formula(bare) => bare,
        _ => cell,
    }
}

/// True for what a spreadsheet takes for a formula, with apostrophes before it or without.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches(GUARD)
        .starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn is_e164(cell: &str) -> bool {
    cell.strip_prefix('+').is_some_and(|digits| {
        (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, guarded, is_export, unguarded};

    #[test]
    fn what_a_spreadsheet_would_compute_gets_an_apostrophe() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "''@x"] {
            let written = guarded("name", cell);
            assert!(written.starts_with('\''), "{cell:?}");
            assert_eq!(unguarded("name", &written), cell);
        }
        assert!(guarded("phoneNumber", "+1+cmd").starts_with('\''));
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for cell in ["", "Ada", "O'Hara", "'tis", "1-2", "a=b", "'"] {
            assert_eq!(guarded("name", cell), cell);
            assert_eq!(unguarded("name", cell), cell);
        }
        assert_eq!(guarded("phoneNumber", "+12025550100"), "+12025550100");
        assert_eq!(unguarded("a column of the sender's", "'=1"), "'=1");
    }

    #[test]
    fn a_file_is_known_by_all_its_columns() {
        let mut columns = COLUMNS.map(str::to_owned).to_vec();
        columns.insert(3, "note".to_owned());
        assert!(is_export(&columns));
        columns.pop();
        assert!(!is_export(&columns));
    }
}
