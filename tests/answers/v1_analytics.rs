//! Calls seen from eight sides. Where nobody was called: what calls come to differs from run to run.

use super::{NOBODY, get};
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(analytics_are_answered_as_agreed);

const SIDES: [&str; 8] = [
    "dashboard",
    "calls",
    "retry",
    "scheduling",
    "voicemail",
    "performance",
    "cost",
    "trends",
];

async fn analytics_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("meera", "user").api;
    for side in SIDES {
        let path = format!("/api/v1/analytics/{side}");
        let name = |what: &str| format!("v1_analytics_{side}{what}");
        let days = "startDate=2030-01-30&endDate=2030-01-31&timezone=Asia/Kolkata";
        agreed(&name("_none"), get(api, &format!("{path}?{days}"))).await;
        let wrong = "startDate=soon&endDate=2030-02-30&timezone=IST&campaignId=1";
        agreed(&name("_invalid"), get(api, &format!("{path}?{wrong}"))).await;
    }
    let path = "/api/v1/analytics/dashboard";
    for (name, query) in [
        ("v1_analytics_not_found", format!("campaignId={NOBODY}")),
        ("v1_analytics_forbidden", format!("userId={NOBODY}")),
        (
            "v1_analytics_backwards",
            "startDate=2030-01-31&endDate=2030-01-30".to_owned(),
        ),
        (
            "v1_analytics_too_long",
            "startDate=2029-01-01&endDate=2030-01-02".to_owned(),
        ),
    ] {
        agreed(name, get(api, &format!("{path}?{query}"))).await;
    }
}
