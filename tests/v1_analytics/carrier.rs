//! Analytics of a campaign, against the carrier's record of it.

use std::collections::BTreeSet;

use chrono::{FixedOffset, Timelike};
use serde_json::{Value, json};
use simulator::RecordedCall;
use simulator::recorder::EndStatus;

use super::{SIDES, ZONE, analytics, glance};
use crate::support::people::mixed;
use crate::support::promises::begun_at;
use crate::support::{Dialer, PATIENCE, Stack, on_both_stacks, prices};

on_both_stacks!(all_eight_sides_show_what_the_carrier_saw);

/// A whole campaign of people of all kinds; the calls as the carrier saw them.
pub async fn ran(dialer: &Dialer, area: u16) -> (String, Vec<RecordedCall>) {
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
    let dialer = Dialer::start(stack, prices::asked_early()).await;
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
    let path = format!("/api/campaigns/{campaign}/calls?limit=1000");
    let calls = dialer.api.get(&path).await.ok()["calls"].take();
    let calls = calls.as_array().expect("a list").iter();
    let talks = calls.map(|call| call["duration"].as_i64().unwrap_or(0));
    let micros = talks.map(prices::micros).sum();
    prices::are_told(dialer).await;
    assert_costs(&of("cost").await, campaign, (all, micros));
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

/// `calls` cost `micros` millionths of a dollar together.
fn assert_costs(found: &Value, campaign: &str, (calls, micros): (i64, i64)) {
    let in_usd = |list: &str| -> Vec<&Value> {
        let list = found[list].as_array().expect("a list").iter();
        list.filter(|entry| entry["currency"] == "USD").collect()
    };
    let amount = micros as f64 / 1e6;
    assert!(amount > 0.0, "{found}");
    let (total, successful) = (in_usd("costs")[0], &found["successfulCalls"]);
    assert_eq!(
        (&total["amount"], &total["calls"]),
        (&json!(amount), &json!(calls))
    );
    let per_call = amount / calls as f64;
    assert!((total["perCall"].as_f64().expect("an amount") - per_call).abs() < 1e-6);
    let per_success = amount / successful.as_f64().expect("a count");
    assert!((total["perSuccess"].as_f64().expect("an amount") - per_success).abs() < 1e-6);
    let days = in_usd("costByDay");
    assert!(days.iter().all(|day| day["date"].is_string()));
    assert_eq!(
        days.iter()
            .filter_map(|day| day["calls"].as_i64())
            .sum::<i64>(),
        calls
    );
    let of_campaign = json!({ "campaignId": campaign, "campaignName": "A campaign under test",
        "currency": "USD", "amount": amount, "calls": calls });
    assert_eq!(in_usd("costByCampaign"), [&of_campaign]);
    let of_carrier =
        json!({ "carrier": "signalwire", "currency": "USD", "amount": amount, "calls": calls });
    assert_eq!(in_usd("costByCarrier"), [&of_carrier]);
    let credits = &found["credits"];
    assert!(credits["total"].as_i64() > Some(0), "{credits}");
    assert_eq!(
        Some(sum(&credits["byDay"], "credits")),
        credits["total"].as_i64()
    );
}
