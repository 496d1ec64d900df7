//! ElevenLabs calls people itself: from outbound-call to the report.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::recorder::{CreateAnswer, CreateVerdict, Delivery, EndStatus};
use simulator::{Behaviour, Fault, NumberProvider, OwnedNumber, SimulatorConfig, Trigger};
use uuid::Uuid;

use crate::dialer::{Dialer, FROM, TO, eventually, everybody_answers, fast};

const ADDRESSES: [(&str, &str); 3] = [
    ("sip-trunk", "phnum_12025550100"),
    ("twilio", "phnum_12025550101"),
    ("exotel", "phnum_12025550102"),
];

/// One number of each kind.
fn numbers() -> Vec<OwnedNumber> {
    use NumberProvider::{Exotel, SipTrunk, Twilio};
    let owned = |(number, provider)| OwnedNumber {
        provider,
        ..OwnedNumber::new(number)
    };
    let all = [
        (FROM, SipTrunk),
        ("+12025550101", Twilio),
        ("+12025550102", Exotel),
    ];
    all.into_iter().map(owned).collect()
}

async fn start(config: SimulatorConfig, behaviour: Behaviour) -> Dialer {
    let numbers = numbers();
    let dialer = Dialer::start(SimulatorConfig { numbers, ..config }).await;
    dialer.simulator.people().script(TO, vec![behaviour]);
    dialer
}

fn order(number_id: &str) -> Value {
    json!({
        "agent_id": "agent_demo", "agent_phone_number_id": number_id, "to_number": TO,
        "telephony_call_config": {"ringing_timeout_secs": 30},
        "conversation_initiation_client_data": {
            "user_id": "lead_981",
            "dynamic_variables": {"call_id": Uuid::from_u128(7), "first_name": "Ann"},
        },
    })
}

async fn post(dialer: &Dialer, address: &str, body: &Value) -> (u16, Value) {
    let base = dialer.simulator.elevenlabs_base_url();
    let key = SimulatorConfig::default().elevenlabs_api_key;
    let request = dialer
        .http
        .post(format!("{base}/v1/convai/{address}"))
        .header("xi-api-key", key)
        .json(body);
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    // register-call answers with a document.
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

async fn outbound(dialer: &Dialer, (address, number_id): (&str, &str)) -> (u16, Value) {
    post(
        dialer,
        &format!("{address}/outbound-call"),
        &order(number_id),
    )
    .await
}

async fn report(dialer: &Dialer) -> Value {
    eventually("the report", || async { dialer.webhooks().pop() }).await
}

#[tokio::test]
async fn an_answered_call_becomes_a_conversation() {
    for (address, line) in ADDRESSES
        .into_iter()
        .zip(["sip_trunking", "twilio", "exotel"])
    {
        let dialer = start(fast(), Behaviour::Answer { talk_ms: 30_000 }).await;
        let (status, answer) = outbound(&dialer, address).await;
        assert_eq!(
            (status, &answer["success"]),
            (200, &true.into()),
            "{answer}"
        );
        let is_sip = address.0 == "sip-trunk";
        let (id, other) = match is_sip {
            true => ("sip_call_id", "callSid"),
            false => ("callSid", "sip_call_id"),
        };
        assert!(
            answer[id].is_string() && answer.get(other).is_none(),
            "{answer}"
        );

        let report = report(&dialer).await;
        assert_eq!(report["type"], "post_call_transcription");
        let data = &report["data"];
        assert_eq!(data["conversation_id"], answer["conversation_id"]);
        assert_eq!(
            (&data["status"], &data["user_id"]),
            (&"done".into(), &"lead_981".into())
        );
        let variables = &data["conversation_initiation_client_data"]["dynamic_variables"];
        assert_eq!(variables["first_name"], "Ann");
        assert_eq!(data["metadata"]["call_duration_secs"], 30);
        let phone_call = &data["metadata"]["phone_call"];
        assert_eq!(phone_call["type"], line);
        assert_eq!(phone_call["direction"], "outbound");
        assert_eq!(phone_call["phone_number_id"], address.1);
        assert_eq!(phone_call["external_number"], TO);
        assert_eq!(phone_call["call_sid"], answer[id]);
        assert_eq!(phone_call["call_result"], "answered");
        let path = format!(
            "/conversations/{}",
            answer["conversation_id"].as_str().unwrap()
        );
        assert_eq!(&dialer.elevenlabs(&path).await.1, data);

        let calls = dialer.simulator.recorder().calls_of(Uuid::from_u128(7));
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].end_status, Some(EndStatus::Completed));
        assert_eq!(calls[0].answer, Some(CreateAnswer::Status(200)));
        assert!(calls[0].answered_at.is_some() && calls[0].callbacks.is_empty());
        let digits = calls[0].sid().unwrap().simple().to_string();
        assert!(answer[id].as_str().unwrap().ends_with(&digits));
    }
}

#[tokio::test]
async fn a_call_nobody_answers_is_reported_once_as_a_failure() {
    for (behaviour, reason, result, code, ended) in [
        (Behaviour::Busy, "busy", "busy", 486, EndStatus::Busy),
        (
            Behaviour::NoAnswer,
            "no-answer",
            "no_answer",
            480,
            EndStatus::NoAnswer,
        ),
        (
            Behaviour::Failed,
            "unknown",
            "failed",
            503,
            EndStatus::Failed,
        ),
        (
            Behaviour::InvalidNumber,
            "unknown",
            "failed",
            404,
            EndStatus::Failed,
        ),
    ] {
        for (address, kind) in ADDRESSES.into_iter().zip(["sip", "twilio", "exotel"]) {
            let dialer = start(fast(), behaviour.clone()).await;
            let (_, answer) = outbound(&dialer, address).await;
            let report = report(&dialer).await;
            assert_eq!(report["type"], "call_initiation_failure");
            let data = &report["data"];
            assert_eq!(data["conversation_id"], answer["conversation_id"]);
            assert_eq!(data["agent_id"], "agent_demo");
            assert_eq!(data["failure_reason"], reason);
            assert_eq!(data["metadata"]["type"], kind);
            let body = &data["metadata"]["body"];
            if kind == "sip" {
                assert_eq!(body["sip_status_code"], code);
            } else {
                assert_eq!(body["CallStatus"], ended.as_str());
                assert_eq!(body["CallSid"], answer["callSid"]);
            }
            let path = format!(
                "/conversations/{}",
                answer["conversation_id"].as_str().unwrap()
            );
            let (_, conversation) = dialer.elevenlabs(&path).await;
            assert_eq!(conversation["status"], "failed");
            assert_eq!(conversation["metadata"]["error"]["reason"], reason);
            assert_eq!(
                conversation["metadata"]["phone_call"]["call_result"],
                result
            );
            let recorder = dialer.simulator.recorder();
            assert_eq!(recorder.calls_to(TO)[0].end_status, Some(ended));
            eventually("the settlement", || async {
                (!recorder.webhooks().is_empty()).then_some(())
            })
            .await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            assert_eq!(dialer.webhooks().len(), 1);
            assert_eq!(recorder.webhooks()[0].delivery, Delivery::Answered(200));
        }
    }
}

#[tokio::test]
async fn the_agent_hangs_up_on_a_machine() {
    let dialer = start(fast(), Behaviour::Voicemail).await;
    outbound(&dialer, ADDRESSES[0]).await;
    let metadata = &report(&dialer).await["data"]["metadata"];
    assert_eq!(metadata["phone_call"]["call_result"], "voicemail");
    assert_eq!(
        metadata["features_usage"]["voicemail_detection"]["used"],
        true
    );
}

#[tokio::test]
async fn bad_orders_get_each_dialect_of_error() {
    let dialer = start(everybody_answers(), Behaviour::Busy).await;
    let with = |field: &str, value: Value| {
        let mut order = order("phnum_12025550100");
        order[field] = value;
        order
    };
    for (body, expected, place, word) in [
        (
            with("agent_id", "agent_x".into()),
            404,
            "/code",
            "agent_not_found",
        ),
        (
            with("agent_phone_number_id", "x".into()),
            404,
            "/status",
            "phone_number_not_found",
        ),
        (
            with("agent_phone_number_id", ADDRESSES[1].1.into()),
            400,
            "/code",
            "invalid_parameters",
        ),
        (
            with("agent_phone_number_id", Value::Null),
            422,
            "/0/loc/1",
            "agent_phone_number_id",
        ),
        (
            with("to_number", "5550123".into()),
            422,
            "/0/loc/1",
            "to_number",
        ),
        (with("to_number", 7.into()), 422, "/0/loc/0", "body"),
    ] {
        let (status, answer) = post(&dialer, "sip-trunk/outbound-call", &body).await;
        assert_eq!(status, expected, "{answer}");
        assert_eq!(
            answer["detail"].pointer(place),
            Some(&word.into()),
            "{answer}"
        );
        let recorded = dialer.simulator.recorder().calls().pop().unwrap();
        assert_eq!(recorded.answer, Some(CreateAnswer::Status(expected)));
        assert_eq!(recorded.sid(), None);
    }
    let base = dialer.simulator.elevenlabs_base_url();
    let url = format!("{base}/v1/convai/twilio/outbound-call");
    let response = dialer
        .http
        .post(url)
        .json(&order("x"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 401);
    let (_, list) = dialer.elevenlabs("/conversations").await;
    assert_eq!(list["conversations"], json!([]));
}

#[tokio::test]
async fn a_refused_call_is_no_success_and_yet_200() {
    for address in ADDRESSES {
        let dialer = start(everybody_answers(), Behaviour::Busy).await;
        let faults = dialer.simulator.faults();
        faults.set(Fault::OutboundRefused, Trigger::times(1));
        let (status, answer) = outbound(&dialer, address).await;
        assert_eq!((status, &answer["success"]), (200, &false.into()));
        assert_eq!(
            (
                &answer["conversation_id"],
                answer.as_object().unwrap().len()
            ),
            (&Value::Null, 4)
        );
        let recorded = dialer.simulator.recorder().calls().pop().unwrap();
        let CreateVerdict::Rejected { status: 200, .. } = recorded.verdict else {
            panic!("{:?}", recorded.verdict);
        };
        assert_eq!(outbound(&dialer, address).await.1["success"], true);
    }
}

#[tokio::test]
async fn what_prevents_a_conversation_prevents_it_at_every_address() {
    let registration = json!({
        "agent_id": "agent_demo", "direction": "outbound", "from_number": FROM, "to_number": TO,
    });
    for (fault, expected, code, word) in [
        (
            Fault::QuotaExceeded,
            401,
            Some("quota_exceeded"),
            "quota_exceeded",
        ),
        (
            Fault::RateLimitExceeded,
            429,
            Some("rate_limit_exceeded"),
            "system_busy",
        ),
        (
            Fault::TooManyConcurrentRequests,
            429,
            None,
            "too_many_concurrent_requests",
        ),
    ] {
        let dialer = start(everybody_answers(), Behaviour::Busy).await;
        dialer.simulator.faults().set(fault, Trigger::times(2));
        let answers = [
            outbound(&dialer, ADDRESSES[0]).await,
            post(&dialer, "twilio/register-call", &registration).await,
        ];
        for (status, answer) in answers {
            let detail = &answer["detail"];
            assert_eq!(
                (status, detail["code"].as_str()),
                (expected, code),
                "{answer}"
            );
            assert_eq!(detail["status"], word);
        }
        assert_eq!(dialer.simulator.faults().fired(fault), 2);
        assert_eq!(outbound(&dialer, ADDRESSES[0]).await.0, 200);
        assert_eq!(
            post(&dialer, "twilio/register-call", &registration).await.0,
            200
        );
    }
}

#[tokio::test]
async fn the_report_overtakes_the_answer() {
    for behaviour in [Behaviour::Busy, Behaviour::Answer { talk_ms: 5_000 }] {
        let dialer = start(fast(), behaviour).await;
        let faults = dialer.simulator.faults();
        faults.set(Fault::OutboundAfterWebhook, Trigger::always());
        let (status, answer) = outbound(&dialer, ADDRESSES[0]).await;
        let webhooks = dialer.webhooks();
        assert_eq!((status, webhooks.len()), (200, 1), "sent before the answer");
        assert_eq!(
            webhooks[0]["data"]["conversation_id"],
            answer["conversation_id"]
        );
        assert_eq!(faults.fired(Fault::OutboundAfterWebhook), 1);
    }
}

#[tokio::test]
async fn conversations_beyond_the_limit_are_turned_down() {
    let config = SimulatorConfig {
        concurrent_conversations: Some(1),
        ..everybody_answers()
    };
    let dialer = start(config, Behaviour::Answer { talk_ms: 300 }).await;
    assert_eq!(outbound(&dialer, ADDRESSES[0]).await.0, 200);
    let (status, answer) = outbound(&dialer, ADDRESSES[1]).await;
    assert_eq!(
        (status, &answer["detail"]["code"]),
        (429, &"concurrent_limit_exceeded".into())
    );
    let registration = json!({"agent_id": "agent_demo", "from_number": FROM, "to_number": TO});
    assert_eq!(
        post(&dialer, "twilio/register-call", &registration).await.0,
        429
    );
    report(&dialer).await;
    assert_eq!(outbound(&dialer, ADDRESSES[1]).await.0, 200);
}

#[tokio::test]
async fn a_conversation_ends_at_the_longest_duration_asked_for() {
    let dialer = start(fast(), Behaviour::Answer { talk_ms: 30_000 }).await;
    let mut order = order(ADDRESSES[0].1);
    order["conversation_initiation_client_data"]["conversation_config_override"] =
        json!({"conversation": {"max_duration_seconds": 12}});
    post(&dialer, "sip-trunk/outbound-call", &order).await;
    let report = report(&dialer).await;
    assert_eq!(report["data"]["metadata"]["call_duration_secs"], 12);
}
