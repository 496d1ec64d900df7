//! Calls outside any campaign, and how they went.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use simulator::{Behaviour, SimulatorConfig};

use super::people::Person;
use super::{Dialer, Options, PATIENCE, Stack, eventually};

/// A dialer that knows which number and which agent single calls have.
pub async fn start(stack: Stack) -> Dialer {
    start_at(stack, Options::default().time_scale).await
}

/// Such a dialer, where the phone network lives that much faster than the real one.
pub async fn start_at(stack: Stack, time_scale: f64) -> Dialer {
    let env = BTreeMap::from([
        ("OUTBOUND_PHONE_NUMBER", "+12025550100".to_owned()),
        ("OUTBOUND_AGENT_ID", "agent_demo".to_owned()),
    ]);
    let options = Options {
        time_scale,
        env,
        ..Options::default()
    };
    Dialer::start(stack, options).await
}

/// Calls `number`, who does `behaviour`; what the API answers.
pub async fn call(dialer: &Dialer, number: &str, behaviour: Behaviour) -> Value {
    dialer.rehearse(&[Person {
        number: number.to_owned(),
        script: vec![behaviour],
    }]);
    let body = json!({ "phoneNumber": number });
    let placed = dialer.api.post("/api/v1/calls/outbound", body).await;
    placed.with(201)["data"].take()
}

/// The call that goes by `key`, once `is_so`.
pub async fn once(dialer: &Dialer, key: &Value, is_so: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/api/v1/calls/{}", key.as_str().expect("a name"));
    eventually("the call is as it should be", PATIENCE, async || {
        let call = dialer.api.get(&path).await.ok()["data"].take();
        is_so(&call).then_some(call)
    })
    .await
}

/// The call that goes by `key`, once it is over, and its conversation reported where there was one.
pub async fn over(dialer: &Dialer, key: &Value) -> Value {
    once(dialer, key, |call| {
        // The end may be told before the answer.
        let is_unanswered = call["answeredAt"].is_null() && call["outcome"] != "answered";
        call["outcome"].is_string() && (is_unanswered || call["conversationStatus"].is_string())
    })
    .await
}

/// The conversation as ElevenLabs tells it.
pub async fn conversation(dialer: &Dialer, id: &Value) -> Value {
    let id = id.as_str().expect("a conversation");
    let base = dialer.simulator.elevenlabs_base_url();
    let key = SimulatorConfig::default().elevenlabs_api_key;
    let request = reqwest::Client::new().get(format!("{base}/v1/convai/conversations/{id}"));
    let response = request.header("xi-api-key", key).send().await;
    let response = response.expect("an answer");
    response.json().await.expect("a conversation")
}
