//! What a campaign's row says about dialing, parsed once.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use domain::calendar::{Calendar, CalendarRules, parse_time_of_day, parse_zone};
use domain::lifecycle::Status;
use domain::retry::{CallbackPolicy, RetryPolicy};
use domain::{CampaignId, UserId};
use entity::campaign::Model;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::AgentConfig;
use crate::error::EngineError;

/// `scheduleConfig`, as far as we act on it; other keys are kept as sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ScheduleConfig {
    /// 1 Monday … 6 Saturday, 0 and 7 Sunday; absent: every day.
    pub days_of_week: Option<Vec<u8>>,
    /// Local dates on which no window starts.
    pub exclude_dates: Vec<NaiveDate>,
    /// Whether a contact's own zone outranks the campaign's; absent: yes.
    pub use_contact_timezone: Option<bool>,
}

/// `callbackConfig`, as far as we act on it; absent: no callbacks.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CallbackConfig {
    /// Whether a contact that asks for it is called back.
    pub enabled: bool,
    /// Callbacks on top of the attempts.
    pub max_attempts: u16,
    /// How long after the call, where the contact named no time.
    pub delay_minutes: u32,
}

impl Default for CallbackConfig {
    fn default() -> Self {
        Self {
            enabled: false,
            max_attempts: 1,
            delay_minutes: 60,
        }
    }
}

/// A campaign, as dialing sees it.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Which campaign.
    pub id: CampaignId,
    /// Whose.
    pub owner: UserId,
    /// Where it stands.
    pub status: Status,
    /// True once deleted.
    pub is_deleted: bool,
    /// When calling is allowed.
    pub calendar: Calendar,
    /// The zone of contacts that have none.
    pub zone: Tz,
    /// Whether a contact's own zone counts.
    pub uses_contact_zone: bool,
    /// How often and how soon a contact is called again.
    pub policy: RetryPolicy,
    /// How its calls are made.
    pub agent: AgentConfig,
    /// Slots.
    pub limit: u32,
    /// The row, for everything that is only passed on.
    pub row: Model,
}

impl Rules {
    /// Reads `row`; `minute` is how long a minute of `retryDelay` and `delayMinutes` lasts.
    ///
    /// # Errors
    /// `Internal` where the row says something that was never accepted: nothing is dialled on a guess.
    pub fn of(row: Model, minute: TimeDelta) -> Result<Self, EngineError> {
        let schedule: ScheduleConfig = parse(row.schedule_config.as_ref())?;
        let callback: CallbackConfig = parse(row.callback_config.as_ref())?;
        let time = |text: Option<&String>| {
            text.map(|text| parse_time_of_day(text))
                .transpose()
                .map_err(EngineError::internal)
        };
        let calendar = Calendar::new(CalendarRules {
            daily_start: time(row.daily_start_time.as_ref())?,
            daily_end: time(row.daily_end_time.as_ref())?,
            days_of_week: schedule.days_of_week,
            exclude_dates: schedule.exclude_dates,
            start_date: row.start_date,
            end_date: row.end_date,
        })
        .map_err(EngineError::internal)?;
        let minutes = |count: u32| minute * i32::try_from(count).unwrap_or(i32::MAX);
        let agent = AgentConfig::of(&row);
        let policy = RetryPolicy {
            attempts_max: u16::try_from(row.call_attempts_per_contact)
                .map_err(EngineError::internal)?,
            delay: minutes(u32::try_from(row.retry_delay_minutes).map_err(EngineError::internal)?),
            callbacks: CallbackPolicy {
                enabled: callback.enabled,
                attempts_max: callback.max_attempts,
                delay: minutes(callback.delay_minutes),
            },
            retries_machines: agent.voicemail.retry,
        };
        Ok(Self {
            id: CampaignId::from_uuid(row.id),
            owner: UserId::from_uuid(row.owner_id),
            status: row.status.parse().map_err(EngineError::internal)?,
            is_deleted: row.deleted_at.is_some(),
            calendar,
            zone: parse_zone(&row.timezone).map_err(EngineError::internal)?,
            uses_contact_zone: schedule.use_contact_timezone.unwrap_or(true),
            policy,
            agent,
            limit: u32::try_from(row.max_concurrent_calls).map_err(EngineError::internal)?,
            row,
        })
    }

    /// [`Self::of`] for each of `rows`. One campaign that cannot be read must not hold up the others: it is logged and left
    /// out.
    #[must_use]
    pub fn of_readable(
        rows: impl IntoIterator<Item = (CampaignId, Model)>,
        minute: TimeDelta,
    ) -> HashMap<CampaignId, Self> {
        let read = rows.into_iter().filter_map(|(id, row)| {
            let rules = Self::of(row, minute);
            if let Err(error) = &rules {
                tracing::error!(campaign.id = %id, ?error, "cannot read campaign {id}; it is left alone");
            }
            Some((id, rules.ok()?))
        });
        read.collect()
    }

    /// The zone in which the calendar applies to a contact whose own is `timezone` (empty: none).
    ///
    /// # Errors
    /// `Internal` where the contact's zone was never accepted.
    pub fn zone_of(&self, timezone: &str) -> Result<Tz, EngineError> {
        if timezone.is_empty() || !self.uses_contact_zone {
            return Ok(self.zone);
        }
        parse_zone(timezone).map_err(EngineError::internal)
    }

    /// True where no call will ever begin again.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_deleted || self.status.is_final()
    }

    /// True where calls may begin, windows and slots aside.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == Status::Active && !self.is_deleted
    }
}

fn parse<T: Default + for<'de> Deserialize<'de>>(config: Option<&Value>) -> Result<T, EngineError> {
    match config {
        None | Some(Value::Null) => Ok(T::default()),
        Some(value) => T::deserialize(value).map_err(EngineError::internal),
    }
}
