//! Asking providers, and keeping what they say.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use carriers::{CarrierNumber, PlatformAgent, PlatformNumber, elevenlabs};
use chrono::{DateTime, Utc};
use entity::{agent, phone_number};
use futures::future::try_join_all;
use serde_json::json;
use tokio::time::timeout;
use tracing::warn;

use super::{Directory, Heard, Source};
use crate::error::EngineError;
use crate::store::foreign::{self, NAME_CHARS_MAX};
use crate::store::{agents, phone_numbers};

/// How long a provider may take for its whole list. Two questions in a row must fit into the time of one request.
const ANSWERED_WITHIN: Duration = Duration::from_secs(8);

/// The longest list of which we believe that it is whole. Providers' lists are read up to about twice as many entries:
/// what is missing in a longer one may stand where we did not look.
const SURELY_WHOLE_MAX: usize = 1_000;

impl Directory {
    /// Asks every carrier for its numbers, where there are several: whose a number is decides who carries its calls, and
    /// campaigns from before there were several name numbers that nobody looked up.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer. A carrier that does not is no error.
    pub async fn learn_lines(&self) -> Result<(), EngineError> {
        let kinds = self.carriers.kinds();
        if kinds.len() > 1 {
            let sources = kinds.into_iter().map(Source::CarrierNumbers);
            try_join_all(sources.map(|source| self.ask(source))).await?;
        }
        Ok(())
    }

    /// Asks for the list and keeps what it says: all of it, or nothing.
    pub(super) async fn fetch(&self, source: Source) -> Result<Heard, EngineError> {
        match source {
            Source::CarrierNumbers(kind) => {
                let provider = kind.as_str();
                let carrier = self.carriers.get(kind).map_err(EngineError::internal)?;
                match listed(carrier.list_numbers()).await {
                    Ok(numbers) => {
                        let row = |number, now| carrier_row(number, provider, now);
                        self.keep_numbers(provider, numbers, row).await
                    }
                    Err(why) => Ok(silent(provider, "numbers", &why)),
                }
            }
            Source::PlatformNumbers => match listed(self.agents.list_numbers()).await {
                Ok(numbers) => {
                    self.keep_numbers(elevenlabs::NAME, numbers, platform_row)
                        .await
                }
                Err(why) => Ok(silent(elevenlabs::NAME, "numbers", &why)),
            },
            Source::Agents => match listed(self.agents.list_agents()).await {
                Ok(found) => self.keep_agents(found).await,
                Err(why) => Ok(silent(elevenlabs::NAME, "agents", &why)),
            },
        }
    }

    async fn keep_numbers<T>(
        &self,
        provider: &str,
        listed: Vec<T>,
        row: impl Fn(T, DateTime<Utc>) -> phone_number::Model,
    ) -> Result<Heard, EngineError> {
        // A slip: an account that is in use has numbers, and who has none any more is refused every call.
        let is_believed = !listed.is_empty() && listed.len() <= SURELY_WHOLE_MAX;
        let now = self.clock.now();
        let rows = listed.into_iter().map(|number| row(number, now));
        let rows = once_each(rows, |row| &row.id);
        let txn = self.database.begin().await?;
        phone_numbers::upsert_all(&txn, rows).await?;
        if is_believed {
            phone_numbers::mark_vanished(&txn, provider, now).await?;
        }
        txn.commit().await?;
        Ok(Heard::Answer)
    }

    async fn keep_agents(&self, listed: Vec<PlatformAgent>) -> Result<Heard, EngineError> {
        let (now, is_whole) = (self.clock.now(), listed.len() <= SURELY_WHOLE_MAX);
        let rows = listed.into_iter().map(|agent| agent_row(agent, now));
        let rows = once_each(rows, |row| &row.id);
        let txn = self.database.begin().await?;
        agents::upsert_all(&txn, rows).await?;
        if is_whole {
            agents::mark_vanished(&txn, elevenlabs::NAME, now).await?;
        }
        txn.commit().await?;
        Ok(Heard::Answer)
    }
}

/// The answer, or the reason why there is none.
async fn listed<T, E: Display>(question: impl Future<Output = Result<T, E>>) -> Result<T, String> {
    match timeout(ANSWERED_WITHIN, question).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err("no answer in time".to_owned()),
    }
}

fn silent(provider: &str, what: &str, why: &str) -> Heard {
    warn!(
        provider,
        error = why,
        "could not list the {what} at {provider}"
    );
    Heard::Nothing(Arc::from(format!(
        "{provider} did not list its {what} ({why})"
    )))
}

/// Each id once, in their order, so that writers at the same time lock rows in the same one. What has a name that no table
/// takes is left out.
fn once_each<T>(rows: impl Iterator<Item = T>, id: impl Fn(&T) -> &String) -> Vec<T> {
    let storable = |id: &str| id.chars().count() <= NAME_CHARS_MAX && !id.contains('\0');
    let rows = rows.filter(|row| storable(id(row)));
    let unique: BTreeMap<String, T> = rows.map(|row| (id(&row).clone(), row)).collect();
    unique.into_values().collect()
}

fn carrier_row(offered: CarrierNumber, provider: &str, now: DateTime<Utc>) -> phone_number::Model {
    phone_number::Model {
        id: offered.carrier_number_id,
        provider: provider.to_owned(),
        number: offered.number.into_string(),
        label: offered.label.map(|label| name(&label)),
        details: Some(json!({ "hasVoice": offered.has_voice })),
        fetched_at: now,
        vanished_at: None,
    }
}

fn platform_row(offered: PlatformNumber, now: DateTime<Utc>) -> phone_number::Model {
    phone_number::Model {
        id: offered.number_id,
        provider: elevenlabs::NAME.to_owned(),
        number: offered.number.into_string(),
        label: offered.label.map(|label| name(&label)),
        details: Some(json!({ "hasVoice": offered.is_outbound })),
        fetched_at: now,
        vanished_at: None,
    }
}

fn agent_row(offered: PlatformAgent, now: DateTime<Utc>) -> agent::Model {
    agent::Model {
        id: offered.agent_id,
        provider: elevenlabs::NAME.to_owned(),
        name: name(&offered.name),
        label: None,
        details: None,
        fetched_at: now,
        vanished_at: None,
    }
}

fn name(told: &str) -> String {
    foreign::text(told, NAME_CHARS_MAX)
}
