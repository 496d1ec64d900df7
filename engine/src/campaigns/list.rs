//! Finding campaigns.

use entity::campaign::Column;
use sea_orm::Order;

use super::limits::TAG_CHARS_MAX;
use super::{CampaignDetail, Campaigns, held_back};
use crate::access;
use crate::actor::Actor;
use crate::error::EngineError;
use crate::field::{Sieve, text_up_to};
use crate::page::{PageRequest, Paged};
use crate::query::{Param, word};
use crate::store::campaign_list::{self, Filter, Sort};

/// Characters of a search.
const SEARCH_CHARS_MAX: usize = 200;

/// Which campaigns somebody looks for, as it stands in a query.
#[derive(Clone, Debug, Default)]
pub struct CampaignQuery {
    /// Only those of this user: our id, or the dashboard's.
    pub user: Param,
    /// Only those in this status.
    pub status: Param,
    /// Only those with this text in name or description.
    pub search: Param,
    /// Only those with this tag, in this very spelling.
    pub tag: Param,
    /// A scalar field by its wire name; `createdAt` where nobody says.
    pub sort_by: Param,
    /// `asc`, or `desc` where nobody says.
    pub sort_dir: Param,
}

impl Campaigns {
    /// The campaigns that `actor` may see and `query` asks for, one page of them.
    ///
    /// The order is stable: what is equal follows by id.
    ///
    /// # Errors
    /// `Invalid` with everything in `query` and `page` that is no answer to its question; `Forbidden` where it asks for
    /// somebody else's campaigns.
    pub async fn list(
        &self,
        actor: &Actor,
        query: CampaignQuery,
        page: PageRequest,
    ) -> Result<Paged<CampaignDetail>, EngineError> {
        let mut sieve = Sieve::default();
        let page = page.read(&mut sieve);
        let (mut filter, sort) = read(&mut sieve, &query);
        filter.owner = access::owner(&self.database, &mut sieve, actor, &query.user).await?;
        sieve.done(()).map_err(EngineError::Invalid)?;
        let (rows, total) =
            campaign_list::list(self.database.searcher(), &filter, sort, page).await?;
        let mut items: Vec<CampaignDetail> = rows.into_iter().map(CampaignDetail::from).collect();
        let (db, means) = (self.database.reader(), self.dialing.means());
        held_back::note(db, &mut items, &means, self.clock.now()).await?;
        Ok(Paged { items, total, page })
    }
}

fn read(sieve: &mut Sieve, query: &CampaignQuery) -> (Filter, Sort) {
    let filter = Filter {
        owner: None,
        status: sieve.param("status", &query.status, word),
        search: sieve.param("search", &query.search, |text| {
            text_up_to(text, SEARCH_CHARS_MAX)
        }),
        tag: sieve.param("tag", &query.tag, |text| text_up_to(text, TAG_CHARS_MAX)),
    };
    let column = sieve.param("sortBy", &query.sort_by, |name| {
        let field = SORTABLE.iter().find(|(wire, _)| *wire == name);
        field
            .map(|(_, column)| *column)
            .ok_or_else(|| format!("must be one of {}", sortable_names()))
    });
    let order = sieve.param("sortDir", &query.sort_dir, |direction| match direction {
        "asc" => Ok(Order::Asc),
        "desc" => Ok(Order::Desc),
        _ => Err("must be asc or desc".to_owned()),
    });
    let sort = Sort {
        column: column.unwrap_or(Column::CreatedAt),
        order: order.unwrap_or(Order::Desc),
    };
    (filter, sort)
}

/// Every field of a campaign that is one value.
const SORTABLE: [(&str, Column); 18] = [
    ("id", Column::Id),
    ("name", Column::Name),
    ("description", Column::Description),
    ("status", Column::Status),
    ("startDate", Column::StartDate),
    ("endDate", Column::EndDate),
    ("timezone", Column::Timezone),
    ("dailyStartTime", Column::DailyStartTime),
    ("dailyEndTime", Column::DailyEndTime),
    ("phoneNumberId", Column::PhoneNumberId),
    ("phoneNumber", Column::PhoneNumber),
    ("voiceAgentId", Column::VoiceAgentId),
    ("maxConcurrentCalls", Column::MaxConcurrentCalls),
    ("callAttemptsPerContact", Column::CallAttemptsPerContact),
    ("retryDelay", Column::RetryDelayMinutes),
    ("scheduleType", Column::ScheduleType),
    ("createdAt", Column::CreatedAt),
    ("updatedAt", Column::UpdatedAt),
];

fn sortable_names() -> String {
    SORTABLE.map(|(wire, _)| wire).join(", ")
}
