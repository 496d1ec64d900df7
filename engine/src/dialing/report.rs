//! What somebody told us about a call, on its way into the books.

use carriers::{CarrierKind, ConversationReport, Price, Transcription};
use chrono::{DateTime, Utc};
use domain::progress::{End, News};
use domain::{CallId, TransferStatus, UserId};
use serde::{Deserialize, Serialize};

use crate::store::inbox::Receipt;

/// Something learned about one call.
#[derive(Clone, Debug)]
pub struct CallReport {
    /// Which call.
    pub call: CallId,
    /// The webhook it came with, where it came with one: the same one again changes nothing.
    pub receipt: Option<Receipt>,
    /// What was learned.
    pub learned: Learned,
}

/// What was learned about a call.
#[derive(Clone, Debug)]
pub enum Learned {
    /// The carrier spoke.
    Carrier(CarrierSays),
    /// The carrier took nothing on: the attempt is undone, and the contact is due again at `until`.
    NotPlaced {
        /// When the contact is due again.
        until: DateTime<Utc>,
        /// Why, in words, for the contact's row.
        reason: String,
    },
    /// The agent's provider spoke.
    Conversation(Box<ConversationReport>),
    /// The carrier does not speak of the call, and will not: its conversation is all there is.
    CarrierSilent,
    /// The agent's provider took a call on that it makes itself, as the conversation of this name.
    TakenByAgent(String),
    /// The agent's provider says that no conversation began.
    NotBegun(NotBegun),
    /// The person asked for something, and the agent told us at once.
    Wish(PersonWish),
    /// The call is handed on to somebody else.
    Transfer(Transfer),
    /// Somebody knows better than the detection whether a machine picked up.
    Corrected(Correction),
    /// The reconciler looked, and there was nothing new.
    NothingNew,
    /// The call is over, all patience with its conversation's report is, and whoever should know was asked after that and
    /// does not say: what the carrier said is all there is.
    NothingSaid,
    /// The carrier was asked what the call cost.
    Price(PriceAnswer),
    /// The recording was listened to.
    Transcribed(Box<Transcription>),
    /// The carrier tells only now how many seconds were talked in a call that is over.
    Talked(u32),
}

/// What a carrier answers to the question for the price of a call that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PriceAnswer {
    /// This much.
    Told(Price),
    /// It knows of none: perhaps later.
    NotYet,
    /// It gave no answer.
    None,
}

/// Why there was no conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotBegun {
    /// The provider's name of the conversation that it was to be.
    pub conversation_id: String,
    /// In words, without numbers.
    pub reason: String,
    /// What that means for a call that the provider made itself.
    pub end: End,
}

/// A person's verdict on a call that was taken for a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction {
    /// True: it was a person; false: it was a machine after all.
    pub is_false_positive: bool,
    /// Who says so.
    pub by: UserId,
}

/// What a person asked for in a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PersonWish {
    /// To be called again.
    pub callback_requested: bool,
    /// When, if they said.
    pub callback_at: Option<DateTime<Utc>>,
    /// Not to be called again.
    pub do_not_call: bool,
}

/// How far handing a call on has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The name of the target, where it is known.
    pub target: Option<String>,
    /// How far.
    pub status: TransferStatus,
}

/// What a carrier says about a call at once. Where it is kept it is JSON: what an older version left out is not missed, and what
/// a newer one added is left to that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CarrierSays {
    /// Who says so; `None`: whoever carries the call.
    pub carrier: Option<CarrierKind>,
    /// What happened, in order.
    pub news: Vec<News>,
    /// The carrier's own word for where the call stands.
    pub status: Option<String>,
    /// What it cost, where that is settled.
    pub price: Option<Price>,
    /// Where the recording is.
    pub recording_url: Option<String>,
    /// How long it is, in seconds; only together with where it is.
    pub recording_s: Option<u32>,
    /// What went wrong, in words.
    pub error: Option<String>,
    /// True where an end among the news is all that is told of it: the carrier is asked for the rest.
    pub is_in_short: bool,
}

impl Learned {
    /// True where more than the call itself may follow from it, as it may tell that the call is over, or what was said.
    /// False for news of a call that goes on.
    pub(super) fn may_end(&self) -> bool {
        match self {
            Self::Carrier(says) => says
                .news
                .iter()
                .any(|news| matches!(news, News::Ended { .. })),
            Self::NothingNew | Self::Price(_) | Self::Talked(_) => false,
            Self::NotPlaced { .. }
            | Self::Conversation(_)
            | Self::CarrierSilent
            | Self::TakenByAgent(_)
            | Self::NotBegun(_)
            | Self::Wish(_)
            | Self::Transfer(_)
            | Self::Corrected(_)
            | Self::NothingSaid
            | Self::Transcribed(_) => true,
        }
    }

    /// True where it may change what comes next for the contact of a call of which that was decided already.
    pub(super) const fn may_change_decision(&self) -> bool {
        !matches!(
            self,
            Self::Carrier(_)
                | Self::NothingNew
                | Self::NothingSaid
                | Self::Price(_)
                | Self::Talked(_)
                | Self::Transcribed(_)
                | Self::Transfer(_)
        )
    }
}

impl CallReport {
    /// Something was learned of `call` that no webhook told.
    #[must_use]
    pub const fn of(call: CallId, learned: Learned) -> Self {
        Self {
            call,
            receipt: None,
            learned,
        }
    }

    /// Nothing was taken on for `call`: its contact is due again at `until`, and is told `reason`, in words.
    #[must_use]
    pub fn not_placed(call: CallId, until: DateTime<Utc>, reason: &str) -> Self {
        let reason = reason.to_owned();
        Self::of(call, Learned::NotPlaced { until, reason })
    }

    /// `call` was refused, and nobody's telephone rang: that is its `end`; `reason` says in words why.
    #[must_use]
    pub fn refused(call: CallId, end: End, reason: String) -> Self {
        let ended = News::Ended {
            end,
            duration_s: None,
        };
        let says = CarrierSays {
            news: vec![ended],
            error: Some(reason),
            ..CarrierSays::default()
        };
        Self::carrier(call, says)
    }

    /// The carrier told `news` of `call`.
    #[must_use]
    pub fn news(call: CallId, news: Vec<News>) -> Self {
        Self::carrier(
            call,
            CarrierSays {
                news,
                ..CarrierSays::default()
            },
        )
    }

    /// The carrier said all of `says` about `call`.
    #[must_use]
    pub const fn carrier(call: CallId, says: CarrierSays) -> Self {
        Self::of(call, Learned::Carrier(says))
    }
}
