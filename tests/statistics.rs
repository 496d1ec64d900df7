//! The statistics of a campaign: what they hold, which ranges there are, and who may ask.

mod carrier;

use chrono::{TimeDelta, Utc};
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::api::{Answer, answer};
use crate::support::campaign::run;
use crate::support::people::mixed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    a_campaign_without_calls_comes_to_nothing,
    dates_are_days_of_the_campaigns_zone,
    what_is_no_date_is_refused_by_field,
    somebody_elses_statistics_are_not_found,
    statistics_are_read_from_sums_and_not_from_calls,
);

async fn asked(dialer: &Dialer, campaign: &str, query: &[(&str, &str)]) -> Answer {
    let path = format!("/api/campaigns/{campaign}/statistics");
    answer(dialer.api.request(Method::GET, &path).query(query)).await
}

async fn statistics(dialer: &Dialer, campaign: &str, query: &[(&str, &str)]) -> Value {
    let mut body = asked(dialer, campaign, query).await.ok();
    assert_eq!(body["success"], true);
    assert_eq!(body["campaignId"], campaign);
    body["statistics"].take()
}

fn assert_no_calls(found: &Value) {
    assert_eq!(
        found["callMetrics"],
        json!({ "totalCalls": 0, "completedCalls": 0, "failedCalls": 0,
        "callbacksScheduled": 0, "transfersInitiated": 0, "transfersCompleted": 0, "averageCallDuration": 0,
        "averageWaitTime": 0.0 })
    );
    assert_eq!(
        found["outcomesMetrics"],
        json!({ "successfulOutcomes": 0, "callbackRequests": 0,
        "transferredToAgent": 0, "voicemails": 0, "noAnswers": 0, "conversionRate": 0.0 })
    );
    let times = &found["timeMetrics"];
    assert_eq!(
        times["callTimeDistribution"],
        json!({ "morning": 0, "afternoon": 0, "evening": 0 })
    );
    assert_eq!(times["peakCallHours"], json!([]));
    assert_eq!(found["performanceTrend"], json!([]));
}

async fn a_campaign_without_calls_comes_to_nothing(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let bare = dialer.api.create_campaign(json!({})).await;
    let found = statistics(&dialer, &bare, &[]).await;
    assert_no_calls(&found);
    let nobody = json!({ "totalContacts": 0, "contactedCount": 0, "contactedPercentage": 0.0,
        "remainingCount": 0, "activeCount": 0 });
    assert_eq!(found["contactMetrics"], nobody);
    let never = json!({ "total": null, "elapsed": null, "remaining": null });
    assert_eq!(found["timeMetrics"]["campaignDuration"], never);

    let now = Utc::now();
    let begin = (now - TimeDelta::days(15)).to_rfc3339();
    let end = (now + TimeDelta::days(15)).to_rfc3339();
    let dated = dialer
        .api
        .create_campaign(json!({ "startDate": begin, "endDate": end }))
        .await;
    dialer.api.add(&dated, &mixed(261, 3)).await;
    let found = statistics(&dialer, &dated, &[]).await;
    assert_no_calls(&found);
    let untouched = json!({ "totalContacts": 3, "contactedCount": 0, "contactedPercentage": 0.0,
        "remainingCount": 3, "activeCount": 0 });
    assert_eq!(found["contactMetrics"], untouched);
    let halfway = json!({ "total": "30 days", "elapsed": "15 days", "remaining": "15 days" });
    assert_eq!(found["timeMetrics"]["campaignDuration"], halfway);
}

async fn dates_are_days_of_the_campaigns_zone(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    for (zone, from, to) in [
        ("UTC", "2030-01-01T00:00:00Z", "2030-02-01T00:00:00Z"),
        (
            "Asia/Kolkata",
            "2029-12-31T18:30:00Z",
            "2030-01-31T18:30:00Z",
        ),
        (
            "America/Chicago",
            "2030-01-01T06:00:00Z",
            "2030-02-01T06:00:00Z",
        ),
    ] {
        let campaign = dialer
            .api
            .create_campaign(json!({ "timezone": zone }))
            .await;
        let january = [("fromDate", "2030-01-01"), ("toDate", "2030-01-31")];
        let found = statistics(&dialer, &campaign, &january).await;
        assert_eq!(found["range"], json!({ "from": from, "to": to }), "{zone}");
    }
    let campaign = dialer.api.create_campaign(json!({})).await;
    let instants = [
        ("fromDate", "2030-01-01T10:07:00+05:45"),
        ("toDate", "2030-01-01T09:59:59.5Z"),
    ];
    let found = statistics(&dialer, &campaign, &instants).await;
    let quarters = json!({ "from": "2030-01-01T04:15:00Z", "to": "2030-01-01T10:00:00Z" });
    assert_eq!(found["range"], quarters);
}

async fn what_is_no_date_is_refused_by_field(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let campaign = dialer.api.create_campaign(json!({})).await;
    let long = "2".repeat(5_000);
    for (from, to, wrong) in [
        ("yesterday", "", &["fromDate"][..]),
        ("", "31.01.2030", &["toDate"]),
        ("2030-02-30", "2030-13-01", &["fromDate", "toDate"]),
        ("2030-01-01T10:00:00", "\0", &["fromDate", "toDate"]),
        ("0000-01-01", "9999-12-31", &["fromDate", "toDate"]),
        (&long, "1735689600", &["fromDate", "toDate"]),
        ("2030-01-02", "2030-01-01", &["toDate"]),
        ("2030-01-01T10:00:00Z", "2030-01-01T09:00:00Z", &["toDate"]),
        ("2030-01-01", "soon", &["toDate"]),
    ] {
        let body = asked(&dialer, &campaign, &[("fromDate", from), ("toDate", to)])
            .await
            .with(422);
        let errors = body["errors"].as_array().expect("errors");
        let named: Vec<&str> = errors
            .iter()
            .map(|error| error["field"].as_str().expect("a field"))
            .collect();
        assert_eq!(named, wrong, "{from} to {to}: {body}");
    }
    let twice = [("fromDate", "2030-01-01"), ("fromDate", "2030-01-02")];
    let body = asked(&dialer, &campaign, &twice).await.with(422);
    assert_eq!(
        body["errors"][0]["message"],
        "must not be given more than once"
    );
}

async fn somebody_elses_statistics_are_not_found(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let (ann, bob) = (
        dialer.create_user("ann", "user"),
        dialer.create_user("bob", "user"),
    );
    let hers = ann.api.create_campaign(json!({})).await;
    let path = format!("/api/campaigns/{hers}/statistics");
    ann.api.get(&path).await.with(200);
    dialer.api.get(&path).await.with(200);
    for query in ["", "?fromDate=never"] {
        let refused = bob.api.get(&format!("{path}{query}")).await.with(404);
        assert_eq!(refused["code"], "campaign_not_found");
    }
    dialer.api_as(None).get(&path).await.with(401);
    for nothing in [uuid::Uuid::nil().to_string(), "campaign-123".to_owned()] {
        let path = format!("/api/campaigns/{nothing}/statistics");
        dialer.api.get(&path).await.with(404);
    }
    ann.api.delete(&format!("/api/campaigns/{hers}")).await.ok();
    ann.api.get(&path).await.with(404);
}

/// What costs the same after ten million calls does without the calls.
async fn statistics_are_read_from_sums_and_not_from_calls(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let campaign = run(&dialer, &mixed(262, 8)).await;
    let read = async || {
        let mut found = statistics(&dialer, &campaign, &[]).await;
        // A minute may have passed.
        found["timeMetrics"]["campaignDuration"] = Value::Null;
        found
    };
    let before = read().await;
    for figure in [
        "totalCalls",
        "completedCalls",
        "failedCalls",
        "callbacksScheduled",
    ] {
        let calls = before["callMetrics"][figure].as_i64();
        assert!(calls > Some(0), "{figure}: {before}");
    }
    let db = dialer.database().await;
    for table in ["conversations", "calls"] {
        let sql = format!("DELETE FROM {table}");
        db.execute_unprepared(&sql).await.expect("rows are deleted");
    }
    let calls = dialer
        .api
        .get(&format!("/api/campaigns/{campaign}/calls"))
        .await
        .ok();
    assert_eq!(calls["total"], 0);
    assert_eq!(read().await, before);
}
