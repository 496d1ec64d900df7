//! Suppressions as a CSV file, however many they are.

use std::borrow::Cow;

use chrono::SecondsFormat;
use futures::stream::Stream;
use uuid::Uuid;

use super::exported::{COLUMNS, SHEET};
use super::{ListedSuppression, SuppressionQuery, Suppressions};
use crate::actor::Actor;
use crate::database::Database;
use crate::error::EngineError;
use crate::export::{Piece, Stretch, file};
use crate::page::PageRequest;
use crate::store::suppression_list::{self, Filter};

impl Suppressions {
    /// The suppressions that `query` asks for as CSV in UTF-8, the newest first: all of them, or those of `page`, where it
    /// names one. [`Suppressions::import_csv`] of the text adds the same numbers, with their reasons.
    ///
    /// The line with the names of the columns comes at once, the rest in pieces of at most 500, each read when it is asked
    /// for; nothing is locked meanwhile. None comes twice. What is added or removed meanwhile may come either way.
    ///
    /// # Errors
    /// As [`Suppressions::list`]. The stream ends with the first error: what came until then is not the whole file.
    pub async fn export(
        &self,
        actor: &Actor,
        query: SuppressionQuery,
        page: PageRequest,
    ) -> Result<
        impl Stream<Item = Result<Vec<u8>, EngineError>> + Send + 'static + use<>,
        EngineError,
    > {
        let is_page_given = page.is_given();
        let (filter, page) = self.read(actor, &query, &page).await?;
        let page = Some(page).filter(|_| is_page_given);
        let database = self.database.clone();
        Ok(file(&SHEET, page, move |wanted| {
            piece(database.clone(), filter.clone(), wanted)
        }))
    }
}

async fn piece(
    database: Database,
    filter: Filter,
    wanted: Stretch<Uuid>,
) -> Result<Piece<Uuid>, EngineError> {
    let rows = suppression_list::stretch(database.searcher(), &filter, wanted).await?;
    let rows: Vec<ListedSuppression> = rows.into_iter().map(ListedSuppression::from).collect();
    Piece::of(&SHEET, rows.iter().map(|row| (row.row.id, cells(row))))
}

/// In the order of [`COLUMNS`]; without a value: empty. Who added it goes by name.
fn cells(listed: &ListedSuppression) -> [Cow<'_, str>; COLUMNS.len()] {
    let row = &listed.row;
    let added_by = listed.added_by.as_ref().map(|user| user.name.as_str());
    let created_at = row.created_at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    [
        row.phone_number.as_str().into(),
        row.reason.as_deref().unwrap_or_default().into(),
        row.source.as_str().into(),
        added_by.unwrap_or_default().into(),
        row.owner_id.to_string().into(),
        created_at.into(),
        row.id.to_string().into(),
    ]
}
