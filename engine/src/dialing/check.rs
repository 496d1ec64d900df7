//! Asks the outside world about calls that nobody reports on, and fetches conversations that nobody sent.

use std::collections::HashSet;
use std::sync::Arc;

use carriers::{
    AgentError, CallKey, Carrier, ConversationQuery, ConversationReport, ConversationStatus,
    FoundCall, LookedUp,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::progress::{End, News};
use domain::{CallId, CallRoute, PhoneNumber};
use entity::call;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use parking_lot::Mutex;

use super::hear::is_ours;
use super::in_short;
use super::prices::asked_patience;
use super::report::{CallReport, CarrierSays, Learned};
use super::route::{is_heard_of, route_of};
use super::unreported::CALL_S_MAX;
use super::{Dialing, transfer};
use crate::error::EngineError;
use crate::fail_point;
use crate::store;

/// Calls claimed in one run: with providers at their slowest a run is over before its claims are.
const CHECKS_MAX: u64 = 32;
/// Runs one after the other where calls hold slots.
const RUNS_MAX: usize = 4;
/// Look-ups under way at once.
const LOOKUPS_AT_ONCE_MAX: usize = 16;
/// How long a claimed call is left to whoever claimed it.
const CLAIM: TimeDelta = TimeDelta::seconds(60);
/// How far our clock and the carrier's may disagree.
const CLOCK_SKEW_MAX: TimeDelta = TimeDelta::seconds(60);

/// Our word, in place of the carrier's, for the status of a call that it knew and says it does not.
const FORGOTTEN: &str = "not-found";

/// Names of carrier calls that were found to be somebody's in this run.
type Claimed = Mutex<HashSet<String>>;

/// What became of the question which of the carrier's calls is ours.
enum Which {
    /// This one.
    Ours(Box<FoundCall>),
    /// None of them: every one is known as another call.
    None,
}

/// What the agent's provider knows of a call's conversation.
pub(super) enum Told {
    /// This.
    Ours(Box<ConversationReport>),
    /// The one it found is another call's: that is no sign that ours did not take place.
    Strange,
    /// It has none.
    Nothing,
}

impl Dialing {
    /// Asks about calls without news past their deadline, and fetches conversations that are due; how many it asked about.
    ///
    /// Takes no hint, may run in every process at once: what one has claimed, the others leave alone for a while. Dying in
    /// the middle, or a provider that does not answer, costs that while.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn check(&self) -> Result<usize, EngineError> {
        self.check_some().await.map(|due| due.len())
    }

    /// [`Self::check`], and again as long as there were as many calls that hold a slot as it asks about, four times in all:
    /// what an absence left behind keeps others waiting. Not where a carrier did not answer: it has enough to do.
    ///
    /// # Errors
    /// As for [`Self::check`].
    pub async fn check_all(&self) -> Result<usize, EngineError> {
        let mut asked = 0;
        for _ in 0..RUNS_MAX {
            let due = self.check_some().await?;
            asked += due.len();
            let holding = due.iter().filter(|call| call.settled_at.is_none());
            let is_full = holding.count() as u64 >= store::call_checks::holding_max(CHECKS_MAX);
            if !is_full || self.does_any_rest(&due) {
                break;
            }
        }
        Ok(asked)
    }

    /// True where a carrier of `calls` did not answer a question of late.
    fn does_any_rest(&self, calls: &[call::Model]) -> bool {
        let now = self.parts.clock.now();
        let mut carriers = calls.iter().filter_map(|call| call.carrier.parse().ok());
        carriers.any(|carrier| self.pace.look_ups_rest(carrier, now))
    }

    /// Asks about some of those calls; which.
    async fn check_some(&self) -> Result<Vec<call::Model>, EngineError> {
        let now = self.parts.clock.now();
        let db = self.parts.database.writer();
        let due = store::call_checks::claim(db, (now, now + CLAIM), CHECKS_MAX).await?;
        fail_point!("check.claimed", !due.is_empty());
        let claimed = Claimed::default();
        let checks: Vec<BoxFuture<'_, ()>> = due
            .iter()
            .map(|call| self.check_and_learn(call, &claimed, now).boxed())
            .collect();
        stream::iter(checks)
            .buffer_unordered(LOOKUPS_AT_ONCE_MAX)
            .collect::<Vec<()>>()
            .await;
        metrics::counter!("dialer_reconcile_repairs_total", "kind" => "call_asked_about")
            .increment(due.len() as u64);
        Ok(due)
    }

    async fn check_and_learn(&self, call: &call::Model, claimed: &Claimed, now: DateTime<Utc>) {
        let id = CallId::from_uuid(call.id);
        let learned = if call.settled_at.is_some() {
            self.fetch_conversation(id, call, now).await
        } else if let Some(lacking) = self.lacks_carrier_of(call) {
            let learned = self.with_nobody_to_ask(call, now, &lacking).await;
            if learned.is_none() {
                return self.put_off(call, now).await;
            }
            learned
        } else {
            let learned = self.ask_about(id, call, (claimed, now)).await;
            in_short::completed(call, learned)
        };
        fail_point!("check.answered", learned.is_some());
        let report = |learned| CallReport::of(id, learned);
        let learned = learned.unwrap_or(Learned::NothingNew);
        let taken_in = self.learn(report(learned)).await;
        if let Err(error) = taken_in {
            tracing::warn!(call.id = %id, ?error, "could not take in what was found out about call {id}");
            if !error.is_transient() {
                // An answer that the database refuses must not be asked for every second for ever.
                let _ = self.learn(report(Learned::NothingNew)).await;
            }
        }
    }

    /// Asks the carrier what became of the call; `None` where nothing is to be said yet: saying "lost" would be a guess.
    async fn ask_about(
        &self,
        id: CallId,
        call: &call::Model,
        (claimed, now): (&Claimed, DateTime<Utc>),
    ) -> Option<Learned> {
        if route_of(call, &self.parts.config) == CallRoute::Agent {
            return self.ask_agents_about(id, call, now).await;
        }
        self.end_if_too_long(call, now).await;
        match self.parts.carriers.of_call(call) {
            Ok(carrier) => {
                let learned = self.ask_carrier_about(carrier, call, (claimed, now)).await;
                self.or_given_up(call, now, learned)
            }
            Err(lacking) => self.with_nobody_to_ask(call, now, &lacking).await,
        }
    }

    /// What `carrier` says of the call, or what to make of it that it says nothing.
    async fn ask_carrier_about(
        &self,
        carrier: &Arc<dyn Carrier>,
        call: &call::Model,
        (claimed, now): (&Claimed, DateTime<Utc>),
    ) -> Option<Learned> {
        let id = CallId::from_uuid(call.id);
        let found = match carrier.look_up(&key_of(call)).await {
            Ok(LookedUp::Found(found)) => found,
            Ok(LookedUp::NotFound) => {
                let told = in_short::told_end(call).map(in_short::as_told);
                return match told {
                    Some(told) => Some(told),
                    None => self.make_of_silence(call, now, true).await,
                };
            }
            Err(error) => {
                tracing::warn!(call.id = %id, ?error, "the carrier does not say what became of call {id}");
                self.pace
                    .rest_look_ups(carrier.kind(), now, asked_patience(&error));
                return self.make_of_silence(call, now, false).await;
            }
        };
        match self.ours_among(call, found, claimed).await {
            Ok(Which::Ours(found)) => Some(Learned::Carrier(CarrierSays {
                news: found.news,
                status: Some(found.status),
                price: found.price,
                ..CarrierSays::default()
            })),
            Ok(Which::None) => self.make_of_silence(call, now, true).await,
            Err(error) => {
                tracing::warn!(call.id = %id, ?error, "cannot tell which call is {id}");
                None
            }
        }
    }

    /// By name there is one. By numbers there may be several: those that are known as other calls are not ours, nor those
    /// that the carrier took on long before or after we asked; of the rest the oldest is.
    async fn ours_among(
        &self,
        call: &call::Model,
        found: Vec<FoundCall>,
        claimed: &Claimed,
    ) -> Result<Which, EngineError> {
        if call.carrier_call_id.is_some() {
            let named = found.into_iter().next();
            return Ok(named.map_or(Which::None, |found| Which::Ours(Box::new(found))));
        }
        let names: Vec<String> = found
            .iter()
            .map(|found| found.carrier_call_id.clone())
            .collect();
        let known = store::calls::known_names(self.parts.database.reader(), names).await?;
        let around = call.begun_at - CLOCK_SKEW_MAX..=call.begun_at + CLOCK_SKEW_MAX;
        let mut claimed = claimed.lock();
        let ours = found.into_iter().find(|found| {
            !known.contains(&found.carrier_call_id)
                && !claimed.contains(&found.carrier_call_id)
                && found.created_at.is_none_or(|at| around.contains(&at))
        });
        Ok(ours.map_or(Which::None, |found| {
            claimed.insert(found.carrier_call_id.clone());
            Which::Ours(Box::new(found))
        }))
    }

    /// The carrier does not know the call. Before the grace is over it may still hear of it; a call that it knew before it
    /// may have forgotten by mistake, while somebody talks: that counts once it says so twice in a row.
    pub(super) fn give_up(&self, call: &call::Model, now: DateTime<Utc>) -> Option<Learned> {
        let grace = TimeDelta::seconds(i64::from(self.parts.config.lost_after_s));
        if now < call.begun_at + grace {
            return None;
        }
        let was_known = call.carrier_call_id.is_some();
        if was_known && call.carrier_status.as_deref() != Some(FORGOTTEN) {
            return Some(Learned::Carrier(CarrierSays {
                status: Some(FORGOTTEN.to_owned()),
                ..CarrierSays::default()
            }));
        }
        // A call that the carrier had taken on may have rung: it is paid for with an attempt.
        let end = if was_known { End::Failed } else { End::Lost };
        let news = vec![News::Ended {
            end,
            duration_s: None,
        }];
        let error = Some("the carrier does not know the call".to_owned());
        Some(Learned::Carrier(CarrierSays {
            news,
            error,
            ..CarrierSays::default()
        }))
    }

    async fn end_if_too_long(&self, call: &call::Model, now: DateTime<Utc>) {
        // Colleagues may talk for longer than agents.
        let handed_on_s = if call.is_transferred {
            transfer::TALK_S_MAX
        } else {
            0
        };
        let talk_s_max = i64::from(self.parts.config.talk_s_max) + i64::from(handed_on_s);
        let talk_max = TimeDelta::seconds(talk_s_max);
        // Who has not picked up for as long as any call may last is not rung by surprise any more.
        let waited_max = TimeDelta::seconds(i64::from(CALL_S_MAX));
        let until = call
            .answered_at
            .map_or(call.begun_at + waited_max, |at| at + talk_max);
        // Calls that came in are only watched.
        let is_too_long = is_ours(call) && now > until;
        let Some(name) = call.carrier_call_id.as_ref().filter(|_| is_too_long) else {
            return;
        };
        let Ok(carrier) = self.parts.carriers.of_call(call) else {
            return; // Whoever asks about the call says so.
        };
        if !carrier.can_hang_up() {
            return;
        }
        if let Err(error) = carrier.hang_up(name).await {
            tracing::warn!(call.id = %call.id, ?error, "could not end call {} after its longest talk", call.id);
        }
    }

    /// The conversation's report. Where the provider is sure, after all patience, that there was none, nobody spoke with
    /// the person who picked up: the call failed.
    async fn fetch_conversation(
        &self,
        id: CallId,
        call: &call::Model,
        now: DateTime<Utc>,
    ) -> Option<Learned> {
        if !is_heard_of(call, &self.parts.config) {
            return None;
        }
        let patience = TimeDelta::seconds(i64::from(self.parts.config.conversation_wait_s));
        let is_over = call.ended_at.is_some_and(|at| now >= at + patience);
        let nobody_joined =
            |report: &ConversationReport| report.status == ConversationStatus::Announced;
        let has_ended = |report: &ConversationReport| {
            matches!(
                report.status,
                ConversationStatus::Done | ConversationStatus::Failed
            )
        };
        // A call that the provider made itself had a conversation, else it would not be over as one that was answered.
        let is_sure =
            self.names_our_call(call) && route_of(call, &self.parts.config) != CallRoute::Agent;
        let unsaid = is_over.then_some(Learned::NothingSaid);
        match self.conversation_of(id, call).await {
            // The document got lost on its way to the carrier: the person heard nothing.
            Ok(Told::Ours(report)) if is_over && nobody_joined(&report) => Some(nobody_spoke()),
            Ok(Told::Ours(report)) if is_over && !has_ended(&report) => unsaid,
            Ok(Told::Ours(report)) => Some(Learned::Conversation(report)),
            Ok(Told::Nothing) if is_over && is_sure => Some(nobody_spoke()),
            Ok(Told::Nothing | Told::Strange) | Err(AgentError::NotFound) => unsaid,
            Err(error) => {
                tracing::debug!(call.id = %id, ?error, "no conversation of call {id} yet");
                unsaid
            }
        }
    }

    /// Over SIP a conversation does not carry our name: not finding it means nothing.
    fn names_our_call(&self, call: &call::Model) -> bool {
        match route_of(call, &self.parts.config) {
            CallRoute::Agent | CallRoute::Stream => true,
            CallRoute::Sip => false,
        }
    }

    /// # Errors
    /// What the provider says; `NotFound` where it names a conversation, or named one, that it does not know.
    pub(super) async fn conversation_of(
        &self,
        id: CallId,
        call: &call::Model,
    ) -> Result<Told, AgentError> {
        let Some(agent_id) = call.agent_id.clone() else {
            return Ok(Told::Nothing);
        };
        let query = ConversationQuery {
            call_id: id,
            agent_id,
            since: call.begun_at,
        };
        let name = match &call.conversation_id {
            Some(name) => Some(name.clone()),
            None => self.parts.agents.find_conversation(&query).await?,
        };
        let Some(name) = name else {
            return Ok(Told::Nothing);
        };
        let report = self.parts.agents.conversation(&name).await?;
        if report.call_id.is_some_and(|named| named != id) {
            return Ok(Told::Strange);
        }
        Ok(Told::Ours(Box::new(report)))
    }
}

/// By what the carrier knows the call.
pub(super) fn key_of(call: &call::Model) -> CallKey {
    CallKey {
        carrier_call_id: call.carrier_call_id.clone(),
        to: PhoneNumber::from_stored(call.to_number.clone()),
        from: PhoneNumber::from_stored(call.from_number.clone()),
        begun_at: call.begun_at,
    }
}

fn nobody_spoke() -> Learned {
    let reason = "no conversation took place".to_owned();
    Learned::Carrier(CarrierSays {
        news: vec![News::AgentFailed { reason }],
        ..CarrierSays::default()
    })
}
