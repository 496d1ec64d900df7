//! The record itself.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::call::{
    CreateAnswer, CreateVerdict, EndStatus, RecordedCall, RecordedCallback, RecordedLeg,
    RecordedToolUse, RecordedWebhook,
};
use super::{attempts_per_number, gaps_per_number, max_concurrent_by};

/// What the carrier saw. Cheap to clone; all clones are one record.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Record>>);

#[derive(Default)]
struct Record {
    calls: Vec<RecordedCall>,
    by_to: HashMap<Arc<str>, Vec<u32>>,
    by_sid: HashMap<Uuid, u32>,
    by_call_id: HashMap<Uuid, Vec<u32>>,
    live_by_to: HashMap<Arc<str>, Vec<u32>>,
    by_from: HashMap<Arc<str>, Tally>,
    all: Tally,
    overlaps: Vec<(Uuid, Uuid)>,
    order_last: u64,
    webhooks: Vec<RecordedWebhook>,
    tool_uses: Vec<RecordedToolUse>,
    legs: Vec<RecordedLeg>,
}

/// How many are live, and the most there ever were.
#[derive(Clone, Copy, Default)]
struct Tally {
    live: usize,
    highest: usize,
}

impl Tally {
    fn up(&mut self) -> usize {
        self.live += 1;
        self.highest = self.highest.max(self.live);
        self.live
    }
}

/// A create request, as it arrived.
pub(crate) struct Arrival<'a> {
    pub to: &'a str,
    pub from: &'a str,
    pub call_id: Option<Uuid>,
    pub at: DateTime<Utc>,
}

/// What happened to a call before its end.
#[derive(Clone, Copy)]
pub(crate) enum Milestone {
    Initiated,
    Ringing,
    Answered,
}

/// The record in a few figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordSummary {
    /// Create requests that arrived.
    pub requests: usize,
    /// Create requests that were accepted.
    pub accepted: usize,
    /// Calls that are live.
    pub live: usize,
    /// The most calls that ever were live at once.
    pub max_concurrent: usize,
    /// The same per `From`.
    pub max_concurrent_by_from: BTreeMap<Arc<str>, usize>,
    /// How the calls that are over ended.
    pub ended: BTreeMap<EndStatus, usize>,
    /// Pairs of calls to one number that were live at once.
    pub overlaps: Vec<(Uuid, Uuid)>,
    /// Webhooks of ElevenLabs that were settled.
    pub webhooks: usize,
}

impl Recorder {
    /// Every create request so far, in order of arrival.
    #[must_use]
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.read(<[RecordedCall]>::to_vec)
    }

    /// Reads the record without copying it. The network stands still meanwhile: be quick.
    pub fn read<T>(&self, question: impl FnOnce(&[RecordedCall]) -> T) -> T {
        question(&self.0.lock().calls)
    }

    /// Every create request for `number`, in order of arrival.
    #[must_use]
    pub fn calls_to(&self, number: &str) -> Vec<RecordedCall> {
        let record = self.0.lock();
        record.pick(record.by_to.get(number))
    }

    /// The call the carrier knows as `sid`.
    #[must_use]
    pub fn call(&self, sid: Uuid) -> Option<RecordedCall> {
        let record = self.0.lock();
        record
            .by_sid
            .get(&sid)
            .map(|index| record.calls[*index as usize].clone())
    }

    /// Every create request that carried the dialer's own `call_id`.
    #[must_use]
    pub fn calls_of(&self, call_id: Uuid) -> Vec<RecordedCall> {
        let record = self.0.lock();
        record.pick(record.by_call_id.get(&call_id))
    }

    /// Create requests that arrived after `instant`, rejected ones included.
    #[must_use]
    pub fn created_since(&self, instant: DateTime<Utc>) -> Vec<RecordedCall> {
        // Not a binary search: requests that arrive together may be filed the other way round.
        let is_since = |call: &&RecordedCall| call.arrived_at > instant;
        self.read(|calls| calls.iter().filter(is_since).cloned().collect())
    }

    /// How many create requests arrived.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.lock().calls.len()
    }

    /// Whether none arrived.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many calls are live.
    #[must_use]
    pub fn live_now(&self) -> usize {
        self.0.lock().all.live
    }

    /// How many calls from `from` are live.
    #[must_use]
    pub fn live_from(&self, from: &str) -> usize {
        self.0
            .lock()
            .by_from
            .get(from)
            .map_or(0, |tally| tally.live)
    }

    /// The most calls that ever were live at once.
    #[must_use]
    pub fn max_concurrent(&self) -> usize {
        self.0.lock().all.highest
    }

    /// The most calls from `from` that ever were live at once.
    #[must_use]
    pub fn max_concurrent_from(&self, from: &str) -> usize {
        self.0
            .lock()
            .by_from
            .get(from)
            .map_or(0, |tally| tally.highest)
    }

    /// The most calls that ever were live at once, per group that `group` names.
    pub fn max_concurrent_by<K: Eq + Hash>(
        &self,
        group: impl Fn(&RecordedCall) -> Option<K>,
    ) -> HashMap<K, usize> {
        max_concurrent_by(&self.calls(), group)
    }

    /// Pairs of calls to one number that were live at once: the earlier, the later.
    #[must_use]
    pub fn overlaps(&self) -> Vec<(Uuid, Uuid)> {
        self.0.lock().overlaps.clone()
    }

    /// See [`attempts_per_number`].
    #[must_use]
    pub fn attempts_per_number(&self) -> BTreeMap<Arc<str>, usize> {
        self.read(attempts_per_number)
    }

    /// See [`gaps_per_number`].
    #[must_use]
    pub fn gaps_per_number(&self) -> BTreeMap<Arc<str>, Vec<TimeDelta>> {
        self.read(gaps_per_number)
    }

    /// The webhooks of ElevenLabs, in the order they were settled.
    #[must_use]
    pub fn webhooks(&self) -> Vec<RecordedWebhook> {
        self.0.lock().webhooks.clone()
    }

    /// What agents did with the dialer's tools, in the order it was settled.
    #[must_use]
    pub fn tool_uses(&self) -> Vec<RecordedToolUse> {
        self.0.lock().tool_uses.clone()
    }

    /// The legs that documents dialled, in the order of their ends.
    #[must_use]
    pub fn legs(&self) -> Vec<RecordedLeg> {
        self.0.lock().legs.clone()
    }

    /// The record in a few figures.
    #[must_use]
    pub fn summary(&self) -> RecordSummary {
        let record = self.0.lock();
        let mut ended = BTreeMap::new();
        for status in record.calls.iter().filter_map(|call| call.end_status) {
            *ended.entry(status).or_default() += 1;
        }
        RecordSummary {
            requests: record.calls.len(),
            accepted: record.by_sid.len(),
            live: record.all.live,
            max_concurrent: record.all.highest,
            max_concurrent_by_from: record
                .by_from
                .iter()
                .map(|(from, tally)| (from.clone(), tally.highest))
                .collect(),
            ended,
            overlaps: record.overlaps.clone(),
            webhooks: record.webhooks.len(),
        }
    }

    /// A create request arrived and was accepted as `sid`. Returns its index.
    pub(crate) fn accepted(&self, arrival: &Arrival<'_>, sid: Uuid) -> u32 {
        self.0.lock().accept(arrival, sid)
    }

    /// A create request arrived and was turned down. Returns its index.
    pub(crate) fn rejected(&self, arrival: &Arrival<'_>, verdict: CreateVerdict) -> u32 {
        self.0.lock().append(arrival, verdict)
    }

    /// The dialer got its answer to the create request `index`, or lost the connection.
    pub(crate) fn answered(&self, index: u32, answer: CreateAnswer) {
        self.0.lock().calls[index as usize].answer = Some(answer);
    }

    pub(crate) fn reached(&self, index: u32, milestone: Milestone, at: DateTime<Utc>) {
        let mut record = self.0.lock();
        let call = &mut record.calls[index as usize];
        match milestone {
            Milestone::Initiated => call.initiated_at = Some(at),
            Milestone::Ringing => call.ringing_at = Some(at),
            Milestone::Answered => call.answered_at = Some(at),
        }
    }

    pub(crate) fn ended(&self, index: u32, status: EndStatus, at: DateTime<Utc>) {
        self.0.lock().end(index, status, at);
    }

    pub(crate) fn document_failed(&self, index: u32, why: &str) {
        self.0.lock().calls[index as usize].document_error = Some(why.into());
    }

    pub(crate) fn callback(&self, index: u32, callback: RecordedCallback) {
        self.0.lock().calls[index as usize].callbacks.push(callback);
    }

    pub(crate) fn webhook(&self, webhook: RecordedWebhook) {
        self.0.lock().webhooks.push(webhook);
    }

    pub(crate) fn tool_use(&self, used: RecordedToolUse) {
        self.0.lock().tool_uses.push(used);
    }

    pub(crate) fn leg(&self, leg: RecordedLeg) {
        self.0.lock().legs.push(leg);
    }
}

impl Record {
    fn pick(&self, indices: Option<&Vec<u32>>) -> Vec<RecordedCall> {
        let indices = indices.map(Vec::as_slice).unwrap_or_default();
        indices
            .iter()
            .map(|index| self.calls[*index as usize].clone())
            .collect()
    }

    /// One allocation per number, however often it is called.
    fn shared(&self, number: &str) -> Arc<str> {
        match self.by_to.get_key_value(number) {
            Some((known, _)) => known.clone(),
            None => match self.by_from.get_key_value(number) {
                Some((known, _)) => known.clone(),
                None => number.into(),
            },
        }
    }

    fn append(&mut self, arrival: &Arrival<'_>, verdict: CreateVerdict) -> u32 {
        let index = u32::try_from(self.calls.len()).unwrap_or(u32::MAX);
        let (to, from) = (self.shared(arrival.to), self.shared(arrival.from));
        self.by_to.entry(to.clone()).or_default().push(index);
        if let Some(call_id) = arrival.call_id {
            self.by_call_id.entry(call_id).or_default().push(index);
        }
        self.calls.push(RecordedCall {
            arrived_at: arrival.at,
            to,
            from,
            call_id: arrival.call_id,
            verdict,
            answer: None,
            accepted_order: None,
            ended_order: None,
            live_at_acceptance: 0,
            live_from_at_acceptance: 0,
            initiated_at: None,
            ringing_at: None,
            answered_at: None,
            ended_at: None,
            end_status: None,
            document_error: None,
            callbacks: Vec::new(),
        });
        index
    }

    fn accept(&mut self, arrival: &Arrival<'_>, sid: Uuid) -> u32 {
        let index = self.append(arrival, CreateVerdict::Accepted { sid });
        self.order_last += 1;
        let call = &mut self.calls[index as usize];
        call.accepted_order = Some(self.order_last);
        let to = call.to.clone();
        self.by_sid.insert(sid, index);
        call.live_at_acceptance = self.all.up();
        call.live_from_at_acceptance = self.by_from.entry(call.from.clone()).or_default().up();
        let live = self.live_by_to.entry(to).or_default();
        for other in live.iter() {
            let other = self.calls[*other as usize].sid();
            self.overlaps.extend(other.map(|other| (other, sid)));
        }
        live.push(index);
        index
    }

    fn end(&mut self, index: u32, status: EndStatus, at: DateTime<Utc>) {
        let call = &mut self.calls[index as usize];
        if !call.is_live() {
            return; // A call ends once; whoever comes second has nothing to say.
        }
        self.order_last += 1;
        call.ended_order = Some(self.order_last);
        call.ended_at = Some(at);
        call.end_status = Some(status);
        self.all.live -= 1;
        if let Some(tally) = self.by_from.get_mut(&call.from) {
            tally.live -= 1;
        }
        if let Some(live) = self.live_by_to.get_mut(&call.to) {
            live.retain(|other| *other != index);
            if live.is_empty() {
                self.live_by_to.remove(&call.to);
            }
        }
    }
}
