//! What the providers offer: caller numbers by the carrier's ids. Kept in our tables, asked for when something is missing.

use std::sync::Arc;
use std::time::Duration;

use carriers::{Carrier, CarrierNumber};
use chrono::{DateTime, Utc};
use domain::PhoneNumber;
use entity::phone_number::Model;
use moka::future::Cache;
use tracing::warn;

use crate::clock::Clock;
use crate::database::Database;
use crate::error::EngineError;
use crate::store::phone_numbers;

/// How long the carrier is not asked again after it was: an id it does not know must not become a request each time.
const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// Finds what ids of providers stand for.
#[derive(Clone)]
pub struct Directory {
    database: Database,
    clock: Arc<dyn Clock>,
    carrier: Arc<dyn Carrier>,
    asked: Cache<(), ()>,
}

impl Directory {
    /// Over `database`, asking `carrier` for what is not in it.
    #[must_use]
    pub fn new(database: Database, clock: Arc<dyn Clock>, carrier: Arc<dyn Carrier>) -> Self {
        Self {
            database,
            clock,
            carrier,
            asked: Cache::builder()
                .max_capacity(1)
                .time_to_live(ASKED_AGAIN_AFTER)
                .build(),
        }
    }

    /// The number that the carrier calls `id`; a number in E.164 form stands for itself. `None`: the carrier knows no such
    /// number, or does not answer now.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn find_number(&self, id: &str) -> Result<Option<PhoneNumber>, EngineError> {
        if let Ok(number) = PhoneNumber::parse(id, None) {
            return Ok(Some(number));
        }
        if let Some(known) = phone_numbers::find(self.database.reader(), id).await? {
            return Ok(Some(PhoneNumber::from_stored(known.number)));
        }
        if self.asked.contains_key(&()) {
            return Ok(None);
        }
        self.asked.insert((), ()).await;
        self.refresh().await?;
        let known = phone_numbers::find(self.database.writer(), id).await?;
        Ok(known.map(|known| PhoneNumber::from_stored(known.number)))
    }

    /// Asks the carrier for its numbers and keeps them. A carrier that does not answer changes nothing.
    async fn refresh(&self) -> Result<(), EngineError> {
        let offered = match self.carrier.list_numbers().await {
            Ok(numbers) => numbers,
            Err(error) => {
                warn!(%error, "could not list the carrier's numbers");
                return Ok(());
            }
        };
        let now = self.clock.now();
        let provider = self.carrier.kind().as_str();
        let rows = offered.into_iter().map(|n| row(n, provider, now)).collect();
        phone_numbers::upsert_all(self.database.writer(), rows).await?;
        Ok(())
    }
}

fn row(offered: CarrierNumber, provider: &str, now: DateTime<Utc>) -> Model {
    Model {
        id: offered.carrier_number_id,
        provider: provider.to_owned(),
        number: offered.number.into_string(),
        label: offered.label,
        details: Some(serde_json::json!({ "hasVoice": offered.has_voice })),
        fetched_at: now,
    }
}
