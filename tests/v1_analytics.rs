//! Analytics of the second generation: what they hold, whose they are, and which ranges there are.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, TimeDelta, Timelike, Utc};
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use simulator::RecordedCall;
use simulator::recorder::EndStatus;

use crate::support::api::{Answer, Api, answer};
use crate::support::people::mixed;
use crate::support::promises::begun_at;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    where_nobody_was_called_every_figure_is_zero,
    all_eight_sides_show_what_the_carrier_saw,
    everybody_sees_their_own_calls_and_administrators_see_all,
    ranges_are_days_of_the_zone_that_is_asked_for,
    everything_wrong_with_a_question_is_told_at_once,
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
const PATIENCE: Duration = Duration::from_secs(90);

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

/// A whole campaign of people of all kinds; the calls as the carrier saw them.
async fn ran(dialer: &Dialer, area: u16) -> (String, Vec<RecordedCall>) {
    let people = mixed(area, 24);
    dialer.rehearse(&people);
    let campaign = dialer
        .api
        .create_campaign(json!({ "timezone": ZONE, "maxConcurrentCalls": 12 }))
        .await;
    dialer.api.add(&campaign, &people).await;
    dialer.api.command(&campaign, "start").await.ok();
    dialer.api.reaches(&campaign, "completed", PATIENCE).await;
    let recorder = dialer.simulator.recorder();
    let calls = people
        .iter()
        .flat_map(|person| recorder.calls_to(&person.number));
    (
        campaign,
        calls.filter(|call| call.sid().is_some()).collect(),
    )
}

async fn all_eight_sides_show_what_the_carrier_saw(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let (campaign, seen) = ran(&dialer, 263).await;
    let query = [("campaignId", &*campaign)];
    let found = analytics(&dialer.api, "dashboard", &query).await;
    let ended = |status| {
        let calls = seen.iter().filter(|call| call.end_status == Some(status));
        calls.count()
    };
    let completed = ended(EndStatus::Completed);
    assert!(completed > 10, "people were reached");
    assert_eq!(found["totalCalls"], seen.len());
    assert_eq!(found["completedCalls"], completed);
    assert_eq!(found["failedCalls"], seen.len() - completed);
    assert_eq!(found["inProgressCalls"], 0);
    let by_status = json!({ "completed": completed, "failed": ended(EndStatus::Failed),
        "no-answer": ended(EndStatus::NoAnswer), "busy": ended(EndStatus::Busy) });
    assert_eq!(found["byStatus"], by_status);
    assert_eq!(
        found["byDirection"],
        json!({ "inbound": 0, "outbound": seen.len() })
    );
    assert_eq!(found["timezone"], ZONE, "the campaign's");
    let zone = FixedOffset::east_opt(5 * 3_600 + 45 * 60).expect("an offset");
    for (hour, entry) in (0..).zip(found["callTrends"].as_array().expect("a list")) {
        let then = seen
            .iter()
            .filter(|call| begun_at(call).with_timezone(&zone).hour() == hour);
        assert_eq!(
            *entry,
            json!({ "time": format!("{hour:02}:00"), "calls": then.count() })
        );
    }
    for side in SIDES {
        let side = analytics(&dialer.api, side, &query).await;
        assert_eq!(glance(&side), found);
    }
    assert_own_figures(&dialer, &campaign, &seen).await;
    // First generation and second count alike.
    let path = format!("/api/campaigns/{campaign}/statistics");
    let first = dialer.api.get(&path).await.ok()["statistics"].take();
    assert_eq!(
        first["outcomesMetrics"]["conversionRate"],
        found["successRate"]
    );
    assert_eq!(
        first["callMetrics"]["averageCallDuration"],
        found["averageDuration"]
    );
    let machines = analytics(&dialer.api, "voicemail", &query).await;
    assert_eq!(
        first["outcomesMetrics"]["voicemails"],
        machines["voicemails"]
    );
    let quickly = analytics(&dialer.api, "performance", &query).await;
    assert_eq!(
        first["callMetrics"]["averageWaitTime"],
        quickly["averageConnectTime"]
    );
}

fn sum(list: &Value, name: &str) -> i64 {
    let list = list.as_array().expect("a list").iter();
    list.map(|entry| entry[name].as_i64().expect("a count"))
        .sum()
}

async fn assert_own_figures(dialer: &Dialer, campaign: &str, seen: &[RecordedCall]) {
    let query = [("campaignId", campaign)];
    let of = async |side| analytics(&dialer.api, side, &query).await;
    let all = seen.len() as i64;
    let found = of("calls").await;
    let excluding = [
        "answered",
        "voicemail",
        "busy",
        "no_answer",
        "failed",
        "withoutAgent",
    ];
    let outcomes = excluding.map(|name| found["byOutcome"][name].as_i64().expect("a count"));
    assert_eq!(outcomes.iter().sum::<i64>(), all);
    assert!(outcomes[..5].iter().all(|count| *count > 0), "{outcomes:?}");
    assert_eq!(sum(&found["byHour"], "calls"), all);
    let found = of("retry").await;
    let to_each = |number: &str| seen.iter().filter(|call| &*call.to == number).count();
    let numbers: BTreeSet<&str> = seen.iter().map(|call| &*call.to).collect();
    let nth = |n: usize| numbers.iter().filter(|number| to_each(number) >= n).count();
    for (index, attempt) in (1..).zip(found["byAttempt"].as_array().expect("a list")) {
        assert_eq!(attempt["attempt"], index);
        assert_eq!(attempt["calls"], nth(index));
    }
    assert_eq!(found["retries"]["calls"], seen.len() - nth(1));
    assert_eq!(sum(&found["byAttempt"], "reached"), outcomes[0]);
    let found = of("scheduling").await;
    assert_eq!(sum(&found["byWeekdayAndHour"], "calls"), all);
    assert_eq!(found["nextOpenings"], json!([]), "it is over");
    let found = of("voicemail").await;
    assert_eq!(found["voicemails"], outcomes[1]);
    assert_eq!(
        (&found["falsePositives"], &found["falsePositiveRate"]),
        (&json!(0), &json!(0.0))
    );
    assert_eq!(sum(&found["voicemailsByHour"], "voicemails"), outcomes[1]);
    let found = of("performance").await;
    assert_eq!(found["byAgent"][0]["agentId"], "agent_demo");
    assert_eq!(found["byAgent"][0]["calls"], all);
    assert_eq!(found["byNumber"][0]["number"], "+12025550100");
    for times in ["connectTimePercentiles", "durationPercentiles"] {
        let told = ["p50", "p90", "p95", "p99"].map(|p| found[times][p].as_f64().expect("seconds"));
        assert!(told.is_sorted() && told[0] > 0.0, "{times}: {told:?}");
    }
    // The carrier tells prices only where it is asked about a call; these are told by the test.
    let db = dialer.database().await;
    db.execute_unprepared(PRICES).await.expect("prices");
    assert_costs(&of("cost").await, campaign, all);
    let found = of("trends").await;
    assert_eq!(sum(&found["days"], "calls"), all);
    assert_eq!(
        found["days"][0]["change"]["calls"],
        json!({ "absolute": null, "relative": null })
    );
    let last = found["days"]
        .as_array()
        .and_then(|days| days.last())
        .expect("a day");
    assert!(last["change"]["calls"]["absolute"].is_i64(), "{last}");
}

/// 0.009 EUR for every call.
const PRICES: &str = "INSERT INTO call_detail_rollups (campaign_id, bucket, owner_id, attempt, direction, carrier, \
    agent_id, from_number, price_unit, priced, price_micros) \
    SELECT campaign_id, bucket, owner_id, attempt, direction, carrier, agent_id, from_number, 'EUR', calls, calls * 9000 \
    FROM call_detail_rollups WHERE price_unit = '' AND calls > 0";

fn assert_costs(found: &Value, campaign: &str, calls: i64) {
    let in_eur = |list: &str| -> Vec<&Value> {
        let list = found[list].as_array().expect("a list").iter();
        list.filter(|entry| entry["currency"] == "EUR").collect()
    };
    let amount = (calls * 9_000) as f64 / 1e6;
    let (total, successful) = (in_eur("costs")[0], &found["successfulCalls"]);
    assert_eq!(
        (&total["amount"], &total["calls"]),
        (&json!(amount), &json!(calls))
    );
    assert_eq!(total["perCall"], 0.009);
    let per_success = amount / successful.as_f64().expect("a count");
    assert!((total["perSuccess"].as_f64().expect("an amount") - per_success).abs() < 1e-6);
    let days = in_eur("costByDay");
    assert!(days.iter().all(|day| day["date"].is_string()));
    assert_eq!(
        days.iter()
            .filter_map(|day| day["calls"].as_i64())
            .sum::<i64>(),
        calls
    );
    let of_campaign = json!({ "campaignId": campaign, "campaignName": "A campaign under test",
        "currency": "EUR", "amount": amount, "calls": calls });
    assert_eq!(in_eur("costByCampaign"), [&of_campaign]);
    let of_carrier =
        json!({ "carrier": "signalwire", "currency": "EUR", "amount": amount, "calls": calls });
    assert_eq!(in_eur("costByCarrier"), [&of_carrier]);
    let credits = &found["credits"];
    assert!(credits["total"].as_i64() > Some(0), "{credits}");
    assert_eq!(
        Some(sum(&credits["byDay"], "credits")),
        credits["total"].as_i64()
    );
}

async fn everybody_sees_their_own_calls_and_administrators_see_all(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let (campaign, seen) = ran(&dialer, 264).await;
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

async fn everything_wrong_with_a_question_is_told_at_once(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let long = "2".repeat(5_000);
    let questions: [(&[(&str, &str)], &[&str]); 8] = [
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
        asked(&dialer.api, side, &twice).await.with(400);
    }
    // The edges of what can be asked: nothing of it is a mistake of ours.
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
