//! What calls cost: carriers tell it a while after the end, and only to those who ask.

use std::time::Duration;

use carriers::{Carrier, CarrierError, CarrierKind, FoundCall, LookedUp};
use chrono::{DateTime, TimeDelta, Utc};
use domain::CallId;
use domain::breaker::Admission;
use domain::progress::End;
use entity::call;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};

use super::Dialing;
use super::books::Books;
use super::check::key_of;
use super::hear::write_price;
use super::report::{CallReport, Learned, PriceAnswer};
use crate::error::EngineError;
use crate::fail_point;
use crate::store;

/// Calls claimed in one run.
const ASKED_MAX: u32 = 64;
/// Questions under way at once: few, the connections to the carrier are there for dialling.
const AT_ONCE_MAX: usize = 8;
/// How long a claimed call is left to whoever claimed it: longer than a run takes with a carrier at its slowest.
const CLAIM: TimeDelta = TimeDelta::minutes(3);
/// How long after the end, and after each answer without a price, the carrier is asked (again): so many times
/// `price_after_s`. With 20 s: after 20 s, 2 min and 15 min. Then never again.
const WAITS: [i64; 3] = [1, 6, 45];
/// The same for Exotel, whose prices are there after two to five minutes, and which counts every question: after 2, 5 and
/// 15 min.
const WAITS_OF_EXOTEL: [i64; 3] = [6, 15, 45];
/// After the end of a call, a carrier that gives no answer is not asked for its price any longer than this.
const AGE_MAX: TimeDelta = TimeDelta::hours(24);

impl Dialing {
    /// Asks each carrier for the prices of its calls that are over; how many it asked for. Those of a carrier that is not
    /// configured wait until it is.
    ///
    /// Takes no hint, may run in every process at once: what one has claimed, the others leave alone for a while. Dying in
    /// the middle costs that while. It goes slower than the carrier's account dials, has limiters of its own, and rests
    /// while the carrier is left alone or asks for patience: nothing that dials waits for it.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn ask_prices(&self) -> Result<usize, EngineError> {
        let mut asked = 0;
        for kind in self.parts.carriers.kinds() {
            asked += self.ask_prices_of(kind).await?;
        }
        Ok(asked)
    }

    async fn ask_prices_of(&self, kind: CarrierKind) -> Result<usize, EngineError> {
        let Ok(carrier) = self.parts.carriers.get(kind) else {
            return Ok(0);
        };
        let now = self.parts.clock.now();
        let breaker = store::breakers::find(self.parts.database.reader(), kind).await?;
        // Where only a probe is awaited prices are asked for: nobody may be due for days.
        if matches!(breaker.admits(now), Admission::Wait(_)) {
            return Ok(0);
        }
        let turns = self.pace.look_ups(kind, now, ASKED_MAX);
        if turns == 0 {
            return Ok(0);
        }
        let db = self.parts.database.writer();
        let due = store::price_checks::claim(db, kind, (now, now + CLAIM), turns).await?;
        fail_point!("price.claimed", !due.is_empty());
        let questions: Vec<BoxFuture<'_, ()>> = due
            .iter()
            .map(|call| self.ask_price(carrier.as_ref(), call, now).boxed())
            .collect();
        stream::iter(questions)
            .buffer_unordered(AT_ONCE_MAX)
            .collect::<Vec<()>>()
            .await;
        Ok(due.len())
    }

    async fn ask_price(&self, carrier: &dyn Carrier, call: &call::Model, now: DateTime<Utc>) {
        let id = CallId::from_uuid(call.id);
        if self.pace.look_ups_rest(carrier.kind(), now) {
            // The claim runs out by itself.
            return;
        }
        let answer = match carrier.look_up(&key_of(call)).await {
            Ok(LookedUp::Found(found)) => {
                self.note_late_talk(call, &found).await;
                let price = found.into_iter().find_map(|found| found.price);
                price.map_or(PriceAnswer::NotYet, PriceAnswer::Told)
            }
            Ok(LookedUp::NotFound) => PriceAnswer::NotYet,
            Err(error) => {
                tracing::debug!(call.id = %id, ?error, "the carrier does not say what call {id} cost");
                self.pace
                    .rest_look_ups(carrier.kind(), now, asked_patience(&error));
                PriceAnswer::None
            }
        };
        fail_point!("price.answered");
        metrics::counter!("dialer_prices_asked_total", "answer" => answer.as_str()).increment(1);
        let learned = Learned::Price(answer);
        if let Err(error) = self.learn(CallReport::of(id, learned)).await {
            tracing::warn!(call.id = %id, ?error, "could not take in what call {id} cost");
            if !error.is_transient() {
                // An answer that the books refuse must not be asked for again and again for ever.
                let _ = store::price_checks::drop(self.parts.database.writer(), call.id).await;
            }
        }
    }
}

impl Dialing {
    /// Exotel knows how long was talked as late as the price.
    async fn note_late_talk(&self, call: &call::Model, found: &[FoundCall]) {
        let told = found.iter().find_map(|found| found.duration_s);
        let Some(seconds) = told.filter(|seconds| call.duration_s.is_none() && *seconds > 0) else {
            return;
        };
        let id = CallId::from_uuid(call.id);
        let report = CallReport {
            call: id,
            receipt: None,
            learned: Learned::Talked(seconds),
        };
        if let Err(error) = self.learn(report).await {
            tracing::warn!(call.id = %id, ?error, "could not take in how long was talked in call {id}");
        }
    }
}

pub(super) const fn asked_patience(error: &CarrierError) -> Option<Duration> {
    match error {
        CarrierError::Retryable { not_before, .. } => *not_before,
        CarrierError::Refused { .. } | CarrierError::Unreadable(_) => None,
    }
}

impl Books {
    /// Takes in what the carrier answers to the question for a price.
    pub(super) fn note_price(&mut self, id: CallId, answer: &PriceAnswer) {
        let (now, first_s) = (self.now, self.config.price_after_s);
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let is_new = match answer {
            PriceAnswer::Told(price) => write_price(call, price),
            PriceAnswer::NotYet => {
                call.price_checks += 1;
                call.price_check_at = wait(call, first_s).map(|wait| now + wait);
                false
            }
            // Not the call's fault: it is asked for as often as any other.
            PriceAnswer::None => {
                let last = TimeDelta::seconds(WAITS[WAITS.len() - 1] * i64::from(first_s));
                call.price_check_at = is_young(call, now).then(|| now + last);
                false
            }
        };
        if is_new {
            self.count_price(id);
        }
        self.touch(id);
    }

    /// Takes in how long was talked in a call that was counted without that.
    pub(super) fn note_talk(&mut self, id: CallId, seconds: u32) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let is_completed = call.ending.as_deref() == Some(End::Completed.as_str());
        if call.duration_s.is_some() || call.settled_at.is_none() || !is_completed {
            return;
        }
        call.duration_s = i32::try_from(seconds).ok();
        if call.placed_at.is_some() {
            self.rollups.of(call).talked_after_all();
        }
        self.touch(id);
    }

    /// Sees to it that the carrier is asked for the price of a call that is over, and no longer once it is known.
    pub(super) fn expect_price(&mut self, id: CallId) {
        let (now, first_s) = (self.now, self.config.price_after_s);
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let is_known = call.price_micros.is_some();
        let is_expected = call.settled_at.is_some()
            && call.carrier_call_id.is_some()
            && call.price_checks == 0
            && call.price_check_at.is_none()
            && is_young(call, now);
        let expected = if is_known {
            None
        } else if is_expected {
            wait(call, first_s).map(|wait| now + wait)
        } else {
            call.price_check_at
        };
        if expected != call.price_check_at {
            call.price_check_at = expected;
            self.touch(id);
        }
    }
}

fn is_young(call: &call::Model, now: DateTime<Utc>) -> bool {
    call.ended_at
        .is_none_or(|ended_at| now < ended_at + AGE_MAX)
}

/// How long until the carrier is asked (again); none: never.
fn wait(call: &call::Model, first_s: u32) -> Option<TimeDelta> {
    let waits = if call.carrier == CarrierKind::Exotel.as_str() {
        WAITS_OF_EXOTEL
    } else {
        WAITS
    };
    let times = waits.get(usize::try_from(call.price_checks).ok()?)?;
    Some(TimeDelta::seconds(times * i64::from(first_s)))
}

impl PriceAnswer {
    const fn as_str(&self) -> &'static str {
        match self {
            Self::Told(_) => "told",
            Self::NotYet => "not_yet",
            Self::None => "none",
        }
    }
}
