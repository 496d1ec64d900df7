//! What ElevenLabs says about conversations, in our words.

use carriers::elevenlabs::DataCollectionIds;
use carriers::elevenlabs::conversation::report;
use carriers::elevenlabs::webhook::{WebhookEvent, parse};
use carriers::{
    ConversationReport, ConversationStatus, ConversationWish, EventError, Price, Speaker, Turn,
};
use chrono::NaiveDate;
use domain::progress::End;
use serde_json::{Value, json};

use crate::samples::{assert_discreet, call_id, fixture, instant};

fn read(raw: Value) -> ConversationReport {
    report(raw, &DataCollectionIds::default()).unwrap()
}

fn recorded(text: &str) -> ConversationReport {
    read(serde_json::from_str(text).unwrap())
}

/// A conversation in which the agent noted `value` under `id`.
fn noted(id: &str, value: Value) -> ConversationWish {
    let raw = json!({
        "conversation_id": "conv_1",
        "analysis": {"data_collection_results": {id: {"data_collection_id": id, "value": value}}},
    });
    read(raw).wish
}

#[test]
fn a_finished_conversation_is_understood_as_recorded() {
    let report = recorded(fixture!("elevenlabs_conversation_done.json"));
    assert_eq!(report.conversation_id, "conv_01ab");
    assert_eq!(report.call_id, Some(call_id()));
    assert_eq!(report.agent_id, "agent_7x");
    assert_eq!(report.status, ConversationStatus::Done);
    let said = |speaker, text: &str, at_s| Turn {
        speaker,
        text: text.to_owned(),
        at_s,
    };
    assert_eq!(
        report.transcript,
        [
            said(Speaker::Agent, "Hello, is this Ann?", 0),
            said(
                Speaker::Person,
                "Yes. I am driving, call me tomorrow at three.",
                3
            ),
        ]
    );
    assert_eq!(
        report.summary.as_deref(),
        Some("Ann asked to be called back tomorrow at three.")
    );
    assert_eq!(report.started_at, Some(instant("2024-04-04T18:30:41Z")));
    assert_eq!(report.duration_s, Some(94));
    assert_eq!(report.cost_credits, Some(212));
    assert_eq!(
        report.cost,
        Some(Price {
            micros: 63_600,
            currency: "USD".to_owned()
        })
    );
    assert_eq!(report.successful, Some(true));
    assert!(!report.is_voicemail && !report.was_transferred);
    assert_eq!(report.call_result.as_deref(), Some("answered"));
    assert_eq!(
        report.wish,
        ConversationWish {
            callback_requested: true,
            callback_at: Some(instant("2024-04-05T19:00:00Z")),
            callback_at_local: None,
            do_not_call: false,
        }
    );
    assert_eq!(
        report.end_reason.as_deref(),
        Some("end_call tool was called")
    );
    assert_eq!(report.error, None);
    let shown = format!("{report:?}");
    assert_discreet(&shown);
    assert!(!shown.contains("driving"), "{shown}");
}

#[test]
fn the_agents_tool_call_reveals_a_voicemail() {
    let report = recorded(fixture!("elevenlabs_conversation_voicemail.json"));
    assert!(report.is_voicemail);
    assert_eq!(report.successful, None);

    let counted = json!({"conversation_id": "c",
        "metadata": {"features_usage": {"voicemail_detection": {"enabled": true, "used": true}}}});
    assert!(read(counted).is_voicemail);
    let named = json!({"conversation_id": "c",
        "metadata": {"phone_call": {"type": "sip_trunking", "call_result": "voicemail"}}});
    assert!(read(named).is_voicemail);
    let offered = json!({"conversation_id": "c", "transcript": [{"role": "agent", "tool_calls":
        [{"tool_name": "voicemail_detection", "tool_has_been_called": false}]}]});
    assert!(!read(offered).is_voicemail);
}

#[test]
fn a_transfer_shows_in_the_same_two_places() {
    let called = json!({"conversation_id": "c", "transcript": [{"role": "agent", "tool_calls":
        [{"tool_name": "transfer_to_number", "tool_has_been_called": true}]}]});
    assert!(read(called).was_transferred);
}

#[test]
fn an_unfinished_or_unheard_of_status_is_open() {
    let report = recorded(fixture!("elevenlabs_conversation_open.json"));
    assert_eq!(report.status, ConversationStatus::Open);
    assert_eq!(report.duration_s, Some(0));
    assert_eq!(report.wish, ConversationWish::default());
    let report = read(json!({"conversation_id": "c", "status": "a-word-of-tomorrow"}));
    assert_eq!(report.status, ConversationStatus::Open);
    let report = read(json!({"conversation_id": "c", "status": "initiated"}));
    assert_eq!(report.status, ConversationStatus::Announced);
}

#[test]
fn a_failed_conversation_says_why_without_the_number() {
    let report = recorded(fixture!("elevenlabs_conversation_failed.json"));
    assert_eq!(report.status, ConversationStatus::Failed);
    assert_eq!(
        report.error.as_deref(),
        Some("Could not reach +1********43 in time")
    );
}

#[test]
fn the_user_id_names_the_call_where_the_variable_is_lost() {
    let id = call_id().to_string();
    assert_eq!(
        read(json!({"conversation_id": "c", "user_id": id})).call_id,
        Some(call_id())
    );
    assert_eq!(
        read(json!({"conversation_id": "c", "user_id": "somebody"})).call_id,
        None
    );
}

#[test]
fn a_yes_is_a_yes_however_it_was_noted() {
    for value in [
        json!(true),
        json!("true"),
        json!("Yes"),
        json!(" YES "),
        json!(1),
    ] {
        assert!(noted("do_not_call", value.clone()).do_not_call, "{value}");
        assert!(
            noted("callback_requested", value.clone()).callback_requested,
            "{value}"
        );
    }
    for value in [
        json!(false),
        json!("no"),
        json!(""),
        json!("maybe"),
        json!(null),
        json!([]),
    ] {
        assert!(!noted("do_not_call", value.clone()).do_not_call, "{value}");
    }
}

#[test]
fn a_time_is_an_instant_with_a_zone_and_a_local_time_without() {
    let at = Some(instant("2026-03-02T14:30:00Z"));
    for value in [
        json!("2026-03-02T09:30:00-05:00"),
        json!("2026-03-02T14:30:00Z"),
        json!(1_772_461_800),
    ] {
        let wish = noted("callback_at", value.clone());
        assert_eq!(
            (wish.callback_at, wish.callback_requested),
            (at, true),
            "{value}"
        );
    }
    let local = NaiveDate::from_ymd_opt(2026, 3, 2)
        .unwrap()
        .and_hms_opt(9, 30, 0);
    for value in [
        "2026-03-02T09:30:00",
        "2026-03-02T09:30",
        "2026-03-02 09:30",
    ] {
        let wish = noted("callback_at", json!(value));
        assert_eq!(
            (wish.callback_at, wish.callback_at_local),
            (None, local),
            "{value}"
        );
        assert!(wish.callback_requested);
    }
    assert_eq!(
        noted("callback_at", json!("tomorrow at three")),
        ConversationWish::default()
    );
}

#[test]
fn a_time_is_kept_to_the_microsecond_as_the_databases_keep_it() {
    let finest = noted("callback_at", json!("2026-03-02T14:30:00.123456789Z"));
    assert_eq!(
        finest.callback_at,
        Some(instant("2026-03-02T14:30:00.123456Z"))
    );
    let local = noted("callback_at", json!("2026-03-02T09:30:00.123456789"));
    let to_the_microsecond = instant("2026-03-02T09:30:00.123456Z").naive_utc();
    assert_eq!(local.callback_at_local, Some(to_the_microsecond));
    // A leap second is the one after it.
    let leap = noted("callback_at", json!("2026-06-30T23:59:60Z"));
    assert_eq!(leap.callback_at, Some(instant("2026-07-01T00:00:00Z")));
}

#[test]
fn a_time_of_no_year_that_anybody_means_is_a_wish_without_a_time() {
    for value in [
        json!("-9999-01-01T09:00"),
        json!("+99999-01-01T09:00"),
        json!("0000-01-01T00:00:00Z"),
        json!("9999-12-31T23:59:59Z"),
        json!(4_000_000_000_000_i64),
    ] {
        let wish = noted("callback_at", value.clone());
        assert_eq!(
            (wish.callback_at, wish.callback_at_local),
            (None, None),
            "{value}"
        );
        assert!(wish.callback_requested, "{value}");
    }
}

#[test]
fn the_names_of_the_wishes_are_the_operators_choice() {
    let ids = DataCollectionIds {
        do_not_call: "opt_out".to_owned(),
        ..Default::default()
    };
    let raw = json!({"conversation_id": "c",
        "analysis": {"data_collection_results": {"opt_out": {"value": "yes"}}}});
    assert!(report(raw, &ids).unwrap().wish.do_not_call);
}

#[test]
fn the_webhook_carries_the_conversation() {
    let body = fixture!("elevenlabs_webhook_transcription.json");
    let event = parse(body.as_bytes(), &DataCollectionIds::default()).unwrap();
    assert_eq!(
        event.event_key().as_deref(),
        Some("elevenlabs:post_call_transcription:conv_01ab:1712255600")
    );
    match event {
        WebhookEvent::Conversation { sent_at, report } => {
            assert_eq!(sent_at, Some(instant("2024-04-04T18:33:20Z")));
            assert_eq!(
                *report,
                recorded(fixture!("elevenlabs_conversation_done.json"))
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_conversation_that_did_not_begin_says_why() {
    let body = fixture!("elevenlabs_webhook_failure.json");
    let event = parse(body.as_bytes(), &DataCollectionIds::default()).unwrap();
    assert_eq!(
        event.event_key().as_deref(),
        Some("elevenlabs:call_initiation_failure:conv_01ab:1759931652")
    );
    match event {
        WebhookEvent::InitiationFailure(failure) => {
            assert_eq!(failure.conversation_id, "conv_01ab");
            assert_eq!((failure.reason.as_str(), failure.end), ("busy", End::Busy));
            assert_eq!(failure.sip_status_code, Some(486));
            assert_eq!(failure.call_id, None);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn reasons_of_failure_are_an_open_list() {
    for (reason, end) in [
        (json!("busy"), End::Busy),
        (json!("no-answer"), End::NoAnswer),
        (json!("no_answer"), End::NoAnswer),
        (json!("unknown"), End::Failed),
        (json!(null), End::Failed),
    ] {
        let body = json!({"type": "call_initiation_failure",
            "data": {"conversation_id": "c", "failure_reason": reason}});
        match parse(body.to_string().as_bytes(), &DataCollectionIds::default()).unwrap() {
            WebhookEvent::InitiationFailure(failure) => assert_eq!(failure.end, end, "{reason}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_we_have_no_use_for_is_ignored_and_what_names_nothing_is_refused() {
    let ids = DataCollectionIds::default();
    for body in [
        r#"{"type":"post_call_audio","data":{"full_audio":"AAAA"}}"#,
        r#"{"type":7}"#,
        "[]",
    ] {
        let event = parse(body.as_bytes(), &ids).unwrap();
        assert!(
            matches!(event, WebhookEvent::Ignored { .. }),
            "{body}: {event:?}"
        );
        assert_eq!(event.event_key(), None);
    }
    for body in [
        r#"{"type":"post_call_transcription"}"#,
        r#"{"type":"post_call_transcription","data":{"conversation_id":""}}"#,
        r#"{"type":"call_initiation_failure","data":[]}"#,
    ] {
        let result = parse(body.as_bytes(), &ids);
        assert!(
            matches!(result, Err(EventError::Field { .. })),
            "{body}: {result:?}"
        );
    }
    assert!(matches!(
        parse(b"oops", &ids),
        Err(EventError::Unreadable { .. })
    ));
    let long = vec![b' '; (8 << 20) + 1];
    assert!(matches!(
        parse(&long, &ids),
        Err(EventError::TooLarge { .. })
    ));
}
