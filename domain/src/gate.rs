//! The one decision to dial, taken at dial time. Read it as the policy.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::calendar::Calendar;
use crate::lifecycle::Status;

/// How long whoever is in another call is left alone.
const IN_CALL_PAUSE: TimeDelta = TimeDelta::seconds(30);

/// Everything the decision rests on, read in the transaction that acts on it.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot<'a> {
    /// The campaign's status.
    pub campaign: Status,
    /// The campaign's calendar.
    pub calendar: &'a Calendar,
    /// The zone in which the calendar applies to this contact.
    pub zone: Tz,
    /// True where the contact still waits for exactly the job at hand.
    pub is_awaited: bool,
    /// True where the contact's number is on the owner's suppression list.
    pub is_suppressed: bool,
    /// True where the same person is in another call of the same owner: of another campaign, or outside any.
    pub is_in_call: bool,
    /// Until when the carrier is left alone, where it is.
    pub held_back_until: Option<DateTime<Utc>>,
    /// True where the policy still grants the attempt.
    pub has_attempt: bool,
    /// Before this the contact is not called again, where that was not seen to when it fell due.
    pub not_before: Option<DateTime<Utc>>,
    /// The instant after which the job is void.
    pub not_after: DateTime<Utc>,
    /// Calls of the campaign under way.
    pub live: u32,
    /// The campaign's `maxConcurrentCalls`.
    pub limit: u32,
}

/// What to do with the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Take the slot and dial.
    Dial,
    /// The job speaks of a contact that moved on: forget it, touch nothing.
    Stale,
    /// Not now: the contact goes back, uncharged, and is due at `until`.
    Return {
        /// When the contact is due again.
        until: DateTime<Utc>,
        /// Why it was not dialled.
        why: Why,
    },
    /// Not ever: the contact is finished.
    Drop(Why),
}

/// Why a contact was not dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The campaign is paused, ended, canceled, or was never started.
    CampaignNotActive,
    /// The number is on the suppression list.
    Suppressed,
    /// Every attempt is used up.
    NoAttemptLeft,
    /// The delay since the last call has not passed.
    TooSoon,
    /// Outside the allowed hours.
    OutsideWindow,
    /// The calendar never opens again.
    NeverOpensAgain,
    /// The job is older than its permission.
    TooLate,
    /// The same person is in another call of the same owner.
    InCall,
    /// The carrier fails, or asked for patience, and is left alone.
    HeldBack,
    /// Every slot is taken.
    NoFreeSlot,
    /// A limiter asked for patience.
    Paced,
    /// The number shown is from a carrier that whoever was to call does not work with.
    CarrierNotConfigured,
    /// The campaign's row says something that nobody may act on.
    Unreadable,
}

impl Why {
    /// The sentence for the contact's row.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::CampaignNotActive => "the campaign is not active",
            Self::Suppressed => "the number must not be called",
            Self::NoAttemptLeft => "every attempt is used up",
            Self::TooSoon => "too soon after the last call",
            Self::OutsideWindow => "outside the allowed hours",
            Self::NeverOpensAgain => "the calendar never opens again",
            Self::TooLate => "the permission to dial had run out",
            Self::InCall => "the person is in another call",
            Self::HeldBack => "the carrier is left alone for a while",
            Self::NoFreeSlot => "every slot is taken",
            Self::Paced => "calls began as fast as they may",
            Self::CarrierNotConfigured => {
                "the carrier that the campaign's number is from is not configured"
            }
            Self::Unreadable => "the campaign cannot be dialled as it is configured",
        }
    }

    /// The word for logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CampaignNotActive => "campaign_not_active",
            Self::Suppressed => "suppressed",
            Self::NoAttemptLeft => "no_attempt_left",
            Self::TooSoon => "too_soon",
            Self::OutsideWindow => "outside_window",
            Self::NeverOpensAgain => "never_opens_again",
            Self::TooLate => "too_late",
            Self::InCall => "in_call",
            Self::HeldBack => "held_back",
            Self::NoFreeSlot => "no_free_slot",
            Self::Paced => "paced",
            Self::CarrierNotConfigured => "carrier_not_configured",
            Self::Unreadable => "unreadable",
        }
    }
}

/// May this contact be dialled at `now`?
///
/// The first condition that does not hold decides, in this order: the contact waits for this job, its number is not
/// suppressed, the campaign is active, an attempt is left, the window is open and the delay has passed, the job is not too
/// old, the person is in no other call, the carrier is not left alone, a slot is free.
/// What ends the matter for good goes before what only delays it, with one exception: nothing but a suppression is final
/// while the campaign is not active, since its policy and calendar may yet be changed.
#[must_use]
pub fn verdict(s: &Snapshot<'_>, now: DateTime<Utc>) -> Verdict {
    if !s.is_awaited {
        return Verdict::Stale;
    }
    if s.is_suppressed {
        return Verdict::Drop(Why::Suppressed);
    }
    if s.campaign != Status::Active {
        return Verdict::Return {
            until: now,
            why: Why::CampaignNotActive,
        };
    }
    if !s.has_attempt {
        return Verdict::Drop(Why::NoAttemptLeft);
    }
    let soon = s.not_before.filter(|at| *at > now);
    match s.calendar.next_open(s.zone, soon.unwrap_or(now)) {
        None => return Verdict::Drop(Why::NeverOpensAgain),
        Some(until) if until > now => {
            return Verdict::Return {
                until,
                why: soon.map_or(Why::OutsideWindow, |_| Why::TooSoon),
            };
        }
        Some(_) => {}
    }
    if now > s.not_after {
        return Verdict::Return {
            until: now,
            why: Why::TooLate,
        };
    }
    if s.is_in_call {
        return Verdict::Return {
            until: now + IN_CALL_PAUSE,
            why: Why::InCall,
        };
    }
    if let Some(until) = s.held_back_until.filter(|until| *until > now) {
        return Verdict::Return {
            until,
            why: Why::HeldBack,
        };
    }
    if s.live >= s.limit {
        return Verdict::Return {
            until: now,
            why: Why::NoFreeSlot,
        };
    }
    Verdict::Dial
}

#[cfg(test)]
mod tests;
