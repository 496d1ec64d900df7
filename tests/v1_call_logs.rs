//! The log of calls of all campaigns: second generation.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::Behaviour;

use crate::support::api::refusal;
use crate::support::campaign::{each, instant, run};
use crate::support::people::{TALK_MS, alike, mixed, number};
use crate::support::single::{call, over, start};
use crate::support::{Dialer, Stack, on_both_stacks};

on_both_stacks!(
    every_call_is_in_the_log_with_all_its_fields,
    calls_of_the_log_are_found_by_every_filter,
    pages_and_cursors_lead_through_the_same_calls,
    a_cursor_keeps_its_place_while_calls_are_begun,
    a_query_of_the_log_that_makes_no_sense_is_refused,
    a_log_shows_only_what_its_reader_may_see,
);

const LOGS: &str = "/api/v1/analytics/calls/logs";
const ANSWER: Behaviour = Behaviour::Answer { talk_ms: TALK_MS };
const FIELDS: [&str; 25] = [
    "_id",
    "callSid",
    "sessionId",
    "exotelCallSid",
    "fromPhone",
    "toPhone",
    "status",
    "duration",
    "durationSec",
    "cost",
    "createdAt",
    "startedAt",
    "startTime",
    "endedAt",
    "direction",
    "campaignName",
    "agentName",
    "recordingUrl",
    "transcript",
    "creditsConsumed",
    "metadata",
    "currency",
    "contactName",
    "outcome",
    "campaignId",
];

async fn page(dialer: &Dialer, query: &str) -> Value {
    let mut found = dialer.api.get(&format!("{LOGS}?{query}")).await.ok();
    assert_eq!(found["success"], true);
    found["data"].take()
}

fn calls(page: &Value) -> Vec<Value> {
    page["calls"].as_array().expect("a list").clone()
}

/// Calls eight people of a campaign, and one outside any; the campaign.
async fn some_calls(dialer: &Dialer, area: u16) -> String {
    let campaign = run(dialer, &mixed(area, 8)).await;
    let placed = call(dialer, &number(area, 100), ANSWER).await;
    over(dialer, &placed["_id"]).await;
    campaign
}

async fn every_call_is_in_the_log_with_all_its_fields(stack: Stack) {
    let dialer = start(stack).await;
    let campaign = some_calls(&dialer, 320).await;
    let found = page(&dialer, "limit=1000").await;
    let listed = calls(&found);
    let mut record = dialer.simulator.recorder().calls();
    record.retain(|seen| seen.sid().is_some());
    assert_eq!(listed.len(), record.len());
    let begun = each(&listed, "startedAt");
    assert!(begun.is_sorted_by_key(|at| std::cmp::Reverse(instant(at))));
    for call in &listed {
        let fields = call.as_object().expect("an object");
        for field in FIELDS {
            assert!(fields.contains_key(field), "{field}: {call}");
        }
        let is_it = |seen: &&simulator::RecordedCall| {
            seen.call_id.is_some_and(|id| call["_id"] == id.to_string())
        };
        let seen = record.iter().find(is_it).expect("the carrier saw it");
        assert_eq!(call["callSid"], seen.sid().expect("a name").to_string());
        assert_eq!(
            (&call["toPhone"], &call["fromPhone"]),
            (&json!(*seen.to), &json!(*seen.from))
        );
        assert_eq!(
            call["status"],
            seen.end_status.expect("it is over").as_str()
        );
        assert_eq!(call["exotelCallSid"], Value::Null);
        assert_eq!(call["metadata"]["carrier"], "signalwire");
        let is_single = call["campaignId"].is_null();
        assert_eq!(
            call["campaignName"],
            if is_single {
                Value::Null
            } else {
                json!("A campaign under test")
            }
        );
        assert_eq!(call["contactName"].is_string(), !is_single);
        assert!(is_single || call["campaignId"] == *campaign);
        let turns = call["transcript"].as_array().expect("a list");
        assert_eq!(turns.is_empty(), seen.answered_at.is_none(), "{call}");
        assert!(
            turns
                .iter()
                .all(|turn| turn["speaker"] == turn["role"] && turn["text"] == turn["content"])
        );
        assert_eq!(call["creditsConsumed"].is_i64(), seen.answered_at.is_some());
    }
    assert_eq!(
        each(&listed, "campaignId")
            .iter()
            .filter(|id| id.is_null())
            .count(),
        1
    );
}

async fn calls_of_the_log_are_found_by_every_filter(stack: Stack) {
    let dialer = start(stack).await;
    let campaign = some_calls(&dialer, 321).await;
    let all = calls(&page(&dialer, "limit=1000").await);
    let middle = all[all.len() / 2].clone();
    let at = instant(&middle["startedAt"]);
    let text = middle["startedAt"].as_str().expect("an instant");
    let to = |call: &Value, numbers: &[usize]| {
        numbers
            .iter()
            .any(|nth| call["toPhone"] == number(321, *nth))
    };
    let digits = |nth: usize| number(321, nth).trim_start_matches('+').to_owned();
    let (one, two) = (digits(1), digits(100));
    type Fits<'a> = &'a dyn Fn(&Value) -> bool;
    let questions: [(String, Fits<'_>); 15] = [
        ("status=busy".into(), &|call| call["status"] == "busy"),
        ("status=completed".into(), &|call| {
            call["status"] == "completed"
        }),
        ("direction=outbound".into(), &|_| true),
        ("direction=inbound".into(), &|_| false),
        (format!("campaignId={campaign}"), &|call| {
            !call["campaignId"].is_null()
        }),
        (format!("phoneNumbers[]=%2B{one}"), &|call| to(call, &[1])),
        (
            format!("phoneNumbers%5B%5D={one}&phoneNumbers[]={two}"),
            &|call| to(call, &[1, 100]),
        ),
        (
            format!("phoneNumbers[0]={one}&phoneNumbers[1]={two}"),
            &|call| to(call, &[1, 100]),
        ),
        (format!("phoneNumbers={one},{two}"), &|call| {
            to(call, &[1, 100])
        }),
        (
            format!("phoneNumbers={one}&phoneNumbers[]={two}&status=completed"),
            &|call| to(call, &[1, 100]) && call["status"] == "completed",
        ),
        (format!("startDate={text}"), &|call| {
            instant(&call["startedAt"]) >= at
        }),
        (format!("endDate={text}"), &|call| {
            instant(&call["startedAt"]) < at
        }),
        ("search=person%203".into(), &|call| {
            call["contactName"] == "Person 3"
        }),
        ("search=5550100".into(), &|call| {
            to(call, &[100]) || call["fromPhone"] == "+12025550100"
        }),
        ("search=%25".into(), &|_| false),
    ];
    for (question, fits) in questions {
        let found = page(&dialer, &format!("limit=1000&{question}")).await;
        let expected: Vec<Value> = all.iter().filter(|call| fits(call)).cloned().collect();
        assert_eq!(
            each(&calls(&found), "_id"),
            each(&expected, "_id"),
            "{question}"
        );
        assert_eq!(found["total"], expected.len(), "{question}");
        assert_eq!(found["pagination"]["total"], expected.len(), "{question}");
    }
}

async fn pages_and_cursors_lead_through_the_same_calls(stack: Stack) {
    let dialer = start(stack).await;
    some_calls(&dialer, 322).await;
    let all = calls(&page(&dialer, "limit=1000").await);
    let ids = each(&all, "_id");
    let pages = all.len().div_ceil(4);
    let mut by_pages = Vec::new();
    for nth in 1..=pages {
        let found = page(&dialer, &format!("limit=4&page={nth}")).await;
        assert_eq!(
            (&found["page"], &found["limit"], &found["pages"]),
            (&json!(nth), &json!(4), &json!(pages))
        );
        let told = &found["pagination"];
        assert_eq!(
            (&told["hasPrev"], &told["hasNext"]),
            (&json!(nth > 1), &json!(nth < pages))
        );
        assert_eq!(told["nextCursor"].is_null(), nth == pages);
        by_pages.extend(calls(&found));
    }
    assert_eq!(each(&by_pages, "_id"), ids);
    let mut found = page(&dialer, "limit=4").await;
    let mut forwards = calls(&found);
    while let Some(cursor) = found["pagination"]["nextCursor"]
        .as_str()
        .map(str::to_owned)
    {
        found = page(&dialer, &format!("limit=4&cursor={cursor}")).await;
        assert_eq!(
            (&found["page"], &found["total"]),
            (&Value::Null, &json!(all.len()))
        );
        forwards.extend(calls(&found));
    }
    assert_eq!(each(&forwards, "_id"), ids);
    let mut backwards = calls(&found);
    while let Some(cursor) = found["pagination"]["prevCursor"]
        .as_str()
        .map(str::to_owned)
    {
        found = page(&dialer, &format!("limit=4&cursor={cursor}")).await;
        backwards.splice(0..0, calls(&found));
    }
    assert_eq!(each(&backwards, "_id"), ids);
    assert_eq!(found["pagination"]["hasPrev"], false);
}

async fn a_cursor_keeps_its_place_while_calls_are_begun(stack: Stack) {
    let dialer = start(stack).await;
    let mut ids = Vec::new();
    for index in 0..4 {
        let placed = call(&dialer, &number(323, index), Behaviour::Busy).await;
        ids.insert(0, over(&dialer, &placed["_id"]).await["_id"].clone());
    }
    let first = page(&dialer, "limit=2").await;
    let cursor = first["pagination"]["nextCursor"]
        .as_str()
        .expect("a cursor");
    let placed = call(&dialer, &number(323, 4), Behaviour::Busy).await;
    over(&dialer, &placed["_id"]).await;
    let found = page(&dialer, &format!("limit=2&cursor={cursor}")).await;
    assert_eq!(
        each(&calls(&found), "_id"),
        ids[2..].iter().collect::<Vec<_>>()
    );
    assert_eq!(found["total"], 5);
    // What was begun meanwhile lies further back.
    let back = found["pagination"]["prevCursor"]
        .as_str()
        .expect("a cursor");
    let found = page(&dialer, &format!("limit=2&cursor={back}")).await;
    assert_eq!(
        each(&calls(&found), "_id"),
        ids[..2].iter().collect::<Vec<_>>()
    );
    assert_eq!(found["pagination"]["hasPrev"], true);
}

async fn a_query_of_the_log_that_makes_no_sense_is_refused(stack: Stack) {
    let dialer = start(stack).await;
    for person in alike(324, 2, &Behaviour::Busy) {
        let placed = call(&dialer, &person.number, Behaviour::Busy).await;
        over(&dialer, &placed["_id"]).await;
    }
    let first = page(&dialer, "limit=1").await;
    let cursor = first["pagination"]["nextCursor"]
        .as_str()
        .expect("a cursor")
        .to_owned();
    let changed = format!("B{}", &cursor[1..]);
    let long = "x".repeat(201);
    let many = "1,".repeat(501);
    for (query, fields) in [
        ("cursor=next", &["cursor"][..]),
        ("cursor=%00", &["cursor"]),
        (&format!("cursor={changed}"), &["cursor"]),
        (&format!("cursor={cursor}&cursor={cursor}"), &["cursor"]),
        (&format!("cursor={cursor}&page=2"), &["page"]),
        ("page=0&limit=1001", &["page", "limit"]),
        ("status=voicemail", &["status"]),
        ("direction=up", &["direction"]),
        ("campaignId=one", &["campaignId"]),
        ("startDate=then&endDate=now", &["startDate", "endDate"]),
        ("startDate=2026-02-02&endDate=2026-02-01", &["endDate"]),
        (
            "phoneNumbers[]=x&phoneNumbers=%00",
            &["phoneNumbers[0]", "phoneNumbers[1]"],
        ),
        (&format!("phoneNumbers={many}"), &["phoneNumbers"]),
        ("search=%00", &["search"]),
        (&format!("search={long}"), &["search"]),
        ("userId=nobody&status=x", &["status", "userId"]),
        ("userId=%00", &["userId"]),
    ] {
        let request = dialer.api.request(Method::GET, &format!("{LOGS}?{query}"));
        let refused = refusal(request, 422, "invalid").await;
        let named = refused["errors"].as_array().expect("a list");
        assert_eq!(each(named, "field"), fields, "{query}");
    }
    dialer
        .api
        .get(&format!("{LOGS}?search=%ff"))
        .await
        .with(400);
    let found = page(
        &dialer,
        "cursor=&page=&phoneNumbers=&phoneNumbers[]=&userId=",
    )
    .await;
    assert_eq!(found["total"], 2);
}

async fn a_log_shows_only_what_its_reader_may_see(stack: Stack) {
    let dialer = start(stack).await;
    let placed = call(&dialer, &number(325, 1), Behaviour::Busy).await;
    over(&dialer, &placed["_id"]).await;
    let una = dialer.create_user("una", "user");
    let body = json!({ "phoneNumber": number(325, 1) });
    let own = una.api.post("/api/v1/calls/outbound", body).await.with(201);
    assert_eq!(page(&dialer, "").await["total"], 2);
    let of_una = page(&dialer, &format!("userId={}", una.id)).await;
    assert_eq!(each(&calls(&of_una), "_id"), [&own["data"]["_id"]]);
    let seen = una.api.get(LOGS).await.ok();
    assert_eq!(each(&calls(&seen["data"]), "_id"), [&own["data"]["_id"]]);
    let path = format!("/api/v1/calls/history/{}", number(325, 1));
    assert_eq!(una.api.get(&path).await.ok()["data"]["count"], 1);
    assert_eq!(dialer.api.get(&path).await.ok()["data"]["count"], 2);
    let udo = dialer.create_user("udo", "user");
    una.api
        .get(&format!("{LOGS}?userId={}", udo.id))
        .await
        .with(403);
    una.api
        .get(&format!("{LOGS}?userId=nobody"))
        .await
        .with(403);
    dialer.api_as(None).get(LOGS).await.with(401);
}
