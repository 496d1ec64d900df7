//! Single calls that are not placed, and verdicts that are not taken.

use futures::future::join_all;
use serde_json::json;
use simulator::{Behaviour, Fault, Trigger};

use super::{get, post};
use crate::support::people::{TALK_MS, alike, number};
use crate::support::providers::ENDLESS_MS;
use crate::support::single::{call, once, over, start};
use crate::support::snapshot::{agreed, answered_as_agreed};
use crate::support::{Dialer, Stack, on_both_stacks};

on_both_stacks!(
    calls_that_are_not_placed_are_answered_as_agreed,
    too_many_calls_are_answered_as_agreed,
    verdicts_are_answered_as_agreed
);

const OUTBOUND: &str = "/api/v1/calls/outbound";

fn to(dialer: &Dialer, number: &str) -> reqwest::RequestBuilder {
    post(&dialer.api, OUTBOUND, &json!({ "phoneNumber": number }))
}

async fn calls_that_are_not_placed_are_answered_as_agreed(stack: Stack) {
    let dialer = start(stack).await;
    let shy = number(332, 0);
    let placed = call(&dialer, &shy, Behaviour::AskDoNotCall { talk_ms: TALK_MS }).await;
    over(&dialer, &placed["_id"]).await;
    agreed("v1_call_number_suppressed", to(&dialer, &shy)).await;
    dialer.rehearse(&alike(333, 1, &Behaviour::InvalidNumber));
    let nobodys = to(&dialer, &number(333, 0));
    agreed("v1_call_number_refused", nobodys).await;
    let faults = dialer.simulator.faults();
    for (name, fault) in [
        ("v1_call_carrier_refuses", Fault::CreateUnauthorized),
        // The last: after it the carrier is left in peace for a moment.
        ("v1_call_carrier_unavailable", Fault::CreateTooManyRequests),
    ] {
        faults.set(fault, Trigger::times(1));
        agreed(name, to(&dialer, &number(334, 0))).await;
    }
}

async fn too_many_calls_are_answered_as_agreed(stack: Stack) {
    const AT_ONCE: usize = 20;
    let dialer = start(stack).await;
    dialer.rehearse(&alike(335, AT_ONCE, &Behaviour::Busy));
    let calls = (0..AT_ONCE).map(|index| to(&dialer, &number(335, index)).send());
    let answers = join_all(calls).await.into_iter();
    let mut answers = answers.map(|answer| answer.expect("an answer"));
    let sent_away = answers.find(|answer| answer.status() != 201);
    let sent_away = sent_away.expect("too many");
    answered_as_agreed("v1_call_too_many", sent_away).await;
}

async fn verdicts_are_answered_as_agreed(stack: Stack) {
    let dialer = start(stack).await;
    let api = &dialer.api;
    let path = |id: &serde_json::Value, what: &str| {
        format!("/api/v1/calls/{}/{what}", id.as_str().expect("an id"))
    };
    let talks = Behaviour::Answer {
        talk_ms: ENDLESS_MS,
    };
    let live = call(&dialer, &number(336, 1), talks).await;
    once(&dialer, &live["_id"], |call| call["answeredBy"] == "human").await;
    let (mark, analysis) = ("mark-false-positive", "voicemail-analysis");
    let yes = json!({ "isFalsePositive": true });
    let early = post(api, &path(&live["_id"], mark), &yes);
    agreed("v1_false_positive_of_a_live_call", early).await;
    let machine = call(&dialer, &number(336, 2), Behaviour::Voicemail).await;
    over(&dialer, &machine["_id"]).await;
    let marked = path(&machine["_id"], mark);
    post(api, &marked, &yes).send().await.expect("an answer");
    let shown = path(&machine["_id"], analysis);
    agreed("v1_voicemail_analysis_of_a_person", get(api, &shown)).await;
    let no = json!({ "isFalsePositive": false });
    let taken_back = post(api, &marked, &no);
    agreed("v1_false_positive_taken_back", taken_back).await;
    let wrong = json!({ "isFalsePositive": "yes" });
    agreed("v1_false_positive_no_truth", post(api, &marked, &wrong)).await;
    let busy = call(&dialer, &number(336, 3), Behaviour::Busy).await;
    over(&dialer, &busy["_id"]).await;
    let nobody = path(&busy["_id"], analysis);
    agreed("v1_voicemail_analysis_of_nobody", get(api, &nobody)).await;
}
