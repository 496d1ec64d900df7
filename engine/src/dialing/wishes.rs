//! What the person called asks for, noted in the call's row: told by the agent during the call, or by its report.

use chrono::{DateTime, Utc};
use domain::CallId;
use entity::conversation;

use super::books::Books;
use super::report::PersonWish;

impl Books {
    /// Notes `wish`. The first wish for a callback is counted; of two times the later told one counts.
    pub(super) fn note_wish(&mut self, id: CallId, wish: PersonWish) {
        if wish.callback_requested {
            self.note_callback(id, wish.callback_at);
        }
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        if wish.do_not_call && !call.do_not_call {
            call.do_not_call = true;
            // At once, and not only once the call is over: it holds for every campaign of the owner.
            self.suppress(id);
        }
        self.touch(id);
    }

    /// Notes what the conversation's report says. A time that the agent told during the call was agreed with the person:
    /// it counts more than one that was heard out of the talk afterwards.
    pub(super) fn note_wish_of_report(&mut self, id: CallId, said: &conversation::Model) {
        let agreed = self.calls.get(&id).and_then(|call| call.callback_at);
        self.note_wish(
            id,
            PersonWish {
                callback_requested: said.callback_requested,
                callback_at: agreed.or(said.callback_at),
                do_not_call: said.do_not_call,
            },
        );
    }

    /// The person asks to be called back, at `at` if they said when.
    pub(super) fn note_callback(&mut self, id: CallId, at: Option<DateTime<Utc>>) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let is_first = !call.callback_requested;
        call.callback_requested = true;
        call.callback_at = at.or(call.callback_at);
        if is_first {
            self.rollups.of(call).asked_back();
        }
        self.touch(id);
    }

    /// The call led to a callback.
    pub(super) fn count_callback_scheduled(&mut self, id: CallId) {
        let call = self.calls.get(&id).filter(|call| call.callback_requested);
        if let Some(call) = call {
            self.rollups.of(call).called_back();
        }
    }
}
