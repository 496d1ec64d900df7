//! What can go wrong when a call is created, and what is wrong with the request itself.

use std::time::{Duration, Instant};

use serde_json::Value;
use simulator::recorder::{CreateAnswer, CreateVerdict};
use simulator::{Behaviour, Fault, FaultTiming, Trigger};

use crate::dialer::{Dialer, TO, everybody_answers};

async fn with(fault: Fault) -> Dialer {
    let dialer = Dialer::start(everybody_answers()).await;
    dialer.simulator.faults().set(fault, Trigger::times(1));
    dialer
}

/// The code in whichever of the three shapes.
fn code(body: &Value) -> Option<u64> {
    let text = body["errors"][0]["code"].as_str();
    body["code"].as_u64().or_else(|| text?.parse().ok())
}

#[tokio::test]
async fn refusals_create_nothing_and_the_next_request_works() {
    for (fault, status, expected) in [
        (Fault::CreateTooManyRequests, 429, Some(20429)),
        (Fault::CreateInternalError, 500, Some(20504)),
        (Fault::CreateUnavailable, 503, None),
        (Fault::CreateUnauthorized, 401, Some(20003)),
        (Fault::CreateNoBalance, 402, Some(4001)),
    ] {
        let dialer = with(fault).await;
        let (_, answer) = dialer.call(TO).await;
        let (seen, body) = answer.unwrap();
        assert_eq!((seen, code(&body)), (status, expected), "{fault:?}: {body}");
        let recorder = dialer.simulator.recorder();
        assert_eq!(recorder.max_concurrent(), 0, "{fault:?}");
        assert_eq!(
            recorder.calls()[0].answer,
            Some(CreateAnswer::Status(status))
        );
        dialer.accepted(TO).await;
        assert_eq!(dialer.simulator.faults().fired(fault), 1);
        assert_eq!(recorder.attempts_per_number()[TO], 1);
    }
}

#[tokio::test]
async fn a_refused_connection_creates_nothing() {
    let dialer = with(Fault::CreateRefused).await;
    let (_, answer) = dialer.call(TO).await;
    assert!(answer.is_err_and(|e| e.is_request()));
    let recorded = dialer.simulator.recorder().calls();
    assert_eq!(recorded.len(), 1, "the client did not try twice");
    assert!(matches!(
        recorded[0].verdict,
        CreateVerdict::Rejected { status: 0, .. }
    ));
}

#[tokio::test]
async fn an_accepted_call_without_an_answer_lives_all_the_same() {
    let dialer = with(Fault::CreateUnanswered).await;
    let (call_id, answer) = dialer.call(TO).await;
    assert!(answer.is_err());
    let call = dialer.finished(TO).await;
    assert_eq!(call.call_id, Some(call_id));
    assert_eq!(call.answer, Some(CreateAnswer::Closed));
    assert_eq!(dialer.statuses().last().unwrap(), "completed");
    let query = format!("/Calls?To=%2B{}&PageSize=5", &TO[1..]);
    let (_, list) = dialer.get(&query).await;
    assert_eq!(
        list["calls"][0]["sid"],
        call.sid().unwrap().to_string(),
        "it can be looked up"
    );
}

#[tokio::test]
async fn a_call_may_live_behind_an_internal_error() {
    let dialer = with(Fault::CreateErrorAfterAccept).await;
    let (_, answer) = dialer.call(TO).await;
    assert_eq!(answer.unwrap().0, 500);
    assert!(dialer.finished(TO).await.sid().is_some());
}

#[tokio::test]
async fn a_slow_answer_comes_long_after_the_call_began() {
    let dialer = with(Fault::CreateSlow).await;
    let timing = FaultTiming {
        create_slow_ms: 150,
        ..FaultTiming::default()
    };
    dialer.simulator.faults().set_timing(timing);
    let began = Instant::now();
    dialer.accepted(TO).await;
    assert!(began.elapsed() >= Duration::from_millis(150));
    assert!(
        dialer.simulator.recorder().calls()[0].ended_at.is_some(),
        "it was over before"
    );
}

#[tokio::test]
async fn a_client_that_gives_up_on_a_slow_answer_has_a_call_all_the_same() {
    let dialer = with(Fault::CreateSlow).await;
    let patience = Duration::from_millis(50);
    let (answer, call) = tokio::join!(
        tokio::time::timeout(patience, dialer.call(TO)),
        dialer.finished(TO)
    );
    assert!(answer.is_err(), "the client gave up");
    assert!(call.sid().is_some());
}

#[tokio::test]
async fn callbacks_overtake_the_answer() {
    let dialer = with(Fault::CreateAfterCallbacks).await;
    let timing = FaultTiming {
        create_after_callbacks: 99,
        ..FaultTiming::default()
    };
    dialer.simulator.faults().set_timing(timing);
    dialer.accepted(TO).await;
    let statuses = dialer.statuses();
    assert_eq!(
        statuses.last().unwrap(),
        "completed",
        "all of them came first: {statuses:?}"
    );
}

#[tokio::test]
async fn an_answer_does_not_wait_for_callbacks_nobody_wants() {
    let dialer = with(Fault::CreateAfterCallbacks).await;
    dialer.simulator.people().script(TO, vec![Behaviour::Busy]);
    let mut form = dialer.form(uuid::Uuid::new_v4(), TO);
    form.retain(|(name, _)| !name.starts_with("StatusCallback"));
    let began = Instant::now();
    assert_eq!(dialer.send(&form).await.unwrap().0, 200);
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_request_without_good_credentials_is_refused_and_recorded() {
    let dialer = Dialer::start(everybody_answers()).await;
    let url = format!("{}/Calls", dialer.account());
    let form = dialer.form(uuid::Uuid::new_v4(), TO);
    let response = dialer
        .http
        .post(&url)
        .basic_auth("x", Some("y"))
        .form(&form)
        .send()
        .await;
    let response = response.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.json::<Value>().await.unwrap()["code"], 20003);
    let verdict = &dialer.simulator.recorder().calls()[0].verdict;
    assert!(matches!(
        verdict,
        CreateVerdict::Rejected {
            status: 401,
            code: Some(20003),
            ..
        }
    ));
    assert_eq!(dialer.http.get(url).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_bad_request_gets_the_documented_error() {
    let dialer = Dialer::start(everybody_answers()).await;
    let (_, answer) = dialer.call("12025550123").await;
    let (status, body) = answer.unwrap();
    assert_eq!(
        (status, &body["code"], &body["status"]),
        (400, &21211.into(), &400.into())
    );
    assert!(body["message"].as_str().unwrap().contains("12025550123"));
    assert!(body["more_info"].is_string());
}

#[tokio::test]
async fn a_client_that_asks_for_close_gets_it() {
    let dialer = Dialer::start(everybody_answers()).await;
    let url = format!("{}/_simulator/record", dialer.simulator.base_url());
    let response = dialer
        .http
        .get(url)
        .header("connection", "close")
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["connection"], "close");
}
