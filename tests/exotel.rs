//! A second carrier beside the first: whose a number is decides who carries its calls.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use simulator::recorder::EndStatus;
use simulator::{Behaviour, ExotelAccount, Fault, Trigger};
use uuid::Uuid;

use crate::support::database::rows;
use crate::support::dialer::EXOTEL_TOKEN;
use crate::support::people::{Person, TALK_MS, number};
use crate::support::{Dialer, Options, Stack, campaign, eventually, on_both_stacks};

on_both_stacks!(
    its_numbers_are_in_the_directory_and_their_ids_resolve,
    each_campaign_calls_through_the_carrier_of_its_number,
    whoever_does_not_know_the_address_is_not_believed,
    a_machine_is_told_from_a_person_though_the_end_is_told_in_short,
    a_route_that_a_carrier_cannot_take_is_told_of_and_refused_at_the_start,
);

const ANSWER: Behaviour = Behaviour::Answer { talk_ms: TALK_MS };

/// A number of the account at Exotel.
fn exophone() -> String {
    ExotelAccount::default().numbers[0].phone_number.clone()
}

fn with_exotel() -> Options {
    let mut options = Options {
        has_exotel: true,
        ..Options::default()
    };
    options.env.insert("CALL_PRICE_AFTER_S", "1".to_owned());
    options
}

/// The log names the call as Exotel does, and once Exotel tells it, what the call cost.
async fn told_of_in_the_log(dialer: &Dialer, person: &Person) {
    let path = format!(
        "/api/v1/analytics/calls/logs?status=completed&phoneNumbers[]={}",
        person.number.replace('+', "%2B")
    );
    let call = eventually("a price", Duration::from_secs(60), async || {
        let found = dialer.api.get(&path).await.ok();
        let call = found["data"]["calls"][0].clone();
        call["cost"].is_string().then_some(call)
    })
    .await;
    let made = dialer.simulator.recorder().calls_to(&person.number);
    let sid = made[1].sid().expect("accepted").simple().to_string();
    assert_eq!(call["exotelCallSid"], sid);
    assert_eq!(call["callSid"], sid);
    // One rupee and a half per begun minute.
    let minutes = call["durationSec"].as_u64().expect("seconds").div_ceil(60);
    let cost: f64 = call["cost"]
        .as_str()
        .and_then(|text| text.parse().ok())
        .expect("a number");
    assert_eq!((cost / 1.5).round() as u64, minutes, "{call}");
    assert_eq!(call["currency"], "INR");
}

async fn each_campaign_calls_through_the_carrier_of_its_number(stack: Stack) {
    let dialer = Dialer::start(stack, with_exotel()).await;
    let abroad = Person {
        number: "+919876500281".to_owned(),
        script: vec![Behaviour::Busy, ANSWER],
    };
    let at_home = Person {
        number: number(284, 0),
        script: vec![ANSWER],
    };
    for (person, from, calls, carrier) in [
        (&abroad, exophone(), 2, "exotel"),
        (&at_home, "+12025550100".to_owned(), 1, "signalwire"),
    ] {
        let fields = json!({ "phoneNumber": from });
        let id = campaign::run_with(&dialer, fields, std::slice::from_ref(person)).await;
        let made = dialer.simulator.recorder().calls_to(&person.number);
        assert_eq!(made.len(), calls, "{carrier}");
        assert!(made.iter().all(|call| *call.from == *from), "{made:?}");
        assert_eq!(made[calls - 1].end_status, Some(EndStatus::Completed));
        let path = format!("/api/campaigns/{id}/contacts");
        let contacts = dialer.api.get(&path).await.ok();
        assert_eq!(contacts["contacts"][0]["status"], "completed", "{contacts}");
    }
    let db = dialer.database().await;
    let known = "SELECT carrier, status, carrier_call_id FROM calls ORDER BY begun_at";
    let known = rows(&db, known).await;
    let carriers: Vec<&Value> = known.iter().map(|call| &call["carrier"]).collect();
    assert_eq!(carriers, ["exotel", "exotel", "signalwire"]);
    assert!(known.iter().all(|call| call["carrier_call_id"].is_string()));
    told_of_in_the_log(&dialer, &abroad).await;
    let heard = "SELECT COUNT(*) AS n FROM webhook_inbox WHERE provider = 'exotel'";
    assert!(rows(&db, heard).await[0]["n"].as_i64() > Some(1));
    let said = dialer.output();
    assert!(!said.contains(EXOTEL_TOKEN), "a secret is logged");
}

async fn its_numbers_are_in_the_directory_and_their_ids_resolve(stack: Stack) {
    let dialer = Dialer::start(stack, with_exotel()).await;
    let owned = ExotelAccount::default().numbers.remove(0);
    let listed = dialer.api.get("/api/v1/phone-numbers").await.ok();
    assert_eq!(listed["warnings"], json!([]), "{listed}");
    let numbers = listed["data"].as_array().expect("a list");
    let of = |provider: &str| {
        numbers
            .iter()
            .filter(|number| number["provider"] == provider)
            .count()
    };
    assert_eq!((of("exotel"), of("signalwire")), (2, 4), "{listed}");
    let shown = numbers
        .iter()
        .find(|number| number["number"] == *owned.phone_number)
        .expect("the number");
    assert_eq!(shown["label"], *owned.friendly_name);
    // Exotel's name for a number is the number, as it is dialled within the country.
    let id = shown["_id"].as_str().expect("an id");
    assert_eq!(id, owned.phone_number.replacen("+91", "0", 1));

    let body = json!({
        "name": "By the carrier's id", "startDate": "2090-01-01",
        "phoneId": id, "agentId": "agent_demo",
    });
    let made = dialer.api.post("/api/v1/campaigns", body).await.with(201);
    let warnings = made["warnings"].as_array().expect("a list");
    assert_eq!(warnings.len(), 1, "{made}");
    let warning = warnings[0].as_str().expect("a sentence");
    assert!(warning.contains("a flow of Exotel's"), "{warning}");
    let path = format!(
        "/api/v1/campaigns/{}",
        made["data"]["_id"].as_str().expect("an id")
    );
    let shown = dialer.api.get(&path).await.ok();
    assert_eq!(shown["data"]["phoneId"]["number"], *owned.phone_number);

    // Without Exotel's account the id stands for nothing that could be asked for a call.
    let dialer = Dialer::start(stack, Options::default()).await;
    let body = json!({
        "name": "By an id of nobody's", "startDate": "2090-01-01",
        "phoneId": id, "agentId": "agent_demo",
    });
    let made = dialer.api.post("/api/v1/campaigns", body).await.with(201);
    assert_eq!(made["warnings"].as_array().map(Vec::len), Some(1), "{made}");
}

/// Tells, below `token`, that the call `id` is over.
async fn tell(dialer: &Dialer, token: &str, id: &str, body: &str) -> Response {
    let path = format!("/webhooks/exotel/{token}/calls/{id}/status");
    let request = dialer.api_as(None).request(Method::POST, &path);
    let request = request.header("content-type", "application/json");
    request
        .body(body.to_owned())
        .send()
        .await
        .expect("an answer")
}

/// What Exotel says of a call that is over, in short.
fn over_of(sid: &str) -> String {
    json!({ "CallSid": sid, "Status": "completed" }).to_string()
}

async fn whoever_does_not_know_the_address_is_not_believed(stack: Stack) {
    let dialer = Dialer::start(stack, with_exotel()).await;
    let person = Person {
        number: "+919876500282".to_owned(),
        script: vec![Behaviour::Answer { talk_ms: 4_000_000 }],
    };
    dialer.rehearse(std::slice::from_ref(&person));
    let fields = json!({ "phoneNumber": exophone(), "callAttemptsPerContact": 1 });
    let id = dialer.api.create_campaign(fields).await;
    dialer.api.add(&id, std::slice::from_ref(&person)).await;
    dialer.api.command(&id, "start").await.ok();
    let db = dialer.database().await;
    let patience = Duration::from_secs(20);
    let call = eventually("they talk", patience, async || {
        let found = rows(&db, "SELECT id, status FROM calls").await;
        let call = found.into_iter().next()?;
        (call["status"] == "in-progress").then_some(call)
    })
    .await;
    let call = dialer
        .simulator
        .recorder()
        .calls_to(&person.number)
        .remove(0)
        .call_id
        .unwrap_or_else(|| {
            call["id"]
                .as_str()
                .and_then(|id| id.parse().ok())
                .expect("our id")
        });
    let over = json!({
        "CallSid": "c5797dcb00000000000000000000aa01", "Status": "completed", "EventType": "terminal",
    })
    .to_string();
    for token in ["guessed-guessed-guessed-guessed", "%20", &EXOTEL_TOKEN[1..]] {
        let refused = tell(&dialer, token, &call.to_string(), &over).await;
        assert_eq!(refused.status(), 403, "{token}");
    }
    // A stranger's body is not read, however long; whoever is believed has 64 kB.
    let long = "x".repeat(9 << 20);
    let refused = tell(&dialer, &EXOTEL_TOKEN[1..], &call.to_string(), &long).await;
    assert_eq!(refused.status(), 403);
    for (id, body, status) in [
        (call.to_string(), "x".repeat(100_000), 413),
        (call.to_string(), "{".to_owned(), 400),
        (call.to_string(), json!({ "CallSid": "x" }).to_string(), 400),
        ("first".to_owned(), over.clone(), 404),
        (Uuid::now_v7().to_string(), over_of("stray"), 200),
    ] {
        let answer = tell(&dialer, EXOTEL_TOKEN, &id, &body).await;
        assert_eq!(answer.status(), status, "{id} {body}");
    }
    let found = rows(&db, "SELECT status FROM calls").await;
    assert_eq!(
        (found.len(), &found[0]["status"]),
        (1, &json!("in-progress"))
    );
    let shown = dialer
        .api_as(None)
        .request(Method::GET, "/metrics")
        .send()
        .await;
    let shown = shown.expect("an answer").text().await.expect("figures");
    let refused = r#"dialer_webhooks_total{provider="exotel",kind="status",status="403"} 4"#;
    assert!(shown.contains(refused), "{shown}");
    let told = tell(&dialer, EXOTEL_TOKEN, &call.to_string(), &over).await;
    assert_eq!(told.status(), 200);
    let found = rows(&db, "SELECT status FROM calls").await;
    assert_eq!(found[0]["status"], "completed");
}

async fn a_machine_is_told_from_a_person_though_the_end_is_told_in_short(stack: Stack) {
    let dialer = Dialer::start(stack, with_exotel()).await;
    let short = Fault::ExotelCallbackShort;
    dialer.simulator.faults().set(short, Trigger::always());
    let person = Person {
        number: "+919876500283".to_owned(),
        script: vec![Behaviour::Voicemail],
    };
    let fields = json!({ "phoneNumber": exophone(), "callAttemptsPerContact": 1 });
    campaign::run_with(&dialer, fields, std::slice::from_ref(&person)).await;
    assert!(dialer.simulator.faults().fired(short) > 0);
    let db = dialer.database().await;
    let calls = rows(&db, "SELECT outcome, answered_by, duration_s FROM calls").await;
    assert_eq!(calls.len(), 1);
    let call = &calls[0];
    assert_eq!(
        (&call["outcome"], &call["answered_by"]),
        (&json!("voicemail"), &json!("machine"))
    );
    assert!(call["duration_s"].is_number(), "{call}");
}

async fn a_route_that_a_carrier_cannot_take_is_told_of_and_refused_at_the_start(stack: Stack) {
    let dialer = Dialer::start(stack, with_exotel()).await;
    let body = json!({
        "name": "Over SIP", "phoneNumber": exophone(), "voiceAgentId": "agent_demo",
        "agentConfig": { "route": "sip", "language": "hi" },
    });
    let made = dialer.api.post("/api/campaigns", body).await.ok();
    let warnings = made["warnings"].as_array().expect("warnings");
    let told = |words: &str| {
        warnings
            .iter()
            .any(|told| told.as_str().is_some_and(|told| told.contains(words)))
    };
    assert!(told("Exotel dials no agent over SIP"), "{warnings:?}");
    assert!(
        told("language in agentConfig changes nothing"),
        "{warnings:?}"
    );
    let id = made["campaign"]["id"].as_str().expect("an id");
    let refused = dialer.api.command(id, "start").await.with(409);
    assert_eq!(refused["code"], "route_not_available");
    let path = format!("/api/campaigns/{id}");
    assert_eq!(
        dialer.api.get(&path).await.ok()["campaign"]["status"],
        "draft"
    );
    let change = json!({ "agentConfig": { "route": "stream" } });
    dialer.api.put(&path, change).await.ok();
    dialer.api.command(id, "start").await.ok();
}
