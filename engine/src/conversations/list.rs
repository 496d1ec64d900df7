//! Lists of conversations.

use domain::CampaignId;

use super::{ConversationGist, Conversations};
use crate::actor::Actor;
use crate::campaigns::find::get;
use crate::error::EngineError;
use crate::field::{Sieve, text_up_to};
use crate::page::{PageRequest, Paged};
use crate::period::Period;
use crate::query::{Param, truth};
use crate::store::call_list;
use crate::store::conversation_list::{self, Filter};

/// Characters of a search.
const SEARCH_CHARS_MAX: usize = 200;

/// Which conversations somebody looks for, as it stands in a query.
#[derive(Clone, Debug, Default)]
pub struct ConversationQuery {
    /// `true`: only those that reached their goal; `false`: only those that did not.
    pub successful: Param,
    /// Only those with this text in their summary.
    pub search: Param,
    /// Only those whose call began at this instant or later.
    pub from_date: Param,
    /// Only those whose call began before this instant; a date is included.
    pub to_date: Param,
}

impl Conversations {
    /// The campaign's conversations that `query` asks for, one page of them, that of the call begun last first.
    ///
    /// Dates are days of the campaign's zone. The order is stable, and that of the log of calls.
    ///
    /// # Errors
    /// `NotFound` for another user's campaign too; `Invalid` with everything in `query` and `page` that is no answer to its
    /// question.
    pub async fn list_of_campaign(
        &self,
        actor: &Actor,
        campaign: CampaignId,
        query: ConversationQuery,
        page: PageRequest,
    ) -> Result<Paged<ConversationGist>, EngineError> {
        let db = self.database.searcher();
        let found = get(db, campaign, actor.scope()).await?;
        let zone = found.row.timezone.parse().map_err(EngineError::internal)?;
        let mut sieve = Sieve::default();
        let page = page.read(&mut sieve);
        let filter = Filter {
            is_successful: sieve.param("successful", &query.successful, truth),
            summary: sieve.param("search", &query.search, |text| {
                text_up_to(text, SEARCH_CHARS_MAX)
            }),
            calls: call_list::Filter {
                campaign: Some(campaign),
                period: Period::read(&mut sieve, &query.from_date, &query.to_date, zone),
                ..call_list::Filter::default()
            },
        };
        sieve.done(()).map_err(EngineError::Invalid)?;
        let (rows, total) = conversation_list::list(db, &filter, page).await?;
        let contacts = rows
            .iter()
            .filter_map(|(call, _)| call.contact_id)
            .collect();
        let names = call_list::contact_names(db, contacts).await?;
        let items = rows
            .into_iter()
            .map(|(call, said)| ConversationGist {
                contact_name: call.contact_id.and_then(|id| names.get(&id).cloned()),
                call,
                said,
            })
            .collect();
        Ok(Paged { items, total, page })
    }
}
