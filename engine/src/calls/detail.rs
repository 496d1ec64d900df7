//! Calls with the names of what they belong to, and with what was said.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::CallId;
use entity::call::Model;
use entity::conversation;
use serde_json::Value;
use uuid::Uuid;

use super::{CallKey, Calls};
use crate::actor::Actor;
use crate::conversations::{Turn, turns};
use crate::error::EngineError;
use crate::store::call_names::{self, Names};
use crate::store::{calls, conversations, transcripts};

/// Bytes of transcripts that a list carries at most; of calls further down it has none.
const TRANSCRIPTS_BYTES_MAX: usize = 16 << 20;

/// A call in the log.
#[derive(Clone, Debug)]
pub struct LoggedCall {
    /// The call.
    pub row: Model,
    /// The name of the contact.
    pub contact_name: Option<String>,
    /// The name of the campaign, deleted ones included.
    pub campaign_name: Option<String>,
    /// The name of the agent, where it is known.
    pub agent_name: Option<String>,
    /// Turn by turn; empty where nothing was said. `None`: left out, as the list is too long for it.
    pub transcript: Option<Vec<Turn>>,
    /// Who wrote down what was said; `None`: nobody, or it is left out.
    pub transcript_source: Option<String>,
    /// When the conversation began.
    pub talk_began_at: Option<DateTime<Utc>>,
}

/// A call with everything that is known of it.
#[derive(Clone, Debug)]
pub struct LoggedDetail {
    /// The call and its transcript.
    pub call: LoggedCall,
    /// What came of the conversation; `None`: there was none, or it was not reported yet.
    pub said: Option<Said>,
}

/// What came of a conversation.
#[derive(Clone, Debug)]
pub struct Said {
    /// `done` or `failed`.
    pub status: String,
    /// False where only the recording of the call tells of it.
    pub is_reported: bool,
    /// Who wrote down what was said.
    pub transcript_source: String,
    /// In a few sentences.
    pub summary: Option<String>,
    /// True where the agent heard a machine.
    pub is_voicemail: bool,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// What the provider made of it, as it was sent.
    pub analysis: Option<Value>,
}

impl Calls {
    /// The call that goes by `key`, with everything that is known of it.
    ///
    /// # Errors
    /// `NotFound` for another user's call too.
    pub async fn detail(&self, actor: &Actor, key: &CallKey) -> Result<LoggedDetail, EngineError> {
        let db = self.database.reader();
        let mut row = key.find(db, actor.scope()).await?;
        let id = CallId::from_uuid(row.id);
        let said = conversations::find_all(db, [id]).await?.remove(&id);
        // They are written together, and may have been since the row was read: a call that knows nothing of its own
        // conversation is nobody's answer.
        if said.is_some() {
            row = calls::find(db, id).await?.unwrap_or(row);
        }
        let names = call_names::of(db, std::slice::from_ref(&row)).await?;
        let talk = said.as_ref().map(|said| {
            let source = said.transcript_source.clone();
            Talk::new(&said.transcript, source, said.started_at)
        });
        Ok(LoggedDetail {
            call: named(row, &names, talk.unwrap_or(Talk::NONE)),
            said: said.map(Said::from),
        })
    }

    /// `rows` in their order, each with its names and its transcript.
    pub(super) async fn dressed(&self, rows: Vec<Model>) -> Result<Vec<LoggedCall>, EngineError> {
        let db = self.database.reader();
        let names = call_names::of(db, &rows).await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut spoken = transcripts::within(db, ids, TRANSCRIPTS_BYTES_MAX).await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let said = spoken.found.remove(&row.id);
                let is_left_out = said.is_none() && spoken.is_cut && row.answered_at.is_some();
                let talk = match said {
                    Some(said) => {
                        Talk::new(&said.transcript, said.transcript_source, said.started_at)
                    }
                    None if is_left_out => Talk::LEFT_OUT,
                    None => Talk::NONE,
                };
                named(row, &names, talk)
            })
            .collect())
    }

    /// `rows` by their ids, each with its names and no transcript.
    pub(super) async fn labelled(
        &self,
        rows: Vec<Model>,
    ) -> Result<HashMap<Uuid, LoggedCall>, EngineError> {
        let names = call_names::of(self.database.reader(), &rows).await?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|row| (row.id, named(row, &names, Talk::LEFT_OUT)))
            .collect())
    }
}

/// What was said in a call.
struct Talk {
    transcript: Option<Vec<Turn>>,
    source: Option<String>,
    began_at: Option<DateTime<Utc>>,
}

impl Talk {
    /// Nothing was said.
    const NONE: Self = Self {
        transcript: Some(Vec::new()),
        source: None,
        began_at: None,
    };

    /// Whatever was said is not shown.
    const LEFT_OUT: Self = Self {
        transcript: None,
        source: None,
        began_at: None,
    };

    fn new(kept: &Value, source: String, began_at: Option<DateTime<Utc>>) -> Self {
        let transcript = turns(kept);
        Self {
            source: Some(source).filter(|_| !transcript.is_empty()),
            transcript: Some(transcript),
            began_at,
        }
    }
}

fn named(row: Model, names: &Names, talk: Talk) -> LoggedCall {
    let campaign = row.campaign_id.and_then(|id| names.campaigns.get(&id));
    let agent = row.agent_id.as_ref().and_then(|id| names.agents.get(id));
    let contact = row.contact_id.and_then(|id| names.contacts.get(&id));
    LoggedCall {
        contact_name: contact.cloned(),
        campaign_name: campaign.cloned(),
        agent_name: agent.cloned(),
        transcript: talk.transcript,
        transcript_source: talk.source,
        talk_began_at: talk.began_at,
        row,
    }
}

impl From<conversation::Model> for Said {
    fn from(row: conversation::Model) -> Self {
        Self {
            is_reported: row.source == conversations::PLATFORM,
            transcript_source: row.transcript_source,
            status: row.status,
            summary: row.summary,
            is_voicemail: row.is_voicemail,
            end_reason: row.end_reason,
            analysis: row.analysis,
        }
    }
}
