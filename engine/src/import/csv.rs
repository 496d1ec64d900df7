//! Rows as CSV in UTF-8, separated by commas, semicolons or tabs: the first line names the columns, in any order.

use ::csv::{ByteRecord, ByteRecordsIter, Reader, ReaderBuilder};
use serde_json::{Map, Value};

use super::{RawRow, cell, check_count, without_mark};
use crate::error::{EngineError, FieldError};
use crate::export::Sheet;

/// A table that was opened: its columns are known, its rows are counted.
pub(crate) struct Table<'a> {
    text: &'a [u8],
    reader: Reader<&'a [u8]>,
    columns: Vec<String>,
    /// What it is an export of, where it is one: known by its columns.
    sheet: Option<&'static Sheet>,
}

impl<'a> Table<'a> {
    /// Opens `text`, rows of `what`. A file of `sheet` is known by its columns; those that tell what came later are not
    /// read back. The rows are counted here, so that a file that is too long changes nothing.
    ///
    /// # Errors
    /// `Unreadable` for a first line that cannot be read; `Invalid` where no column is a phone number; `TooLarge` for too
    /// many rows.
    pub(crate) fn open(
        text: &'a [u8],
        what: &str,
        sheet: &'static Sheet,
    ) -> Result<Self, EngineError> {
        let text = without_mark(text);
        check_count(reader(text).byte_records().count(), what)?;
        let mut reader = reader(text);
        // Read before the rows are: their lines are counted from the end of the first.
        let columns = columns(&mut reader)?;
        Ok(Self {
            text,
            reader,
            sheet: Some(sheet).filter(|sheet| sheet.is_of(&columns)),
            columns,
        })
    }

    /// The rows, numbered by their lines.
    pub(crate) fn rows(&mut self) -> impl Iterator<Item = RawRow> + Send {
        Rows {
            records: self.reader.byte_records(),
            columns: &self.columns,
            sheet: self.sheet,
            lines: Lines::of(self.text),
        }
    }
}

fn reader(text: &[u8]) -> Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .from_reader(text)
}

/// Spreadsheets write what their country uses: whichever is most frequent in the first line.
fn delimiter(text: &[u8]) -> u8 {
    let first_line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |wanted: u8| first_line.iter().filter(|byte| **byte == wanted).count();
    // Of several equally frequent ones `max_by_key` takes the last: the comma.
    [b'\t', b';', b',']
        .into_iter()
        .max_by_key(|byte| count(*byte))
        .unwrap_or(b',')
}

fn columns(reader: &mut Reader<&[u8]>) -> Result<Vec<String>, EngineError> {
    let header = reader.headers().map_err(|error| {
        EngineError::Unreadable(format!("the first line cannot be read: {error}"))
    })?;
    let columns: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
    let is_number = |name: &String| cell::is_phone_number(&cell::folded(name));
    if !columns.iter().any(is_number) {
        let help = "the first line must name the columns, one of them phoneNumber (or phone, phone_number, number)";
        return Err(EngineError::invalid("phoneNumber", help));
    }
    Ok(columns)
}

struct Rows<'a, 'r> {
    records: ByteRecordsIter<'r, &'a [u8]>,
    columns: &'r [String],
    sheet: Option<&'static Sheet>,
    lines: Lines<'a>,
}

impl Iterator for Rows<'_, '_> {
    type Item = RawRow;

    fn next(&mut self) -> Option<RawRow> {
        let begin = self.records.reader().position().byte();
        let cells = match self.records.next()? {
            Ok(record) => self.cells(&record),
            Err(error) => Err(FieldError::new("", error.to_string())),
        };
        Some(RawRow {
            number: self.lines.number_at(begin),
            cells,
        })
    }
}

impl Rows<'_, '_> {
    fn cells(&self, record: &ByteRecord) -> Result<Map<String, Value>, FieldError> {
        if record.len() > self.columns.len() {
            let message = format!(
                "the row has {} cells, the first line names only {} columns",
                record.len(),
                self.columns.len()
            );
            return Err(FieldError::new("", message));
        }
        let mut cells = Map::new();
        for (name, cell) in self.columns.iter().zip(record) {
            if self.sheet.is_some_and(|sheet| sheet.is_history(name)) {
                continue;
            }
            let Ok(cell) = std::str::from_utf8(cell) else {
                return Err(FieldError::new(name.as_str(), "is not written in UTF-8"));
            };
            let cell = self.sheet.map_or(cell, |sheet| sheet.unguarded(name, cell));
            // Of two columns of one name the first with something in it counts.
            let is_empty = |known: &Value| known.as_str().is_some_and(str::is_empty);
            if cells.get(name).is_none_or(is_empty) {
                cells.insert(name.clone(), cell.into());
            }
        }
        Ok(cells)
    }
}

/// Counts lines as an editor does; the reader's own count is behind by one after `\r\n`, and does not see empty lines.
struct Lines<'a> {
    text: &'a [u8],
    counted: usize,
    number: u64,
}

impl<'a> Lines<'a> {
    const fn of(text: &'a [u8]) -> Self {
        Self {
            text,
            counted: 0,
            number: 1,
        }
    }

    /// The line of the first thing written at or after byte `begin`, which never decreases.
    fn number_at(&mut self, begin: u64) -> u64 {
        let begin = usize::try_from(begin).unwrap_or(usize::MAX);
        let rest = self.text.get(begin..).unwrap_or_default();
        let is_break = |byte: &&u8| matches!(**byte, b'\r' | b'\n');
        let end = begin + rest.iter().take_while(is_break).count();
        let passed = self.text.get(self.counted..end).unwrap_or_default();
        // `\r\n` is one break. `end` never lies within it.
        let after = passed.iter().skip(1).chain(&[0]);
        let breaks = passed.iter().zip(after).filter(|pair| match pair {
            (b'\n', _) => true,
            (b'\r', next) => **next != b'\n',
            _ => false,
        });
        self.number += breaks.count() as u64;
        self.counted = end;
        self.number
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    /// The lines on which the given words begin.
    fn lines(text: &str, words: &[&str]) -> Vec<u64> {
        let mut lines = Lines::of(text.as_bytes());
        let begins = words.iter().map(|word| text.find(word).expect("a word"));
        begins.map(|begin| lines.number_at(begin as u64)).collect()
    }

    #[test]
    fn lines_are_counted_whichever_way_they_end() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a", "b", "", "c"].join(end);
            assert_eq!(lines(&text, &["a", "b", "c"]), [1, 2, 4], "{end:?}");
        }
    }
}
