//! The life cycles, one per behaviour, and the ways to cut them short.

use simulator::recorder::{CallbackKind, EndStatus};
use simulator::{Behaviour, MsRange, PeopleConfig, SimulatorConfig};

use crate::dialer::{Dialer, FAST, TO, eventually, fast};

/// A person who talks for ten simulated minutes: long enough for a test to act meanwhile.
const LONG: Behaviour = Behaviour::Answer { talk_ms: 600_000 };

#[tokio::test]
async fn an_answered_call_is_told_from_dialling_to_hang_up() {
    let dialer = Dialer::with(Behaviour::Answer { talk_ms: 20_000 }).await;
    let (call_id, sid) = dialer.accepted(TO).await;
    let call = dialer.finished(TO).await;

    assert_eq!(
        dialer.statuses(),
        ["initiated", "ringing", "in-progress", "completed"]
    );
    let events = dialer.events();
    let statuses: Vec<_> = events
        .iter()
        .filter(|event| event.kind == "status")
        .collect();
    for (sequence, event) in statuses.iter().enumerate() {
        assert_eq!(event.call_id, call_id);
        assert_eq!(event.get("SequenceNumber"), sequence.to_string());
        assert_eq!(event.get("CallSid"), sid.to_string());
        assert_eq!(event.get("To"), TO);
        assert_eq!(event.get("Direction"), "outbound-api");
        assert_eq!(event.get("CallbackSource"), "call-progress-events");
        assert!(event.get("Timestamp").ends_with(" +0000"));
    }
    assert_eq!(statuses[3].get("CallDuration"), "20");
    assert_eq!(statuses[3].get("SipResultCode"), "200");
    assert!(!statuses[2].form.contains_key("CallDuration"));
    assert_eq!(dialer.event("detection").await.get("AnsweredBy"), "human");

    assert_eq!(call.call_id, Some(call_id));
    assert_eq!(call.sid(), Some(sid));
    assert_eq!(call.end_status, Some(EndStatus::Completed));
    assert!(call.initiated_at < call.ringing_at && call.ringing_at < call.answered_at);
    let (status, fetched) = dialer.get(&format!("/Calls/{sid}.json")).await;
    assert_eq!((status, &fetched["status"]), (200, &"completed".into()));
    assert_eq!(
        (&fetched["duration"], &fetched["answered_by"]),
        (&20.into(), &"human".into())
    );
}

#[tokio::test]
async fn a_busy_line_never_rings() {
    let dialer = Dialer::with(Behaviour::Busy).await;
    dialer.accepted(TO).await;
    let call = dialer.finished(TO).await;
    assert_eq!(dialer.statuses(), ["initiated", "busy"]);
    let last = dialer.events().pop().unwrap();
    assert_eq!(
        (last.get("SipResultCode"), last.get("CallDuration")),
        ("486", "0")
    );
    assert_eq!(call.end_status, Some(EndStatus::Busy));
}

#[tokio::test]
async fn nobody_answers_within_the_timeout() {
    let dialer = Dialer::with(Behaviour::NoAnswer).await;
    dialer.accepted(TO).await;
    let call = dialer.finished(TO).await;
    assert_eq!(dialer.statuses(), ["initiated", "ringing", "no-answer"]);
    let rang = call.ended_at.unwrap() - call.ringing_at.unwrap();
    assert!(
        rang.num_milliseconds() >= 30,
        "Timeout=30 at x1000, it rang for {rang}"
    );
}

#[tokio::test]
async fn a_person_slower_than_the_timeout_is_not_reached() {
    let people = PeopleConfig {
        ring_ms: MsRange::exactly(40_000),
        ..PeopleConfig::default()
    };
    let dialer = Dialer::start(SimulatorConfig {
        people,
        time_scale: FAST,
        ..Default::default()
    })
    .await;
    dialer.simulator.people().script(TO, vec![LONG]);
    dialer.accepted(TO).await;
    assert_eq!(
        dialer.finished(TO).await.end_status,
        Some(EndStatus::NoAnswer)
    );
}

#[tokio::test]
async fn a_call_the_network_cannot_complete_fails() {
    let dialer = Dialer::with(Behaviour::Failed).await;
    dialer.accepted(TO).await;
    assert_eq!(
        dialer.finished(TO).await.end_status,
        Some(EndStatus::Failed)
    );
    assert_eq!(dialer.statuses(), ["initiated", "failed"]);
}

#[tokio::test]
async fn a_number_that_does_not_exist_is_refused_at_once() {
    let dialer = Dialer::with(Behaviour::InvalidNumber).await;
    let (_, answer) = dialer.call(TO).await;
    let (status, body) = answer.unwrap();
    assert_eq!((status, &body["code"]), (400, &21211.into()));
    let recorder = dialer.simulator.recorder();
    assert_eq!((recorder.len(), recorder.max_concurrent()), (1, 0));
}

#[tokio::test]
async fn a_voicemail_is_detected_and_lives_until_it_is_hung_up() {
    let people = PeopleConfig {
        voicemail_max_ms: 3_600_000,
        ..PeopleConfig::default()
    };
    let dialer = Dialer::start(SimulatorConfig {
        people,
        time_scale: FAST,
        ..Default::default()
    })
    .await;
    dialer
        .simulator
        .people()
        .script(TO, vec![Behaviour::Voicemail]);
    let (_, sid) = dialer.accepted(TO).await;
    let verdict = dialer.event("detection").await;
    assert_eq!(verdict.get("AnsweredBy"), "machine_start");
    assert_eq!(verdict.get("CallSid"), sid.to_string());
    assert_eq!(dialer.simulator.recorder().live_now(), 1);

    let (status, body) = dialer.update(sid, &[("Status", "completed")]).await;
    assert_eq!((status, &body["status"]), (200, &"completed".into()));
    assert_eq!(dialer.simulator.recorder().live_now(), 0);
    let call = dialer.finished(TO).await;
    assert_eq!(call.end_status, Some(EndStatus::Completed));
    let (_, fetched) = dialer.get(&format!("/Calls/{sid}")).await;
    assert_eq!(fetched["answered_by"], "machine");
    assert!(fetched["duration"].as_u64().unwrap() >= 1, "{fetched}");
}

#[tokio::test]
async fn a_voicemail_nobody_hangs_up_ends_with_its_tape() {
    let dialer = Dialer::with(Behaviour::Voicemail).await;
    dialer.accepted(TO).await;
    dialer.finished(TO).await;
    let last = dialer
        .events()
        .into_iter()
        .rfind(|event| event.kind == "status")
        .unwrap();
    assert_eq!(last.get("CallDuration"), "60");
}

#[tokio::test]
async fn synchronous_detection_is_told_with_the_answer_request() {
    let dialer = Dialer::with(Behaviour::Voicemail).await;
    let call_id = uuid::Uuid::new_v4();
    let mut form = dialer.form(call_id, TO);
    form.retain(|(name, _)| !name.starts_with("AsyncAmd"));
    dialer.send(&form).await.unwrap();
    assert_eq!(
        dialer.event("answer").await.get("AnsweredBy"),
        "machine_start"
    );
}

#[tokio::test]
async fn only_the_events_that_were_asked_for_are_sent() {
    let dialer = Dialer::with(Behaviour::Answer { talk_ms: 1_000 }).await;
    let mut form = dialer.form(uuid::Uuid::new_v4(), TO);
    form.retain(|(name, _)| *name != "StatusCallbackEvent");
    dialer.send(&form).await.unwrap();
    dialer.finished(TO).await;
    assert_eq!(
        dialer.statuses(),
        ["completed"],
        "completed alone is the default"
    );
}

#[tokio::test]
async fn a_ringing_call_can_be_canceled_and_a_finished_one_not() {
    let people = PeopleConfig {
        ring_ms: MsRange::exactly(29_000),
        ..PeopleConfig::default()
    };
    let dialer = Dialer::start(SimulatorConfig {
        people,
        ..SimulatorConfig::default()
    })
    .await;
    dialer.simulator.people().script(TO, vec![LONG]);
    let (_, sid) = dialer.accepted(TO).await;
    let (status, body) = dialer.update(sid, &[("Url", "http://127.0.0.1:1/x")]).await;
    assert_eq!(
        (status, &body["code"]),
        (400, &21220.into()),
        "not in progress"
    );

    let (status, body) = dialer.update(sid, &[("Status", "canceled")]).await;
    assert_eq!((status, &body["status"]), (200, &"canceled".into()));
    for again in ["canceled", "completed"] {
        let (status, body) = dialer.update(sid, &[("Status", again)]).await;
        assert_eq!((status, &body["code"]), (400, &10000.into()));
    }
    assert_eq!(
        dialer.finished(TO).await.end_status,
        Some(EndStatus::Canceled)
    );
    assert_eq!(dialer.statuses().last().unwrap(), "canceled");
}

#[tokio::test]
async fn a_call_in_progress_cannot_be_canceled_only_completed() {
    let dialer = Dialer::start(SimulatorConfig {
        time_scale: 100.0,
        ..fast()
    })
    .await;
    dialer.simulator.people().script(TO, vec![LONG]);
    let (_, sid) = dialer.accepted(TO).await;
    dialer.event("answer").await;
    let (status, body) = dialer.update(sid, &[("Status", "canceled")]).await;
    assert_eq!((status, &body["code"]), (400, &10000.into()));
    assert_eq!(dialer.update(sid, &[("Status", "completed")]).await.0, 200);
    assert_eq!(
        dialer.finished(TO).await.end_status,
        Some(EndStatus::Completed)
    );
}

#[tokio::test]
async fn the_simulator_stops_with_calls_in_the_air() {
    let dialer = Dialer::start(SimulatorConfig::default()).await;
    dialer.simulator.people().script(TO, vec![LONG]);
    dialer.accepted(TO).await;
    let base_url = dialer.simulator.base_url();
    let recorder = dialer.simulator.recorder();
    dialer.simulator.stop().await;
    assert!(
        dialer.http.get(base_url).send().await.is_err(),
        "nobody listens any more"
    );
    assert_eq!(recorder.live_now(), 1, "what was live is recorded as live");
}

#[tokio::test]
async fn scripts_are_followed_call_by_call() {
    let dialer = Dialer::start(fast()).await;
    let answer = Behaviour::Answer { talk_ms: 1_000 };
    dialer
        .simulator
        .people()
        .script(TO, vec![Behaviour::Busy, Behaviour::NoAnswer, answer]);
    let recorder = dialer.simulator.recorder();
    for nth in 1..=4 {
        dialer.accepted(TO).await;
        eventually("the end", || async {
            let calls = recorder.calls_to(TO);
            (calls.len() == nth && calls.iter().all(|call| !call.is_live())).then_some(())
        })
        .await;
    }
    let ends: Vec<_> = recorder
        .calls_to(TO)
        .iter()
        .filter_map(|call| call.end_status)
        .collect();
    use EndStatus::{Busy, Completed, NoAnswer};
    assert_eq!(ends, [Busy, NoAnswer, Completed, Completed]);
    let answered = recorder.calls_to(TO).pop().unwrap();
    eventually("its callbacks", || async {
        let call = recorder.call(answered.sid()?)?;
        call.delivered()
            .contains(&CallbackKind::Completed)
            .then_some(())
    })
    .await;
}
