//! A small dialer: creates calls, receives what comes back, checks every signature.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine;
use hmac::{Hmac, KeyInit, Mac};
use parking_lot::Mutex;
use serde_json::{Value, json};
use simulator::recorder::CallbackKind;
use simulator::{Behaviour, PeopleConfig, RecordedCall, Shares, Simulator, SimulatorConfig};
use uuid::Uuid;

pub const FROM: &str = "+12025550100";
pub const TO: &str = "+12025550123";

/// A thousand simulated seconds pass in one real second.
pub const FAST: f64 = 1_000.0;

/// What the dialer does when it is asked for a document.
#[derive(Clone, Default)]
pub enum Document {
    /// Asks ElevenLabs for it; hangs up where that fails.
    #[default]
    Agent,
    Xml(String),
    /// Answers with this status.
    Status(u16),
}

/// A form that came back, with the last segment of its path as `kind`.
#[derive(Clone, Debug)]
pub struct Event {
    pub kind: String,
    pub call_id: Uuid,
    pub form: HashMap<String, String>,
}

impl Event {
    pub fn get(&self, name: &str) -> &str {
        self.form.get(name).map_or("", String::as_str)
    }
}

#[derive(Default)]
struct Inbox {
    events: Vec<Event>,
    webhooks: Vec<Value>,
    document: Document,
    /// How many callbacks to turn down with 500.
    turn_down: usize,
}

/// The dialer's side of the wire, together with the network it talks to.
pub struct Dialer {
    pub simulator: Simulator,
    pub http: reqwest::Client,
    pub url: String,
    desk: Arc<Desk>,
}

struct Desk {
    inbox: Mutex<Inbox>,
    url: String,
    config: SimulatorConfig,
    elevenlabs: Mutex<String>,
    http: reqwest::Client,
}

/// People who lose no time, all of whom answer.
pub fn everybody_answers() -> SimulatorConfig {
    let people = PeopleConfig::instant(Shares {
        answered: 1.0,
        ..Shares::NONE
    });
    SimulatorConfig {
        people,
        ..SimulatorConfig::default()
    }
}

/// People as they are, a thousand times as fast.
pub fn fast() -> SimulatorConfig {
    SimulatorConfig {
        time_scale: FAST,
        ..SimulatorConfig::default()
    }
}

impl Dialer {
    pub async fn start(config: SimulatorConfig) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let desk = Arc::new(Desk {
            inbox: Mutex::default(),
            url: url.clone(),
            config: config.clone(),
            elevenlabs: Mutex::default(),
            http: http.clone(),
        });
        let router = Router::new()
            .route(
                "/webhooks/signalwire/calls/{call_id}/{kind}",
                post(signalwire),
            )
            .route("/webhooks/elevenlabs", post(elevenlabs))
            .with_state(Arc::clone(&desk));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let simulator = Simulator::start(config).await.unwrap();
        simulator.set_elevenlabs_webhook_url(format!("{url}/webhooks/elevenlabs"));
        *desk.elevenlabs.lock() = simulator.elevenlabs_base_url();
        Self {
            simulator,
            http,
            url,
            desk,
        }
    }

    /// Starts a network in which the person at [`TO`] does as told.
    pub async fn with(behaviour: Behaviour) -> Self {
        let dialer = Self::start(fast()).await;
        dialer.simulator.people().script(TO, vec![behaviour]);
        dialer
    }

    pub fn serve(&self, document: Document) {
        self.desk.inbox.lock().document = document;
    }

    pub fn turn_down(&self, callbacks: usize) {
        self.desk.inbox.lock().turn_down = callbacks;
    }

    pub fn hook(&self, call_id: Uuid, kind: &str) -> String {
        format!("{}/webhooks/signalwire/calls/{call_id}/{kind}", self.url)
    }

    /// The fields of a create request that asks for everything.
    pub fn form(&self, call_id: Uuid, to: &str) -> Vec<(&'static str, String)> {
        let mut form = vec![
            ("To", to.to_owned()),
            ("From", FROM.to_owned()),
            ("Url", self.hook(call_id, "answer")),
            ("StatusCallback", self.hook(call_id, "status")),
            ("MachineDetection", "Enable".to_owned()),
            ("AsyncAmd", "true".to_owned()),
            ("AsyncAmdStatusCallback", self.hook(call_id, "detection")),
            ("Timeout", "30".to_owned()),
        ];
        for event in ["initiated", "ringing", "answered", "completed"] {
            form.push(("StatusCallbackEvent", event.to_owned()));
        }
        form
    }

    pub fn account(&self) -> String {
        let project = &self.desk.config.project_id;
        format!(
            "{}/Accounts/{project}",
            self.simulator.signalwire_base_url()
        )
    }

    fn signed_in(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        let config = &self.desk.config;
        request.basic_auth(&config.project_id, Some(&config.api_token))
    }

    /// Sends a create request; the error is that of a connection that died.
    pub async fn send(&self, form: &[(&'static str, String)]) -> reqwest::Result<(u16, Value)> {
        let request = self
            .http
            .post(format!("{}/Calls.json", self.account()))
            .form(form);
        let response = self.signed_in(request).send().await?;
        Ok((response.status().as_u16(), response.json().await?))
    }

    /// Creates a call that asks for everything.
    pub async fn call(&self, to: &str) -> (Uuid, reqwest::Result<(u16, Value)>) {
        let call_id = Uuid::new_v4();
        (call_id, self.send(&self.form(call_id, to)).await)
    }

    /// Creates a call, which must be accepted. Returns the dialer's id and the carrier's.
    pub async fn accepted(&self, to: &str) -> (Uuid, Uuid) {
        let (call_id, answer) = self.call(to).await;
        let (status, body) = answer.unwrap();
        assert_eq!(status, 200, "{body}");
        (call_id, body["sid"].as_str().unwrap().parse().unwrap())
    }

    /// `GET` below the account.
    pub async fn get(&self, path: &str) -> (u16, Value) {
        let request = self.signed_in(self.http.get(format!("{}{path}", self.account())));
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// Updates a call.
    pub async fn update(&self, sid: Uuid, form: &[(&str, &str)]) -> (u16, Value) {
        let request = self
            .http
            .post(format!("{}/Calls/{sid}", self.account()))
            .form(form);
        let response = self.signed_in(request).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// A request to ElevenLabs.
    pub async fn elevenlabs(&self, path: &str) -> (u16, Value) {
        let url = format!("{}/v1/convai{path}", self.simulator.elevenlabs_base_url());
        let key = &self.desk.config.elevenlabs_api_key;
        let response = self
            .http
            .get(url)
            .header("xi-api-key", key)
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub fn events(&self) -> Vec<Event> {
        self.desk.inbox.lock().events.clone()
    }

    /// The status callbacks so far, in the order of arrival.
    pub fn statuses(&self) -> Vec<String> {
        let status = |event: &Event| event.get("CallStatus").to_owned();
        self.events()
            .iter()
            .filter(|event| event.kind == "status")
            .map(status)
            .collect()
    }

    pub fn webhooks(&self) -> Vec<Value> {
        self.desk.inbox.lock().webhooks.clone()
    }

    /// Waits for the first event of `kind`.
    pub async fn event(&self, kind: &str) -> Event {
        let find = || self.events().into_iter().find(|event| event.kind == kind);
        eventually(kind, || async { find() }).await
    }

    /// Waits until the call to `to` is over and everything about it is settled.
    pub async fn finished(&self, to: &str) -> RecordedCall {
        let recorder = self.simulator.recorder();
        eventually("the end of the call", || async {
            let call = recorder.calls_to(to).pop()?;
            let told = call
                .callbacks
                .iter()
                .any(|c| c.kind == CallbackKind::Completed);
            (call.ended_at.is_some() && told).then_some(call)
        })
        .await
    }
}

/// Polls until there is something; gives up after ten seconds.
pub async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut poll: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(found) = poll().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn signalwire(
    State(desk): State<Arc<Desk>>,
    Path((call_id, kind)): Path<(Uuid, String)>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: String,
) -> Response {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let given = headers["x-signalwire-signature"].to_str().unwrap();
    let signature = signature(
        &desk.config.signing_key,
        &format!("{}{uri}", desk.url),
        &pairs,
    );
    assert_eq!(given, signature, "signature of {uri}");
    let form: HashMap<_, _> = pairs.into_iter().collect();
    let document = {
        let mut inbox = desk.inbox.lock();
        inbox.events.push(Event {
            kind: kind.clone(),
            call_id,
            form: form.clone(),
        });
        if kind != "answer" {
            if inbox.turn_down > 0 {
                inbox.turn_down -= 1;
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
            if kind != "transfer" {
                return StatusCode::NO_CONTENT.into_response();
            }
        }
        inbox.document.clone()
    };
    match document {
        Document::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Document::Xml(xml) => ([("content-type", "application/xml")], xml).into_response(),
        Document::Agent => {
            let xml = register_call(&desk, call_id, &form).await;
            let xml = xml.unwrap_or_else(|| "<Response><Hangup/></Response>".into());
            ([("content-type", "text/xml; charset=utf-8")], xml).into_response()
        }
    }
}

async fn register_call(
    desk: &Desk,
    call_id: Uuid,
    form: &HashMap<String, String>,
) -> Option<String> {
    let url = format!("{}/v1/convai/twilio/register-call", desk.elevenlabs.lock());
    let body = json!({
        "agent_id": "agent_demo", "direction": "outbound",
        "from_number": form["From"], "to_number": form["To"],
        "conversation_initiation_client_data": {
            "user_id": format!("contact of {}", form["To"]),
            "dynamic_variables": {"call_id": call_id, "first_name": "Ann"},
        },
    });
    let request = desk
        .http
        .post(url)
        .header("xi-api-key", &desk.config.elevenlabs_api_key);
    let response = request.json(&body).send().await.unwrap();
    if response.status().is_success() {
        response.text().await.ok()
    } else {
        None
    }
}

async fn elevenlabs(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: String) -> StatusCode {
    let given = headers["elevenlabs-signature"].to_str().unwrap();
    let (time, _) = given
        .strip_prefix("t=")
        .unwrap()
        .split_once(",v0=")
        .unwrap();
    let secret = desk.config.elevenlabs_webhook_secret.as_bytes();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret).unwrap();
    mac.update(format!("{time}.{body}").as_bytes());
    assert_eq!(
        given,
        format!("t={time},v0={}", hex::encode(mac.finalize().into_bytes()))
    );
    desk.inbox
        .lock()
        .webhooks
        .push(serde_json::from_str(&body).unwrap());
    StatusCode::OK
}

/// Written anew from the reference, so that the simulator does not check itself.
fn signature(key: &str, url: &str, pairs: &[(String, String)]) -> String {
    let mut sorted = pairs.to_vec();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    let text = sorted
        .into_iter()
        .fold(url.to_owned(), |text, (name, value)| text + &name + &value);
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}
