//! Who carries a call: the contract every telephone carrier's client fulfils.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::progress::News;
use domain::{CallId, PhoneNumber};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::carrier_kind::CarrierKind;
use crate::sound::{KeptRecording, Sound};

/// A telephone carrier: places calls, says what became of them, ends them.
///
/// Every method is one question with one time limit. None retries, none waits for a rate: pacing is the caller's.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Which carrier this is.
    fn kind(&self) -> CarrierKind;

    /// Asks the carrier to dial. `Ok` means accepted, not answered.
    ///
    /// Not idempotent: no carrier knows a key that would make it so. The request goes out at most once. Dropping the
    /// future before it is done leaves the same doubt as [`PlaceError::Ambiguous`].
    ///
    /// # Errors
    /// [`PlaceError`] says whether the call can exist and what to do about it.
    async fn place(&self, call: &PlaceCall) -> Result<Placed, PlaceError>;

    /// What the carrier knows about a call; for reconciliation when no event came or the answer to
    /// [`place`](Self::place) was lost.
    ///
    /// # Errors
    /// [`CarrierError`]. Only `Ok(LookedUp::NotFound)` says that the carrier does not know the call.
    async fn look_up(&self, key: &CallKey) -> Result<LookedUp, CarrierError>;

    /// False where the carrier has no way to end a call: it goes on until somebody hangs up, or the carrier's own limit
    /// ends it.
    fn can_hang_up(&self) -> bool {
        self.kind().can_hang_up()
    }

    /// Every call that was placed through the account since `since`, oldest first, whoever placed it; for a backup that was
    /// restored and does not know of them. Follows the carrier's pages up to a bound.
    ///
    /// # Errors
    /// [`CarrierError`]; also where there are more calls than can be looked through: part of a list would be mistaken for
    /// all of it.
    async fn calls_since(&self, since: DateTime<Utc>) -> Result<Vec<ListedCall>, CarrierError> {
        let _ = since;
        Err(CarrierError::Unreadable(anyhow::anyhow!(
            "{} lists no calls",
            self.kind()
        )))
    }

    /// Ends a call, ringing or answered. A call that is already over, or that the carrier does not know, is `Ok`.
    ///
    /// # Errors
    /// [`CarrierError::Retryable`] where the call may still be going on.
    async fn hang_up(&self, carrier_call_id: &str) -> Result<(), CarrierError>;

    /// Gives a call that was answered another document: the one at `document`, asked for with a signed request as the
    /// first one was. `false`: the call is not going on, so there is nobody to hear it.
    ///
    /// # Errors
    /// [`CarrierError`]; after [`CarrierError::Retryable`] the carrier may have done it.
    async fn redirect(&self, carrier_call_id: &str, document: &Url) -> Result<bool, CarrierError>;

    /// Opens a recording that the carrier keeps, for whoever has no credentials of ours. `Ok(None)`: there is none (any
    /// more, or yet).
    ///
    /// Credentials are sent to the carrier's own address only, never to wherever else a recording may lie.
    ///
    /// # Errors
    /// [`CarrierError`].
    async fn open_recording(&self, kept: &KeptRecording) -> Result<Option<Sound>, CarrierError>;

    /// The numbers of the account, in the carrier's order; follows the carrier's pages up to a bound.
    ///
    /// # Errors
    /// [`CarrierError`].
    async fn list_numbers(&self) -> Result<Vec<CarrierNumber>, CarrierError>;
}

/// A call to be placed.
#[derive(Clone)]
pub struct PlaceCall {
    /// Our name for the call, made before the carrier hears of it.
    pub call_id: CallId,
    /// Whom to call.
    pub to: PhoneNumber,
    /// The number shown; must belong to the account.
    pub from: PhoneNumber,
    /// Where the carrier finds us for this call, for example `https://host/webhooks/signalwire/calls/{call id}`. The
    /// client appends one segment per purpose, such as `/answer` and `/status`.
    pub webhook_base: Url,
    /// Seconds of ringing before the carrier gives up with "no answer".
    pub ring_timeout_s: u16,
    /// Whether the carrier shall tell persons from machines, without delaying the answer.
    pub detect_machine: bool,
    /// Whether the carrier shall record the call.
    pub record: bool,
}

/// Without the webhook's path: some carriers sign nothing, and are known by a secret in it.
impl fmt::Debug for PlaceCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlaceCall")
            .field("call_id", &self.call_id)
            .field("to", &self.to)
            .field("from", &self.from)
            .field("webhook_host", &self.webhook_base.host_str())
            .field("ring_timeout_s", &self.ring_timeout_s)
            .field("detect_machine", &self.detect_machine)
            .field("record", &self.record)
            .finish()
    }
}

/// A call the carrier took on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The carrier's name for it.
    pub carrier_call_id: String,
}

/// What is known about a call that is looked up.
#[derive(Clone, Debug)]
pub struct CallKey {
    /// The carrier's name for it, where it is known: then the other fields do not matter.
    pub carrier_call_id: Option<String>,
    /// Whom we called.
    pub to: PhoneNumber,
    /// The number shown.
    pub from: PhoneNumber,
    /// When we asked the carrier, by the wall clock. Calls created more than a minute before are not candidates.
    pub begun_at: DateTime<Utc>,
}

/// What a look-up found.
#[derive(Clone, Debug, PartialEq)]
pub enum LookedUp {
    /// The carrier does not know such a call (yet).
    NotFound,
    /// By the carrier's name: exactly one. Otherwise every call that may be the one, oldest first, those of unknown date
    /// last, and never empty; a call that is already known to belong to another attempt may be among them, and the caller
    /// must rule it out.
    Found(Vec<FoundCall>),
}

/// A call as the carrier describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundCall {
    /// The carrier's name for it.
    pub carrier_call_id: String,
    /// When the carrier took it on, to the second.
    pub created_at: Option<DateTime<Utc>>,
    /// Everything the description says, in the order in which it must have happened.
    pub news: Vec<News>,
    /// The carrier's own word for where it stands.
    pub status: String,
    /// Seconds of talk, once it is over.
    pub duration_s: Option<u32>,
    /// What it cost, where the carrier has settled that.
    pub price: Option<Price>,
}

/// A call of the account's list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedCall {
    /// Who was called: one number, or several where the list does not say which of them is the person's.
    pub people: Vec<PhoneNumber>,
    /// The number shown, where the list says.
    pub shown: Option<PhoneNumber>,
    /// The call itself.
    pub found: FoundCall,
}

/// An amount of money, as exact as carriers state it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Millionths of the currency's unit; never negative.
    pub micros: u64,
    /// ISO 4217 code, upper case, for example `USD`.
    pub currency: String,
}

impl Price {
    /// `amount` of whole units, its sign dropped: carriers disagree whether a cost is negative. `None` where it is not a
    /// finite amount below a billion, or `currency` not three letters.
    #[must_use]
    pub fn from_amount(amount: f64, currency: &str) -> Option<Self> {
        let is_currency = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_alphabetic());
        if !is_currency || !amount.is_finite() || amount.abs() >= 1e9 {
            return None;
        }
        Some(Self {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 0 and 1e15"
            )]
            micros: (amount.abs() * 1e6).round() as u64,
            currency: currency.to_ascii_uppercase(),
        })
    }
}

/// A number of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarrierNumber {
    /// The carrier's name for it.
    pub carrier_number_id: String,
    /// The number.
    pub number: PhoneNumber,
    /// What the account's owner calls it.
    pub label: Option<String>,
    /// False where the carrier says that it cannot be used for voice.
    pub has_voice: bool,
}

/// Why a call was not placed, or may not have been: one variant per thing to do.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// Not placed, as the carrier fails: it cannot be reached, or says that it is out of service. The same request may work
    /// later; a carrier that fails again and again is left alone for a while.
    #[error("not placed, a later try may work")]
    Retryable {
        /// How long the carrier asked us to wait; at most an hour.
        not_before: Option<Duration>,
        /// What happened.
        #[source]
        source: anyhow::Error,
    },
    /// Not placed, as the carrier asks for patience: too many requests, or too many calls that wait on its side. It is well,
    /// and the same request will work later.
    #[error("not placed, the carrier asks for patience")]
    Busy {
        /// How long the carrier asked us to wait; at most an hour.
        not_before: Option<Duration>,
        /// What happened.
        #[source]
        source: anyhow::Error,
    },
    /// Not placed, and this number never will be: the contact is finished.
    #[error("not placed, and the number is refused for good: {reason}")]
    Rejected {
        /// The carrier's sentence, numbers masked.
        reason: String,
        /// The carrier's error code.
        code: Option<u32>,
    },
    /// Not placed, and no other call of the campaign will be: pause it and show the reason.
    #[error("not placed, and nothing of the campaign can be ({fault}): {reason}")]
    Fault {
        /// What has to be repaired.
        fault: CampaignFault,
        /// The carrier's sentence, numbers masked.
        reason: String,
    },
    /// The request may have reached the carrier: it may be ringing. Look it up, never redial on doubt.
    #[error("unknown whether it was placed")]
    Ambiguous(#[source] anyhow::Error),
}

/// What an operator has to repair before a campaign can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignFault {
    /// The provider does not accept our credentials, or not for this.
    Credentials,
    /// The account has no money or no quota left.
    Balance,
    /// The number shown does not belong to the account, or is not one.
    CallerNumber,
    /// Anything else the provider refuses for every call alike.
    Configuration,
}

impl CampaignFault {
    /// The word for tables, logs and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Balance => "balance",
            Self::CallerNumber => "caller_number",
            Self::Configuration => "configuration",
        }
    }
}

impl fmt::Display for CampaignFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a question about calls or numbers was not answered, or an order to hang up not carried out.
#[derive(Debug, thiserror::Error)]
pub enum CarrierError {
    /// Ask again later: unreachable, too slow, busy, or failing.
    #[error("no answer from the carrier, a later try may work")]
    Retryable {
        /// How long the carrier asked us to wait; at most an hour.
        not_before: Option<Duration>,
        /// What happened.
        #[source]
        source: anyhow::Error,
    },
    /// The carrier refuses, and will until somebody repairs the account or the configuration.
    #[error("refused by the carrier ({fault}): {reason}")]
    Refused {
        /// What has to be repaired.
        fault: CampaignFault,
        /// The carrier's sentence, numbers masked.
        reason: String,
        /// The carrier's error code.
        code: Option<u32>,
    },
    /// The carrier answered something we cannot read.
    #[error("unreadable answer from the carrier")]
    Unreadable(#[source] anyhow::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_carrier_is_found_by_its_word() {
        for kind in CarrierKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert!("twilio".parse::<CarrierKind>().is_err());
    }

    #[test]
    fn an_amount_that_is_none_has_no_price() {
        for (amount, currency) in [(f64::NAN, "USD"), (1e300, "USD"), (1.0, "US"), (1.0, "ÜS")] {
            assert_eq!(
                Price::from_amount(amount, currency),
                None,
                "{amount} {currency}"
            );
        }
    }
}
