//! An HTTP/1.1 server that plays a script, one step per request, and remembers what it was asked.
//!
//! Written on bare sockets, because half of what it must do is to break the protocol at a chosen byte.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// What to do with a request.
pub enum Step {
    /// Answer it, and keep the connection open.
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// Answer it, and close the connection without having said so.
    AnswerThenClose { body: String },
    /// Read it and never answer.
    Silence,
    /// Promise a body, send half of it, and then nothing.
    StallInBody { status: u16 },
    /// Read it and close the connection.
    CloseAfterReading,
    /// Accept the connection and close it without reading.
    CloseBeforeReading,
}

impl Step {
    pub fn json(status: u16, body: &str) -> Self {
        let headers = vec![("Content-Type", "application/json".to_owned())];
        Self::Answer {
            status,
            headers,
            body: body.to_owned(),
        }
    }
}

/// A request that was read to its end.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct State {
    script: VecDeque<Step>,
    seen: Vec<Seen>,
    connections: usize,
}

pub struct Stub {
    pub base: Url,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Stub {
    /// Starts on a free port; a request beyond the script finds its connection closed.
    pub async fn start(script: impl IntoIterator<Item = Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap())
            .parse()
            .unwrap();
        let state = Arc::new(Mutex::new(State {
            script: script.into_iter().collect(),
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                shared.lock().unwrap().connections += 1;
                tokio::spawn(serve(socket, Arc::clone(&shared)));
            }
        });
        Self { base, state, task }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.state.lock().unwrap().seen.clone()
    }

    pub fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An address at which nobody listens.
pub async fn nobody() -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}/", listener.local_addr().unwrap())
        .parse()
        .unwrap()
}

async fn serve(mut socket: TcpStream, state: Arc<Mutex<State>>) {
    loop {
        let closes_unread = matches!(
            state.lock().unwrap().script.front(),
            Some(Step::CloseBeforeReading)
        );
        if closes_unread {
            state.lock().unwrap().script.pop_front();
            return;
        }
        let Some(request) = read_request(&mut socket).await else {
            return;
        };
        let step = {
            let mut state = state.lock().unwrap();
            state.seen.push(request);
            state.script.pop_front()
        };
        match step {
            Some(Step::Answer {
                status,
                headers,
                body,
            }) => {
                let head = head(status, &headers, body.len());
                socket.write_all((head + &body).as_bytes()).await.unwrap();
            }
            Some(Step::AnswerThenClose { body }) => {
                let head = head(200, &[], body.len());
                socket.write_all((head + &body).as_bytes()).await.unwrap();
                return;
            }
            Some(Step::StallInBody { status }) => {
                let head = head(status, &[], 1000);
                socket
                    .write_all((head + "{\"sid\":").as_bytes())
                    .await
                    .unwrap();
                until_closed(&mut socket).await;
                return;
            }
            Some(Step::Silence) => {
                until_closed(&mut socket).await;
                return;
            }
            Some(Step::CloseAfterReading | Step::CloseBeforeReading) | None => return,
        }
    }
}

fn head(status: u16, headers: &[(&str, String)], body_len: usize) -> String {
    let mut head = format!("HTTP/1.1 {status} Scripted\r\nContent-Length: {body_len}\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head + "\r\n"
}

async fn until_closed(socket: &mut TcpStream) {
    let mut sink = [0; 64];
    while socket.read(&mut sink).await.is_ok_and(|n| n > 0) {}
}

async fn read_request(socket: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_len = loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_len].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
    while bytes.len() < head_len + length {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8(bytes[head_len..head_len + length].to_vec()).unwrap();
    Some(Seen {
        method,
        target,
        headers,
        body,
    })
}
