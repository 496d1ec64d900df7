//! ElevenLabs' webhooks: signed, sent once, never repeated.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use tokio::time::sleep;

use super::view;
use crate::faults::Fault;
use crate::network::Network;
use crate::recorder::{Delivery, RecordedWebhook};

/// Reports a conversation that is done, as `post_call_transcription`.
pub(crate) async fn report(network: &Arc<Network>, id: &Arc<str>) {
    let Some(conversation) = network.platform.find(id) else {
        return;
    };
    let event = json!({
        "type": "post_call_transcription",
        "event_timestamp": Utc::now().timestamp(),
        "data": view::conversation_object(&conversation),
    });
    send(network, id, "post_call_transcription", &event.to_string()).await;
}

/// Reports a call that did not become a conversation, as `call_initiation_failure`.
pub(crate) async fn report_failure(network: &Arc<Network>, id: &Arc<str>) {
    let Some(conversation) = network.platform.find(id) else {
        return;
    };
    let Some(failure) = conversation.failure else {
        return;
    };
    let event = json!({
        "type": "call_initiation_failure",
        "event_timestamp": Utc::now().timestamp(),
        "data": {
            "agent_id": conversation.agent_id,
            "conversation_id": conversation.id,
            "failure_reason": failure.reason(),
            "metadata": view::failure_metadata(&conversation, failure),
        },
    });
    send(network, id, "call_initiation_failure", &event.to_string()).await;
}

/// Sends `body` to the one address there is, unless there is none or a fault strikes.
async fn send(network: &Arc<Network>, id: &Arc<str>, kind: &str, body: &str) {
    let Some(url) = network.platform.webhook_url() else {
        return;
    };
    let faults = &network.faults;
    let record = |delivery| {
        network.recorder.webhook(RecordedWebhook {
            kind: kind.into(),
            conversation_id: Arc::clone(id),
            settled_at: Utc::now(),
            delivery,
        });
    };
    if faults.strikes(Fault::WebhookLost) {
        return record(Delivery::Dropped);
    }
    if faults.strikes(Fault::WebhookDelayed) {
        sleep(faults.draw(faults.timing().webhook_delay_ms)).await;
    }
    let copies = if faults.strikes(Fault::WebhookDoubled) {
        2
    } else {
        1
    };
    for _ in 0..copies {
        let signature = sign(&network.config.elevenlabs_webhook_secret, Utc::now(), body);
        let header = ("ElevenLabs-Signature", signature);
        let reply = network
            .courier
            .send_json(&url, header, body.to_owned())
            .await;
        record(reply.map_or_else(|e| e, |reply| Delivery::Answered(reply.status)));
    }
}

/// `t=<unix seconds>,v0=<hex>` over `t.body`.
fn sign(secret: &str, at: DateTime<Utc>, body: &str) -> String {
    let timestamp = at.timestamp();
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("{timestamp}.{body}").as_bytes());
    format!(
        "t={timestamp},v0={}",
        hex::encode(mac.finalize().into_bytes())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_vectors_of_the_reference() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let secret = "wsec_test_0123456789";
        assert_eq!(
            sign(secret, at(1_700_000_000), "{}"),
            "t=1700000000,v0=7d698134e4ad56349823a0cfd690dab2c6b40deefb3fc71eadc6292cdee26635"
        );
        let body = r#"{"type":"post_call_transcription","event_timestamp":1739537297,"data":{"agent_id":"agent_1","conversation_id":"conv_1","status":"done"}}"#;
        assert_eq!(
            sign(secret, at(1_739_537_300), body),
            "t=1739537300,v0=25ce7e542dc7b63627884bcc37c8849f6d826919d436cf82bc082c42a9727675"
        );
    }
}
