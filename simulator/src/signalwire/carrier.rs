//! All calls of the carrier, and how they are found again.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use uuid::Uuid;

use super::call::{Call, NewCall};
use super::pacer::Pacer;
use crate::pace::Pace;

/// SignalWire's half of the network.
pub(crate) struct Carrier {
    pub pacer: Pacer,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    calls: Vec<Arc<Call>>,
    by_sid: HashMap<Uuid, u32>,
    by_to: HashMap<Arc<str>, Vec<u32>>,
    live: BTreeSet<u32>,
}

/// What a list of calls is narrowed to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub to: Option<String>,
    pub from: Option<String>,
    pub status: Option<String>,
    pub parent_sid: Option<Uuid>,
    pub started: Span,
    pub ended: Span,
}

/// A span of time; `after` is included, `before` too.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    pub after: Option<DateTime<Utc>>,
    pub before: Option<DateTime<Utc>>,
}

impl Span {
    /// Whether `at` lies within. What has not happened lies in no bounded span, as in SQL.
    fn contains(self, at: Option<DateTime<Utc>>) -> bool {
        if self.after.is_none() && self.before.is_none() {
            return true;
        }
        // Bounds are whole seconds, as the instants reported are.
        at.is_some_and(|at| {
            self.after
                .is_none_or(|after| at > after - TimeDelta::seconds(1))
                && self
                    .before
                    .is_none_or(|before| at < before + TimeDelta::seconds(1))
        })
    }
}

/// One page, newest calls first.
pub(crate) struct Page {
    pub calls: Vec<Arc<Call>>,
    /// Where the next page begins; `None` after the last call.
    pub next: Option<u32>,
}

impl Carrier {
    pub fn new(calls_per_second: Option<f64>, pace: Pace) -> Self {
        Self {
            pacer: Pacer::new(calls_per_second, pace),
            book: Mutex::default(),
        }
    }

    /// Enters a new call into the book.
    pub fn open(&self, mut new: NewCall) -> Arc<Call> {
        let mut book = self.book.lock();
        let index = u32::try_from(book.calls.len()).unwrap_or(u32::MAX);
        if let Some((known, _)) = book.by_to.get_key_value(&new.to) {
            new.to = Arc::clone(known);
        }
        let call = Arc::new(Call::new(new, index));
        book.by_sid.insert(call.sid, index);
        book.by_to
            .entry(Arc::clone(&call.to))
            .or_default()
            .push(index);
        book.live.insert(index);
        book.calls.push(Arc::clone(&call));
        call
    }

    /// The call at `index` has ended.
    pub fn forget_live(&self, index: u32) {
        self.book.lock().live.remove(&index);
    }

    pub fn find(&self, sid: Uuid) -> Option<Arc<Call>> {
        let book = self.book.lock();
        book.by_sid
            .get(&sid)
            .map(|index| Arc::clone(&book.calls[*index as usize]))
    }

    /// Up to `size` calls that pass `filter`, the newest first, from `start` (an index, included)
    /// back in time.
    pub fn list(&self, filter: &Filter, size: usize, start: Option<u32>) -> Page {
        let book = self.book.lock();
        let mut found = book
            .candidates(filter, start)
            .filter(|call| filter.passes(call));
        let calls: Vec<Arc<Call>> = found.by_ref().take(size).map(Arc::clone).collect();
        let next = found.next().map(|call| call.index);
        Page { calls, next }
    }
}

impl Book {
    /// The smallest set known to hold everything that passes, newest first.
    fn candidates<'a>(
        &'a self,
        filter: &Filter,
        start: Option<u32>,
    ) -> Box<dyn Iterator<Item = &'a Arc<Call>> + 'a> {
        let start = start.unwrap_or(u32::MAX);
        let call = |index: &u32| &self.calls[*index as usize];
        let is_live =
            |status: &str| matches!(status, "queued" | "initiated" | "ringing" | "in-progress");
        if let Some(to) = &filter.to {
            let indices = self
                .by_to
                .get(to.as_str())
                .map(Vec::as_slice)
                .unwrap_or_default();
            let end = indices.partition_point(|index| *index <= start);
            return Box::new(indices[..end].iter().rev().map(call));
        }
        if filter.status.as_deref().is_some_and(is_live) {
            return Box::new(self.live.range(..=start).rev().map(call));
        }
        let end = self.calls.len().min((start as usize).saturating_add(1));
        Box::new(self.calls[..end].iter().rev())
    }
}

impl Filter {
    fn passes(&self, call: &Call) -> bool {
        if self.to.as_deref().is_some_and(|to| *to != *call.to)
            || self.from.as_deref().is_some_and(|from| *from != *call.from)
            || self
                .parent_sid
                .is_some_and(|parent| call.parent_sid != Some(parent))
        {
            return false;
        }
        let facts = call.facts();
        self.status
            .as_deref()
            .is_none_or(|status| status == facts.phase.as_str())
            && self.started.contains(facts.started_at)
            && self.ended.contains(facts.ended_at)
    }
}
