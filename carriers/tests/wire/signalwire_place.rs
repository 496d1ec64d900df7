//! Placing a call at SignalWire: what is sent, and what every answer and every silence means.

use std::time::Duration;

use carriers::{CampaignFault, Carrier, PlaceError, Placed, SignalWire, SignalWireConfig};
use tokio::net::TcpListener;

use crate::samples::{self, CALL_SID, assert_discreet, everything_said, fixture, place_call};
use crate::stub::{self, Step, Stub};

const QUEUED: &str = fixture!("signalwire_call_queued.json");

async fn placed_at(script: impl IntoIterator<Item = Step>) -> (Result<Placed, PlaceError>, Stub) {
    let stub = Stub::start(script).await;
    let result = samples::signalwire(&stub.base).place(&place_call()).await;
    (result, stub)
}

async fn refused_with(status: u16, body: &str) -> PlaceError {
    let (result, stub) = placed_at([Step::json(status, body)]).await;
    assert_eq!(stub.seen().len(), 1, "asked once");
    let error = result.unwrap_err();
    assert_discreet(&format!("{error} {error:?}"));
    error
}

fn fault_of(error: &PlaceError) -> Option<CampaignFault> {
    match error {
        PlaceError::Fault { fault, .. } => Some(*fault),
        _ => None,
    }
}

#[tokio::test]
async fn the_request_is_the_documented_form() {
    let (result, stub) = placed_at([Step::json(200, QUEUED)]).await;
    assert_eq!(result.unwrap().carrier_call_id, CALL_SID);

    let [request] = &stub.seen()[..] else {
        panic!("one request")
    };
    assert_eq!(request.method, "POST");
    assert_eq!(
        request.target,
        "/api/laml/2010-04-01/Accounts/11111111-2222-4333-8444-555555555555/Calls"
    );
    assert_eq!(
        request.header("content-type"),
        "application/x-www-form-urlencoded"
    );
    assert_eq!(
        request.header("authorization"), // base64 of project:token
        "Basic MTExMTExMTEtMjIyMi00MzMzLTg0NDQtNTU1NTU1NTU1NTU1OlBUc2VjcmV0MDEyMzQ1Njc4OQ=="
    );
    let hooks = "https%3A%2F%2Fdialer.example%2Fwebhooks%2Fsignalwire%2Fcalls%2F\
                 0190c7a0-0000-7000-8000-000000000042%2F";
    assert_eq!(
        request.body,
        format!(
            "To=%2B15559876543&From=%2B15551234567&Url={hooks}answer&StatusCallback={hooks}status\
             &StatusCallbackEvent=initiated&StatusCallbackEvent=ringing\
             &StatusCallbackEvent=answered&StatusCallbackEvent=completed\
             &MachineDetection=Enable&AsyncAmd=true&AsyncAmdStatusCallback={hooks}amd&Timeout=30"
        )
    );
}

#[tokio::test]
async fn machine_detection_and_recording_are_asked_for_only_where_wanted() {
    let stub = Stub::start([Step::json(201, QUEUED)]).await;
    let call = carriers::PlaceCall {
        detect_machine: false,
        record: true,
        ..place_call()
    };
    samples::signalwire(&stub.base).place(&call).await.unwrap();
    let body = &stub.seen()[0].body;
    assert!(
        !body.contains("Amd") && !body.contains("MachineDetection"),
        "{body}"
    );
    assert!(
        body.contains("&Timeout=30&Record=true&RecordingStatusCallback="),
        "{body}"
    );
    assert!(
        body.ends_with("%2Frecording&RecordingStatusCallbackEvent=completed"),
        "{body}"
    );
}

#[tokio::test]
async fn an_unusable_number_is_rejected_for_good_in_every_shape_of_error() {
    for (status, body, code) in [
        (
            400,
            r#"{"code":21211,"message":"The 'To' number +15559876543 is not valid","more_info":"x","status":400}"#,
            21211,
        ),
        (
            422,
            r#"{"errors":[{"code":"21217","message":"To +1 (555) 987-6543 is invalid."}]}"#,
            21217,
        ),
    ] {
        match refused_with(status, body).await {
            PlaceError::Rejected {
                reason,
                code: found,
            } => {
                assert_eq!(found, Some(code));
                assert!(
                    reason.contains("43") && reason.contains("valid"),
                    "{reason}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn what_would_refuse_every_call_alike_is_a_fault_of_the_campaign() {
    use CampaignFault::{Balance, CallerNumber, Configuration, Credentials};
    for (status, body, fault) in [
        (
            401,
            r#"{"code":20003,"message":"Authentication failed","status":401}"#,
            Credentials,
        ),
        (
            403,
            r#"{"code":10001,"message":"Not enabled","status":403}"#,
            Credentials,
        ),
        (
            403,
            r#"{"code":20010,"message":"Disabled","status":403}"#,
            Credentials,
        ),
        (401, "<html>who are you?</html>", Credentials),
        (
            400,
            r#"{"code":4001,"message":"Insufficient balance","status":400}"#,
            Balance,
        ),
        (402, "", Balance),
        (
            400,
            r#"{"code":21210,"message":"From is not verified","status":400}"#,
            CallerNumber,
        ),
        (
            422,
            r#"{"errors":[{"code":"21212","message":"Invalid From"}]}"#,
            CallerNumber,
        ),
        (
            422,
            r#"{"errors":[{"code":"21213","message":"From missing"}]}"#,
            CallerNumber,
        ),
        (
            422,
            r#"{"errors":[{"code":"30010","message":"Maxpriceperminute"}]}"#,
            Configuration,
        ),
        (
            422,
            r#"{"errors":["Validation error message"]}"#,
            Configuration,
        ),
        (
            404,
            r#"{"code":20404,"message":"Not found","status":404}"#,
            Configuration,
        ),
    ] {
        let error = refused_with(status, body).await;
        assert_eq!(fault_of(&error), Some(fault), "{status} {body}: {error:?}");
    }
}

#[tokio::test]
async fn the_carriers_own_sentence_reaches_the_operator() {
    match refused_with(422, r#"{"errors":["Validation error message"]}"#).await {
        PlaceError::Fault { reason, .. } => {
            assert_eq!(reason, "Validation error message (HTTP 422)");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_carrier_that_asks_for_patience_is_asked_again_when_it_says_so() {
    for (status, body) in [
        (
            429,
            r#"{"code":20429,"message":"Too many requests","status":429}"#,
        ),
        (
            400,
            r#"{"code":21611,"message":"From has too many queued calls","status":400}"#,
        ),
        (429, "<html>slow down</html>"),
    ] {
        match answered_after_seven_seconds(status, body).await {
            PlaceError::Busy { not_before, .. } => {
                assert_eq!(not_before, Some(Duration::from_secs(7)));
            }
            other => panic!("{status}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_carrier_out_of_service_took_nothing_on() {
    match answered_after_seven_seconds(503, "").await {
        PlaceError::Retryable { not_before, .. } => {
            assert_eq!(not_before, Some(Duration::from_secs(7)));
        }
        other => panic!("{other:?}"),
    }
}

/// The refusal, which asks to come back after seven seconds.
async fn answered_after_seven_seconds(status: u16, body: &str) -> PlaceError {
    let step = Step::Answer {
        status,
        headers: vec![("Retry-After", "7".to_owned())],
        body: body.to_owned(),
    };
    let (result, _stub) = placed_at([step]).await;
    result.unwrap_err()
}

#[tokio::test]
async fn an_error_of_the_server_leaves_the_call_in_doubt() {
    for status in [408, 500, 502, 504] {
        let error = refused_with(status, r#"{"code":20001,"message":"Unknown"}"#).await;
        assert!(
            matches!(error, PlaceError::Ambiguous(_)),
            "{status}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_acceptance_that_cannot_be_read_leaves_the_call_in_doubt() {
    let endless = format!(
        "{{\"sid\":\"{CALL_SID}\",\"x\":\"{}\"}}",
        "x".repeat(2 << 20)
    );
    for body in [
        "",
        "<Response/>",
        "{}",
        r#"{"sid":""}"#,
        r#"{"sid":7}"#,
        endless.as_str(),
    ] {
        let error = refused_with(200, body).await;
        let shown = &body[..body.len().min(40)];
        assert!(
            matches!(error, PlaceError::Ambiguous(_)),
            "{shown}: {error:?}"
        );
    }
}

#[tokio::test]
async fn silence_after_the_request_leaves_the_call_in_doubt() {
    for step in [Step::Silence, Step::StallInBody { status: 200 }] {
        let (result, stub) = placed_at([step]).await;
        let error = result.unwrap_err();
        assert!(matches!(error, PlaceError::Ambiguous(_)), "{error:?}");
        assert_discreet(&everything_said(error));
        assert_eq!(stub.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_refusal_whose_reason_does_not_arrive_is_still_a_refusal() {
    let (result, _stub) = placed_at([Step::StallInBody { status: 401 }]).await;
    assert_eq!(
        fault_of(&result.unwrap_err()),
        Some(CampaignFault::Credentials)
    );
}

#[tokio::test]
async fn a_connection_closed_after_the_request_leaves_the_call_in_doubt() {
    for step in [Step::CloseAfterReading, Step::CloseBeforeReading] {
        // The second answer is there to be found by a client that asks again: it must not.
        let (result, stub) = placed_at([step, Step::json(200, QUEUED)]).await;
        assert!(
            matches!(result, Err(PlaceError::Ambiguous(_))),
            "{result:?}"
        );
        assert_eq!(stub.connections(), 1);
    }
}

#[tokio::test]
async fn a_request_lost_on_a_reused_connection_is_not_sent_again() {
    let stub = Stub::start([
        Step::json(200, QUEUED),
        Step::CloseAfterReading, // on the same connection
        Step::json(200, QUEUED),
    ])
    .await;
    let carrier = samples::signalwire(&stub.base);
    carrier.place(&place_call()).await.unwrap();
    let lost = carrier.place(&place_call()).await;
    assert_eq!(stub.connections(), 1, "the connection was reused");
    assert!(matches!(lost, Err(PlaceError::Ambiguous(_))), "{lost:?}");
    assert_eq!(stub.seen().len(), 2, "each call was asked for once");
}

#[tokio::test]
async fn no_call_is_asked_for_twice_while_the_server_keeps_closing_idle_connections() {
    const CALLS: usize = 50;
    let script = (0..CALLS).map(|_| Step::AnswerThenClose {
        body: QUEUED.to_owned(),
    });
    let stub = Stub::start(script).await;
    let carrier = samples::signalwire(&stub.base);
    let mut placed = 0;
    for _ in 0..CALLS {
        match carrier.place(&place_call()).await {
            Ok(_) => placed += 1,
            // The close overtook the request: honest doubt, and nothing was read by the server.
            Err(PlaceError::Ambiguous(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(stub.seen().len(), placed);
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_placed() {
    let carrier = samples::signalwire(&stub::nobody().await);
    let error = carrier.place(&place_call()).await.unwrap_err();
    assert!(
        matches!(
            error,
            PlaceError::Retryable {
                not_before: None,
                ..
            }
        ),
        "{error:?}"
    );
    assert_discreet(&everything_said(error));
}

#[tokio::test]
async fn where_no_connection_comes_about_nothing_was_placed() {
    // Accepts TCP and never says a word of TLS: the request cannot have been sent.
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("https://{}/", mute.local_addr().unwrap())
        .parse()
        .unwrap();
    let error = samples::signalwire(&host)
        .place(&place_call())
        .await
        .unwrap_err();
    assert!(matches!(error, PlaceError::Retryable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_our_credentials() {
    let elsewhere = Stub::start([Step::json(200, QUEUED)]).await;
    let headers = vec![("Location", elsewhere.base.to_string())];
    let step = Step::Answer {
        status: 307,
        headers,
        body: String::new(),
    };
    let (result, _stub) = placed_at([step]).await;
    assert_eq!(
        fault_of(&result.unwrap_err()),
        Some(CampaignFault::Configuration)
    );
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn neither_numbers_nor_credentials_show_in_what_is_logged() {
    let stub = Stub::start([]).await;
    assert_discreet(&format!(
        "{:?} {:?}",
        samples::signalwire(&stub.base),
        place_call()
    ));
    assert_discreet(&format!("{:?}", samples::elevenlabs(&stub.base)));
    assert_discreet(&format!(
        "{:?} {:?}",
        samples::unnamed_call(),
        samples::register_call()
    ));
}

#[test]
fn a_client_that_could_never_work_is_not_built() {
    let config = |base: &str, project: &str, token: &str| SignalWireConfig {
        base_url: base.parse().unwrap(),
        project_id: project.to_owned(),
        api_token: token.into(),
        place_timeout: SignalWireConfig::PLACE_TIMEOUT,
        request_timeout: SignalWireConfig::REQUEST_TIMEOUT,
    };
    let host = "https://example.signalwire.com/api/laml/2010-04-01";
    assert!(SignalWire::new(config(host, "p", "t")).is_ok());
    for (base, project, token, key) in [
        ("ftp://example.com/", "p", "t", "base_url"),
        ("https://user:password@example.com/", "p", "t", "base_url"),
        (host, "", "t", "project_id"),
        (host, "p", "", "api_token"),
    ] {
        let error = SignalWire::new(config(base, project, token)).unwrap_err();
        assert_eq!(error.key, key);
        assert!(!error.to_string().contains("password"), "{error}");
    }
}
