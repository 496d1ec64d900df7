//! Finding campaigns.

use std::str::FromStr;

use domain::lifecycle::Status;
use entity::campaign::Column;
use sea_orm::Order;

use super::{CampaignDetail, Campaigns};
use crate::access;
use crate::actor::Actor;
use crate::error::{EngineError, FieldError};
use crate::field::{Sieve, text_up_to};
use crate::page::{Page, Paged};
use crate::store::campaign_list::{self, Filter, Sort};

/// Characters of a search.
const SEARCH_CHARS_MAX: usize = 200;

/// Which campaigns somebody looks for, as it stands in a query. Empty texts are as good as absent.
#[derive(Clone, Debug, Default)]
pub struct CampaignQuery {
    /// Only those of this user: our id, or the dashboard's.
    pub user: Option<String>,
    /// Only those in this status.
    pub status: Option<String>,
    /// Only those with this text in name or description.
    pub search: Option<String>,
    /// A scalar field by its wire name; `createdAt` where nobody says.
    pub sort_by: Option<String>,
    /// `asc`, or `desc` where nobody says.
    pub sort_dir: Option<String>,
}

impl Campaigns {
    /// The campaigns that `actor` may see and `query` asks for, one page of them.
    ///
    /// The order is stable: what is equal follows by id.
    ///
    /// # Errors
    /// `Invalid` with everything in `query` that is no answer to its question; `Forbidden` where it asks for somebody
    /// else's campaigns.
    pub async fn list(
        &self,
        actor: &Actor,
        query: CampaignQuery,
        page: Page,
    ) -> Result<Paged<CampaignDetail>, EngineError> {
        let (mut filter, sort) = read(&query).map_err(EngineError::Invalid)?;
        filter.owner = access::narrow(&self.database, actor, given(query.user.as_deref())).await?;
        let (rows, total) =
            campaign_list::list(self.database.reader(), &filter, sort, page).await?;
        let items = rows.into_iter().map(CampaignDetail::from).collect();
        Ok(Paged { items, total, page })
    }
}

fn read(query: &CampaignQuery) -> Result<(Filter, Sort), Vec<FieldError>> {
    let mut sieve = Sieve::default();
    let mut filter = Filter::default();
    if let Some(status) = given(query.status.as_deref()) {
        match Status::from_str(status) {
            Ok(status) => filter.status = Some(status),
            Err(error) => sieve.refuse("status", error.to_string()),
        }
    }
    if let Some(search) = given(query.search.as_deref()) {
        match text_up_to(search, SEARCH_CHARS_MAX) {
            Ok(search) => filter.search = Some(search),
            Err(message) => sieve.refuse("search", message),
        }
    }
    let mut sort = Sort {
        column: Column::CreatedAt,
        order: Order::Desc,
    };
    if let Some(name) = given(query.sort_by.as_deref()) {
        match SORTABLE.iter().find(|(wire, _)| *wire == name) {
            Some((_, column)) => sort.column = *column,
            None => sieve.refuse("sortBy", format!("must be one of {}", sortable_names())),
        }
    }
    match given(query.sort_dir.as_deref()) {
        None | Some("desc") => {}
        Some("asc") => sort.order = Order::Asc,
        Some(_) => sieve.refuse("sortDir", "must be asc or desc"),
    }
    if sieve.errors.is_empty() {
        Ok((filter, sort))
    } else {
        Err(sieve.errors)
    }
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

fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}
