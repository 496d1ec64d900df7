//! Contacts as a CSV file, however many they are.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use domain::CampaignId;
use entity::contact::Model;
use futures::stream::Stream;

use super::Contacts;
use super::exported::{COLUMNS, SHEET};
use super::list::{self, ContactQuery};
use crate::actor::Actor;
use crate::campaigns;
use crate::database::Database;
use crate::error::EngineError;
use crate::export::{Piece, Stretch, file};
use crate::page::PageRequest;
use crate::store::contact_export::stretch;
use crate::store::contact_list::Filter;

impl Contacts {
    /// The campaign's contacts that `query` asks for as CSV in UTF-8, in the order of import: all of them, or those of
    /// `page`, where it names one. [`Contacts::import_csv`] of the text adds the same people anew.
    ///
    /// The line with the names of the columns comes at once, the rest in pieces of at most 500 contacts, each read when
    /// it is asked for; nothing is locked meanwhile. Nobody comes twice. Who is added, changed or removed meanwhile may come
    /// either way.
    ///
    /// # Errors
    /// As [`Contacts::list`]. The stream ends with the first error: what came until then is not the whole file.
    pub async fn export(
        &self,
        actor: &Actor,
        id: CampaignId,
        query: ContactQuery,
        page: PageRequest,
    ) -> Result<
        impl Stream<Item = Result<Vec<u8>, EngineError>> + Send + 'static + use<>,
        EngineError,
    > {
        let is_page_given = page.is_given();
        let (filter, page) = list::read(&query, &page)?;
        let page = Some(page).filter(|_| is_page_given);
        campaigns::find::get(self.database.reader(), id, actor.scope()).await?;
        let database = self.database.clone();
        Ok(file(&SHEET, page, move |wanted| {
            piece(database.clone(), id, filter.clone(), wanted)
        }))
    }
}

async fn piece(
    database: Database,
    campaign: CampaignId,
    filter: Filter,
    wanted: Stretch<i64>,
) -> Result<Piece<i64>, EngineError> {
    let rows = stretch(database.searcher(), campaign, &filter, wanted).await?;
    Piece::of(&SHEET, rows.iter().map(|row| (row.id, cells(row))))
}

/// In the order of [`COLUMNS`]; without a value: empty.
fn cells(row: &Model) -> [Cow<'_, str>; COLUMNS.len()] {
    let text = |text: &Option<String>| Cow::Owned(text.clone().unwrap_or_default());
    let metadata = row.metadata.as_ref().map(ToString::to_string);
    [
        row.phone_number.as_str().into(),
        text(&row.first_name),
        text(&row.last_name),
        text(&row.name),
        text(&row.email),
        row.status.as_str().into(),
        row.attempts.to_string().into(),
        text(&row.last_outcome),
        text(&row.last_error),
        instant(row.next_attempt_at),
        instant(row.last_attempt_at),
        row.timezone.as_str().into(),
        metadata.unwrap_or_default().into(),
        instant(Some(row.created_at)),
        instant(Some(row.updated_at)),
        row.id.to_string().into(),
    ]
}

/// As in the API's JSON.
fn instant(at: Option<DateTime<Utc>>) -> Cow<'static, str> {
    at.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        .unwrap_or_default()
        .into()
}
