//! What the providers offer: numbers to call from, and agents that speak. Kept in our tables under the providers' ids, and
//! asked for anew when it is missing, old, or wanted.
//!
//! What is gone at its provider is marked and stays: old campaigns still say what their ids stood for.

mod fetch;
mod list;
mod resolve;

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use carriers::{CarrierKind, VoiceAgents};
use chrono::{DateTime, TimeDelta, Utc};
use moka::future::Cache;

pub use list::{OfferedNumber, Offers};
pub use resolve::Resolved;

use crate::clock::Clock;
use crate::database::Database;
use crate::dialing::Carriers;
use crate::error::EngineError;

/// How long what was fetched is believed without asking again.
const FRESH_FOR: TimeDelta = TimeDelta::minutes(5);
/// How long a provider is not asked again after it was: an id it does not know must not become a request each time.
const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// Lists that there may be.
const SOURCES_MAX: u64 = 16;

/// Finds what ids of providers stand for. Cheap to clone; all clones ask together.
#[derive(Clone)]
pub struct Directory {
    database: Database,
    clock: Arc<dyn Clock>,
    carriers: Carriers,
    agents: Arc<dyn VoiceAgents>,
    /// What came of the last question; of several who ask at once one does, and all wait for it.
    asked: Cache<Source, Heard>,
}

/// A list that some provider has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Source {
    /// A carrier's numbers.
    CarrierNumbers(CarrierKind),
    /// The numbers that the agents' platform was told of.
    PlatformNumbers,
    /// The platform's agents.
    Agents,
}

/// What came of a question to a provider.
#[derive(Clone, Debug)]
enum Heard {
    /// It answered, and our table says what it said.
    Answer,
    /// It did not, for this reason; our table says what was known before.
    Nothing(Arc<str>),
}

impl Heard {
    const fn is_answer(&self) -> bool {
        matches!(self, Self::Answer)
    }
}

impl Directory {
    /// Over `database`, asking `carriers` and `agents`.
    #[must_use]
    pub fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        carriers: Carriers,
        agents: Arc<dyn VoiceAgents>,
    ) -> Self {
        Self {
            database,
            clock,
            carriers,
            agents,
            asked: Cache::builder()
                .max_capacity(SOURCES_MAX)
                .time_to_live(ASKED_AGAIN_AFTER)
                .build(),
        }
    }

    /// Asks for a list, unless that was done moments ago.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer. A provider that does not is no error.
    async fn ask(&self, source: Source) -> Result<Heard, EngineError> {
        // On the heap: what asking takes would weigh on every future that may have to.
        let question = Box::pin(self.asked.try_get_with(source, self.fetch(source)));
        question.await.map_err(|error| {
            let told = anyhow!("{error:?}");
            if error.is_transient() {
                EngineError::unavailable(told)
            } else {
                EngineError::internal(told)
            }
        })
    }

    /// As [`Self::ask`], also if that was done moments ago. Whoever asks while another does gets the same answer.
    async fn ask_anew(&self, source: Source) -> Result<Heard, EngineError> {
        self.asked.invalidate(&source).await;
        self.ask(source).await
    }

    /// True where what was seen at `fetched_at` is believed without asking.
    fn is_fresh(&self, fetched_at: DateTime<Utc>) -> bool {
        self.clock.now() - fetched_at < FRESH_FOR
    }
}
