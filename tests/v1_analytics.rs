//! Analytics of the second generation: what they hold, whose they are, and which ranges there are.

mod carrier;
mod zones;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, Api, answer};
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    where_nobody_was_called_every_figure_is_zero,
    everybody_sees_their_own_calls_and_administrators_see_all,
    ranges_are_days_of_the_zone_that_is_asked_for,
    everything_wrong_with_a_question_is_told_at_once,
    the_edges_of_time_can_be_asked_about,
);

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
/// What the document asks for.
const SEED: [&str; 11] = [
    "totalCalls",
    "completedCalls",
    "failedCalls",
    "inProgressCalls",
    "successRate",
    "averageDuration",
    "totalDuration",
    "callTrends",
    "callsOverTime",
    "byStatus",
    "byDirection",
];
const ZONE: &str = "Asia/Kathmandu";

async fn asked(api: &Api, side: &str, query: &[(&str, &str)]) -> Answer {
    let path = format!("/api/v1/analytics/{side}");
    answer(api.request(Method::GET, &path).query(query)).await
}

async fn analytics(api: &Api, side: &str, query: &[(&str, &str)]) -> Value {
    let mut body = asked(api, side, query).await.ok();
    assert_eq!(body["success"], true);
    body["data"].take()
}

fn names(value: &Value) -> BTreeSet<&str> {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
}

/// The figures that all sides have.
fn glance(found: &Value) -> Value {
    let all = SEED.iter().chain(&["range", "timezone"]);
    all.map(|name| ((*name).to_owned(), found[*name].clone()))
        .collect()
}

async fn where_nobody_was_called_every_figure_is_zero(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let found = analytics(&dialer.api, "dashboard", &[]).await;
    let mut expected: BTreeSet<&str> = SEED.into();
    expected.extend(["range", "timezone"]);
    assert_eq!(names(&found), expected);
    for figure in &SEED[..4] {
        assert_eq!(found[*figure], 0, "{figure}");
    }
    assert_eq!(found["successRate"], 0.0);
    assert_eq!(
        (&found["averageDuration"], &found["totalDuration"]),
        (&json!(0), &json!(0))
    );
    let by_status = json!({ "completed": 0, "failed": 0, "no-answer": 0, "busy": 0 });
    assert_eq!(found["byStatus"], by_status);
    assert_eq!(found["byDirection"], json!({ "inbound": 0, "outbound": 0 }));
    let hours = found["callTrends"].as_array().expect("a list");
    assert_eq!(hours.len(), 24);
    assert_eq!(hours[0], json!({ "time": "00:00", "calls": 0 }));
    assert_eq!(hours[23], json!({ "time": "23:00", "calls": 0 }));
    let days = &found["callsOverTime"];
    assert_eq!(days["data"], json!(vec![0; 30]));
    assert_eq!(days["labels"].as_array().map(Vec::len), Some(30));
    assert_eq!(days["labels"][29], json!(Utc::now().date_naive()));
    assert_eq!(found["timezone"], "UTC");
    for side in SIDES {
        let all = analytics(&dialer.api, side, &[]).await;
        assert_eq!(glance(&all), found, "{side}");
    }
    let found = analytics(&dialer.api, "performance", &[]).await;
    for nothing in ["connectTimePercentiles", "durationPercentiles"] {
        assert_eq!(found[nothing], Value::Null);
    }
    let found = analytics(&dialer.api, "retry", &[]).await;
    assert_eq!(found["averageAttemptsUntilReached"], Value::Null);
    assert_eq!(
        found["pendingRetries"],
        json!({ "total": 0, "isCapped": false, "byHour": [] })
    );
}

async fn everybody_sees_their_own_calls_and_administrators_see_all(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let (campaign, seen) = carrier::ran(&dialer, 264).await;
    let (ann, bob) = (
        dialer.create_user("ann", "user"),
        dialer.create_user("bob", "user"),
    );
    let hers = ann.api.create_campaign(json!({ "name": "hers" })).await;
    let path = format!("/api/v1/campaigns/{campaign}");
    let owner = dialer.api.get(&path).await.ok()["data"]["userId"]["_id"].take();
    let owner = owner.as_str().expect("an id");
    for side in SIDES {
        let total = async |api: &Api, query: &[(&str, &str)]| {
            let mut found = analytics(api, side, query).await;
            found["totalCalls"].take()
        };
        assert_eq!(total(&dialer.api, &[]).await, seen.len(), "{side}");
        assert_eq!(
            total(&dialer.api, &[("userId", &ann.id)]).await,
            0,
            "{side}"
        );
        assert_eq!(total(&ann.api, &[]).await, 0, "{side}");
        assert_eq!(total(&ann.api, &[("userId", &ann.id)]).await, 0, "{side}");
        assert_eq!(total(&ann.api, &[("campaignId", &hers)]).await, 0, "{side}");
        let refused = asked(&ann.api, side, &[("userId", &bob.id)])
            .await
            .with(403);
        assert_eq!(refused["code"], "forbidden");
        asked(&ann.api, side, &[("userId", "nobody")])
            .await
            .with(403);
        for theirs in [&*campaign, &hers] {
            let refused = asked(&bob.api, side, &[("campaignId", theirs)])
                .await
                .with(404);
            assert_eq!(refused["code"], "campaign_not_found");
        }
        let query = [("campaignId", &*hers), ("userId", &*bob.id)];
        asked(&dialer.api, side, &query).await.with(404);
        let refused = asked(&dialer.api, side, &[("userId", "nobody")])
            .await
            .with(422);
        assert_eq!(refused["errors"][0]["field"], "userId");
        asked(&dialer.api_as(None), side, &[]).await.with(401);
    }
    let found = analytics(&dialer.api, "dashboard", &[("userId", owner)]).await;
    assert_eq!(found["totalCalls"], seen.len());
}

async fn ranges_are_days_of_the_zone_that_is_asked_for(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let campaign = dialer
        .api
        .create_campaign(json!({ "timezone": ZONE }))
        .await;
    let days = [("startDate", "2030-01-01"), ("endDate", "2030-01-31")];
    let range = async |more: &[(&str, &str)]| {
        let query: Vec<(&str, &str)> = days.iter().chain(more).copied().collect();
        let mut found = analytics(&dialer.api, "dashboard", &query).await;
        assert_eq!(found["callsOverTime"]["labels"][30], "2030-01-31");
        assert_eq!(
            found["callsOverTime"]["labels"].as_array().map(Vec::len),
            Some(31)
        );
        found["range"].take()
    };
    let utc = json!({ "from": "2030-01-01T00:00:00Z", "to": "2030-02-01T00:00:00Z" });
    assert_eq!(range(&[]).await, utc);
    let chicago = json!({ "from": "2030-01-01T06:00:00Z", "to": "2030-02-01T06:00:00Z" });
    assert_eq!(range(&[("timezone", "America/Chicago")]).await, chicago);
    let kathmandu = json!({ "from": "2029-12-31T18:15:00Z", "to": "2030-01-31T18:15:00Z" });
    assert_eq!(range(&[("campaignId", &campaign)]).await, kathmandu);
    let both = [("campaignId", &*campaign), ("timezone", "UTC")];
    assert_eq!(
        range(&both).await,
        utc,
        "what is asked for outranks the campaign's"
    );
    let instants = [
        ("startDate", "2030-01-01T10:07:00+05:45"),
        ("endDate", "2030-01-01T09:59:59Z"),
    ];
    let found = analytics(&dialer.api, "trends", &instants).await;
    let quarters = json!({ "from": "2030-01-01T04:15:00Z", "to": "2030-01-01T10:00:00Z" });
    assert_eq!(found["range"], quarters);
    assert_eq!(found["days"].as_array().map(Vec::len), Some(1));
    let covered = async |query: &[(&str, &str)]| {
        let found = analytics(&dialer.api, "dashboard", query).await;
        let at = |side: &str| -> DateTime<Utc> {
            found["range"][side]
                .as_str()
                .and_then(|text| text.parse().ok())
                .expect("an instant")
        };
        (at("from"), at("to"))
    };
    let (from, to) = covered(&[
        ("startDate", ""),
        ("endDate", ""),
        ("userId", ""),
        ("timezone", ""),
    ])
    .await;
    assert_eq!(to - from, TimeDelta::days(30));
    assert!(
        to > Utc::now() && to <= Utc::now() + TimeDelta::days(1),
        "{to}"
    );
    let (from, to) = covered(&[("endDate", "2020-03-31")]).await;
    assert_eq!(to - from, TimeDelta::days(30));
    let yesterday = (Utc::now() - TimeDelta::days(1)).date_naive().to_string();
    let (from, to) = covered(&[("startDate", &yesterday)]).await;
    assert_eq!(to - from, TimeDelta::days(2));
    let leap_year = [("startDate", "2028-01-01"), ("endDate", "2028-12-31")];
    let (from, to) = covered(&leap_year).await;
    assert_eq!(to - from, TimeDelta::days(366));
}

/// A query, and the fields that are wrong in it.
type Question<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);

async fn everything_wrong_with_a_question_is_told_at_once(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let long = "2".repeat(5_000);
    let questions: [Question; 8] = [
        (
            &[
                ("userId", "\0"),
                ("campaignId", "campaign-123"),
                ("timezone", "Mars/Olympus"),
                ("startDate", "yesterday"),
                ("endDate", "31.01.2030"),
            ],
            &["userId", "campaignId", "timezone", "startDate", "endDate"],
        ),
        (
            &[("startDate", "2030-01-02"), ("endDate", "2030-01-01")],
            &["endDate"],
        ),
        (
            &[("startDate", "2028-01-01"), ("endDate", "2029-01-01")],
            &["startDate"],
        ),
        (&[("startDate", "1999-01-01")], &["startDate"]),
        (
            &[("startDate", "\0"), ("endDate", &long)],
            &["startDate", "endDate"],
        ),
        (&[("timezone", "\0")], &["timezone"]),
        (
            &[("timezone", &long), ("campaignId", &long)],
            &["campaignId", "timezone"],
        ),
        (
            &[("userId", "nobody"), ("endDate", "2030-02-30")],
            &["userId", "endDate"],
        ),
    ];
    for side in SIDES {
        for (query, wrong) in questions {
            let body = asked(&dialer.api, side, query).await.with(422);
            let errors = body["errors"].as_array().expect("errors").iter();
            let named: Vec<&str> = errors
                .map(|error| error["field"].as_str().expect("a field"))
                .collect();
            assert_eq!(named, wrong, "{side}: {body}");
        }
        let nobody = uuid::Uuid::nil().to_string();
        asked(&dialer.api, side, &[("campaignId", &nobody)])
            .await
            .with(404);
        let twice = [("startDate", "2030-01-01"), ("startDate", "2030-01-02")];
        asked(&dialer.api, side, &twice).await.with(422);
    }
}

/// Nothing of it is a mistake of ours.
async fn the_edges_of_time_can_be_asked_about(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    for query in [
        [
            ("startDate", "1970-01-01"),
            ("endDate", "1970-01-01"),
            ("timezone", "Pacific/Apia"),
        ],
        [
            ("startDate", "2999-12-30"),
            ("endDate", "2999-12-30"),
            ("timezone", "Pacific/Apia"),
        ],
        [
            ("startDate", "2011-12-29"),
            ("endDate", "2011-12-31"),
            ("timezone", "Pacific/Apia"),
        ],
    ] {
        let status = asked(&dialer.api, "trends", &query).await.status.as_u16();
        assert!(status == 200 || status == 422, "{query:?}: {status}");
    }
}
