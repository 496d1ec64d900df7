//! No secret and no whole phone number reaches a log, whatever happens.

use std::collections::BTreeMap;

use chrono::Utc;
use reqwest::Method;
use serde_json::json;
use simulator::{Behaviour, Fault, SimulatorConfig, Trigger};

use crate::support::dialer::{ADMIN_TOKEN, User};
use crate::support::people::{Person, TALK_MS, as_contacts, number};
use crate::support::providers::{send, send_signed};
use crate::support::signing::{elevenlabs, jwt};
use crate::support::{Dialer, Options, PATIENCE, Stack, on_both_stacks};

on_both_stacks!(nothing_secret_is_logged);

const JWT_SECRET: &str = "a-secret-that-must-not-show-up-in-any-log";
const METRICS_TOKEN: &str = "a-token-that-must-not-show-up-either";
const AREA: u16 = 290;

async fn nothing_secret_is_logged(stack: Stack) {
    let dialer = Dialer::start(stack, talkative()).await;
    let user = dialer.create_user("ann", "user");
    let people = everybody();
    let token = misuse(&dialer, &user, &people).await;
    let single = ask_about_calls(&dialer, &user, &people[0].number).await;
    everything_goes_wrong(&dialer, &user, &people).await;

    let carrier = SimulatorConfig::default();
    let mut secrets = vec![
        ADMIN_TOKEN.to_owned(),
        JWT_SECRET.to_owned(),
        METRICS_TOKEN.to_owned(),
        user.token,
        token.rsplit_once('.').expect("a signature").1.to_owned(),
        carrier.api_token,
        carrier.signing_key,
        carrier.elevenlabs_api_key,
        carrier.elevenlabs_webhook_secret,
        carrier.agent_tools_token,
        // As Basic authentication shows them to whoever reads headers.
        "Basic ".to_owned(),
        "12025550100".to_owned(),
    ];
    let bare = |person: &Person| person.number.trim_start_matches('+').to_owned();
    secrets.extend(people.iter().map(bare));
    secrets.push(single.trim_start_matches('+').to_owned());
    let output = dialer.output();
    assert!(output.lines().count() > 100, "there is a log");
    let mut leaks: Vec<(&str, &str)> = Vec::new();
    for secret in &secrets {
        let line = output.lines().find(|line| line.contains(secret.as_str()));
        leaks.extend(line.map(|line| (secret.as_str(), line)));
    }
    let first = &leaks[..leaks.len().min(3)];
    assert!(
        leaks.is_empty(),
        "{} leaks, such as {first:#?}",
        leaks.len()
    );
}

/// All that the dialer itself has to say, and all that others say where an operator looks for a fault.
fn talkative() -> Options {
    let log = "debug,dialer=trace,engine=trace,workers=trace,carriers=trace";
    let env = BTreeMap::from([
        ("JWT_SECRET", JWT_SECRET.to_owned()),
        ("METRICS_TOKEN", METRICS_TOKEN.to_owned()),
        ("RUST_LOG", log.to_owned()),
    ]);
    Options {
        env,
        ..Options::default()
    }
}

/// Calls are looked for by `number`, somebody is called by hand, and `number` calls us; who was called.
async fn ask_about_calls(dialer: &Dialer, user: &User, number: &str) -> String {
    let bare = number.trim_start_matches('+');
    for (path, status) in [
        (format!("history/{number}"), 200),
        (format!("history/{bare}x"), 422),
        (bare.to_owned(), 404),
        (format!("{bare}/voicemail-analysis"), 404),
        (format!("retriable?status={bare}"), 422),
    ] {
        let path = format!("/api/v1/calls/{path}");
        user.api.get(&path).await.with(status);
    }
    for (query, status) in [
        (format!("phoneNumbers[]={bare}&search={bare}"), 200),
        (format!("phoneNumbers={bare}{bare}&cursor={bare}"), 422),
    ] {
        let path = format!("/api/v1/analytics/calls/logs?{query}");
        user.api.get(&path).await.with(status);
    }
    let to = self::number(AREA, 900);
    for (phone_id, status) in [
        (format!("{number}x"), 422),
        ("+12025550100".to_owned(), 201),
    ] {
        let body = json!({
            "phoneNumber": to, "phoneId": phone_id, "agentId": "agent_demo", "customParameters": { "name": number },
        });
        let placed = user.api.post("/api/v1/calls/outbound", body).await;
        placed.with(status);
    }
    let form = [
        ("CallSid", "sid-of-a-stranger"),
        ("CallStatus", "completed"),
        ("Direction", "inbound"),
        ("From", number),
        ("To", "+12025550100"),
    ];
    let path = "/webhooks/signalwire/inbound";
    assert_eq!(send_signed(dialer, path, &form).await.status(), 200);
    assert_eq!(send(dialer, path, &form, None).await.status(), 403);
    to
}

/// A campaign on a network that is in trouble, then one on an account that is refused.
async fn everything_goes_wrong(dialer: &Dialer, user: &User, people: &[Person]) {
    let faults = dialer.simulator.faults();
    for fault in [
        Fault::CreateTooManyRequests,
        Fault::CreateUnanswered,
        Fault::CreateErrorAfterAccept,
        Fault::RegisterCallFailed,
        Fault::LookupUnavailable,
        Fault::CallbackDropped,
        Fault::WebhookLost,
    ] {
        faults.set(fault, Trigger::times(2));
    }
    dialer.rehearse(people);
    let api = &user.api;
    let campaign = api
        .create_campaign(json!({ "callAttemptsPerContact": 2 }))
        .await;
    api.add(&campaign, people).await;
    api.command(&campaign, "start").await.ok();
    api.reaches(&campaign, "completed", PATIENCE).await;
    // A wrong key pauses a campaign, with the carrier's own words as the reason.
    faults.set(Fault::CreateUnauthorized, Trigger::always());
    let refused = api.create_campaign(json!({})).await;
    api.add(&refused, &people[..1]).await;
    api.command(&refused, "start").await.ok();
    api.reaches(&refused, "paused", PATIENCE).await;
}

/// One of each kind.
fn everybody() -> Vec<Person> {
    let talk_ms = TALK_MS;
    let behaviours = [
        Behaviour::Answer { talk_ms },
        Behaviour::NotInterested { talk_ms },
        Behaviour::AskForCallback {
            talk_ms,
            callback_after_ms: None,
        },
        Behaviour::AskDoNotCall { talk_ms },
        Behaviour::Voicemail,
        Behaviour::Busy,
        Behaviour::NoAnswer,
        Behaviour::Failed,
        Behaviour::InvalidNumber,
    ];
    let people = behaviours.into_iter().enumerate();
    people
        .map(|(index, behaviour)| Person {
            number: number(AREA, index),
            script: vec![behaviour],
        })
        .collect()
}

/// Asks for everything in every wrong way, with secrets and numbers where they do not belong; a token used for it.
async fn misuse(dialer: &Dialer, user: &User, people: &[Person]) -> String {
    let number = &people[0].number;
    let (bare, encoded) = (number.trim_start_matches('+'), number.replace('+', "%2B"));
    let claims = json!({ "sub": "joe", "role": "user", "exp": Utc::now().timestamp() + 60 });
    let token = jwt(JWT_SECRET, &claims);
    let api = dialer.api_as(Some(&token));
    for (path, status) in [
        ("/api/campaigns".to_owned(), 200),
        (format!("/api/campaigns/{bare}"), 404),
        (format!("/api/no/such/path/{encoded}"), 404),
        (
            format!("/api/campaigns?search={encoded}&token={ADMIN_TOKEN}"),
            200,
        ),
        (format!("/api/campaigns?userId={bare}"), 403),
        (format!("/api/campaigns?limit={bare}"), 422),
    ] {
        api.get(&path).await.with(status);
    }
    let fields = json!({ "name": number, "description": ADMIN_TOKEN });
    let own = user.api.create_campaign(fields).await;
    for wrong in [
        json!({ "phoneNumber": format!("{number}x") }),
        json!({ "phoneNumberId": number }),
        json!({ "status": number }),
        json!({ "timezone": number }),
        json!({ "name": [number] }),
    ] {
        user.api.put(&format!("/api/campaigns/{own}"), wrong).await;
    }
    let contacts = format!("/api/v1/campaigns/{own}/contacts");
    let double = json!({ "contacts": [{ "phoneNumber": format!("{bare}{bare}") }] });
    user.api.post(&contacts, double).await.ok();
    user.api.post(&contacts, as_contacts(people)).await.ok();
    user.api.post(&contacts, as_contacts(people)).await.ok();
    user.api.post(&contacts, json!([number])).await.with(422);
    user.api
        .get(&format!("{contacts}?search={encoded}"))
        .await
        .ok();
    let reason = json!({ "status": "canceled", "description": number });
    user.api
        .put(&format!("/api/campaigns/{own}"), reason)
        .await
        .ok();
    for stranger in [&ADMIN_TOKEN.to_uppercase(), &format!("{token}x"), bare] {
        let stranger = dialer.api_as(Some(stranger));
        stranger.get("/api/campaigns").await.with(401);
    }
    let collector = dialer.api_as(Some(METRICS_TOKEN));
    let metrics = collector.request(Method::GET, "/metrics").send().await;
    assert_eq!(metrics.expect("an answer").status(), 200);
    webhooks(dialer, number).await;
    token
}

/// Webhooks that are forged, broken or about nobody, each with a number in it.
async fn webhooks(dialer: &Dialer, number: &str) {
    let nobody = dialer.api_as(None);
    let call = uuid::Uuid::now_v7();
    for path in [
        format!("/webhooks/signalwire/calls/{call}/status"),
        format!("/webhooks/signalwire/calls/{number}/status"),
    ] {
        let form = [
            ("To", number),
            ("CallSid", number),
            ("CallStatus", "completed"),
        ];
        let forged = nobody.request(Method::POST, &path).form(&form);
        let forged = forged.header(
            "x-signalwire-signature",
            SimulatorConfig::default().api_token,
        );
        assert!(
            forged
                .send()
                .await
                .expect("an answer")
                .status()
                .is_client_error()
        );
    }
    let secret = SimulatorConfig::default().elevenlabs_webhook_secret;
    for body in [
        format!(r#"{{"type": "{number}", "data": {{}}}}"#),
        format!(
            r#"{{"type": "post_call_transcription", "data": {{"conversation_id": "c"}}, "to": "{number}"}}"#
        ),
        format!(
            r#"{{"type": "call_initiation_failure", "data": {{"conversation_id": "c", "failure_reason": "{number} is busy", "user_id": "{call}"}}}}"#
        ),
        format!(r#"{{"to": "{number}""#),
    ] {
        let signature = elevenlabs(&secret, Utc::now(), &body);
        let event = nobody
            .request(Method::POST, "/webhooks/elevenlabs")
            .body(body);
        let event = event.header("elevenlabs-signature", signature);
        assert_eq!(event.send().await.expect("an answer").status(), 200);
    }
}
