//! What becomes of a call that a machine answered.

use crate::outcome::{AnsweredBy, words};

words! {
    /// What is done as soon as a machine is heard.
    VoicemailAction {
        /// The call is ended.
        HangUp = "hang_up",
        /// The agent goes on: it leaves a message, or hangs up by itself.
        LeaveToAgent = "leave_to_agent",
    }
}

/// How a campaign deals with machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoicemailPolicy {
    /// What is done during the call.
    pub action: VoicemailAction,
    /// Whether the contact is called again afterwards, as far as attempts are left.
    pub retry: bool,
}

impl Default for VoicemailPolicy {
    /// Hang up, and try again: a message that nobody asked for is worse than none.
    fn default() -> Self {
        Self {
            action: VoicemailAction::HangUp,
            retry: true,
        }
    }
}

impl VoicemailPolicy {
    /// Whether a call that `by` picked up is ended at once. A fax always is: no agent can say anything to it.
    #[must_use]
    pub const fn ends_at_once(self, by: AnsweredBy) -> bool {
        match by {
            AnsweredBy::Fax => true,
            AnsweredBy::Machine => matches!(self.action, VoicemailAction::HangUp),
            AnsweredBy::Human | AnsweredBy::Unknown => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_left_to_the_agent_only_where_the_campaign_says_so_and_a_fax_never() {
        for action in VoicemailAction::ALL {
            let policy = VoicemailPolicy {
                action: *action,
                ..VoicemailPolicy::default()
            };
            let hangs_up = *action == VoicemailAction::HangUp;
            for (by, ends) in [
                (AnsweredBy::Fax, true),
                (AnsweredBy::Machine, hangs_up),
                (AnsweredBy::Human, false),
                (AnsweredBy::Unknown, false),
            ] {
                assert_eq!(policy.ends_at_once(by), ends, "{by} {action}");
            }
        }
    }
}
