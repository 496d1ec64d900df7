//! All calls of the account, and how they are found again.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use uuid::Uuid;

use super::call::Call;
use super::limit::Limit;

/// Exotel's half of the network.
pub(crate) struct Exchange {
    pub limit: Limit,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    calls: Vec<Arc<Call>>,
    by_sid: HashMap<Uuid, u32>,
    by_to: HashMap<Arc<str>, Vec<u32>>,
}

impl Exchange {
    pub fn new(requests_per_minute: Option<u32>) -> Self {
        Self {
            limit: Limit::new(requests_per_minute),
            book: Mutex::default(),
        }
    }

    /// Enters a new call into the book.
    pub fn open(&self, call: Call) -> Arc<Call> {
        let call = Arc::new(call);
        let mut book = self.book.lock();
        let index = u32::try_from(book.calls.len()).unwrap_or(u32::MAX);
        book.by_sid.insert(call.sid, index);
        let to_person = book.by_to.entry(Arc::clone(&call.to)).or_default();
        to_person.push(index);
        book.calls.push(Arc::clone(&call));
        call
    }

    pub fn find(&self, sid: Uuid) -> Option<Arc<Call>> {
        let book = self.book.lock();
        let index = book.by_sid.get(&sid)?;
        Some(Arc::clone(&book.calls[*index as usize]))
    }

    /// The calls to one of `people`, or to anybody where that is `None`, oldest first.
    pub fn calls(&self, people: Option<&[String]>) -> Vec<Arc<Call>> {
        let book = self.book.lock();
        let Some(people) = people else {
            return book.calls.clone();
        };
        let lists = people.iter().filter_map(|to| book.by_to.get(to.as_str()));
        let mut indices: Vec<u32> = lists.flatten().copied().collect();
        indices.sort_unstable();
        indices.dedup();
        let call = |index: u32| Arc::clone(&book.calls[index as usize]);
        indices.into_iter().map(call).collect()
    }
}
