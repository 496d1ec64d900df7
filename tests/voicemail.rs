//! What becomes of calls that machines answer, and what an agent is told, by what the carrier and the agents' platform saw.

use serde_json::{Value, json};
use simulator::{Behaviour, RecordedCall, SimulatorConfig};

use crate::support::database::rows;
use crate::support::people::{Person, TALK_MS, number};
use crate::support::{Dialer, Options, Stack, campaign, on_both_stacks};

on_both_stacks!(
    a_campaign_says_what_becomes_of_machines,
    what_a_campaign_says_of_its_agent_reaches_the_platform,
);

/// The longest that a machine listens, in milliseconds of the pretend network.
const MESSAGE_MS: i64 = 60_000;
/// How much faster than real the network lives.
const SCALE: f64 = 40.0;

/// A machine answers first, then its owner would.
fn owner_of_a_machine(index: usize) -> Person {
    Person {
        number: number(282, index),
        script: vec![Behaviour::Voicemail, Behaviour::Answer { talk_ms: TALK_MS }],
    }
}

/// How long the call lasted, in milliseconds of the pretend network.
fn lasted_ms(call: &RecordedCall) -> i64 {
    let talk = call.ended_at.expect("an end") - call.answered_at.expect("an answer");
    #[expect(clippy::cast_possible_truncation, reason = "a few minutes")]
    let lasted = (talk.as_seconds_f64() * 1_000.0 * SCALE) as i64;
    lasted
}

async fn a_campaign_says_what_becomes_of_machines(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    for (index, (voicemail, is_left, calls, status)) in [
        (json!(null), false, 2, "completed"),
        (json!({ "action": "leave_to_agent" }), true, 2, "completed"),
        (json!({ "retry": false }), false, 1, "failed"),
        (
            json!({ "action": "leave_to_agent", "retry": false }),
            true,
            1,
            "failed",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let person = owner_of_a_machine(index);
        let fields = json!({ "agentConfig": { "voicemail": voicemail } });
        let id = campaign::run_with(&dialer, fields, std::slice::from_ref(&person)).await;
        let made = dialer.simulator.recorder().calls_to(&person.number);
        assert_eq!(made.len(), calls, "{voicemail}");
        let lasted = lasted_ms(&made[0]);
        assert_eq!(
            lasted > MESSAGE_MS * 9 / 10,
            is_left,
            "{voicemail}: {lasted} ms"
        );
        let contacts = dialer
            .api
            .get(&format!("/api/campaigns/{id}/contacts"))
            .await;
        let contacts = contacts.ok();
        assert_eq!(contacts["contacts"][0]["status"], status, "{voicemail}");
    }
}

/// The only conversation there was, as the platform has it.
async fn conversation(dialer: &Dialer) -> Value {
    let db = dialer.database().await;
    let calls = rows(&db, "SELECT conversation_id FROM calls").await;
    let id = calls[0]["conversation_id"].as_str().expect("one");
    let base = dialer.simulator.elevenlabs_base_url();
    let key = SimulatorConfig::default().elevenlabs_api_key;
    let url = format!("{base}/v1/convai/conversations/{id}");
    let request = reqwest::Client::new().get(url).header("xi-api-key", key);
    let response = request.send().await.expect("an answer");
    response.json().await.expect("a conversation")
}

async fn what_a_campaign_says_of_its_agent_reaches_the_platform(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let person = Person {
        number: number(283, 0),
        script: vec![Behaviour::Answer { talk_ms: TALK_MS }],
    };
    dialer.rehearse(std::slice::from_ref(&person));
    let agent = json!({
        "language": "hi", "firstMessage": "Namaste {{first_name}}", "prompt": "Sell tea.",
        "voiceId": "voice_7", "maxDurationSeconds": 240, "voice": "male-professional",
    });
    let id = dialer
        .api
        .create_campaign(json!({ "agentConfig": agent }))
        .await;
    let contact = json!({ "contacts": [{
        "phoneNumber": person.number, "firstName": "Ann", "lastName": "Lee", "metadata": { "plan": "gold", "age": 41 },
    }] });
    let path = format!("/api/v1/campaigns/{id}/contacts");
    dialer.api.post(&path, contact).await.ok();
    dialer.api.command(&id, "start").await.ok();
    let patience = std::time::Duration::from_secs(60);
    dialer.api.reaches(&id, "completed", patience).await;

    let told = &conversation(&dialer).await["conversation_initiation_client_data"];
    let expected = json!({
        "agent": {
            "language": "hi", "first_message": "Namaste {{first_name}}", "prompt": { "prompt": "Sell tea." },
        },
        "tts": { "voice_id": "voice_7" },
        "conversation": { "max_duration_seconds": 240 },
    });
    assert_eq!(told["conversation_config_override"], expected);
    let call = dialer
        .simulator
        .recorder()
        .calls_to(&person.number)
        .remove(0);
    let call = call.call_id.expect("our id").to_string();
    assert_eq!(told["user_id"], call.as_str());
    let variables = &told["dynamic_variables"];
    for (name, value) in [
        ("first_name", json!("Ann")),
        ("last_name", json!("Lee")),
        ("plan", json!("gold")),
        ("age", json!(41)),
        ("attempt", json!(1)),
        ("is_callback", json!(false)),
        ("call_id", json!(call)),
    ] {
        assert_eq!(variables[name], value, "{name}: {variables}");
    }
}
