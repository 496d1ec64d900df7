//! A file that is sent while it is read.

use std::borrow::Cow;

use futures::stream::{Stream, try_unfold};

use super::sheet::Sheet;
use super::stretch::{Rest, Stretch};
use crate::error::EngineError;
use crate::page::Page;

/// A piece of a file.
pub(crate) struct Piece<K> {
    text: Vec<u8>,
    rows: usize,
    last: Option<K>,
}

impl<K> Piece<K> {
    /// `rows` as lines of `sheet`, by the key of each.
    pub(crate) fn of<'a, Cells>(
        sheet: &Sheet,
        rows: impl ExactSizeIterator<Item = (K, Cells)>,
    ) -> Result<Self, EngineError>
    where
        Cells: IntoIterator<Item = Cow<'a, str>>,
    {
        let count = rows.len();
        let mut last = None;
        let cells = rows.map(|(key, cells)| {
            last = Some(key);
            cells
        });
        let text = sheet.written(cells)?;
        Ok(Self {
            text,
            rows: count,
            last,
        })
    }
}

/// The lines of `sheet` that `read` finds, all of them, or those of `page`.
///
/// The line with the names of the columns comes at once, the rest in pieces of at most 500 rows, each read when it is
/// asked for; nothing is locked meanwhile. The stream ends with the first error: what came until then is not the whole file.
pub(crate) fn file<K, Reading>(
    sheet: &'static Sheet,
    page: Option<Page>,
    read: impl Fn(Stretch<K>) -> Reading + Send + 'static,
) -> impl Stream<Item = Result<Vec<u8>, EngineError>> + Send + 'static
where
    K: Copy + Send + 'static,
    Reading: Future<Output = Result<Piece<K>, EngineError>> + Send + 'static,
{
    let begin = (Rest::of(page), false, read);
    try_unfold(begin, move |(mut rest, is_begun, read)| async move {
        if !is_begun {
            let names = sheet.columns.iter().map(|name| Cow::Borrowed(*name));
            return Ok(Some((sheet.written([names])?, (rest, true, read))));
        }
        let Some(wanted) = rest.next() else {
            return Ok(None);
        };
        let reading = read(wanted);
        let piece = reading.await?;
        let Some(last) = piece.last else {
            return Ok(None);
        };
        rest.pass(wanted, piece.rows, last);
        Ok(Some((piece.text, (rest, true, read))))
    })
}
