//! Clients that do not wait for the answer to a single call: whom they asked for is called all the same, and once.

use std::collections::BTreeMap;

use entity::call;
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::json;
use simulator::{Behaviour, Fault, FaultTiming, RecordedCall, Trigger};

use crate::support::people::{Person, number};
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    a_client_that_hangs_up_has_its_call_placed_and_recorded_once,
    a_process_that_is_to_stop_finishes_the_call_that_nobody_waits_for,
);

/// A dialer that learns the carrier's name of a call from the carrier's answer alone: nothing is reported, and nothing
/// asked about, for longer than the test lasts.
async fn start(stack: Stack) -> Dialer {
    let env = BTreeMap::from([
        ("OUTBOUND_PHONE_NUMBER", "+12025550100".to_owned()),
        ("OUTBOUND_AGENT_ID", "agent_demo".to_owned()),
        ("CALL_CHECK_AFTER_S", "300".to_owned()),
        ("CALL_LOST_AFTER_S", "300".to_owned()),
    ]);
    let options = Options {
        env,
        ..Options::default()
    };
    let dialer = Dialer::start(stack, options).await;
    let faults = dialer.simulator.faults();
    faults.set_timing(FaultTiming {
        create_slow_ms: 3_000,
        ..FaultTiming::default()
    });
    for fault in [Fault::CreateSlow, Fault::CallbackDropped] {
        faults.set(fault, Trigger::share(1.0));
    }
    dialer
}

/// Asks for a call to `number`, and hangs up once the carrier has it and has not answered yet.
async fn ask_and_hang_up(dialer: &Dialer, number: &str) -> RecordedCall {
    dialer.rehearse(&[Person {
        number: number.to_owned(),
        // Nobody asks for a document, which would tell the name as well.
        script: vec![Behaviour::NoAnswer],
    }]);
    // A connection of its own, which breaks when the request is dropped.
    let request = dialer
        .api_as(Some(crate::support::dialer::ADMIN_TOKEN))
        .request(Method::POST, "/api/v1/calls/outbound")
        .json(&json!({ "phoneNumber": number }));
    let asking = tokio::spawn(request.send());
    let seen = eventually("the carrier has the call", PATIENCE, async || {
        dialer.simulator.recorder().calls_to(number).pop()
    })
    .await;
    asking.abort();
    let hung_up = asking.await;
    assert!(
        hung_up.is_err_and(|error| error.is_cancelled()),
        "it was answered before"
    );
    seen
}

/// The one call there is, once it goes by the name that the carrier gave it.
async fn is_recorded(dialer: &Dialer, seen: &RecordedCall) -> call::Model {
    let database = dialer.database().await;
    let mut calls = eventually("the carrier's name is known", PATIENCE, async || {
        let calls = call::Entity::find().all(&database).await.expect("calls");
        let is_named = calls.iter().any(|call| call.carrier_call_id.is_some());
        is_named.then_some(calls)
    })
    .await;
    assert_eq!(calls.len(), 1);
    let call = calls.remove(0);
    assert_eq!(Some(call.id), seen.call_id);
    let name = seen.sid().expect("a name").to_string();
    assert_eq!(call.carrier_call_id, Some(name));
    assert_eq!(dialer.simulator.recorder().len(), 1, "called once");
    call
}

async fn a_client_that_hangs_up_has_its_call_placed_and_recorded_once(stack: Stack) {
    let dialer = start(stack).await;
    let seen = ask_and_hang_up(&dialer, &number(331, 1)).await;
    let call = is_recorded(&dialer, &seen).await;
    // Whoever asks again is told that the person is in a call.
    let body = json!({ "phoneNumber": call.to_number });
    let again = dialer.api.post("/api/v1/calls/outbound", body).await;
    assert_eq!(again.with(409)["code"], "call_in_progress");
}

async fn a_process_that_is_to_stop_finishes_the_call_that_nobody_waits_for(stack: Stack) {
    let mut dialer = start(stack).await;
    let seen = ask_and_hang_up(&dialer, &number(332, 1)).await;
    let mut web = dialer.web.take().expect("the API");
    web.terminate();
    assert_eq!(web.gone(PATIENCE).await, Some(0));
    is_recorded(&dialer, &seen).await;
}
