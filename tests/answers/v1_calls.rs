//! Single calls, and calls one by one: second generation.

use serde_json::{Value, json};
use simulator::Behaviour;

use super::{NOBODY, get, post};
use crate::support::people::{Person, TALK_MS, number};
use crate::support::single::{call, over, start, start_at};
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    single_calls_are_answered_as_agreed,
    unconfigured_single_calls_are_answered_as_agreed,
    calls_one_by_one_are_answered_as_agreed,
    candidates_are_answered_as_agreed
);

const OUTBOUND: &str = "/api/v1/calls/outbound";

async fn single_calls_are_answered_as_agreed(stack: Stack) {
    // It rings for as long as it really would: longer than the questions take.
    let dialer = start_at(stack, 1.0).await;
    let api = &dialer.api;
    let to = number(316, 1);
    dialer.rehearse(&[Person {
        number: to.clone(),
        script: vec![Behaviour::NoAnswer],
    }]);
    let body = json!({ "phoneNumber": to, "customParameters": { "name": "John" } });
    agreed("v1_call_placed", post(api, OUTBOUND, &body)).await;
    agreed("v1_call_in_progress", post(api, OUTBOUND, &body)).await;
    let wrong = json!({
        "phoneNumber": "call me", "region": "Mars", "customParameters": [], "phoneId": "", "agentId": 7,
    });
    agreed("v1_call_place_invalid", post(api, OUTBOUND, &wrong)).await;
    let unknown = json!({ "phoneNumber": to, "phoneId": "nobodys", "agentId": "nobody" });
    agreed("v1_call_place_unknown", post(api, OUTBOUND, &unknown)).await;
    let figures = "/api/v1/calls/outbound/stats";
    let none = format!("{figures}?startDate=2030-01-01&endDate=2030-01-31");
    agreed("v1_outbound_stats_none", get(api, &none)).await;
    let wrong = format!("{figures}?startDate=soon&endDate=later&userId=me");
    agreed("v1_outbound_stats_invalid", get(api, &wrong)).await;
    let user = &dialer.create_user("meera", "user").api;
    let others = format!("{figures}?userId={NOBODY}");
    agreed("v1_outbound_stats_forbidden", get(user, &others)).await;
}

async fn unconfigured_single_calls_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let body = json!({ "phoneNumber": number(316, 2) });
    agreed("v1_call_unconfigured", post(&dialer.api, OUTBOUND, &body)).await;
}

async fn calls_one_by_one_are_answered_as_agreed(stack: Stack) {
    let dialer = start(stack).await;
    let api = &dialer.api;
    let to = number(317, 1);
    let placed = call(&dialer, &to, Behaviour::Answer { talk_ms: TALK_MS }).await;
    let id = over(&dialer, &placed["_id"]).await["_id"].take();
    let id = id.as_str().expect("an id");
    agreed("v1_call", get(api, &format!("/api/v1/calls/{id}"))).await;
    let nobodys = format!("/api/v1/calls/{NOBODY}");
    agreed("v1_call_not_found", get(api, &nobodys)).await;
    let history = "/api/v1/calls/history";
    agreed("v1_call_history", get(api, &format!("{history}/{to}"))).await;
    let none = format!("{history}/{}", number(317, 2));
    agreed("v1_call_history_none", get(api, &none)).await;
    let wrong = format!("{history}/nobody?limit=101");
    agreed("v1_call_history_invalid", get(api, &wrong)).await;
}

async fn candidates_are_answered_as_agreed(stack: Stack) {
    let dialer = start(stack).await;
    let api = &dialer.api;
    let path = "/api/v1/calls/retriable";
    agreed("v1_retriable_none", get(api, path)).await;
    let placed: Value = call(&dialer, &number(318, 1), Behaviour::Busy).await;
    over(&dialer, &placed["_id"]).await;
    agreed("v1_retriable", get(api, path)).await;
    let figures = "/api/v1/calls/outbound/stats?startDate=2020-01-01";
    agreed("v1_outbound_stats", get(api, figures)).await;
    let wrong = "status=asleep&outcome=good&direction=up&startDate=soon&limit=1001";
    agreed("v1_retriable_invalid", get(api, &format!("{path}?{wrong}"))).await;
    let user = &dialer.create_user("meera", "user").api;
    let others = format!("{path}?userId={NOBODY}");
    agreed("v1_retriable_forbidden", get(user, &others)).await;
}
