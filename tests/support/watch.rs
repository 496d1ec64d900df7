//! Somebody who watches over a WebSocket, as the dashboard does.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::{Request, Response};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::PATIENCE;

/// A client that keeps this little unread is soon felt by the server.
const SMALL_BUFFER_BYTES: u32 = 4 << 10;

/// An open connection.
pub struct Watch {
    pub socket: WebSocketStream<TcpStream>,
    /// What the server answered to the request for it.
    pub response: Response,
}

/// A refusal: the status, and the body.
pub type Refused = (u16, Value);

impl Watch {
    /// Watches at `base` by the right of `token`.
    pub async fn open(base: &str, token: &str) -> Self {
        let opened = Self::try_open(request(base, &[("authorization", &bearer(token))], "")).await;
        opened.unwrap_or_else(|refused| panic!("refused: {refused:?}"))
    }

    /// As [`Self::open`], with a connection that takes in very little unread.
    pub async fn open_narrow(base: &str, token: &str) -> Self {
        let request = request(base, &[("authorization", &bearer(token))], "");
        let socket = TcpSocket::new_v4().expect("a socket");
        socket
            .set_recv_buffer_size(SMALL_BUFFER_BYTES)
            .expect("a small buffer");
        let address = authority(&request).parse().expect("an address");
        let stream = socket.connect(address).await.expect("a connection");
        Self::over(stream, request).await.expect("let in")
    }

    /// Asks to watch.
    pub async fn try_open(request: Request) -> Result<Self, Refused> {
        let stream = TcpStream::connect(authority(&request))
            .await
            .expect("a connection");
        Self::over(stream, request).await
    }

    async fn over(stream: TcpStream, request: Request) -> Result<Self, Refused> {
        match client_async(request, stream).await {
            Ok((socket, response)) => Ok(Self { socket, response }),
            Err(Error::Http(response)) => {
                let body = response.body().clone().unwrap_or_default();
                // Of a long answer only the beginning is read along with the head.
                let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
                Err((response.status().as_u16(), body))
            }
            Err(error) => panic!("no answer: {error}"),
        }
    }

    /// Says `message`.
    pub async fn say(&mut self, message: &Value) {
        self.say_text(&message.to_string()).await;
    }

    /// Says whatever stands in `text`.
    pub async fn say_text(&mut self, text: &str) {
        let message = Message::text(text);
        self.socket.send(message).await.expect("it can be said");
    }

    /// The next message, whatever it is.
    pub async fn next(&mut self) -> Value {
        self.next_within(PATIENCE).await.expect("a message in time")
    }

    /// The next message, if one comes within `patience`.
    pub async fn next_within(&mut self, patience: Duration) -> Option<Value> {
        let until = Instant::now() + patience;
        while let Ok(heard) = timeout_at(until, self.socket.next()).await {
            match heard.expect("an open connection").expect("a message") {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).expect("JSON");
                    assert!(message["type"].is_string(), "{message}");
                    return Some(message);
                }
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
        None
    }

    /// The first message from now on that is `right`; those before are passed over.
    pub async fn until(&mut self, what: &str, right: impl FnMut(&Value) -> bool) -> Value {
        let mut passed = self.all_until(what, right).await;
        passed.pop().expect("the last is right")
    }

    /// All messages from now on until one is `right`, which is the last.
    pub async fn all_until(
        &mut self,
        what: &str,
        mut right: impl FnMut(&Value) -> bool,
    ) -> Vec<Value> {
        let mut passed = Vec::new();
        let search = timeout(PATIENCE, async {
            loop {
                let message = self.next().await;
                let is_right = right(&message);
                passed.push(message);
                if is_right {
                    return;
                }
            }
        });
        assert!(
            search.await.is_ok(),
            "waited in vain for {what}: {passed:?}"
        );
        passed
    }

    /// Says `message` and reads on until its answer; what is told meanwhile is passed over.
    pub async fn ask(&mut self, message: &Value) -> Value {
        self.say(message).await;
        self.answer().await
    }

    /// The next answer to something that was said.
    pub async fn answer(&mut self) -> Value {
        self.until("an answer", |message| {
            let kind = message["type"].as_str().unwrap_or_default();
            matches!(kind, "subscribed" | "pong" | "error")
        })
        .await
    }

    /// Reads on until the connection is closed, for at most `patience`: the code and the reason.
    pub async fn closed(&mut self, patience: Duration) -> (u16, String) {
        let reading = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Close(Some(frame)))) => {
                        return (frame.code.into(), frame.reason.to_string());
                    }
                    Some(Ok(_)) => {}
                    end => panic!("ended without a word: {end:?}"),
                }
            }
        };
        timeout(patience, reading)
            .await
            .unwrap_or_else(|_| panic!("still open after {patience:?}"))
    }
}

pub fn subscribe(campaigns: Value) -> Value {
    json!({ "type": "subscribe", "campaigns": campaigns })
}

pub fn unsubscribe(campaigns: Value) -> Value {
    json!({ "type": "unsubscribe", "campaigns": campaigns })
}

pub fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// A request to watch at `base`, with `headers`, and `query` behind the address.
pub fn request(base: &str, headers: &[(&'static str, &str)], query: &str) -> Request {
    let address = format!("{}/api/v1/ws{query}", base.replace("http://", "ws://"));
    let mut request = address.into_client_request().expect("an address");
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).expect("a header");
        request.headers_mut().insert(*name, value);
    }
    request
}

fn authority(request: &Request) -> String {
    let authority = request.uri().authority().expect("an authority");
    authority.to_string()
}
