//! What one id stands for.

use chrono::{DateTime, Utc};
use domain::PhoneNumber;
use futures::future::try_join_all;

use super::{Directory, Heard, Source};
use crate::error::EngineError;
use crate::store::{agents, phone_numbers};

/// What an id of a provider stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved<T> {
    /// This; its provider said so within the last minutes.
    Known(T),
    /// This, as far as we know: its provider does not answer now.
    Remembered(T),
    /// Nothing, or nothing any more: its provider says so.
    Unknown,
    /// We never knew, and its provider does not answer now.
    Unanswered,
}

impl<T> Resolved<T> {
    /// What it stands for, confirmed or not.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Known(value) | Self::Remembered(value) => Some(value),
            Self::Unknown | Self::Unanswered => None,
        }
    }
}

/// What our tables know of an id.
struct Kept<T> {
    value: T,
    fetched_at: DateTime<Utc>,
}

impl Directory {
    /// The number behind `id`, which is the carrier's, or the agents' platform's; a number in E.164 form stands for itself.
    ///
    /// Asks the providers where we do not know it, or not lately; takes a few seconds at most.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn find_number(&self, id: &str) -> Result<Resolved<PhoneNumber>, EngineError> {
        if let Ok(number) = PhoneNumber::parse(id, None) {
            return Ok(Resolved::Known(number));
        }
        let kept = self.kept_number(id).await?;
        if let Some(kept) = kept.filter(|kept| self.is_fresh(kept.fetched_at)) {
            return Ok(Resolved::Known(kept.value));
        }
        let carriers = self.carriers.kinds().into_iter();
        let sources = carriers.map(Source::CarrierNumbers);
        let sources = sources.chain([Source::PlatformNumbers]);
        let heard = try_join_all(sources.map(|source| self.ask(source))).await?;
        let is_answered = heard.iter().all(Heard::is_answer);
        let kept = self.kept_number(id).await?;
        Ok(self.resolved(kept, is_answered))
    }

    /// The name of the agent that its platform calls `id`. Asks the platform where we do not know it, or not lately; takes a
    /// few seconds at most.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn find_agent(&self, id: &str) -> Result<Resolved<String>, EngineError> {
        let kept = self.kept_agent(id).await?;
        if let Some(kept) = kept.filter(|kept| self.is_fresh(kept.fetched_at)) {
            return Ok(Resolved::Known(kept.value));
        }
        let heard: Heard = self.ask(Source::Agents).await?;
        let kept = self.kept_agent(id).await?;
        Ok(self.resolved(kept, heard.is_answer()))
    }

    fn resolved<T>(&self, kept: Option<Kept<T>>, is_answered: bool) -> Resolved<T> {
        match kept {
            // Of two providers one may have answered, and it is the one whose id it is.
            Some(kept) if is_answered || self.is_fresh(kept.fetched_at) => {
                Resolved::Known(kept.value)
            }
            Some(kept) => Resolved::Remembered(kept.value),
            None if is_answered => Resolved::Unknown,
            None => Resolved::Unanswered,
        }
    }

    async fn kept_number(&self, id: &str) -> Result<Option<Kept<PhoneNumber>>, EngineError> {
        let row = phone_numbers::find(self.database.reader(), id).await?;
        let row = row.filter(|row| row.vanished_at.is_none());
        Ok(row.map(|row| Kept {
            value: PhoneNumber::from_stored(row.number),
            fetched_at: row.fetched_at,
        }))
    }

    async fn kept_agent(&self, id: &str) -> Result<Option<Kept<String>>, EngineError> {
        let row = agents::find(self.database.reader(), id).await?;
        let row = row.filter(|row| row.vanished_at.is_none());
        Ok(row.map(|row| Kept {
            value: row.name,
            fetched_at: row.fetched_at,
        }))
    }
}
