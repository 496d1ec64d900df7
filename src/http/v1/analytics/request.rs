//! What all analytics are asked with.

use engine::query::Param;
use engine::reports::{AnalyticsQuery, RangeQuery};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::campaigns::fields::PeriodEnd;

/// Whose calls, of which campaign, begun when, by which clock.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub struct AnalyticsQueryV1 {
    /// Only calls of this user; administrators may name anybody
    #[param(value_type = Option<String>, format = "user-id")]
    pub user_id: Param,
    /// Only calls of this campaign
    #[param(value_type = Option<uuid::Uuid>)]
    pub campaign_id: Param,
    /// From when on: an instant, or a date for the begin of that day; absent: 30 days up to the end. At most 366 days before
    /// the end
    #[param(inline, value_type = Option<PeriodEnd>, example = "2030-01-01")]
    pub start_date: Param,
    /// Until when, not included: an instant, or a date for the end of that day; absent: the end of today
    #[param(inline, value_type = Option<PeriodEnd>, example = "2030-01-31")]
    pub end_date: Param,
    /// IANA name of the zone whose clock tells days and hours; absent: the zone of the campaign asked for, else UTC
    #[param(value_type = Option<String>, format = "time-zone", example = "Asia/Kolkata")]
    pub timezone: Param,
}

impl From<AnalyticsQueryV1> for AnalyticsQuery {
    fn from(query: AnalyticsQueryV1) -> Self {
        Self {
            user: query.user_id,
            campaign: query.campaign_id,
            range: RangeQuery {
                from_date: query.start_date,
                to_date: query.end_date,
            },
            timezone: query.timezone,
        }
    }
}
