//! The shape of an exported file: how it is written, and how it is known when it comes back.
//!
//! Spreadsheets take a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula, and rows are
//! written by strangers. So an apostrophe is put before such a cell, and before one that already has apostrophes there:
//! then taking one away gives back what was, always.

use std::borrow::Cow;

use ::csv::{Terminator, Writer, WriterBuilder};

use crate::error::EngineError;

/// A kind of file.
#[derive(Debug)]
pub(crate) struct Sheet {
    /// The columns, in this order.
    pub columns: &'static [&'static str],
    /// Those of them that tell what came later: they say nothing about a row that is added anew.
    pub history: &'static [&'static str],
}

/// The column whose plain numbers need no guard.
const PHONE_NUMBER: &str = "phoneNumber";

const GUARD: char = '\'';

impl Sheet {
    /// True where a file with these columns was exported here: it has all of ours, and maybe others.
    pub(crate) fn is_of(&self, columns: &[String]) -> bool {
        let mut ours = self.columns.iter();
        ours.all(|wanted| columns.iter().any(|column| column == wanted))
    }

    /// True for a column of an exported file that is not read back.
    pub(crate) fn is_history(&self, column: &str) -> bool {
        self.history.contains(&column)
    }

    /// The cell that [`guarded`] made this one of; cells of columns that are not ours stay as they are.
    pub(crate) fn unguarded<'a>(&self, column: &str, cell: &'a str) -> &'a str {
        match cell.strip_prefix(GUARD) {
            Some(bare) if self.columns.contains(&column) && is_formula(bare) => bare,
            _ => cell,
        }
    }

    /// `rows` as lines, their cells in the order of the columns.
    pub(super) fn written<'a, Cells>(
        &self,
        rows: impl IntoIterator<Item = Cells>,
    ) -> Result<Vec<u8>, EngineError>
    where
        Cells: IntoIterator<Item = Cow<'a, str>>,
    {
        let mut writer: Writer<Vec<u8>> = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .from_writer(Vec::new());
        for row in rows {
            for (column, cell) in self.columns.iter().zip(row) {
                let cell = guarded(column, cell);
                let field = writer.write_field(cell.as_bytes());
                field.map_err(EngineError::internal)?;
            }
            let end = writer.write_record(None::<&[u8]>);
            end.map_err(EngineError::internal)?;
        }
        let text = writer.into_inner();
        text.map_err(|error| EngineError::internal(error.into_error()))
    }
}

/// The cell so that no spreadsheet computes it.
///
/// A plain phone number stays as it is, so that every program reads it: a `+` and digits compute nothing but themselves.
fn guarded<'a>(column: &str, cell: Cow<'a, str>) -> Cow<'a, str> {
    let is_plain_number = column == PHONE_NUMBER && is_e164(&cell);
    if is_plain_number || !is_formula(&cell) {
        return cell;
    }
    format!("{GUARD}{cell}").into()
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
    use super::{Sheet, guarded};

    const SHEET: Sheet = Sheet {
        columns: &["phoneNumber", "name", "id"],
        history: &["id"],
    };

    #[test]
    fn what_a_spreadsheet_would_compute_gets_an_apostrophe() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "''@x"] {
            let written = guarded("name", cell.into());
            assert!(written.starts_with('\''), "{cell:?}");
            assert_eq!(SHEET.unguarded("name", &written), cell);
        }
        assert!(guarded("phoneNumber", "+1+cmd".into()).starts_with('\''));
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for cell in ["", "Ada", "O'Hara", "'tis", "1-2", "a=b", "'"] {
            assert_eq!(guarded("name", cell.into()), cell);
            assert_eq!(SHEET.unguarded("name", cell), cell);
        }
        let number = guarded("phoneNumber", "+12025550100".into());
        assert_eq!(number, "+12025550100");
        assert_eq!(SHEET.unguarded("a column of the sender's", "'=1"), "'=1");
    }

    #[test]
    fn a_file_is_known_by_all_its_columns() {
        let mut columns = ["phoneNumber", "note", "name", "id"]
            .map(str::to_owned)
            .to_vec();
        assert!(SHEET.is_of(&columns));
        columns.pop();
        assert!(!SHEET.is_of(&columns));
    }
}
