//! What the agents' platform says of calls that it makes itself: there, it says what a carrier would.

use carriers::ConversationReport;
use carriers::elevenlabs::outbound::call_news;
use domain::progress::News;
use domain::{CallId, CallRoute};

use super::books::Books;
use super::report::{CarrierSays, NotBegun};
use super::route::route_of;
use crate::error::EngineError;
use crate::store::foreign::{NAME_CHARS_MAX, text};

impl Books {
    /// The platform took the call on, as the conversation `name`; `None`: that is not certain. Safe to learn after the
    /// conversation itself, and twice.
    pub(super) fn note_taken(&mut self, id: CallId, name: Option<&str>) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        if let Some(name) = name {
            call.conversation_id
                .get_or_insert_with(|| text(name, NAME_CHARS_MAX));
        }
        let (is_placed, was_settled) = (call.placed_at.is_none(), call.settled_at.is_some());
        if is_placed {
            call.placed_at = Some(self.now);
            self.count_placed(id);
            if was_settled {
                self.count_ended(id);
            }
        }
        self.touch(id);
    }

    /// A report says what was said; of a call that the platform made itself also how the call went.
    pub(super) fn note_report(
        &mut self,
        id: CallId,
        said: &ConversationReport,
    ) -> Result<(), EngineError> {
        let mut news = Vec::new();
        if self.is_made_by_agents(id) {
            // Where there is a conversation there is a call, though the answer that named it was lost. One that does not
            // name the call may be another's.
            let name = said.call_id.map(|_| said.conversation_id.as_str());
            self.note_taken(id, name);
            news = call_news(said);
        }
        // Who picked up is in the report as well, and noted as the agent's finding.
        news.retain(|news| !matches!(news, News::Detected(_)));
        self.note_conversation(id, said);
        if news.is_empty() {
            return Ok(());
        }
        let says = CarrierSays {
            news,
            ..CarrierSays::default()
        };
        self.hear(id, &says)
    }

    /// No conversation began. Where the platform made the call that is its end; else nobody spoke with who picked up.
    pub(super) fn note_not_begun(&mut self, id: CallId, told: NotBegun) -> Result<(), EngineError> {
        let news = if self.is_made_by_agents(id) {
            self.note_taken(id, Some(&told.conversation_id));
            News::Ended {
                end: told.end,
                duration_s: None,
            }
        } else {
            let reason = told.reason.clone();
            News::AgentFailed { reason }
        };
        let is_end = matches!(news, News::Ended { .. });
        let says = CarrierSays {
            news: vec![news],
            error: is_end.then_some(told.reason),
            ..CarrierSays::default()
        };
        self.hear(id, &says)
    }

    fn is_made_by_agents(&self, id: CallId) -> bool {
        let call = self.calls.get(&id);
        call.is_some_and(|call| route_of(call, &self.config) == CallRoute::Agent)
    }
}
