//! Which agents and numbers a workspace has.
//!
//! Source: ElevenLabs, "List agents", "List phone numbers".

use domain::PhoneNumber;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::errors::Asked;
use super::wire::{Agent, AgentPage, Number};
use super::{ElevenLabs, outbound};
use crate::agent::{AgentError, PlatformAgent, PlatformNumber};
use crate::outbound::AgentLine;

/// Pages read of one list.
const PAGES_MAX: usize = 20;

/// Agents per page; ElevenLabs allows 1 to 100.
const PAGE_SIZE: &str = "100";

/// Numbers kept of the list that has no pages.
const NUMBERS_MAX: usize = 2_000;

/// Longest page or list read, in bytes. An entry has about one thousand.
const CATALOGUE_MAX: usize = 4 << 20;

impl ElevenLabs {
    pub(super) async fn all_agents(&self) -> Result<Vec<PlatformAgent>, AgentError> {
        let mut agents = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let mut url = self.url(["agents"]);
            url.query_pairs_mut().append_pair("page_size", PAGE_SIZE);
            if let Some(cursor) = &cursor {
                url.query_pairs_mut().append_pair("cursor", cursor);
            }
            let page: AgentPage = self.get(url, CATALOGUE_MAX, Asked::ForACatalogue).await?;
            let listed = page.agents.into_iter().filter_map(read);
            agents.extend(listed.filter_map(agent));
            cursor = page
                .next_cursor
                .filter(|next| page.has_more && !next.is_empty());
            if cursor.is_none() {
                return Ok(agents);
            }
        }
        tracing::warn!(
            shown = agents.len(),
            "ElevenLabs has more agents than are listed"
        );
        Ok(agents)
    }

    /// The numbers on one line, or on all. The list comes whole; its length in bytes is its bound.
    pub(super) async fn all_numbers(
        &self,
        line: Option<AgentLine>,
    ) -> Result<Vec<PlatformNumber>, AgentError> {
        let mut url = self.url(["phone-numbers"]);
        if let Some(line) = line {
            url.query_pairs_mut()
                .append_pair("provider", outbound::provider(line));
        }
        let listed: Vec<Value> = self.get(url, CATALOGUE_MAX, Asked::ForACatalogue).await?;
        if listed.len() > NUMBERS_MAX {
            tracing::warn!(
                shown = NUMBERS_MAX,
                "ElevenLabs has more numbers than are kept"
            );
        }
        Ok(listed
            .into_iter()
            .take(NUMBERS_MAX)
            .filter_map(read)
            .filter(|number| is_on(line, number))
            .filter_map(number)
            .collect())
    }
}

/// One entry; what does not look like one is left out, and spoils no other.
fn read<T: DeserializeOwned>(entry: Value) -> Option<T> {
    serde_json::from_value(entry).ok()
}

/// The agent in our words; `None` where it cannot be named. One without a name goes by its id.
fn agent(agent: Agent) -> Option<PlatformAgent> {
    let agent_id = agent.agent_id.filter(|id| !id.is_empty())?;
    let name = agent.name.filter(|name| !name.trim().is_empty());
    Some(PlatformAgent {
        name: name.unwrap_or_else(|| agent_id.clone()),
        agent_id,
    })
}

/// Whether a number is on the line that was asked about, for lists that were not narrowed.
fn is_on(line: Option<AgentLine>, number: &Number) -> bool {
    match (line, number.provider.as_deref()) {
        (Some(line), Some(provider)) => provider == outbound::provider(line),
        _ => true,
    }
}

/// The number in our words; `None` where it is none we could call from.
fn number(number: Number) -> Option<PlatformNumber> {
    let parsed = PhoneNumber::parse(number.phone_number.as_deref()?, None).ok()?;
    Some(PlatformNumber {
        number_id: number.phone_number_id.filter(|id| !id.is_empty())?,
        number: parsed,
        label: number.label.filter(|label| !label.trim().is_empty()),
        is_outbound: number.supports_outbound.unwrap_or(true),
    })
}
