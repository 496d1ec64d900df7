//! One conversation.

use std::str::FromStr;

use domain::{CallId, CampaignId};
use serde::Deserialize;
use serde_json::Value;

use super::{ConversationDetail, Conversations, Turn};
use crate::actor::Actor;
use crate::campaigns::find::get;
use crate::error::EngineError;
use crate::field::words_up_to;
use crate::store::call_list;
use crate::store::conversation_list;
use crate::store::foreign::NAME_CHARS_MAX;

/// What a conversation may be called by: our id of its call, or the agent provider's name for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationKey(String);

impl FromStr for ConversationKey {
    type Err = String;

    /// Whatever a provider might call a conversation: not empty, at most 255 characters, no NUL.
    fn from_str(text: &str) -> Result<Self, String> {
        words_up_to(text, NAME_CHARS_MAX).map(Self)
    }
}

impl Conversations {
    /// The campaign's conversation that is called `key`.
    ///
    /// # Errors
    /// `NotFound` for another user's campaign, for a conversation of another campaign, and for a call that has none (yet).
    pub async fn get(
        &self,
        actor: &Actor,
        campaign: CampaignId,
        key: &ConversationKey,
    ) -> Result<ConversationDetail, EngineError> {
        let db = self.database.reader();
        get(db, campaign, actor.scope()).await?;
        let mut found = None;
        if let Ok(call) = key.0.parse::<CallId>() {
            found = conversation_list::find(db, campaign, call).await?;
        }
        if found.is_none() {
            found = conversation_list::find_by_name(db, campaign, &key.0).await?;
        }
        let (call, row) = found.ok_or_else(|| EngineError::not_found("conversation"))?;
        let contact = call.contact_id.into_iter().collect();
        let names = call_list::contact_names(db, contact).await?;
        Ok(ConversationDetail {
            contact_name: names.into_values().next(),
            call,
            transcript: turns(&row.transcript),
            analysis: row.analysis.clone(),
            said: row.into(),
        })
    }
}

/// What was kept, turn by turn.
pub(crate) fn turns(kept: &Value) -> Vec<Turn> {
    let turns = kept.as_array().into_iter().flatten();
    turns
        .filter_map(|turn| Turn::deserialize(turn).ok())
        .collect()
}
