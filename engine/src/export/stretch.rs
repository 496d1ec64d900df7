//! Part of a list that is read from key to key.

use crate::page::Page;

/// Rows read by one statement, and held in memory at once.
pub(crate) const STRETCH_ROWS_MAX: u64 = 500;

/// A stretch of a list, by its keys.
#[derive(Clone, Copy, Debug)]
pub struct Stretch<K> {
    /// Those that come after the row of this key; `None`: from the first one.
    pub after: Option<K>,
    /// So many of these are passed over.
    pub skip: u64,
    /// At most so many are wanted.
    pub limit: u64,
}

/// What is left of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest<K> {
    after: Option<K>,
    skip: u64,
    left: u64,
}

impl<K: Copy> Rest<K> {
    /// All of a list, or of `page` of it.
    pub(super) fn of(page: Option<Page>) -> Self {
        Self {
            after: None,
            skip: page.map_or(0, Page::offset),
            left: page.map_or(u64::MAX, |page| u64::from(page.size)),
        }
    }

    /// What to read next; `None`: everything was.
    pub(super) fn next(&self) -> Option<Stretch<K>> {
        (self.left > 0).then(|| Stretch {
            after: self.after,
            skip: self.skip,
            limit: self.left.min(STRETCH_ROWS_MAX),
        })
    }

    /// `rows` rows of `read` were found, the last one with the key `last`.
    pub(super) fn pass(&mut self, read: Stretch<K>, rows: usize, last: K) {
        let is_last = (rows as u64) < read.limit;
        self.after = Some(last);
        self.skip = 0;
        self.left = if is_last { 0 } else { self.left - read.limit };
    }
}
