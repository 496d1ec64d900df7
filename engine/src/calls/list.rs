//! Lists of calls.

use chrono_tz::Tz;
use domain::{CampaignId, ContactId};

use super::{CallDetail, Calls};
use crate::actor::Actor;
use crate::campaigns::find::get;
use crate::error::EngineError;
use crate::field::Sieve;
use crate::page::{PageRequest, Paged};
use crate::period::Period;
use crate::query::{Param, word};
use crate::store::call_list::{self, Filter};

/// Which calls somebody looks for, as it stands in a query.
#[derive(Clone, Debug, Default)]
pub struct CallQuery {
    /// Only those in this status.
    pub status: Param,
    /// Only those with this outcome.
    pub outcome: Param,
    /// Only those to this contact.
    pub contact: Param,
    /// Only those begun at this instant or later.
    pub from_date: Param,
    /// Only those begun before this instant; a date is included.
    pub to_date: Param,
}

impl Calls {
    /// The campaign's calls that `query` asks for, one page of them, the last begun first.
    ///
    /// Dates are days of the campaign's zone. The order is stable: what began at the same instant follows by id.
    ///
    /// # Errors
    /// `NotFound` for another user's campaign too; `Invalid` with everything in `query` and `page` that is no answer to its
    /// question.
    pub async fn list_of_campaign(
        &self,
        actor: &Actor,
        campaign: CampaignId,
        query: CallQuery,
        page: PageRequest,
    ) -> Result<Paged<CallDetail>, EngineError> {
        let db = self.database.searcher();
        let found = get(db, campaign, actor.scope()).await?;
        let zone = found.row.timezone.parse().map_err(EngineError::internal)?;
        let mut sieve = Sieve::default();
        let page = page.read(&mut sieve);
        let filter = Filter {
            campaign: Some(campaign),
            ..read(&mut sieve, &query, zone)
        };
        sieve.done(()).map_err(EngineError::Invalid)?;
        let (rows, total) = call_list::list(db, &filter, page).await?;
        let contacts = rows.iter().filter_map(|row| row.contact_id).collect();
        let names = call_list::contact_names(db, contacts).await?;
        let items = rows
            .into_iter()
            .map(|row| CallDetail {
                // Several calls may be to the same contact.
                contact_name: row.contact_id.and_then(|id| names.get(&id).cloned()),
                row,
            })
            .collect();
        Ok(Paged { items, total, page })
    }
}

fn read(sieve: &mut Sieve, query: &CallQuery, zone: Tz) -> Filter {
    Filter {
        campaign: None,
        status: sieve.param("status", &query.status, word),
        outcome: sieve.param("outcome", &query.outcome, word),
        contact: sieve.param("contactId", &query.contact, contact),
        period: Period::read(sieve, &query.from_date, &query.to_date, zone),
    }
}

fn contact(text: &str) -> Result<ContactId, String> {
    let id = text.parse().ok().filter(|id| *id > 0);
    id.map(ContactId::from_i64)
        .ok_or_else(|| "must be the id of a contact: a whole number from 1 on".to_owned())
}
