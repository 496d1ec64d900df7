//! What a campaign comes to.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use domain::CampaignId;
use engine::query::Param;
use engine::reports::{RangeQuery, Statistics, statistics};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{example, fields};
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{Id, Query};

/// Which calls are counted, by when they were begun.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub struct StatisticsQuery {
    /// From when on: an instant, or a date for the begin of that day in the campaign's zone; absent: all calls
    #[param(inline, value_type = Option<fields::PeriodEnd>, example = "2023-07-01")]
    pub from_date: Param,
    /// Until when, not included: an instant, or a date for the end of that day in the campaign's zone; absent: all calls
    #[param(inline, value_type = Option<fields::PeriodEnd>, example = "2023-07-31T18:00:00Z")]
    pub to_date: Param,
}

impl From<StatisticsQuery> for RangeQuery {
    fn from(query: StatisticsQuery) -> Self {
        Self {
            from_date: query.from_date,
            to_date: query.to_date,
        }
    }
}

/// What a campaign comes to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = example::statistics::envelope)]
pub struct StatisticsEnvelope {
    success: bool,
    #[schema(value_type = uuid::Uuid)]
    campaign_id: CampaignId,
    statistics: StatisticsView,
}

/// The contacts as they stand now, and the calls begun in the range. Where there is nothing to count every figure is 0.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatisticsView {
    contact_metrics: ContactMetrics,
    call_metrics: CallMetrics,
    time_metrics: TimeMetrics,
    outcomes_metrics: OutcomesMetrics,
    /// One entry per day with calls, in the campaign's zone, in order
    performance_trend: Vec<TrendDay>,
    range: RangeView,
}

/// The contacts as they stand now, whatever range is asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactMetrics {
    /// Contacts of the campaign
    #[schema(minimum = 0, example = 250)]
    total_contacts: i64,
    /// Contacts with at least one call placed; a number that the carrier refuses for good counts as called
    #[schema(minimum = 0, example = 125)]
    contacted_count: i64,
    /// `contactedCount` of `totalContacts`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 50.0)]
    contacted_percentage: f64,
    /// `totalContacts` less `contactedCount`
    #[schema(minimum = 0, example = 125)]
    remaining_count: i64,
    /// Contacts queued or in a call
    #[schema(minimum = 0, example = 25)]
    active_count: i64,
}

/// The calls begun in the range.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallMetrics {
    /// Calls placed: the carrier took them on
    #[schema(minimum = 0, example = 150)]
    total_calls: i64,
    /// Calls answered, by whomever, and ended
    #[schema(minimum = 0, example = 100)]
    completed_calls: i64,
    /// Calls ended otherwise: failed, busy or not answered
    #[schema(minimum = 0, example = 25)]
    failed_calls: i64,
    /// Calls that led to a callback
    #[schema(minimum = 0, example = 15)]
    callbacks_scheduled: i64,
    /// Calls handed on, whether or not anybody took them
    #[schema(minimum = 0, example = 30)]
    transfers_initiated: i64,
    /// Calls handed on to somebody who took them
    #[schema(minimum = 0, example = 28)]
    transfers_completed: i64,
    /// Seconds of talk of a completed call on average, whole
    #[schema(minimum = 0, example = 142)]
    average_call_duration: i64,
    /// Seconds from begun to answered of a completed call on average, to one decimal
    #[schema(minimum = 0, example = 2.5)]
    average_wait_time: f64,
}

/// How long it lasts, and when the calls of the range were begun.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TimeMetrics {
    campaign_duration: CampaignDuration,
    call_time_distribution: CallTimeDistribution,
    /// The five hours of the day with the most calls placed, in the campaign's zone: most first, then the earlier; only
    /// hours with calls
    #[schema(max_items = 5)]
    peak_call_hours: Vec<PeakHour>,
}

/// How long the campaign lasts, whatever range is asked for: whole days, below one of them hours, below one of those
/// minutes, rounded to the nearest.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignDuration {
    /// From the begin (`startDate`, else the first start) to `endDate`; `null` where one is missing
    #[schema(example = "30 days")]
    total: Option<String>,
    /// From the begin until now, or until the campaign ended or its `endDate` came; `null` where it has no begin
    #[schema(example = "15 days")]
    elapsed: Option<String>,
    /// From now on, before the begin from then on, until `endDate`; nothing once the campaign has ended; `null` where it has
    /// no `endDate`
    #[schema(example = "15 days")]
    remaining: Option<String>,
}

/// Calls placed by the time of the day at which they were begun, in the campaign's zone.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallTimeDistribution {
    /// Before 12:00
    #[schema(minimum = 0, example = 45)]
    morning: i64,
    /// From 12:00, before 17:00
    #[schema(minimum = 0, example = 65)]
    afternoon: i64,
    /// From 17:00
    #[schema(minimum = 0, example = 40)]
    evening: i64,
}

/// One hour of the day.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeakHour {
    /// 10 stands for 10:00 to 11:00
    #[schema(minimum = 0, maximum = 23, example = 10)]
    hour: u32,
    /// Calls placed in it, on whatever day
    #[schema(minimum = 1, example = 25)]
    count: i64,
}

/// What the calls of the range led to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutcomesMetrics {
    /// Conversations that reached their goal
    #[schema(minimum = 0, example = 80)]
    successful_outcomes: i64,
    /// Calls in which a callback was asked for
    #[schema(minimum = 0, example = 15)]
    callback_requests: i64,
    /// Calls handed on to somebody who took them: as `transfersCompleted`
    #[schema(minimum = 0, example = 28)]
    transferred_to_agent: i64,
    /// Calls answered by a machine
    #[schema(minimum = 0, example = 10)]
    voicemails: i64,
    /// Calls that rang out
    #[schema(minimum = 0, example = 15)]
    no_answers: i64,
    /// `successfulOutcomes` of `totalCalls`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 53.3)]
    conversion_rate: f64,
}

/// One day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrendDay {
    /// By the calendar of the campaign's zone
    #[schema(example = "2023-07-15")]
    date: NaiveDate,
    /// Calls placed
    #[schema(minimum = 1, example = 25)]
    calls: i64,
    /// Calls that reached their goal of `calls`, percent, to one decimal
    #[schema(minimum = 0, maximum = 100, example = 60.0)]
    success_rate: f64,
}

/// The range that was really counted: whole quarters of an hour.
#[derive(Debug, Serialize, ToSchema)]
pub struct RangeView {
    /// Calls begun at or after; `null`: from the first call on
    #[schema(example = "2030-01-01T06:00:00Z")]
    from: Option<DateTime<Utc>>,
    /// Calls begun before; `null`: up to the last call
    #[schema(example = "2030-02-01T06:00:00Z")]
    to: Option<DateTime<Utc>>,
}

impl StatisticsEnvelope {
    fn new(campaign_id: CampaignId, found: Statistics) -> Self {
        Self {
            success: true,
            campaign_id,
            statistics: found.into(),
        }
    }
}

impl From<Statistics> for StatisticsView {
    fn from(found: Statistics) -> Self {
        let Statistics {
            range,
            campaign_duration,
            contacts,
            calls,
        } = found;
        Self {
            contact_metrics: contacts.into(),
            call_metrics: CallMetrics::from(&calls),
            outcomes_metrics: OutcomesMetrics::from(&calls),
            time_metrics: TimeMetrics {
                campaign_duration: campaign_duration.into(),
                call_time_distribution: calls.distribution.into(),
                peak_call_hours: calls.peak_hours.into_iter().map(PeakHour::from).collect(),
            },
            performance_trend: calls.trend.into_iter().map(TrendDay::from).collect(),
            range: RangeView {
                from: range.from,
                to: range.to,
            },
        }
    }
}

impl From<statistics::ContactMetrics> for ContactMetrics {
    fn from(found: statistics::ContactMetrics) -> Self {
        Self {
            total_contacts: found.total,
            contacted_count: found.contacted,
            contacted_percentage: found.contacted_percentage,
            remaining_count: found.remaining,
            active_count: found.active,
        }
    }
}

impl From<&statistics::CallFigures> for CallMetrics {
    fn from(found: &statistics::CallFigures) -> Self {
        Self {
            total_calls: found.total,
            completed_calls: found.completed,
            failed_calls: found.failed,
            callbacks_scheduled: found.callbacks_scheduled,
            transfers_initiated: found.transfers_initiated,
            transfers_completed: found.transfers_completed,
            average_call_duration: found.average_duration_s,
            average_wait_time: found.average_wait_s,
        }
    }
}

impl From<&statistics::CallFigures> for OutcomesMetrics {
    fn from(found: &statistics::CallFigures) -> Self {
        Self {
            successful_outcomes: found.successful,
            callback_requests: found.callback_requests,
            transferred_to_agent: found.transfers_completed,
            voicemails: found.voicemails,
            no_answers: found.no_answers,
            conversion_rate: found.conversion_rate,
        }
    }
}

impl From<statistics::CampaignDuration> for CampaignDuration {
    fn from(found: statistics::CampaignDuration) -> Self {
        Self {
            total: found.total,
            elapsed: found.elapsed,
            remaining: found.remaining,
        }
    }
}

impl From<statistics::TimeDistribution> for CallTimeDistribution {
    fn from(found: statistics::TimeDistribution) -> Self {
        Self {
            morning: found.morning,
            afternoon: found.afternoon,
            evening: found.evening,
        }
    }
}

impl From<statistics::PeakHour> for PeakHour {
    fn from(found: statistics::PeakHour) -> Self {
        Self {
            hour: found.hour,
            count: found.calls,
        }
    }
}

impl From<statistics::Day> for TrendDay {
    fn from(found: statistics::Day) -> Self {
        Self {
            date: found.date,
            calls: found.calls,
            success_rate: found.success_rate,
        }
    }
}

/// What a campaign comes to: its contacts as they stand now, and its calls begun between two dates.
///
/// Sums are kept per quarter of an hour, UTC. An instant inside a quarter covers all of it; `range` says what was covered.
#[utoipa::path(get, path = "/api/campaigns/{id}/statistics", tag = "campaigns",
    params(("id" = uuid::Uuid, Path), StatisticsQuery),
    responses((status = 200, body = StatisticsEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
    Query(query): Query<StatisticsQuery>,
) -> Result<Json<StatisticsEnvelope>, ApiError> {
    let found = app
        .engine
        .reports
        .statistics(&actor, id, &query.into())
        .await?;
    Ok(Json(StatisticsEnvelope::new(id, found)))
}
