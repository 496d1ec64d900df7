//! What ids of providers stand for.

use std::time::{Duration, Instant};

use carriers::PlatformNumber;
use chrono::TimeDelta;
use domain::PhoneNumber;
use domain::lifecycle::Command;
use engine::EngineError;
use engine::campaigns::CampaignDetail;
use engine::directory::Resolved;
use serde_json::json;

use crate::bench::{Bench, conflict, id_of};
use crate::providers::{agent, number};

async fn start(bench: &Bench, detail: &CampaignDetail) -> Result<CampaignDetail, EngineError> {
    let campaigns = &bench.engine.campaigns;
    campaigns
        .command(&bench.user, id_of(detail), Command::Start, None)
        .await
}

/// What is known is old, and whoever is asked does not answer.
async fn outage(bench: &Bench) {
    bench.clock.advance(TimeDelta::hours(1));
    bench.providers.fall_silent();
    // What was heard a moment ago is forgotten by being asked for anew.
    let directory = &bench.engine.directory;
    let _ = directory.agents(true).await;
    let _ = directory.numbers(true).await;
}

async fn what_providers_offer_is_kept_and_asked_for_anew_when_it_is_old_or_wanted(bench: Bench) {
    let directory = &bench.engine.directory;
    let names = async |is_anew: bool| {
        let offers = directory.agents(is_anew).await.unwrap();
        assert_eq!(offers.warnings, Vec::<String>::new());
        let names = offers.items.into_iter().map(|agent| agent.name);
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(false).await, ["Amy"]);
    *bench.providers.agents.lock() = Some(vec![agent("agent_1", "Ann"), agent("agent_2", "Abe")]);
    assert_eq!(names(false).await, ["Amy"], "seen a moment ago");
    assert_eq!(bench.providers.asked(), 1);
    assert_eq!(names(true).await, ["Abe", "Ann"]);
    assert_eq!(bench.providers.asked(), 2);
}

async fn what_is_gone_at_its_provider_is_marked_and_still_has_its_name(bench: Bench) {
    let directory = &bench.engine.directory;
    let campaign = bench
        .draft(json!({ "phoneNumber": null, "phoneNumberId": "pn_1" }))
        .await;
    bench.clock.advance(TimeDelta::minutes(1));
    *bench.providers.agents.lock() = Some(vec![agent("agent_2", "Zoe")]);
    *bench.providers.numbers.lock() = Some(vec![number("pn_2", "+12025550198")]);
    let agents = directory.agents(true).await.unwrap().items;
    let shown: Vec<_> = agents
        .iter()
        .map(|agent| (agent.name.as_str(), agent.vanished_at.is_some()))
        .collect();
    assert_eq!(shown, [("Zoe", false), ("Amy", true)], "the gone come last");
    let numbers = directory.numbers(true).await.unwrap().items;
    assert_eq!(numbers[1].vanished_at, Some(bench.engine.clock.now()));
    // Old campaigns still say what their ids stood for, and cannot be started with them.
    let campaigns = &bench.engine.campaigns;
    let shown = campaigns.overview(&bench.user, id_of(&campaign)).await;
    let shown = shown.unwrap();
    assert_eq!(shown.agent_name.as_deref(), Some("Amy"));
    assert_eq!(shown.caller_number.as_deref(), Some("+12025550199"));
    assert_eq!(
        directory.find_agent("agent_1").await.unwrap(),
        Resolved::Unknown
    );
    assert_eq!(
        directory.find_number("pn_1").await.unwrap(),
        Resolved::Unknown
    );
    let (code, _) = conflict(start(&bench, &campaign).await);
    assert_eq!(code, "no_voice_agent");
    // What comes back is there again.
    *bench.providers.agents.lock() = Some(vec![agent("agent_1", "Amy")]);
    let agents = directory.agents(true).await.unwrap().items;
    assert_eq!(
        (agents[0].name.as_str(), agents[0].vanished_at),
        ("Amy", None)
    );
    start(&bench, &campaign).await.unwrap();
}

async fn a_carrier_that_lists_nothing_at_all_has_not_lost_every_number(bench: Bench) {
    let directory = &bench.engine.directory;
    directory.numbers(false).await.unwrap();
    *bench.providers.numbers.lock() = Some(Vec::new());
    bench.clock.advance(TimeDelta::minutes(6));
    let numbers = directory.numbers(true).await.unwrap().items;
    assert_eq!(numbers.len(), 1);
    assert_eq!(numbers[0].vanished_at, None);
}

async fn a_number_that_two_providers_know_is_shown_once(bench: Bench) {
    let also = |id: &str, number: &str| PlatformNumber {
        number_id: id.to_owned(),
        number: PhoneNumber::parse(number, None).unwrap(),
        label: Some("Front desk".to_owned()),
        is_outbound: false,
    };
    *bench.providers.platform_numbers.lock() = Some(vec![
        also("phnum_1", "+12025550199"),
        also("phnum_2", "+12025550123"),
        also("phnum_2", "+12025550124"), // a list that repeats an id
        also("phnum\0", "+12025550125"), // what no table keeps
        also(&"x".repeat(300), "+12025550126"),
    ]);
    let offers = bench.engine.directory.numbers(false).await.unwrap();
    let shown: Vec<_> = offers
        .items
        .iter()
        .map(|n| {
            (
                n.number.as_str(),
                n.id.as_str(),
                n.provider.as_str(),
                n.has_voice,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("+12025550124", "phnum_2", "elevenlabs", false),
            ("+12025550199", "pn_1", "signalwire", true),
        ]
    );
    let both = &offers.items[1];
    let ids: Vec<_> = both.provider_ids.iter().collect();
    assert_eq!(
        format!("{ids:?}"),
        r#"[("elevenlabs", "phnum_1"), ("signalwire", "pn_1")]"#
    );
    assert_eq!(both.label.as_deref(), Some("Front desk"));
    // Whichever id a campaign names, it is that number.
    let made = bench
        .draft(json!({ "phoneNumber": null, "phoneNumberId": "phnum_1" }))
        .await;
    assert_eq!(made.row.phone_number.as_deref(), Some("+12025550199"));
    assert_eq!(made.warnings, Vec::<String>::new());
}

async fn a_provider_that_does_not_answer_leaves_what_is_known_with_a_warning(bench: Bench) {
    let directory = &bench.engine.directory;
    directory.numbers(false).await.unwrap();
    *bench.providers.numbers.lock() = None;
    let offers = directory.numbers(true).await.unwrap();
    assert_eq!(offers.items[0].number, "+12025550199");
    assert_eq!(offers.items[0].vanished_at, None, "silence is no answer");
    let [warning] = &offers.warnings[..] else {
        panic!("one provider is silent: {:?}", offers.warnings)
    };
    assert!(
        warning.starts_with("signalwire did not list its numbers"),
        "{warning}"
    );
    // Nothing known, and nobody answers.
    bench.providers.fall_silent();
    let nothing = directory.agents(false).await;
    assert!(
        matches!(nothing, Err(EngineError::Unavailable { .. })),
        "{nothing:?}"
    );
}

async fn another_number_leaves_nothing_of_the_id_that_stood_for_the_one_before(bench: Bench) {
    let made = bench
        .draft(json!({ "phoneNumber": null, "phoneNumberId": "pn_1" }))
        .await;
    let id = id_of(&made);
    let number = made.row.phone_number.clone().expect("its number");
    let same = bench.update(id, json!({ "phoneNumber": number })).await;
    let same = same.expect("a change").row;
    assert_eq!(same.phone_number_id.as_deref(), Some("pn_1"));
    let other = json!({ "phoneNumber": "+12025550100" });
    let other = bench.update(id, other).await.expect("a change").row;
    assert_eq!(other.phone_number.as_deref(), Some("+12025550100"));
    assert_eq!(other.phone_number_id, None);
    let both = json!({ "phoneNumber": "+12025550101", "phoneNumberId": "pn_1" });
    let both = bench.update(id, both).await.expect("a change").row;
    assert_eq!(
        both.phone_number.as_deref(),
        Some("+12025550101"),
        "as it is told"
    );
    assert_eq!(both.phone_number_id.as_deref(), Some("pn_1"));
}

async fn an_id_that_nobody_knows_is_kept_with_a_warning_and_keeps_a_campaign_from_starting(
    bench: Bench,
) {
    let made = bench
        .draft(json!({ "phoneNumber": null, "phoneNumberId": "pn_x", "voiceAgentId": "agent_x" }))
        .await;
    assert_eq!(made.row.phone_number_id.as_deref(), Some("pn_x"));
    assert_eq!(made.row.voice_agent_id.as_deref(), Some("agent_x"));
    let [number_warning, agent_warning] = &made.warnings[..] else {
        panic!("two warnings: {:?}", made.warnings)
    };
    assert!(number_warning.contains("pn_x") && agent_warning.contains("agent_x"));
    let (code, message) = conflict(start(&bench, &made).await);
    assert_eq!(code, "no_caller_number");
    assert!(message.contains("pn_x"), "{message}");

    let own = json!({ "phoneNumber": "+12025550100" });
    let changed = bench.update(id_of(&made), own).await.unwrap();
    assert_eq!(changed.warnings, Vec::<String>::new(), "it names no id");
    let (code, message) = conflict(start(&bench, &made).await);
    assert_eq!(code, "no_voice_agent");
    assert!(message.contains("agent_x"), "{message}");
    let active = json!({ "status": "active" });
    let (code, _) = conflict(bench.update(id_of(&made), active.clone()).await);
    assert_eq!(code, "no_voice_agent", "in a change as well");
    let approval = json!({ "status": "waiting_for_approval" });
    bench.update(id_of(&made), approval).await.unwrap();
    let campaigns = &bench.engine.campaigns;
    let approved = campaigns.command(&bench.admin, id_of(&made), Command::Approve, None);
    assert_eq!(conflict(approved.await).0, "no_voice_agent");

    let known = json!({ "voiceAgentId": "agent_1" });
    let changed = bench.update(id_of(&made), known).await.unwrap();
    assert_eq!(changed.warnings, Vec::<String>::new());
    let approved = campaigns.command(&bench.admin, id_of(&made), Command::Approve, None);
    assert_eq!(approved.await.unwrap().row.status, "active");
    // A campaign that calls is not changed into one whose calls nobody speaks in.
    let unknown = json!({ "voiceAgentId": "agent_x" });
    let (code, _) = conflict(bench.update(id_of(&made), unknown.clone()).await);
    assert_eq!(code, "no_voice_agent");
    let paused = json!({ "status": "paused", "voiceAgentId": "agent_x" });
    let changed = bench.update(id_of(&made), paused).await.unwrap();
    assert_eq!(changed.warnings.len(), 1);
    let resumed = campaigns.command(&bench.user, id_of(&made), Command::Resume, None);
    assert_eq!(conflict(resumed.await).0, "no_voice_agent");
    assert_eq!(
        conflict(bench.update(id_of(&made), active).await).0,
        "no_voice_agent"
    );
}

async fn in_an_outage_a_campaign_starts_with_an_agent_that_was_known_and_with_no_other(
    bench: Bench,
) {
    let known = bench.draft(json!({})).await;
    outage(&bench).await;
    let by_memory = bench
        .draft(json!({ "phoneNumber": null, "phoneNumberId": "pn_1" }))
        .await;
    // The number was never looked up before, its agent was.
    assert_eq!(by_memory.warnings.len(), 2, "{:?}", by_memory.warnings);
    let never_seen = bench.draft(json!({ "voiceAgentId": "agent_2" })).await;
    assert_eq!(never_seen.warnings.len(), 1);
    let started = start(&bench, &known).await.unwrap();
    assert_eq!(started.row.status, "active");
    assert!(
        started.warnings[0].contains("agent_1"),
        "{:?}",
        started.warnings
    );
    let (code, message) = conflict(start(&bench, &never_seen).await);
    assert_eq!(code, "no_voice_agent");
    assert!(message.contains("does not answer"), "{message}");
    let (code, message) = conflict(start(&bench, &by_memory).await);
    assert_eq!(code, "no_caller_number");
    assert!(message.contains("does not answer"), "{message}");
}

async fn a_provider_that_hangs_is_given_up_and_keeps_nobody_from_stopping_a_campaign(bench: Bench) {
    let running = bench.draft(json!({ "status": "active" })).await;
    bench.providers.hang();
    let begun = Instant::now();
    let slow = bench.draft(json!({ "phoneNumber": null, "phoneNumberId": "pn_1" }));
    let stop = async {
        let campaigns = &bench.engine.campaigns;
        let paused = campaigns.command(&bench.user, id_of(&running), Command::Pause, None);
        (paused.await.unwrap().row.status, begun.elapsed())
    };
    let (made, (status, stopped_after)) = tokio::join!(slow, stop);
    assert_eq!(status, "paused");
    let waited = begun.elapsed();
    assert!(
        stopped_after < waited / 2,
        "{stopped_after:?} of {waited:?}"
    );
    assert!(waited < Duration::from_secs(15), "{waited:?}");
    assert_eq!(made.warnings.len(), 1, "{:?}", made.warnings);
}

async fn an_unknown_id_does_not_become_a_question_each_time(bench: Bench) {
    for _ in 0..20 {
        let found = bench.engine.directory.find_agent("agent_x").await.unwrap();
        assert_eq!(found, Resolved::Unknown);
        let found = bench.engine.directory.find_number("pn_x").await.unwrap();
        assert_eq!(found, Resolved::Unknown);
    }
    assert_eq!(bench.providers.asked(), 3, "each list once");
}

async fn those_who_ask_at_once_share_one_question(bench: Bench) {
    let directory = &bench.engine.directory;
    let all = futures::future::join_all((0..20).map(|_| directory.find_agent("agent_1"))).await;
    for found in all {
        assert_eq!(found.unwrap(), Resolved::Known("Amy".to_owned()));
    }
    assert_eq!(bench.providers.asked(), 1);
}

async fn in_a_list_too_long_to_be_surely_whole_nothing_is_gone(bench: Bench) {
    bench.engine.directory.numbers(false).await.unwrap();
    bench.clock.advance(TimeDelta::minutes(1));
    let many = (0..1_500).map(|n| number(&format!("pn_many_{n}"), &format!("+1202556{n:04}")));
    *bench.providers.numbers.lock() = Some(many.collect());
    let offers = bench.engine.directory.numbers(true).await.unwrap();
    assert_eq!(offers.items.len(), 1_501);
    assert!(offers.items.iter().all(|item| item.vanished_at.is_none()));
}

on_both![
    what_providers_offer_is_kept_and_asked_for_anew_when_it_is_old_or_wanted,
    what_is_gone_at_its_provider_is_marked_and_still_has_its_name,
    a_carrier_that_lists_nothing_at_all_has_not_lost_every_number,
    a_number_that_two_providers_know_is_shown_once,
    a_provider_that_does_not_answer_leaves_what_is_known_with_a_warning,
    another_number_leaves_nothing_of_the_id_that_stood_for_the_one_before,
    an_id_that_nobody_knows_is_kept_with_a_warning_and_keeps_a_campaign_from_starting,
    in_an_outage_a_campaign_starts_with_an_agent_that_was_known_and_with_no_other,
    a_provider_that_hangs_is_given_up_and_keeps_nobody_from_stopping_a_campaign,
    an_unknown_id_does_not_become_a_question_each_time,
    those_who_ask_at_once_share_one_question,
    in_a_list_too_long_to_be_surely_whole_nothing_is_gone,
];
