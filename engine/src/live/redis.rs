//! Notices between processes, over a channel of Redis. Nothing is kept there.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use parking_lot::Mutex;
use redis::aio::{ConnectionManager, PubSubStream};
use redis::{AsyncCommands, Client, RedisError, RedisResult};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio::task::JoinSet;
use tokio::time::timeout;
use uuid::Uuid;

use super::memory::MemoryNotices;
use super::notice::Notice;
use super::notices::{Heard, NoticeError, Notices};
use crate::queue::redis::{RedisQueueConfig, connect};

/// The first pause before a channel that was lost is listened to again; doubled each time.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest such pause.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// How long opening the channel may take.
const SUBSCRIBE_MAX: Duration = Duration::from_secs(5);
/// A channel on which nothing comes for so long is dead: every process that listens also speaks every two seconds.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// A notice on its way.
#[derive(Serialize, Deserialize)]
struct Envelope<N> {
    /// The process that says so.
    from: Arc<str>,
    notice: N,
}

/// [`Notices`] over Redis. What this process tells it hears at once, also while Redis is away.
pub struct RedisNotices {
    url: String,
    channel: String,
    process: Arc<str>,
    connection: ConnectionManager,
    here: MemoryNotices,
    /// Listens for what others tell, once somebody here wants to know. Dropping it ends it.
    listener: Mutex<JoinSet<()>>,
}

impl RedisNotices {
    /// Connects to the Redis of the queue `config`; installations that share a server do not hear each other.
    ///
    /// # Errors
    /// What Redis says where it cannot be reached.
    pub async fn connect(config: &RedisQueueConfig) -> Result<Self, RedisError> {
        Ok(Self {
            url: config.url.clone(),
            channel: format!("{}:live", config.name),
            process: Uuid::now_v7().simple().to_string().into(),
            connection: connect(&config.url).await?,
            here: MemoryNotices::new(),
            listener: Mutex::default(),
        })
    }
}

#[async_trait]
impl Notices for RedisNotices {
    async fn publish(&self, notice: &Notice) -> Result<(), NoticeError> {
        self.here.publish(notice).await?;
        let envelope = Envelope {
            from: Arc::clone(&self.process),
            notice,
        };
        let text = serde_json::to_string(&envelope).map_err(|error| NoticeError(error.into()))?;
        let told: RedisResult<i64> = self.connection.clone().publish(&self.channel, text).await;
        told.map(drop).map_err(|error| NoticeError(error.into()))
    }

    fn hear(&self) -> broadcast::Receiver<Heard> {
        let mut listener = self.listener.lock();
        if listener.is_empty() {
            listener.spawn(listen(Ear {
                url: self.url.clone(),
                channel: self.channel.clone(),
                process: Arc::clone(&self.process),
                here: self.here.clone(),
            }));
        }
        self.here.hear()
    }
}

/// Who listens, where, and whom it passes on to what it hears.
struct Ear {
    url: String,
    channel: String,
    process: Arc<str>,
    here: MemoryNotices,
}

/// Passes on what other processes tell, for ever. After each loss of the channel something may have been missed.
async fn listen(ear: Ear) {
    let mut pause = PAUSE;
    let mut was_lost = false;
    loop {
        match timeout(SUBSCRIBE_MAX, subscribe(&ear)).await {
            Ok(Ok(mut channel)) => {
                if was_lost {
                    ear.here.pass_on(Heard::Missed);
                }
                while let Ok(Some(message)) = timeout(SILENCE_MAX, channel.next()).await {
                    pause = PAUSE;
                    ear.take_in(message.get_payload_bytes());
                }
                tracing::info!("lost the channel of live notices; listening again");
            }
            Ok(Err(error)) => tracing::debug!(%error, "cannot listen to live notices yet"),
            Err(_) => tracing::debug!("cannot listen to live notices yet: no answer"),
        }
        was_lost = true;
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

async fn subscribe(ear: &Ear) -> RedisResult<PubSubStream> {
    let mut channel = Client::open(ear.url.as_str())?.get_async_pubsub().await?;
    channel.subscribe(&ear.channel).await?;
    Ok(channel.into_on_message())
}

impl Ear {
    fn take_in(&self, payload: &[u8]) {
        let envelope: Envelope<Notice> = match serde_json::from_slice(payload) {
            Ok(envelope) => envelope,
            Err(error) => {
                // Of a version that knows more kinds of notices.
                tracing::debug!(%error, "a live notice that cannot be read");
                return;
            }
        };
        if envelope.from == self.process {
            return;
        }
        self.here.pass_on(match envelope.notice {
            Notice::Changed(changes) => Heard::Changed(Arc::new(changes)),
            Notice::Present(clients) => Heard::Present {
                process: envelope.from,
                clients,
            },
        });
    }
}
