//! Making and changing campaigns.

use chrono::TimeDelta;
use engine::EngineError;
use serde_json::json;

use crate::bench::{Bench, at, conflict, id_of, wrong_fields};

async fn a_new_campaign_is_a_draft_with_the_documented_defaults(bench: Bench) {
    let row = bench
        .create(json!({ "name": "  Calls  " }))
        .await
        .unwrap()
        .row;
    assert_eq!((row.name.as_str(), row.status.as_str()), ("Calls", "draft"));
    assert_eq!(
        (row.timezone.as_str(), row.schedule_type.as_str()),
        ("UTC", "immediate")
    );
    assert_eq!(row.max_concurrent_calls, 10);
    assert_eq!(
        (row.call_attempts_per_contact, row.retry_delay_minutes),
        (3, 60)
    );
    assert_eq!(row.tags, json!([]));
    assert_eq!(row.owner_id, bench.user.id.into_uuid());
}

async fn the_example_of_the_first_generation_is_kept_as_it_was_sent(bench: Bench) {
    let example = json!({
        "name": "Q4 Sales Outreach", "description": "Sales outreach for Q4 leads", "status": "draft",
        "startDate": "2023-10-01T00:00:00Z", "endDate": "2023-12-31T23:59:59Z", "timezone": "America/Chicago",
        "dailyStartTime": "09:00", "dailyEndTime": "17:00", "phoneNumberId": "pn_123456789abcdef",
        "phoneNumber": "+18005551234", "voiceAgentId": "agent-456",
        "agentConfig": { "voice": "male-professional", "languages": ["en-US"], "fallbackAgentId": "agent-789" },
        "maxConcurrentCalls": 10, "callAttemptsPerContact": 3, "retryDelay": 60, "scheduleType": "scheduled",
        "scheduleConfig": { "daysOfWeek": [1, 2, 3, 4, 5], "excludeDates": ["2023-12-25", "2023-12-26"] },
        "callbackConfig": { "enabled": true, "maxAttempts": 2, "delayMinutes": 30 },
        "transferConfig": { "enabled": true, "transferTargets": [
            { "name": "Sales Team", "number": "+18005557890", "type": "phone" },
            { "name": "Support Team", "endpoint": "sip:support@example.com", "type": "sip" } ] },
        "tags": ["sales", "outreach", "q4-2023"],
        "metadata": { "department": "Sales", "priority": "high", "goalCompletionRate": 0.8 },
    });
    let made = bench.create(example.clone()).await.unwrap();
    let row = bench
        .engine
        .campaigns
        .get(&bench.user, id_of(&made))
        .await
        .unwrap()
        .row;
    assert_eq!(row, made.row, "what is answered is what is stored");
    assert_eq!(row.start_date, Some(at("2023-10-01T00:00:00Z")));
    assert_eq!(row.agent_config.as_ref(), Some(&example["agentConfig"]));
    assert_eq!(
        row.schedule_config.as_ref(),
        Some(&example["scheduleConfig"])
    );
    assert_eq!(
        row.callback_config.as_ref(),
        Some(&example["callbackConfig"])
    );
    assert_eq!(
        row.transfer_config.as_ref(),
        Some(&example["transferConfig"])
    );
    assert_eq!(row.metadata.as_ref(), Some(&example["metadata"]));
    assert_eq!(row.tags, example["tags"]);
}

async fn every_wrong_field_is_named_at_once(bench: Bench) {
    let wrong = json!({
        "description": 7, "status": "running", "startDate": "2026-02-01T00:00:00Z", "endDate": "2026-01-01",
        "timezone": "Mars/Olympus", "dailyStartTime": "9", "dailyEndTime": "25:00", "phoneNumber": "12345",
        "voiceAgentId": "", "agentConfig": [], "maxConcurrentCalls": 0, "callAttemptsPerContact": 51,
        "retryDelay": 10081, "scheduleType": "later", "region": "XX",
        "scheduleConfig": { "daysOfWeek": [1, 8, "2"], "excludeDates": ["2026-1-1"], "useContactTimezone": "yes" },
        "callbackConfig": { "enabled": 1, "maxAttempts": -1, "delayMinutes": 1.5 },
        "transferConfig": { "transferTargets": [
            { "name": "A", "type": "phone" }, { "name": "B", "type": "sip", "endpoint": "b@c" }, { "type": "fax" }, 5 ] },
        "tags": ["", 5], "metadata": "x",
    });
    let errors = wrong_fields(bench.create(wrong).await);
    let mut fields: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
    fields.sort_unstable();
    let expected = [
        "agentConfig",
        "callAttemptsPerContact",
        "callbackConfig.delayMinutes",
        "callbackConfig.enabled",
        "callbackConfig.maxAttempts",
        "dailyEndTime",
        "dailyStartTime",
        "description",
        "endDate",
        "maxConcurrentCalls",
        "metadata",
        "name",
        "phoneNumber",
        "region",
        "retryDelay",
        "scheduleConfig.daysOfWeek[1]",
        "scheduleConfig.daysOfWeek[2]",
        "scheduleConfig.excludeDates[0]",
        "scheduleConfig.useContactTimezone",
        "scheduleType",
        "status",
        "tags[0]",
        "tags[1]",
        "timezone",
        "transferConfig.transferTargets[0].number",
        "transferConfig.transferTargets[1].endpoint",
        "transferConfig.transferTargets[2].name",
        "transferConfig.transferTargets[2].type",
        "transferConfig.transferTargets[3]",
        "voiceAgentId",
    ];
    assert_eq!(fields, expected);
    assert!(errors.iter().all(|e| !e.message.is_empty()));
}

async fn a_text_with_a_character_that_databases_refuse_is_a_wrong_field(bench: Bench) {
    let wrong = json!({ "name": "a\u{0}b", "metadata": { "k\u{0}": [] }, "scheduleConfig": { "note": "\u{0}" } });
    let errors = wrong_fields(bench.create(wrong).await);
    assert_eq!(errors.len(), 3, "{errors:?}");
}

async fn a_change_leaves_what_it_does_not_mention_and_null_clears(bench: Bench) {
    let made = bench
        .draft(json!({ "description": "d", "maxConcurrentCalls": 5, "timezone": "Asia/Kolkata", "endDate": "2026-12-31" }))
        .await;
    // The whole of the day, in the campaign's zone.
    assert_eq!(made.row.end_date, Some(at("2026-12-31T18:30:00Z")));
    let null = json!({ "description": null, "maxConcurrentCalls": null, "endDate": null, "timezone": null });
    let row = bench.update(id_of(&made), null).await.unwrap().row;
    assert_eq!((row.description, row.end_date), (None, None));
    assert_eq!(
        (row.max_concurrent_calls, row.timezone.as_str()),
        (10, "UTC")
    );
    assert_eq!(
        row.phone_number.as_deref(),
        Some("+12025550100"),
        "not mentioned"
    );
    assert!(
        row.updated_at > made.row.updated_at,
        "also while the clock stands still"
    );
    let errors = wrong_fields(bench.update(id_of(&made), json!({ "name": null })).await);
    assert_eq!(errors[0].field, "name");
}

async fn a_change_is_checked_together_with_what_stays(bench: Bench) {
    let made = bench
        .draft(json!({ "startDate": "2026-07-01T00:00:00Z" }))
        .await;
    let errors = wrong_fields(
        bench
            .update(id_of(&made), json!({ "endDate": "2026-06-30T00:00:00Z" }))
            .await,
    );
    assert_eq!(errors[0].field, "endDate");
    let errors = wrong_fields(
        bench
            .update(
                id_of(&made),
                json!({ "scheduleType": "scheduled", "startDate": null }),
            )
            .await,
    );
    assert_eq!(errors[0].field, "startDate");
}

async fn an_unchanged_campaign_is_not_touched(bench: Bench) {
    let made = bench.draft(json!({})).await;
    bench.clock.advance(TimeDelta::hours(1));
    let same = bench
        .update(
            id_of(&made),
            json!({ "name": "A campaign", "status": "draft" }),
        )
        .await
        .unwrap();
    assert_eq!(same.row, made.row);
}

async fn the_carriers_id_of_a_number_brings_the_number_along(bench: Bench) {
    let made = bench
        .draft(json!({ "phoneNumber": null, "phoneNumberId": "pn_1" }))
        .await;
    assert_eq!(made.row.phone_number.as_deref(), Some("+12025550199"));
    let unknown = bench
        .update(id_of(&made), json!({ "phoneNumberId": "pn_2" }))
        .await
        .unwrap();
    assert_eq!(
        unknown.row.phone_number, None,
        "not the number of another id"
    );
    let own = bench
        .update(id_of(&made), json!({ "phoneNumberId": "+1 202 555 0123" }))
        .await
        .unwrap();
    assert_eq!(own.row.phone_number.as_deref(), Some("+12025550123"));
}

async fn a_national_caller_number_is_read_in_the_campaigns_region(bench: Bench) {
    let made = bench
        .draft(json!({ "region": "in", "phoneNumber": "098123 45678" }))
        .await;
    assert_eq!(made.row.phone_number.as_deref(), Some("+919812345678"));
    assert_eq!(made.row.region.as_deref(), Some("IN"));
}

async fn nobody_sees_or_changes_what_belongs_to_somebody_else(bench: Bench) {
    let made = bench.draft(json!({})).await;
    let stranger = crate::bench::someone(&bench.engine, "Sam", engine::Role::User).await;
    let campaigns = &bench.engine.campaigns;
    let id = id_of(&made);
    let is_hidden =
        |error: EngineError| matches!(error, EngineError::NotFound { what: "campaign" });
    assert!(is_hidden(campaigns.get(&stranger, id).await.unwrap_err()));
    assert!(is_hidden(
        campaigns.overview(&stranger, id).await.unwrap_err()
    ));
    assert!(is_hidden(
        campaigns
            .update(&stranger, id, crate::bench::change(json!({ "name": "x" })))
            .await
            .unwrap_err()
    ));
    assert!(is_hidden(
        campaigns.delete(&stranger, id).await.unwrap_err()
    ));
    let command = campaigns
        .command(&stranger, id, domain::lifecycle::Command::Start, None)
        .await;
    assert!(is_hidden(command.unwrap_err()));
    assert!(
        campaigns.get(&bench.admin, id).await.is_ok(),
        "administrators see everything"
    );
}

async fn a_campaign_that_is_over_can_only_be_relabelled(bench: Bench) {
    let made = bench.draft(json!({ "status": "active" })).await;
    let id = id_of(&made);
    bench
        .update(id, json!({ "status": "completed" }))
        .await
        .unwrap();
    let (code, _) = conflict(bench.update(id, json!({ "maxConcurrentCalls": 3 })).await);
    assert_eq!(code, "campaign_is_over");
    let row = bench
        .update(id, json!({ "name": "Last year", "tags": ["old"] }))
        .await
        .unwrap()
        .row;
    assert_eq!((row.name.as_str(), row.tags), ("Last year", json!(["old"])));
}

on_both![
    a_new_campaign_is_a_draft_with_the_documented_defaults,
    the_example_of_the_first_generation_is_kept_as_it_was_sent,
    every_wrong_field_is_named_at_once,
    a_text_with_a_character_that_databases_refuse_is_a_wrong_field,
    a_change_leaves_what_it_does_not_mention_and_null_clears,
    a_change_is_checked_together_with_what_stays,
    an_unchanged_campaign_is_not_touched,
    the_carriers_id_of_a_number_brings_the_number_along,
    a_national_caller_number_is_read_in_the_campaigns_region,
    nobody_sees_or_changes_what_belongs_to_somebody_else,
    a_campaign_that_is_over_can_only_be_relabelled,
];
