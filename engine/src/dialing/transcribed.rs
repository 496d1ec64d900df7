//! What recordings say, where nobody else wrote it down.
//!
//! A recording is expected to be listened to once its call is over and no transcript came with it; nothing waits for that.
//! Only what is heard gets into the books here. Who listens, and when, is `crate::transcribing`'s.

use carriers::Transcription;
use chrono::{DateTime, TimeDelta, Utc};
use domain::CallId;
use entity::conversation;

use super::books::Books;
use crate::store::conversations::{self, PLATFORM, TRANSCRIBER, has_words};

impl Books {
    /// The recordings that are to be listened to, of those calls of which something was learned that makes it so, and when.
    ///
    /// Where an agent may have spoken its platform's report is waited for, for as long as contacts wait for it: what that
    /// says is better, and paid for. After a report without a word, and where no agent was, there is nothing to wait for.
    pub(super) fn to_listen_to(&self) -> Vec<(CallId, DateTime<Utc>)> {
        if !self.config.transcribes {
            return Vec::new();
        }
        let news = self.may_need_words.iter();
        news.filter_map(|id| Some((*id, self.listens_at(*id)?)))
            .collect()
    }

    fn listens_at(&self, id: CallId) -> Option<DateTime<Utc>> {
        let call = self.calls.get(&id)?;
        let ended_at = call.ended_at?;
        if call.settled_at.is_none() || call.recording_url.is_none() {
            return None;
        }
        match self.conversations.get(&id) {
            Some(said) => (is_reported(said) && !has_words(said)).then_some(self.now),
            None if call.agent_id.is_some() => {
                let patience = TimeDelta::seconds(i64::from(self.config.conversation_wait_s));
                Some(self.now.max(ended_at + patience))
            }
            None => Some(self.now),
        }
    }

    /// Keeps what the recording says, unless the agents' platform has told by now what was said. Nothing else follows from
    /// it: whether a goal was reached, and what the person wants, is for those who spoke.
    pub(super) fn note_transcription(&mut self, id: CallId, heard: &Transcription) {
        self.heard.insert(id);
        let Some(call) = self.calls.get(&id).filter(|_| !heard.turns.is_empty()) else {
            return;
        };
        let row = match self.conversations.get(&id) {
            Some(said) if has_words(said) => return,
            Some(said) => conversation::Model {
                transcript: conversations::transcript(&heard.turns),
                transcript_source: TRANSCRIBER.to_owned(),
                started_at: said.started_at.or(call.answered_at),
                ..said.clone()
            },
            None => conversations::heard_row(call, heard, self.now),
        };
        self.keep_conversation(id, row);
        self.touch(id);
    }

    /// Keeps what the agents' platform tells, in the place of what only the recording told; where the platform has no
    /// words, those of the recording stay.
    pub(super) fn keep_report(&mut self, id: CallId, mut row: conversation::Model) {
        if let Some(heard) = self.conversations.remove(&id).filter(|_| !has_words(&row)) {
            row.transcript = heard.transcript;
            row.transcript_source = heard.transcript_source;
            row.started_at = row.started_at.or(heard.started_at);
        }
        self.keep_conversation(id, row);
    }

    fn keep_conversation(&mut self, id: CallId, row: conversation::Model) {
        self.conversations.insert(id, row);
        self.changed_conversations.insert(id);
    }

    /// True where the agents' platform has told of the call's conversation.
    pub(super) fn has_report(&self, id: CallId) -> bool {
        self.conversations.get(&id).is_some_and(is_reported)
    }
}

/// True where the agents' platform has told of it: what a recording says is no report.
pub(super) fn is_reported(said: &conversation::Model) -> bool {
    said.source == PLATFORM
}
