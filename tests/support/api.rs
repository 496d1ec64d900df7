//! A client of the dialer's API, as the dashboard is one.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::eventually;
use super::leaks::must_not_be_logged;
use super::people::{Person, as_contacts};

/// An answer: status and JSON.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

impl Answer {
    /// The body of a 2xx.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, self.body);
        self.body
    }

    /// The body of an answer with `status`.
    #[track_caller]
    pub fn with(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }
}

/// The API at `base`, on behalf of whoever has `token`.
#[derive(Clone)]
pub struct Api {
    http: Client,
    base: String,
    token: Option<String>,
}

impl Api {
    pub fn new(base: &str, token: Option<&str>) -> Self {
        token.into_iter().for_each(must_not_be_logged);
        let http = Client::builder()
            .timeout(Duration::from_secs(120))
            // The API of a test is asked without TLS.
            .tls_certs_only([])
            .build()
            .expect("a client");
        Self {
            http,
            base: base.to_owned(),
            token: token.map(str::to_owned),
        }
    }

    /// Where it is.
    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path)).await
    }

    /// Makes a campaign from `fields` over what every campaign needs; its id.
    pub async fn create_campaign(&self, fields: Value) -> String {
        let mut body = json!({
            "name": "A campaign under test",
            "phoneNumber": "+12025550100",
            "voiceAgentId": "agent_demo",
            "maxConcurrentCalls": 5,
            "callAttemptsPerContact": 3,
            "retryDelay": 1,
            "callbackConfig": { "enabled": true, "maxAttempts": 1, "delayMinutes": 1 },
        });
        for (key, value) in fields.as_object().expect("fields") {
            body[key] = value.clone();
        }
        let made = self.post("/api/campaigns", body).await.ok();
        made["campaign"]["id"].as_str().expect("an id").to_owned()
    }

    /// Adds `people` to the campaign.
    pub async fn add(&self, campaign: &str, people: &[Person]) {
        let path = format!("/api/v1/campaigns/{campaign}/contacts");
        let added = self.post(&path, as_contacts(people)).await.ok();
        assert_eq!(added["data"]["added"], people.len(), "{added}");
    }

    /// `start`, `pause`, `resume` or `end`.
    pub async fn command(&self, campaign: &str, command: &str) -> Answer {
        self.post(&format!("/api/campaigns/{campaign}/{command}"), json!({}))
            .await
    }

    /// The campaign's details.
    pub async fn campaign(&self, campaign: &str) -> Value {
        self.get(&format!("/api/campaigns/{campaign}")).await.ok()["campaign"].take()
    }

    /// The campaign's live figures.
    pub async fn figures(&self, campaign: &str) -> Value {
        self.get(&format!("/api/campaigns/{campaign}/debug"))
            .await
            .ok()["debugInfo"]["stats"]
            .take()
    }

    /// Waits until the campaign stands at `status`.
    pub async fn reaches(&self, campaign: &str, status: &str, patience: Duration) {
        let path = format!("/api/campaigns/{campaign}");
        let mut last = Value::Null;
        let arrived = tokio::time::timeout(patience, async {
            loop {
                // The API itself may be down for a while in some tests.
                if let Some(body) = try_answer(self.request(Method::GET, &path)).await {
                    last = body;
                    if last["campaign"]["status"] == status {
                        return;
                    }
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await;
        assert!(
            arrived.is_ok(),
            "the campaign is not {status} after {patience:?}: {last}"
        );
    }

    /// Waits until the API says that it is ready.
    pub async fn is_ready(&self) {
        eventually("the API is ready", Duration::from_secs(60), async || {
            let ready = self
                .http
                .get(format!("{}/readyz", self.base))
                .send()
                .await
                .ok()?;
            ready.status().is_success().then_some(())
        })
        .await;
    }
}

/// Sends `request` and reads its JSON.
pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("the API answers");
    let status = response.status();
    let text = response.text().await.expect("a body");
    let body: Value = serde_json::from_str(&text)
        .unwrap_or_else(|_| panic!("{status} with a body that is no JSON: {text}"));
    // A new key.
    if let Some(token) = body["data"]["token"].as_str() {
        must_not_be_logged(token);
    }
    Answer { status, body }
}

async fn try_answer(request: RequestBuilder) -> Option<Value> {
    request.send().await.ok()?.json().await.ok()
}

/// The body of an error: the envelope, its status and its code.
pub async fn refusal(request: RequestBuilder, status: u16, code: &str) -> Value {
    let response = request.send().await.expect("an answer");
    let actual = response.status();
    let kind = response.headers().get("content-type").cloned();
    let text = response.text().await.expect("a body");
    assert_eq!(actual, status, "{text}");
    assert_eq!(kind.expect("a content type"), "application/json");
    let body: Value = serde_json::from_str(&text).expect("JSON");
    assert_envelope(&body);
    assert_eq!(body["code"], code);
    body
}

/// Every error looks like this, and says something.
#[track_caller]
fn assert_envelope(body: &Value) {
    let names: Vec<&String> = body.as_object().expect("an object").keys().collect();
    assert_eq!(names.len(), 4, "{names:?}");
    assert_eq!(body["success"], false);
    assert!(
        body["message"].as_str().is_some_and(|text| text.len() > 5),
        "{body}"
    );
    assert!(body["errors"].is_array(), "{body}");
}
