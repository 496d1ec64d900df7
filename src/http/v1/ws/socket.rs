//! One connection: what is told goes out, what is asked is answered, and nobody is waited for without end.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use engine::live::{Batch, Ended, Live, Watcher};
use engine::{Actor, EngineError};
use futures::SinkExt;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::request::{self, Asked};
use super::view::Told;

/// How long a client may take to take something in before it counts as too slow.
const SEND_MAX: Duration = Duration::from_secs(10);
/// How long a goodbye may take.
const GOODBYE_MAX: Duration = Duration::from_secs(5);
/// Pings in the time that a client may be silent.
const PINGS_PER_SILENCE: u32 = 3;

/// Somebody who watches over a WebSocket.
pub(super) struct Session {
    pub live: Live,
    pub actor: Actor,
    pub watcher: Watcher,
    /// A client of which nothing, not even a pong, was heard for so long is gone.
    pub silence: Duration,
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goodbye {
    /// We have nothing more to tell.
    Ended(Ended),
    /// Nothing was heard of the client.
    Silent,
    /// The client left, or cannot be reached.
    Gone,
}

impl Session {
    /// Talks with the client until either has had enough.
    pub(super) async fn serve(mut self, mut socket: WebSocket) {
        let Err(goodbye) = self.talk(&mut socket).await;
        if goodbye == Goodbye::Ended(Ended::TooSlow) {
            metrics::counter!("dialer_live_clients_dropped_total").increment(1);
        }
        // Whoever is being seen off watches no more. Its room is free once it has gone.
        self.watcher.leave();
        let _ = timeout(GOODBYE_MAX, see_off(socket, goodbye)).await;
    }

    async fn talk(&mut self, socket: &mut WebSocket) -> Result<Infallible, Goodbye> {
        let mut pings = interval(self.silence / PINGS_PER_SILENCE);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                batch = self.watcher.next() => {
                    let batch = batch.map_err(Goodbye::Ended)?;
                    self.tell(socket, &batch).await?;
                }
                message = socket.recv() => {
                    heard = Instant::now();
                    let Some(Ok(message)) = message else { return Err(Goodbye::Gone) };
                    if let Some(answer) = self.answer(&message).await {
                        self.send(socket, text(&answer.to_text())).await?;
                    }
                }
                _ = pings.tick() => {
                    if heard.elapsed() > self.silence {
                        return Err(Goodbye::Silent);
                    }
                    self.send(socket, Message::Ping(Default::default())).await?;
                }
            }
        }
    }

    async fn tell(&self, socket: &mut WebSocket, batch: &Batch) -> Result<(), Goodbye> {
        let told = async {
            for update in batch.iter() {
                let message = update.text(|news| Told::from(news).to_text());
                socket.feed(text(message)).await?;
            }
            socket.flush().await
        };
        self.in_time(told).await
    }

    async fn send(&self, socket: &mut WebSocket, message: Message) -> Result<(), Goodbye> {
        self.in_time(socket.send(message)).await
    }

    /// Waits for `sending`, but neither for a client that takes nothing in nor once there is nothing more to tell.
    async fn in_time(
        &self,
        sending: impl Future<Output = Result<(), axum::Error>>,
    ) -> Result<(), Goodbye> {
        tokio::select! {
            biased;
            sent = timeout(SEND_MAX, sending) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(Goodbye::Gone),
                Err(_) => Err(Goodbye::Ended(Ended::TooSlow)),
            },
            ended = self.watcher.end() => Err(Goodbye::Ended(ended)),
        }
    }

    /// The answer to what the client says; `None` where the protocol answers by itself.
    async fn answer(&self, message: &Message) -> Option<Told> {
        let asked = match message {
            Message::Text(said) => request::read(said),
            Message::Binary(_) => Err(EngineError::Unreadable(
                "send messages as text, in JSON".to_owned(),
            )),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return None,
        };
        let done = match asked {
            Ok(asked) => self.carry_out(asked).await,
            Err(error) => Err(error),
        };
        Some(done.unwrap_or_else(Told::from))
    }

    async fn carry_out(&self, asked: Asked) -> Result<Told, EngineError> {
        let wanted = match asked {
            Asked::Ping => return Ok(Told::Pong),
            Asked::Subscribe(which) => {
                let (actor, watcher) = (&self.actor, &self.watcher);
                self.live.subscribe(actor, watcher, which).await?
            }
            Asked::Unsubscribe(which) => self.watcher.unsubscribe(&which)?,
        };
        Ok(Told::Subscribed(wanted.into()))
    }
}

/// Says why the connection ends, and waits until the client has taken that in.
async fn see_off(mut socket: WebSocket, goodbye: Goodbye) {
    let Some((code, reason)) = goodbye.said() else {
        return;
    };
    let frame = CloseFrame {
        code,
        reason: Utf8Bytes::from_static(reason),
    };
    if socket.send(Message::Close(Some(frame))).await.is_ok() {
        while let Some(Ok(_)) = socket.recv().await {}
    }
}

impl Goodbye {
    /// The code and the reason that the client is given; `None` where there is nobody to tell.
    const fn said(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Ended(Ended::Stopping) => Some((1001, "the server stops; connect again")),
            Self::Ended(Ended::TooSlow) => Some((
                1013,
                "too slow: messages were not taken in; connect again and look anew",
            )),
            Self::Ended(Ended::Revoked) => Some((
                4401,
                "the token was revoked, is over, or means something else now",
            )),
            Self::Silent => Some((4408, "nothing was heard of the client for too long")),
            Self::Gone => None,
        }
    }
}

fn text(message: &str) -> Message {
    Message::Text(Utf8Bytes::from(message))
}
