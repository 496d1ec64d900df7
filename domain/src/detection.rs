//! How sure it is that a machine, or a person, picked up: by who looked, and whether they agree.
//!
//! No provider tells how sure it is. The figures are ours: fixed weights that put the cases in order, and no measured
//! shares of anything.

use crate::outcome::AnsweredBy;

/// Who found what about one call. `None`: they did not look, or were not asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// The carrier's detection, from the first seconds of sound.
    pub carrier: Option<AnsweredBy>,
    /// The voice agent, from the talk: true for a machine.
    pub agent_heard_machine: Option<bool>,
    /// A person who listened: true for a machine.
    pub person_heard_machine: Option<bool>,
}

impl Findings {
    /// How sure it is that the answer is `is_machine`, in percent; `None` where nobody looked.
    ///
    /// A person who listened is believed. Carrier and agent that agree are nearly as good. Of one of them alone the agent
    /// is worth more: it heard the talk, the carrier a greeting. One against the other is little better than a guess, and
    /// a carrier that could not tell says nothing.
    #[must_use]
    pub fn confidence_percent(self, is_machine: bool) -> Option<u8> {
        if let Some(heard) = self.person_heard_machine {
            return Some(if heard == is_machine { 100 } else { 0 });
        }
        let carrier = self
            .carrier
            .filter(|by| *by != AnsweredBy::Unknown)
            .map(|by| by.is_machine() == is_machine);
        let agent = self.agent_heard_machine.map(|heard| heard == is_machine);
        Some(match (carrier, agent) {
            (Some(true), Some(true)) => 95,
            (None, Some(true)) => 85,
            (Some(true), None) => 80,
            (Some(false), Some(true)) => 60,
            (Some(true), Some(false)) => 55,
            (None, Some(false)) | (Some(false), None) => 20,
            (Some(false), Some(false)) => 5,
            // It was looked at, and could not be told.
            (None, None) => return self.carrier.map(|_| 0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{AnsweredBy, Findings};

    const MACHINE: Option<AnsweredBy> = Some(AnsweredBy::Machine);
    const HUMAN: Option<AnsweredBy> = Some(AnsweredBy::Human);

    fn sure(carrier: Option<AnsweredBy>, agent: Option<bool>, person: Option<bool>) -> Option<u8> {
        let findings = Findings {
            carrier,
            agent_heard_machine: agent,
            person_heard_machine: person,
        };
        findings.confidence_percent(true)
    }

    #[test]
    fn those_who_agree_are_believed_more_than_one_alone_and_that_more_than_a_quarrel() {
        let in_order = [
            sure(None, None, Some(true)),
            sure(MACHINE, Some(true), None),
            sure(None, Some(true), None),
            sure(MACHINE, None, None),
            sure(HUMAN, Some(true), None),
            sure(MACHINE, Some(false), None),
            sure(HUMAN, None, None),
            sure(HUMAN, Some(false), None),
            sure(MACHINE, Some(true), Some(false)),
        ];
        assert!(
            in_order.windows(2).all(|pair| pair[0] > pair[1]),
            "{in_order:?}"
        );
    }

    #[test]
    fn where_nobody_looked_nothing_is_said_and_where_nobody_could_tell_nothing_is_sure() {
        assert_eq!(sure(None, None, None), None);
        assert_eq!(sure(Some(AnsweredBy::Unknown), None, None), Some(0));
        let unknown = Some(AnsweredBy::Unknown);
        assert_eq!(
            sure(unknown, Some(true), None),
            sure(None, Some(true), None)
        );
    }
}
