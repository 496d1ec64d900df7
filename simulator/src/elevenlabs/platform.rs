//! ElevenLabs' half of the network: its conversations, and how lines reach them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::Utc;
use parking_lot::Mutex;
use tokio::time::sleep;
use uuid::Uuid;

use super::conversation::{Conversation, Spoken, Status};
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
        let mut archive = self.archive.lock();
        let index = u32::try_from(archive.conversations.len()).unwrap_or(u32::MAX);
        archive.by_id.insert(Arc::clone(&conversation.id), index);
        if let Some(user_id) = &conversation.user_id {
            archive
                .by_user
                .entry(Arc::clone(user_id))
                .or_default()
                .push(index);
        }
        archive.conversations.push(conversation);
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
        let conversation = &mut archive.conversations[index as usize];
        if conversation.status != Status::Initiated {
            return None;
        }
        conversation.status = Status::InProgress;
        conversation.started_at = Some(Utc::now());
        conversation.call_sid = Some(call_sid);
        Some(Arc::clone(&conversation.id))
    }

    /// The line went dead: the conversation is analysed, done, and reported.
    pub fn hang_up(&self, network: &Arc<Network>, id: &Arc<str>, spoken: Spoken) {
        self.change(id, |conversation| {
            conversation.status = Status::Processing;
            conversation.spoken = Some(spoken);
        });
        let (shared, id) = (Arc::clone(network), Arc::clone(id));
        network.spawn(async move {
            sleep(shared.pace.real(spoken.processing_ms)).await;
            shared
                .platform
                .change(&id, |conversation| conversation.status = Status::Done);
            webhook::report(&shared, &id).await;
        });
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Conversation)) {
        let mut archive = self.archive.lock();
        if let Some(index) = archive.by_id.get(id).copied() {
            change(&mut archive.conversations[index as usize]);
        }
    }
}
