//! Calls that a machine answered, or not.

use serde_json::json;
use simulator::Behaviour;

use super::{NOBODY, get, post};
use crate::support::people::{TALK_MS, number};
use crate::support::single::{call, over, start};
use crate::support::snapshot::agreed;
use crate::support::{Stack, on_both_stacks};

on_both_stacks!(machines_are_answered_as_agreed);

async fn machines_are_answered_as_agreed(stack: Stack) {
    let dialer = start(stack).await;
    let api = &dialer.api;
    let machine = call(&dialer, &number(320, 1), Behaviour::Voicemail).await;
    let person = Behaviour::Answer { talk_ms: TALK_MS };
    let person = call(&dialer, &number(320, 2), person).await;
    for placed in [&machine, &person] {
        over(&dialer, &placed["_id"]).await;
    }
    let path = |id: &str, what: &str| format!("/api/v1/calls/{id}/{what}");
    let machine = machine["_id"].as_str().expect("an id");
    let person = person["_id"].as_str().expect("an id");
    let analysis = "voicemail-analysis";
    agreed("v1_voicemail_analysis", get(api, &path(machine, analysis))).await;
    let nobodys = path(NOBODY, analysis);
    agreed("v1_voicemail_analysis_not_found", get(api, &nobodys)).await;
    let mark = "mark-false-positive";
    let yes = json!({ "isFalsePositive": true });
    for (name, id, body) in [
        ("v1_false_positive_marked", machine, &yes),
        ("v1_false_positive_of_a_person", person, &yes),
        ("v1_false_positive_not_found", NOBODY, &yes),
        ("v1_false_positive_invalid", machine, &json!({})),
    ] {
        agreed(name, post(api, &path(id, mark), body)).await;
    }
    let figures = "/api/v1/calls/voicemail-stats";
    let none = format!("{figures}?startDate=2030-01-01&endDate=2030-01-31");
    agreed("v1_voicemail_stats_none", get(api, &none)).await;
    let wrong = format!("{figures}?startDate=soon&endDate=later&userId=me");
    agreed("v1_voicemail_stats_invalid", get(api, &wrong)).await;
    let user = &dialer.create_user("meera", "user").api;
    let others = format!("{figures}?userId={NOBODY}");
    agreed("v1_voicemail_stats_forbidden", get(user, &others)).await;
}
