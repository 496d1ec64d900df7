//! A place in the log of calls that a reader comes back to.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::store::call_log::Key;

/// Bytes of what is told: way, seconds, nanoseconds, id.
const TOLD_BYTES: usize = 1 + 8 + 4 + 16;
/// Bytes of the checksum behind it. It finds mistakes; there is nothing to be gained by forging one, as a cursor opens
/// nothing that its reader may not see.
const SUM_BYTES: usize = 8;

/// From which call on, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// On to the calls that were begun before this one.
    Next(Key),
    /// Back to those that were begun after it.
    Prev(Key),
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (way, key) = match self {
            Self::Next(key) => (0, key),
            Self::Prev(key) => (1, key),
        };
        let mut told = Vec::with_capacity(TOLD_BYTES + SUM_BYTES);
        told.push(way);
        told.extend(key.begun_at.timestamp().to_be_bytes());
        told.extend(key.begun_at.timestamp_subsec_nanos().to_be_bytes());
        told.extend(key.id.as_bytes());
        let sum = Sha256::digest(&told);
        told.extend(sum.iter().take(SUM_BYTES));
        f.write_str(&URL_SAFE_NO_PAD.encode(told))
    }
}

impl FromStr for Cursor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        read(text).ok_or_else(|| {
            "must be a cursor of an earlier answer (nextCursor or prevCursor), unchanged".to_owned()
        })
    }
}

fn read(text: &str) -> Option<Cursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (told, sum) = bytes.split_at_checked(TOLD_BYTES)?;
    let expected = Sha256::digest(told);
    if sum.len() != SUM_BYTES || !expected.starts_with(sum) {
        return None;
    }
    let (way, rest) = told.split_first()?;
    let (seconds, rest) = rest.split_first_chunk::<8>()?;
    let (nanos, id) = rest.split_first_chunk::<4>()?;
    let seconds = i64::from_be_bytes(*seconds);
    let key = Key {
        begun_at: DateTime::from_timestamp(seconds, u32::from_be_bytes(*nanos))?,
        id: Uuid::from_slice(id).ok()?,
    };
    match way {
        0 => Some(Cursor::Next(key)),
        1 => Some(Cursor::Prev(key)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};

    use super::{Cursor, Key};

    fn key() -> Key {
        let begun_at = Utc::now() - TimeDelta::nanoseconds(7);
        let id = uuid::Uuid::now_v7();
        Key { begun_at, id }
    }

    #[test]
    fn a_cursor_reads_back_as_written() {
        for cursor in [Cursor::Next(key()), Cursor::Prev(key())] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
    }

    #[test]
    fn what_is_no_cursor_or_was_changed_is_refused() {
        let written = Cursor::Next(key()).to_string();
        for place in 0..written.len() {
            let mut changed = written.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("letters");
            assert!(changed.parse::<Cursor>().is_err(), "{changed}");
        }
        for text in [
            "",
            "A",
            "nonsense",
            "\0",
            &written[1..],
            &format!("{written}AAAA"),
        ] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
