//! What a campaign comes to.

use serde_json::json;
use simulator::Behaviour;

use super::{NOBODY, get};
use crate::support::campaign::run;
use crate::support::people::{TALK_MS, alike};
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(statistics_are_answered_as_agreed);

async fn statistics_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let range = "fromDate=2030-01-01&toDate=2030-01-31";
    let dates = json!({ "startDate": "2030-01-01", "endDate": "2030-01-31", "timezone": "America/Chicago" });
    let none = api.create_campaign(dates).await;
    let none = format!("/api/campaigns/{none}/statistics?{range}");
    agreed("statistics_none", get(api, &none)).await;
    // One call alone falls into one hour of one day.
    let answers = Behaviour::Answer { talk_ms: TALK_MS };
    let campaign = run(&dialer, &alike(298, 1, &answers)).await;
    let path = format!("/api/campaigns/{campaign}/statistics");
    agreed("statistics", get(api, &path)).await;
    let wrong = format!("{path}?fromDate=yesterday&toDate=2030-02-30");
    agreed("statistics_invalid", get(api, &wrong)).await;
    let nobodys = format!("/api/campaigns/{NOBODY}/statistics");
    agreed("statistics_not_found", get(api, &nobodys)).await;
}
