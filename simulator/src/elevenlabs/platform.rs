//! ElevenLabs' half of the network: its conversations, and how lines reach them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::Utc;
use parking_lot::Mutex;
use tokio::time::sleep;
use uuid::Uuid;

use super::conversation::{Conversation, Spoken, Status};
use super::error::ApiError;
use super::webhook;
use crate::network::Network;
use crate::signalwire::Stream;

/// The parameter of our answer documents that names the conversation. The vendor promises no name;
/// this one is nobody's, so that nobody relies on it.
pub(crate) const SESSION_PARAMETER: &str = "xi_session";

/// The path of the stream socket in our answer documents.
pub(crate) const STREAM_PATH: &str = "/v1/convai/conversation/telephony";

/// All conversations.
pub(crate) struct Platform {
    archive: Mutex<Archive>,
    webhook_url: Mutex<Option<String>>,
}

#[derive(Default)]
struct Archive {
    conversations: Vec<Conversation>,
    by_id: HashMap<Arc<str>, u32>,
    by_user: HashMap<Arc<str>, Vec<u32>>,
    under_way: usize,
}

impl Archive {
    fn file(&mut self, conversation: Conversation) {
        let index = u32::try_from(self.conversations.len()).unwrap_or(u32::MAX);
        self.by_id.insert(Arc::clone(&conversation.id), index);
        if let Some(user_id) = &conversation.user_id {
            let of_user = self.by_user.entry(Arc::clone(user_id)).or_default();
            of_user.push(index);
        }
        self.under_way += usize::from(conversation.is_under_way());
        self.conversations.push(conversation);
    }

    fn change(&mut self, index: u32, change: impl FnOnce(&mut Conversation)) {
        let conversation = &mut self.conversations[index as usize];
        let before = usize::from(conversation.is_under_way());
        change(conversation);
        self.under_way = self.under_way + usize::from(conversation.is_under_way()) - before;
    }
}

impl Platform {
    pub fn new(webhook_url: Option<String>) -> Self {
        Self {
            archive: Mutex::default(),
            webhook_url: Mutex::new(webhook_url),
        }
    }

    pub fn set_webhook_url(&self, url: Option<String>) {
        *self.webhook_url.lock() = url;
    }

    pub fn webhook_url(&self) -> Option<String> {
        self.webhook_url.lock().clone()
    }

    /// Files a new conversation.
    pub fn announce(&self, conversation: Conversation) {
        self.archive.lock().file(conversation);
    }

    /// Files a new conversation unless `limit` others are under way.
    ///
    /// # Errors
    /// Too many conversations at once.
    pub fn admit(&self, conversation: Conversation, limit: Option<usize>) -> Result<(), ApiError> {
        let mut archive = self.archive.lock();
        if limit.is_some_and(|limit| archive.under_way >= limit) {
            return Err(ApiError::too_many_conversations());
        }
        archive.file(conversation);
        Ok(())
    }

    pub fn find(&self, id: &str) -> Option<Conversation> {
        let archive = self.archive.lock();
        archive
            .by_id
            .get(id)
            .map(|index| archive.conversations[*index as usize].clone())
    }

    /// The newest conversations that `passes`, up to `size`, from `start` (an index, included)
    /// back in time; and where the next page begins.
    pub fn list(
        &self,
        user_id: Option<&str>,
        passes: impl Fn(&Conversation) -> bool,
        size: usize,
        start: Option<u32>,
    ) -> (Vec<Conversation>, Option<u32>) {
        let archive = self.archive.lock();
        let count = u32::try_from(archive.conversations.len()).unwrap_or(u32::MAX);
        let end = start.map_or(count, |start| count.min(start.saturating_add(1)));
        let mut candidates: Box<dyn Iterator<Item = u32>> = match user_id {
            None => Box::new((0..end).rev()),
            Some(user) => {
                let indices = archive
                    .by_user
                    .get(user)
                    .map(Vec::as_slice)
                    .unwrap_or_default();
                Box::new(
                    indices
                        .iter()
                        .copied()
                        .rev()
                        .filter(move |index| *index < end),
                )
            }
        };
        let mut page = Vec::new();
        let next = candidates.find(|index| {
            let conversation = &archive.conversations[*index as usize];
            let is_wanted = passes(conversation);
            if is_wanted && page.len() < size {
                page.push(conversation.clone());
                return false;
            }
            is_wanted
        });
        (page, next)
    }

    /// A carrier's call opens `stream`. Returns the conversation if it is one of ours that nobody
    /// has connected to; from now on it is in progress.
    pub fn take_stream(&self, stream: &Stream, call_sid: Uuid) -> Option<Arc<str>> {
        let is_ours = url::Url::parse(&stream.url).is_ok_and(|url| url.path() == STREAM_PATH);
        let named = stream
            .parameters
            .iter()
            .find(|(name, _)| name == SESSION_PARAMETER);
        let (_, id) = named.filter(|_| is_ours)?;
        let mut archive = self.archive.lock();
        let index = *archive.by_id.get(id.as_str())?;
        if archive.conversations[index as usize].status != Status::Initiated {
            return None;
        }
        archive.change(index, |conversation| {
            conversation.status = Status::InProgress;
            conversation.started_at = Some(Utc::now());
            conversation.call_sid = Some(call_sid.to_string().into());
        });
        Some(Arc::clone(&archive.conversations[index as usize].id))
    }

    /// The line went dead: the conversation is analysed, done, and reported, in its own time.
    pub fn hang_up(&self, network: &Arc<Network>, id: &Arc<str>, spoken: Spoken) {
        self.over(id, spoken);
        let (shared, id) = (Arc::clone(network), Arc::clone(id));
        network.spawn(async move { analyse(&shared, &id, spoken).await });
    }

    /// The talk is over, its analysis begins.
    pub fn over(&self, id: &str, spoken: Spoken) {
        self.change(id, |conversation| {
            conversation.status = Status::Processing;
            conversation.spoken = Some(spoken);
        });
    }

    /// Changes the conversation `id`, if it exists.
    pub fn change(&self, id: &str, change: impl FnOnce(&mut Conversation)) {
        let mut archive = self.archive.lock();
        if let Some(index) = archive.by_id.get(id).copied() {
            archive.change(index, change);
        }
    }
}

/// Analyses a conversation that is over, and reports it.
pub(crate) async fn analyse(network: &Arc<Network>, id: &Arc<str>, spoken: Spoken) {
    sleep(network.pace.real(spoken.processing_ms)).await;
    let done = |conversation: &mut Conversation| conversation.status = Status::Done;
    network.platform.change(id, done);
    webhook::report(network, id).await;
}
