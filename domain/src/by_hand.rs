//! What somebody may make of a contact by hand: take it out, or put it back.

use crate::outcome::ContactStatus;

/// The statuses that somebody may ask for; all others come about by calling.
pub const SETTABLE: [ContactStatus; 3] = [
    ContactStatus::Pending,
    ContactStatus::Canceled,
    ContactStatus::DoNotCall,
];

/// How a contact stands when somebody wants to change that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its status.
    pub status: ContactStatus,
    /// Whether the instant of its next attempt is known.
    pub is_due: bool,
    /// Whether a call to it was charged.
    pub was_called: bool,
}

/// Why a contact cannot be set to a status. Each `Display` is a sentence for the person who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A call goes on, or what came of it is not known yet.
    #[error("the contact is in a call that is not decided yet; try again when it is")]
    InCall,
    /// Its attempts count, so they cannot begin anew.
    #[error("the contact was called already; only one that never was can be put back")]
    WasCalled,
    /// The one does not lead to the other.
    #[error("the contact is {from} and cannot be set to {to}")]
    Illegal {
        /// Where it stands.
        from: ContactStatus,
        /// What was asked for.
        to: ContactStatus,
    },
}

impl Standing {
    /// True while a call to the contact goes on, or the verdict on its last one is awaited.
    #[must_use]
    pub fn is_in_call(self) -> bool {
        match self.status {
            ContactStatus::Calling => true,
            ContactStatus::Contacted => !self.is_due,
            _ => false,
        }
    }

    /// Whether the contact may be set to `to`.
    ///
    /// Everybody may be taken out for good. Whoever is still to be called may be taken out of the campaign. Whoever was
    /// taken out before the first call may be put back; nobody else, as attempts are never forgotten.
    ///
    /// # Errors
    /// [`Refusal`]; also for a status that is none of [`SETTABLE`], and for the one it has.
    pub fn may_become(self, to: ContactStatus) -> Result<(), Refusal> {
        use ContactStatus as S;
        if self.is_in_call() {
            return Err(Refusal::InCall);
        }
        let from = self.status;
        match (from, to) {
            (S::DoNotCall, S::DoNotCall) => Err(Refusal::Illegal { from, to }),
            (_, S::DoNotCall) | (S::Pending | S::Queued | S::Contacted, S::Canceled) => Ok(()),
            (S::Canceled, S::Pending) if self.was_called => Err(Refusal::WasCalled),
            (S::Canceled, S::Pending) => Ok(()),
            _ => Err(Refusal::Illegal { from, to }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Refusal, SETTABLE, Standing};
    use crate::outcome::ContactStatus as S;

    const fn at(status: S, is_due: bool, was_called: bool) -> Standing {
        Standing {
            status,
            is_due,
            was_called,
        }
    }

    #[test]
    fn whoever_is_in_a_call_stays_as_it_is() {
        for standing in [at(S::Calling, false, true), at(S::Contacted, false, true)] {
            for to in S::ALL {
                assert_eq!(standing.may_become(*to), Err(Refusal::InCall));
            }
        }
    }

    #[test]
    fn everybody_else_can_be_taken_out_for_good_once() {
        for status in S::ALL.iter().filter(|status| **status != S::Calling) {
            let may = at(*status, true, true).may_become(S::DoNotCall);
            assert_eq!(may.is_ok(), *status != S::DoNotCall, "{status}");
        }
    }

    #[test]
    fn only_who_is_still_to_be_called_can_be_taken_out_of_the_campaign() {
        for status in [S::Pending, S::Queued, S::Contacted] {
            assert_eq!(at(status, true, true).may_become(S::Canceled), Ok(()));
        }
        for status in [S::Completed, S::Failed, S::DoNotCall, S::Canceled] {
            assert!(at(status, false, true).may_become(S::Canceled).is_err());
        }
    }

    #[test]
    fn only_who_was_taken_out_before_the_first_call_can_be_put_back() {
        assert_eq!(at(S::Canceled, false, false).may_become(S::Pending), Ok(()));
        let called = at(S::Canceled, false, true).may_become(S::Pending);
        assert_eq!(called, Err(Refusal::WasCalled));
        for status in [S::Completed, S::Failed, S::DoNotCall, S::Queued] {
            assert!(at(status, true, false).may_become(S::Pending).is_err());
        }
    }

    #[test]
    fn nothing_else_can_be_asked_for() {
        for to in S::ALL.iter().filter(|to| !SETTABLE.contains(to)) {
            for from in S::ALL {
                assert!(at(*from, true, false).may_become(*to).is_err());
            }
        }
    }
}
