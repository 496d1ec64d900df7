//! Nothing is believed that its sender has not signed, for this call, a short while ago.

use std::collections::BTreeMap;

use chrono::{TimeDelta, Utc};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use simulator::SimulatorConfig;
use uuid::Uuid;

use crate::support::database::rows;
use crate::support::providers::{
    ENDLESS_MS, PURPOSES, address, ids, no_conversation, send, send_event, send_signed,
    send_signed_event, told,
};
use crate::support::signing::{elevenlabs, signalwire_form};
use crate::support::talk::{begin, books, webhooks_taken_in};
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    what_is_not_signed_is_not_believed,
    an_agents_webhook_is_believed_for_half_an_hour,
    nobody_speaks_for_a_carrier_that_carries_no_calls,
);

async fn assert_forbidden(response: Response) {
    assert_eq!(response.status(), 403);
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(
        (&body["success"], &body["code"]),
        (&json!(false), &json!("forbidden"))
    );
}

async fn what_is_not_signed_is_not_believed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let call = begin(&dialer, 270, ENDLESS_MS).await;
    let (id, sid) = ids(&call);
    let (before, heard) = (books(&dialer).await, webhooks_taken_in(&dialer).await);
    let key = SimulatorConfig::default().signing_key;
    let form = told(&sid, "completed", "9");
    for purpose in PURPOSES {
        let path = address(id, purpose);
        let url = format!("{}{path}", dialer.base());
        let other_call = format!("{}{}", dialer.base(), address(Uuid::nil(), purpose));
        let other_form = told(&sid, "ringing", "9");
        let api_token = SimulatorConfig::default().api_token;
        for forged in [
            String::new(),
            "AAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned(),
            signalwire_form("another-key", &url, &form),
            signalwire_form(&api_token, &url, &form),
            signalwire_form("", &url, &form),
            signalwire_form(&key, &other_call, &form),
            signalwire_form(&key, &url, &other_form),
            signalwire_form(&key, &url, &[]),
        ] {
            assert_forbidden(send(&dialer, &path, &form, Some(&forged)).await).await;
        }
        assert_forbidden(send(&dialer, &path, &form, None).await).await;
        let true_signature = signalwire_form(&key, &url, &form);
        let longer = format!("{path}?more=1");
        assert_forbidden(send(&dialer, &longer, &form, Some(&true_signature)).await).await;
        // What only looks like it came from the address that was handed out.
        let spoofed = dialer.api_as(None).request(Method::POST, &path).form(&form);
        let spoofed = spoofed.header("host", "evil.example.com");
        let url = url.replace(dialer.base(), "http://evil.example.com");
        let spoofed = spoofed.header("x-signalwire-signature", signalwire_form(&key, &url, &form));
        assert_forbidden(spoofed.send().await.expect("an answer")).await;
    }
    let event = no_conversation(id);
    let secret = SimulatorConfig::default().elevenlabs_webhook_secret;
    let now = Utc::now();
    let good = elevenlabs(&secret, now, &event);
    for forged in [
        None,
        Some(String::new()),
        Some("t=1,v0=".to_owned()),
        Some(elevenlabs("another-secret", now, &event)),
        Some(elevenlabs("", now, &event)),
        Some(elevenlabs(&secret, now, "{}")),
        Some(good.replacen("t=", "t=1", 1)),
        Some(good.split_once(',').expect("two parts").1.to_owned()),
    ] {
        assert_forbidden(send_event(&dialer, &event, forged.as_deref()).await).await;
    }
    assert_eq!(books(&dialer).await, before);
    assert_eq!(webhooks_taken_in(&dialer).await, heard);
    assert_eq!(dialer.simulator.recorder().live_now(), 1);
    // The same words, signed: they are believed.
    let path = address(id, "status");
    assert_eq!(send_signed(&dialer, &path, &form).await.status(), 200);
    assert_ne!(books(&dialer).await, before);
}

async fn an_agents_webhook_is_believed_for_half_an_hour(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let call = begin(&dialer, 272, ENDLESS_MS).await;
    let (id, _) = ids(&call);
    let before = books(&dialer).await;
    let event = no_conversation(id);
    let sent = async |minutes: i64| {
        let at = Utc::now() - TimeDelta::minutes(minutes);
        send_signed_event(&dialer, &event, at).await
    };
    for minutes in [31, 60 * 24, -31] {
        assert_forbidden(sent(minutes).await).await;
    }
    assert_eq!(books(&dialer).await, before);
    assert_eq!(sent(29).await.status(), 200);
    let after = books(&dialer).await;
    assert!(after[0]["agent_error"].is_string(), "{:?}", after[0]);
    assert_eq!(after[4]["conversations"], 0);
    // Whatever is in a conversation, it is kept as far as a database can.
    let nul = "a\u{0}b";
    let said = json!({
        "conversation_id": "conv_odd", "agent_id": nul, "status": "done", "user_id": id.to_string(),
        "transcript": [{ "role": nul, "message": nul, "time_in_call_secs": -1 }, null, 5],
        "metadata": { "start_time_unix_secs": i64::MAX, "call_duration_secs": u64::MAX, "termination_reason": nul },
        "analysis": { "transcript_summary": nul, "call_successful": nul, "data_collection_results": { nul: nul } },
    });
    let event = json!({ "type": "post_call_transcription", "event_timestamp": -1, "data": said })
        .to_string();
    let kept = send_signed_event(&dialer, &event, Utc::now()).await;
    assert_eq!(kept.status(), 200);
    assert_eq!(books(&dialer).await[4]["conversations"], 1);
}

async fn nobody_speaks_for_a_carrier_that_carries_no_calls(stack: Stack) {
    let options = Options {
        has_exotel: true,
        env: BTreeMap::from([("CARRIER", "exotel".to_owned())]),
        without: vec![
            "SIGNALWIRE_BASE_URL",
            "SIGNALWIRE_PROJECT_ID",
            "SIGNALWIRE_API_TOKEN",
            "SIGNALWIRE_SIGNING_KEY",
        ],
        ..Options::default()
    };
    let dialer = Dialer::start(stack, options).await;
    let incoming = [
        ("CallSid", "stray"),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
        ("From", "+12025550199"),
        ("To", "+12025550100"),
    ];
    let unsigned = "/webhooks/signalwire/inbound";
    let url = format!("{}{unsigned}", dialer.base());
    // A key that is not configured signs nothing either.
    let guessed = signalwire_form("", &url, &incoming);
    for signature in [None, Some(guessed.as_str())] {
        assert_forbidden(send(&dialer, unsigned, &incoming, signature).await).await;
    }
    for purpose in PURPOSES {
        let path = address(Uuid::nil(), purpose);
        let form = told("stray", "completed", "9");
        assert_forbidden(send(&dialer, &path, &form, None).await).await;
    }
    assert_eq!(webhooks_taken_in(&dialer).await, 0);
    let calls = rows(&dialer.database().await, "SELECT id FROM calls").await;
    assert!(calls.is_empty(), "{calls:?}");
}
