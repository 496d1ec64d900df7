//! What an agent has done during a call, seen from the carrier: handed on, called back, never again.

use reqwest::Method;
use serde_json::{Map, Value, json};
use simulator::recorder::{Delivery, EndStatus};
use simulator::{Behaviour, SimulatorConfig};
use uuid::Uuid;

use crate::support::api::{answer, refusal};
use crate::support::people::{Person, TALK_MS, number};
use crate::support::{Dialer, Options, PATIENCE, Stack, on_both_stacks};

on_both_stacks!(
    a_person_is_handed_on_to_a_colleague_by_telephone,
    a_colleague_over_sip_is_reached_over_sip,
    a_transfer_that_nobody_takes_is_begun_and_not_completed,
    an_unknown_target_is_answered_clearly_and_the_talk_goes_on,
    a_callback_agreed_with_the_agent_is_made,
    whoever_says_never_again_is_not_called_by_the_owners_next_campaign,
    the_agent_learns_who_is_on_the_line,
    tools_open_to_their_token_alone,
    a_tool_that_is_used_wrongly_says_everything_that_is_wrong,
    without_a_token_the_tools_are_off,
);

const COLLEAGUE: &str = "+18005557890";
/// How long somebody talks whose agent uses a tool: the talk must outlast the answer, and a busy machine answers late.
const TALK_WITH_TOOL_MS: u64 = 120_000;

/// Somebody who makes the agent use `tool` after a short while, in the first call; later ones are plain.
pub fn uses(number: String, tool: &str, arguments: Value) -> Person {
    let Value::Object(arguments) = arguments else {
        panic!("an object")
    };
    let use_tool = Behaviour::UseTool {
        talk_ms: TALK_WITH_TOOL_MS,
        after_ms: 4_000,
        tool: tool.to_owned(),
        arguments,
    };
    Person {
        number,
        script: vec![use_tool, Behaviour::Answer { talk_ms: TALK_MS }],
    }
}

/// A whole campaign with the one person.
pub async fn ran(dialer: &Dialer, person: &Person) -> String {
    let people = std::slice::from_ref(person);
    dialer.rehearse(people);
    let targets = json!([
        { "name": "Sales Team", "type": "phone", "number": COLLEAGUE },
        { "name": "Support Team", "type": "sip", "endpoint": "sip:support@example.com" },
    ]);
    let campaign = dialer
        .api
        .create_campaign(
            json!({ "transferConfig": { "enabled": true, "transferTargets": targets } }),
        )
        .await;
    dialer.api.add(&campaign, people).await;
    dialer.api.command(&campaign, "start").await.ok();
    dialer.api.reaches(&campaign, "completed", PATIENCE).await;
    campaign
}

/// What the tool said, and that it was asked once.
pub fn told(dialer: &Dialer) -> Value {
    let uses = dialer.simulator.recorder().tool_uses();
    let [used] = &uses[..] else {
        panic!("one use: {uses:?}")
    };
    assert_eq!(used.delivery, Delivery::Answered(200), "{used:?}");
    used.answer.clone()
}

async fn transfers(dialer: &Dialer, campaign: &str) -> Value {
    let db = dialer.database().await;
    let sums = "SELECT CAST(SUM(transfers) AS BIGINT) AS begun, \
        CAST(SUM(transfers_completed) AS BIGINT) AS completed FROM call_rollups";
    let sums = crate::support::database::rows(&db, sums).await.remove(0);
    let stats = dialer.api.campaign(campaign).await["stats"].take();
    assert_eq!(stats["transferCount"], sums["begun"]);
    assert_eq!(stats["completedCount"], 1, "{stats}");
    let path = format!("/api/campaigns/{campaign}/statistics");
    let found = dialer.api.get(&path).await.ok()["statistics"].take();
    let (calls, outcomes) = (&found["callMetrics"], &found["outcomesMetrics"]);
    assert_eq!(calls["transfersInitiated"], sums["begun"]);
    assert_eq!(calls["transfersCompleted"], sums["completed"]);
    assert_eq!(outcomes["transferredToAgent"], sums["completed"]);
    sums
}

async fn a_person_is_handed_on_to_a_colleague_by_telephone(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let colleague = Behaviour::Answer { talk_ms: 60_000 };
    dialer.simulator.people().script(COLLEAGUE, vec![colleague]);
    let person = uses(
        number(281, 0),
        "transfer",
        json!({ "target": "sales team" }),
    );
    let campaign = ran(&dialer, &person).await;
    let told = told(&dialer);
    assert_eq!(
        told,
        json!({ "success": true, "message": "The call is being handed on to Sales Team." })
    );
    let recorder = dialer.simulator.recorder();
    let calls = recorder.calls_to(&person.number);
    let legs = recorder.legs();
    assert_eq!((calls.len(), legs.len()), (1, 1), "{legs:?}");
    assert_eq!(Some(legs[0].parent_sid), calls[0].sid());
    assert_eq!((&*legs[0].to, &*legs[0].from), (COLLEAGUE, "+12025550100"));
    assert_eq!(legs[0].end_status, EndStatus::Completed);
    assert_eq!(calls[0].document_error, None);
    // The slot is held while the colleague talks, and the person is not called again.
    let talked = calls[0].ended_at.expect("over") - calls[0].answered_at.expect("answered");
    assert!(talked.num_milliseconds() >= 60_000 / 40, "{talked}");
    let sums = transfers(&dialer, &campaign).await;
    assert_eq!(sums, json!({ "begun": 1, "completed": 1 }));
}

async fn a_colleague_over_sip_is_reached_over_sip(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let person = uses(
        number(282, 0),
        "transfer",
        json!({ "target": "Support Team" }),
    );
    let campaign = ran(&dialer, &person).await;
    assert_eq!(told(&dialer)["success"], true);
    let legs = dialer.simulator.recorder().legs();
    assert_eq!(&*legs[0].to, "sip:support@example.com");
    let sums = transfers(&dialer, &campaign).await;
    assert_eq!(sums, json!({ "begun": 1, "completed": 1 }));
}

async fn a_transfer_that_nobody_takes_is_begun_and_not_completed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    dialer
        .simulator
        .people()
        .script(COLLEAGUE, vec![Behaviour::Busy]);
    let person = uses(
        number(283, 0),
        "transfer",
        json!({ "target": "Sales Team" }),
    );
    let campaign = ran(&dialer, &person).await;
    let legs = dialer.simulator.recorder().legs();
    assert_eq!(legs[0].end_status, EndStatus::Busy);
    assert_eq!(
        dialer.simulator.recorder().calls_to(&person.number).len(),
        1
    );
    let sums = transfers(&dialer, &campaign).await;
    assert_eq!(sums, json!({ "begun": 1, "completed": 0 }));
}

async fn an_unknown_target_is_answered_clearly_and_the_talk_goes_on(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let person = uses(number(284, 0), "transfer", json!({ "target": "Billing" }));
    let campaign = ran(&dialer, &person).await;
    let told = told(&dialer);
    assert_eq!(told["success"], false);
    assert_eq!(
        told["message"],
        "There is no transfer target \"Billing\". There are: Sales Team, Support Team. Go on talking."
    );
    let recorder = dialer.simulator.recorder();
    assert!(recorder.legs().is_empty());
    let call = recorder.calls_to(&person.number).remove(0);
    let talked = call.ended_at.expect("over") - call.answered_at.expect("answered");
    let whole = i64::try_from(TALK_WITH_TOOL_MS).expect("small") / 40;
    assert!(talked.num_milliseconds() >= whole, "cut off after {talked}");
    let sums = transfers(&dialer, &campaign).await;
    assert_eq!(sums, json!({ "begun": 0, "completed": 0 }));
}

async fn a_callback_agreed_with_the_agent_is_made(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let person = uses(number(285, 0), "schedule-callback", json!({}));
    let campaign = ran(&dialer, &person).await;
    let told = told(&dialer);
    assert_eq!(told["success"], true, "{told}");
    let message = told["message"].as_str().expect("a sentence");
    assert!(
        message.starts_with("The person will be called back on "),
        "{message}"
    );
    let calls = dialer.simulator.recorder().calls_to(&person.number);
    assert_eq!(calls.len(), 2, "the call and the callback");
    let stats = dialer.api.campaign(&campaign).await["stats"].take();
    assert_eq!(stats["callbackCount"], 1);
    let path = format!("/api/campaigns/{campaign}/statistics");
    let found = dialer.api.get(&path).await.ok()["statistics"].take();
    assert_eq!(found["callMetrics"]["callbacksScheduled"], 1);
    assert_eq!(found["outcomesMetrics"]["callbackRequests"], 1);
}

async fn whoever_says_never_again_is_not_called_by_the_owners_next_campaign(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let person = uses(number(286, 0), "do-not-call", json!({}));
    ran(&dialer, &person).await;
    assert_eq!(
        told(&dialer),
        json!({ "success": true, "message": "This number will not be called again." })
    );
    ran(&dialer, &person).await;
    assert_eq!(
        dialer.simulator.recorder().calls_to(&person.number).len(),
        1
    );
}

async fn the_agent_learns_who_is_on_the_line(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let person = uses(number(287, 0), "get-contact", json!({}));
    dialer.rehearse(std::slice::from_ref(&person));
    let campaign = dialer.api.create_campaign(json!({})).await;
    let contact = json!({ "phoneNumber": person.number, "firstName": "John", "lastName": "Doe", "plan": "gold" });
    let path = format!("/api/v1/campaigns/{campaign}/contacts");
    dialer
        .api
        .post(&path, json!({ "contacts": [contact] }))
        .await
        .ok();
    dialer.api.command(&campaign, "start").await.ok();
    dialer.api.reaches(&campaign, "completed", PATIENCE).await;
    let known = json!({
        "name": "John Doe", "first_name": "John", "last_name": "Doe", "metadata": { "plan": "gold" },
    });
    assert_eq!(told(&dialer), json!({ "success": true, "contact": known }));
}

const TOOLS: [&str; 4] = [
    "transfer",
    "schedule-callback",
    "do-not-call",
    "get-contact",
];

fn address(tool: &str) -> String {
    format!("/webhooks/elevenlabs/tools/{tool}")
}

async fn tools_open_to_their_token_alone(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let token = SimulatorConfig::default().agent_tools_token;
    let body = json!({ "call_id": Uuid::now_v7(), "target": "Sales Team" });
    for tool in TOOLS {
        let path = address(tool);
        // An administrator's token is none of the tools', and the other way round.
        let longer = format!("{token}x");
        for wrong in [
            None,
            Some(crate::support::dialer::ADMIN_TOKEN),
            Some(&longer),
        ] {
            let asked = dialer
                .api_as(wrong)
                .request(Method::POST, &path)
                .json(&body);
            refusal(asked, 401, "unauthenticated").await;
        }
        let asked = dialer
            .api_as(Some(&token))
            .request(Method::POST, &path)
            .json(&body);
        let answered = answer(asked).await;
        match tool {
            "get-contact" => drop(answered.with(404)),
            _ => assert_eq!(
                answered.ok()["message"],
                "There is no such call in progress."
            ),
        }
    }
    dialer
        .api_as(Some(&token))
        .get("/api/campaigns")
        .await
        .with(401);
}

async fn a_tool_that_is_used_wrongly_says_everything_that_is_wrong(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let token = SimulatorConfig::default().agent_tools_token;
    let api = dialer.api_as(Some(&token));
    let wrong = async |tool: &str, body: Value| -> Map<String, Value> {
        let body = api.post(&address(tool), body).await.with(422);
        let errors = body["errors"].as_array().expect("a list").iter();
        let said = errors.map(|error| {
            let field = error["field"].as_str().expect("a field");
            (field.to_owned(), error["message"].clone())
        });
        said.collect()
    };
    let id = Uuid::now_v7();
    assert_eq!(
        Value::Object(wrong("transfer", json!({})).await),
        json!({ "call_id": "is required", "target": "is required" })
    );
    assert_eq!(
        Value::Object(wrong("transfer", json!({ "call_id": 5, "target": " \u{0} " })).await),
        json!({ "call_id": "must be a text", "target": "must not contain the character NUL" })
    );
    assert_eq!(
        Value::Object(
            wrong(
                "transfer",
                json!({ "call_id": id, "target": "x".repeat(256) })
            )
            .await
        ),
        json!({ "target": "must not have more than 255 characters" })
    );
    assert_eq!(
        Value::Object(
            wrong(
                "schedule-callback",
                json!({ "call_id": "me", "at": "tomorrow", "in_minutes": 0 })
            )
            .await
        ),
        json!({
            "call_id": "must be the dynamic variable call_id", "at": "must be a time such as 2030-06-03T15:30",
            "in_minutes": "must be a number from 1 to 525600",
        })
    );
    let both = json!({ "call_id": id, "at": "2030-06-03T15:30", "in_minutes": 5 });
    assert_eq!(
        Value::Object(wrong("schedule-callback", both).await),
        json!({ "in_minutes": "must be left out where `at` is given" })
    );
    // What models send for what they were not told is as good as nothing.
    let empty = json!({ "call_id": id, "at": "", "in_minutes": null });
    let answered = api.post(&address("schedule-callback"), empty).await.ok();
    assert_eq!(answered["message"], "There is no such call in progress.");
    for tool in ["do-not-call", "get-contact"] {
        assert_eq!(
            Value::Object(wrong(tool, json!({ "call_id": null })).await),
            json!({ "call_id": "cannot be null" })
        );
    }
}

async fn without_a_token_the_tools_are_off(stack: Stack) {
    let options = Options {
        without: vec!["ELEVENLABS_TOOLS_TOKEN"],
        ..Options::default()
    };
    let dialer = Dialer::start(stack, options).await;
    for tool in TOOLS {
        let token = SimulatorConfig::default().agent_tools_token;
        let api = dialer.api_as(Some(&token));
        let asked = api
            .request(Method::POST, &address(tool))
            .json(&json!({ "call_id": Uuid::now_v7() }));
        let refused = refusal(asked, 403, "forbidden").await;
        let message = refused["message"].as_str().expect("a sentence");
        assert!(message.contains("ELEVENLABS_TOOLS_TOKEN"), "{message}");
    }
}
