//! What was said in a campaign's calls.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};
use simulator::Behaviour;
use uuid::Uuid;

use crate::support::campaign::{each, instant, page_by_page, run};
use crate::support::people::{Person, TALK_MS, alike, number};
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    conversations_are_listed_in_short_and_found_word_for_word,
    conversations_are_found_by_success_summary_and_date,
    nobody_reads_anothers_conversations,
);

/// Five who say something each, and one who does not pick up.
fn talkers(area: u16) -> Vec<Person> {
    let agrees = Behaviour::Answer { talk_ms: TALK_MS };
    [
        vec![agrees.clone()],
        vec![Behaviour::NotInterested { talk_ms: TALK_MS }],
        vec![
            Behaviour::AskForCallback {
                talk_ms: TALK_MS,
                callback_after_ms: None,
            },
            agrees.clone(),
        ],
        vec![Behaviour::AskDoNotCall { talk_ms: TALK_MS }],
        vec![Behaviour::Voicemail, agrees],
        vec![Behaviour::NoAnswer],
    ]
    .into_iter()
    .enumerate()
    .map(|(index, script)| Person {
        number: number(area, index),
        script,
    })
    .collect()
}

async fn all(dialer: &Dialer, campaign: &str) -> Vec<Value> {
    let path = format!("/api/campaigns/{campaign}/conversations?limit=100");
    let mut found = dialer.api.get(&path).await.ok();
    assert_eq!(found["campaignId"], *campaign);
    serde_json::from_value(found["conversations"].take()).expect("a list")
}

async fn conversations_are_listed_in_short_and_found_word_for_word(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let campaign = run(&dialer, &talkers(267)).await;
    let listed = all(&dialer, &campaign).await;
    // The provider's own reports say which conversations there were.
    let reported: BTreeSet<String> = dialer
        .simulator
        .recorder()
        .webhooks()
        .iter()
        .filter(|report| &*report.kind == "post_call_transcription")
        .map(|report| report.conversation_id.to_string())
        .collect();
    let ids: BTreeSet<String> = each(&listed, "id")
        .into_iter()
        .map(|id| id.as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(ids, reported);
    assert_eq!(listed.len(), 7);
    let of = |summary: &str| {
        let found = listed.iter().find(|said| said["summary"] == summary);
        found.unwrap_or_else(|| panic!("no {summary}: {listed:?}"))
    };
    for (summary, outcome, successful, callback, never) in [
        ("The person agreed.", "answered", true, false, false),
        ("The person declined.", "answered", false, false, false),
        (
            "The person asked to be called again.",
            "answered",
            true,
            true,
            false,
        ),
        (
            "The person asked not to be called again.",
            "answered",
            false,
            false,
            true,
        ),
        ("A voicemail answered.", "voicemail", false, false, false),
    ] {
        let said = of(summary);
        assert_eq!(said["outcome"], outcome, "{said}");
        assert_eq!(said["successful"], successful, "{said}");
        assert_eq!(said["callbackRequested"], callback, "{said}");
        assert_eq!(said["doNotCall"], never, "{said}");
        assert_eq!(said["isVoicemail"], outcome == "voicemail", "{said}");
        assert_eq!(said["status"], "done", "{said}");
        assert_eq!(said["agentId"], "agent_demo", "{said}");
    }
    for said in &listed {
        assert!(
            said["transcript"].is_null() && said["analysis"].is_null(),
            "{said}"
        );
        let seconds = said["duration"].as_i64().expect("a duration");
        assert_eq!(said["credits"], seconds * 10, "{said}");
        is_told_in_full(&dialer, &campaign, said).await;
    }
}

/// The conversation is found by either of its names, with every turn and what was made of it.
async fn is_told_in_full(dialer: &Dialer, campaign: &str, listed: &Value) {
    let read = async |key: &Value| {
        let key = key.as_str().expect("a key");
        let path = format!("/api/campaigns/{campaign}/conversations/{key}");
        dialer.api.get(&path).await.ok()["conversation"].take()
    };
    let told = read(&listed["id"]).await;
    assert_eq!(told, read(&listed["callId"]).await);
    for (field, value) in listed.as_object().expect("an object") {
        assert_eq!(told[field], *value, "{field}");
    }
    let summary = &told["analysis"]["transcript_summary"];
    assert_eq!(*summary, told["summary"]);
    assert!(told["endReason"].is_string(), "{told}");
    let turns = told["transcript"].as_array().expect("turns");
    assert_eq!(turns[0]["speaker"], "agent");
    assert_eq!(turns[0]["text"], "Hello, this is the demo agent.");
    assert_eq!(turns[1]["speaker"], "user");
    assert!(turns.len() >= 2, "{told}");
    let seconds = each(turns, "at");
    assert!(seconds.is_sorted_by_key(|at| at.as_i64()), "{told}");
    for turn in turns {
        let since = instant(&turn["spokenAt"]) - instant(&told["startedAt"]);
        assert_eq!(
            since,
            TimeDelta::seconds(turn["at"].as_i64().expect("seconds"))
        );
    }
}

async fn conversations_are_found_by_success_summary_and_date(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let campaign = run(&dialer, &talkers(268)).await;
    let listed = all(&dialer, &campaign).await;
    let path = format!("/api/campaigns/{campaign}/conversations");
    let paged = page_by_page(&dialer.api, &path, "conversations", 2).await;
    assert_eq!(paged, listed);
    let calls = format!("/api/campaigns/{campaign}/calls?limit=100");
    let calls = dialer.api.get(&calls).await.ok();
    let calls = calls["calls"].as_array().expect("a list");
    let mut held: Vec<&Value> = each(calls, "id");
    held.retain(|id| each(&listed, "callId").contains(id));
    assert_eq!(
        each(&listed, "callId"),
        held,
        "in the order of the log of calls"
    );
    for (question, total) in [
        ("successful=true", 4),
        ("successful=false", 3),
        ("search=AGREED", 3),
        ("search=called%20again", 2),
        ("search=voicemail&successful=true", 0),
        ("search=%25", 0),
        ("fromDate=2020-01-01&toDate=2900-01-01", 7),
        ("toDate=2020-01-01", 0),
        ("fromDate=2900-01-01", 0),
    ] {
        let found = dialer.api.get(&format!("{path}?{question}")).await.ok();
        assert_eq!(found["total"], total, "{question}");
        assert_eq!(found["count"], total, "{question}");
    }
    let begun = &listed[2]["callStartedAt"];
    let text = begun.as_str().expect("an instant");
    let earlier = dialer.api.get(&format!("{path}?toDate={text}")).await.ok();
    let mut expected = listed.clone();
    expected.retain(|said| instant(&said["callStartedAt"]) < instant(begun));
    assert_eq!(earlier["conversations"], json!(expected));
}

async fn nobody_reads_anothers_conversations(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let campaign = run(
        &dialer,
        &alike(269, 1, &Behaviour::Answer { talk_ms: TALK_MS }),
    )
    .await;
    let silent = run(&dialer, &alike(270, 1, &Behaviour::NoAnswer)).await;
    let said = all(&dialer, &campaign).await.remove(0);
    let name = said["id"].as_str().expect("a name");
    let una = dialer.create_user("una", "user");
    for path in [
        format!("/api/campaigns/{campaign}/conversations"),
        format!("/api/campaigns/{campaign}/conversations/{name}"),
    ] {
        let hidden = una.api.get(&path).await.with(404);
        assert_eq!(hidden["code"], "campaign_not_found");
        dialer.api_as(None).get(&path).await.with(401);
    }
    let calls = api
        .get(&format!("/api/campaigns/{silent}/calls"))
        .await
        .ok();
    let unanswered = calls["calls"][0]["id"].as_str().expect("an id");
    let call = said["callId"].as_str().expect("an id");
    let long = "x".repeat(256);
    for (campaign, key, code) in [
        (&silent, name, "conversation_not_found"),
        (&silent, call, "conversation_not_found"),
        (&silent, unanswered, "conversation_not_found"),
        (&campaign, "conv_of_nobody", "conversation_not_found"),
        (
            &campaign,
            &Uuid::now_v7().to_string(),
            "conversation_not_found",
        ),
        (&campaign, "%00", "conversation_not_found"),
        (&campaign, "%ff", "conversation_not_found"),
        (&campaign, "%20", "conversation_not_found"),
        (&campaign, &long, "conversation_not_found"),
        (&"none".to_owned(), name, "campaign_not_found"),
    ] {
        let path = format!("/api/campaigns/{campaign}/conversations/{key}");
        assert_eq!(api.get(&path).await.with(404)["code"], code, "{path}");
    }
    assert_eq!(json!([]), json!(all(&dialer, &silent).await));
}
