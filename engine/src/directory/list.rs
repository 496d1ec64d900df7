//! Everything that the providers offer.

use std::collections::BTreeMap;

use anyhow::anyhow;
use carriers::{CarrierKind, elevenlabs};
use chrono::{DateTime, Utc};
use entity::{agent, phone_number};
use futures::future::try_join_all;
use serde_json::Value;

use super::{Directory, Heard, Source};
use crate::error::EngineError;
use crate::store::{agents, phone_numbers};

/// Entries of a list, those that are gone included.
const ENTRIES_MAX: u64 = 10_000;

/// What providers offer, as far as we know.
#[derive(Clone, Debug)]
pub struct Offers<T> {
    /// Those they offer first, then those that are gone; at most 10,000.
    pub items: Vec<T>,
    /// Which providers did not answer, and why. Of theirs `items` has what was known before.
    pub warnings: Vec<String>,
}

/// A number to call from, whichever providers know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedNumber {
    /// The carrier's id of it, or the agents' platform's where no carrier of ours has it.
    pub id: String,
    /// Whose [`Self::id`] it is.
    pub provider: String,
    /// Every provider that knows it, with its id there.
    pub provider_ids: BTreeMap<String, String>,
    /// E.164.
    pub number: String,
    /// What it is called.
    pub label: Option<String>,
    /// False where its provider says that nobody can be called with it.
    pub has_voice: bool,
    /// When we last saw it there.
    pub fetched_at: DateTime<Utc>,
    /// Since when no provider offers it any more.
    pub vanished_at: Option<DateTime<Utc>>,
}

impl Directory {
    /// Numbers to call from, each once, in their order. The providers are asked where `is_anew`, or what is known is older
    /// than five minutes.
    ///
    /// # Errors
    /// `Unavailable` where nothing is known and no provider answers, or the database does not.
    pub async fn numbers(&self, is_anew: bool) -> Result<Offers<OfferedNumber>, EngineError> {
        let read = || phone_numbers::list(self.database.reader(), ENTRIES_MAX);
        let known = read().await?;
        let newest = |provider: &str| {
            let rows = known.iter().filter(|row| row.provider == provider);
            rows.map(|row| row.fetched_at).max()
        };
        let carriers = self.carriers.kinds();
        let mut due: Vec<_> = carriers
            .iter()
            .map(|kind| (Source::CarrierNumbers(*kind), newest(kind.as_str())))
            .collect();
        due.push((Source::PlatformNumbers, newest(elevenlabs::NAME)));
        let warnings = self.bring_up_to_date(&due, is_anew).await?;
        let items = merged(read().await?, &carriers);
        offers(items, warnings, due.len())
    }

    /// The agents, by name. Their platform is asked where `is_anew`, or what is known is older than five minutes.
    ///
    /// # Errors
    /// `Unavailable` where nothing is known and the platform does not answer, or the database does not.
    pub async fn agents(&self, is_anew: bool) -> Result<Offers<agent::Model>, EngineError> {
        let read = || agents::list(self.database.reader(), ENTRIES_MAX);
        let newest = read().await?.iter().map(|row| row.fetched_at).max();
        let due = [(Source::Agents, newest)];
        let warnings = self.bring_up_to_date(&due, is_anew).await?;
        offers(read().await?, warnings, due.len())
    }

    /// Asks for the lists that are old or not there, at once; what was not heard.
    async fn bring_up_to_date(
        &self,
        due: &[(Source, Option<DateTime<Utc>>)],
        is_anew: bool,
    ) -> Result<Vec<String>, EngineError> {
        let questions = due.iter().map(async |(source, newest)| match newest {
            _ if is_anew => self.ask_anew(*source).await,
            Some(newest) if self.is_fresh(*newest) => Ok(Heard::Answer),
            _ => self.ask(*source).await,
        });
        let heard = try_join_all(questions).await?;
        Ok(heard
            .into_iter()
            .filter_map(|heard| match heard {
                Heard::Answer => None,
                Heard::Nothing(why) => Some(why.to_string()),
            })
            .collect())
    }
}

/// What is known, unless that is nothing because none of the `asked` lists was heard.
fn offers<T>(items: Vec<T>, warnings: Vec<String>, asked: usize) -> Result<Offers<T>, EngineError> {
    if items.is_empty() && warnings.len() == asked {
        return Err(EngineError::unavailable(anyhow!(warnings.join("; "))));
    }
    Ok(Offers { items, warnings })
}

/// One entry per number: what `carriers` say of it counts more than what the platform says, an earlier one's more than a
/// later one's.
fn merged(mut rows: Vec<phone_number::Model>, carriers: &[CarrierKind]) -> Vec<OfferedNumber> {
    let mut by_number: BTreeMap<String, OfferedNumber> = BTreeMap::new();
    let place = |row: &phone_number::Model| {
        let mut kinds = carriers.iter();
        let place = kinds.position(|kind| kind.as_str() == row.provider);
        place.unwrap_or(carriers.len())
    };
    rows.sort_by_key(place);
    for row in rows {
        let other = OfferedNumber::from(row);
        match by_number.get_mut(&other.number) {
            Some(known) => known.absorb(other),
            None => {
                by_number.insert(other.number.clone(), other);
            }
        }
    }
    let mut items: Vec<OfferedNumber> = by_number.into_values().collect();
    items.sort_by_key(|item| item.vanished_at.is_some());
    items
}

impl OfferedNumber {
    /// The same number, as another provider knows it, or under another id. What is offered counts more than what is gone.
    fn absorb(&mut self, other: Self) {
        if self.vanished_at.is_some() && other.vanished_at.is_none() {
            let gone = std::mem::replace(self, other);
            return self.absorb(gone);
        }
        self.label = self.label.take().or(other.label);
        if other.vanished_at.is_some() && self.vanished_at.is_none() {
            return;
        }
        for (provider, id) in other.provider_ids {
            self.provider_ids.entry(provider).or_insert(id);
        }
    }
}

impl From<phone_number::Model> for OfferedNumber {
    fn from(row: phone_number::Model) -> Self {
        let says = row.details.as_ref().and_then(|told| told.get("hasVoice"));
        Self {
            provider_ids: BTreeMap::from([(row.provider.clone(), row.id.clone())]),
            id: row.id,
            provider: row.provider,
            number: row.number,
            label: row.label,
            has_voice: says.and_then(Value::as_bool).unwrap_or(true),
            fetched_at: row.fetched_at,
            vanished_at: row.vanished_at,
        }
    }
}
