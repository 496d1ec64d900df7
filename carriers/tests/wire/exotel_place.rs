//! Placing a call at Exotel: what is sent, and what every answer and every silence means.

use std::time::Duration;

use carriers::exotel::CallerIdForm;
use carriers::{CampaignFault, Carrier, Exotel, ExotelConfig, PlaceError, Placed};

use crate::samples::{
    CALL_ID, EXOTEL_SID, assert_discreet, everything_said, exotel, exotel_call, exotel_config,
    fixture, instant, number, unnamed_exotel_call,
};
use crate::stub::{self, Step, Stub};

const CREATED: &str = fixture!("exotel_call_created.json");

async fn placed_at(script: impl IntoIterator<Item = Step>) -> (Result<Placed, PlaceError>, Stub) {
    let stub = Stub::start(script).await;
    let result = exotel(&stub.base).place(&exotel_call()).await;
    (result, stub)
}

async fn refused_with(status: u16, body: &str) -> PlaceError {
    let (result, stub) = placed_at([Step::json(status, body)]).await;
    assert_eq!(stub.seen().len(), 1, "asked once");
    let error = result.unwrap_err();
    assert_discreet(&format!("{error} {error:?}"));
    error
}

fn rest_exception(status: u16, message: &str) -> String {
    serde_json::json!({"RestException": {"Status": status, "Message": message}}).to_string()
}

#[tokio::test]
async fn the_request_to_exotel_is_the_documented_form() {
    let (result, stub) = placed_at([Step::json(200, CREATED)]).await;
    assert_eq!(result.unwrap().carrier_call_id, EXOTEL_SID);
    let [request] = &stub.seen()[..] else {
        panic!("one request")
    };
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("POST", "/v1/Accounts/acme1/Calls/connect.json")
    );
    assert_eq!(
        request.header("authorization"), // base64 of key:token
        "Basic a2V5OlBUc2VjcmV0MDEyMzQ1Njc4OQ=="
    );
    let form: Vec<(String, String)> = url::form_urlencoded::parse(request.body.as_bytes())
        .into_owned()
        .collect();
    let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let callback = format!("https://dialer.example/webhooks/exotel/token/calls/{CALL_ID}/status");
    assert_eq!(
        form,
        [
            ("From", "+919876543210"),
            ("CallerId", "08012345678"),
            ("Url", "http://my.exotel.com/acme1/exoml/start_voice/4711"),
            ("CallType", "trans"),
            ("TimeLimit", "1800"),
            ("TimeOut", "30"),
            ("CustomField", CALL_ID),
            ("StatusCallback", &callback),
            ("StatusCallbackEvents[0]", "terminal"),
            ("StatusCallbackEvents[1]", "answered"),
            ("StatusCallbackContentType", "application/json"),
        ]
    );
}

#[tokio::test]
async fn the_number_shown_is_written_as_the_account_wants_it_and_recording_only_where_wanted() {
    let stub = Stub::start([Step::json(200, CREATED)]).await;
    let config = ExotelConfig {
        caller_id_form: CallerIdForm::E164,
        ..exotel_config(&stub.base)
    };
    let call = carriers::PlaceCall {
        record: true,
        ring_timeout_s: 90,
        ..exotel_call()
    };
    Exotel::new(config).unwrap().place(&call).await.unwrap();
    let body = &stub.seen()[0].body;
    assert!(body.contains("CallerId=%2B918012345678"), "{body}");
    assert!(body.contains("TimeOut=60&"), "{body}"); // Exotel's longest
    assert!(body.ends_with("&Record=true"), "{body}");
}

#[tokio::test]
async fn a_person_who_may_not_or_cannot_be_called_is_rejected_for_good() {
    for (status, message) in [
        (
            403,
            "Call to [09876543210] can not be made because of TRAI NDNC regulations",
        ),
        (400, "Invalid From number 09876543210"),
        (400, "Phone number is not valid"),
        (422, "Destination is blacklisted"),
    ] {
        match refused_with(status, &rest_exception(status, message)).await {
            PlaceError::Rejected { reason, .. } => {
                assert!(reason.ends_with(&format!("(HTTP {status})")), "{reason}");
            }
            other => panic!("{message}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_exotel_would_refuse_every_time_is_a_fault_of_the_campaign() {
    use CampaignFault::{Balance, CallerNumber, Configuration, Credentials};
    let xml = "<?xml version=\"1.0\"?><TwilioResponse><RestException><Status>401</Status>\
               <Message>Authenticate</Message></RestException></TwilioResponse>";
    for (status, body, expected) in [
        (401, xml.to_owned(), Credentials),
        (401, rest_exception(401, "Authenticate"), Credentials),
        (403, rest_exception(403, "Account suspended"), Credentials),
        (402, rest_exception(402, "Insufficient balance"), Balance),
        (
            400,
            rest_exception(400, "CallerId is not a virtual number of yours"),
            CallerNumber,
        ),
        (
            400,
            rest_exception(400, "Url: no such flow for this number"),
            Configuration,
        ),
        (400, rest_exception(400, "Bad request"), Configuration),
        (
            400,
            rest_exception(400, "Maximum number of concurrent calls reached"),
            Configuration,
        ),
        (
            400,
            rest_exception(400, "Invalid number of concurrent calls"),
            Configuration,
        ),
        (
            400,
            rest_exception(400, "No channel is free for this number"),
            Configuration,
        ),
        (400, "<html>".to_owned(), Configuration),
        (404, rest_exception(404, "Not found"), Configuration),
        (302, String::new(), Configuration),
    ] {
        match refused_with(status, &body).await {
            PlaceError::Fault { fault, reason } => {
                assert_eq!(fault, expected, "{status} {body}: {reason}");
            }
            other => panic!("{status} {body}: {other:?}"),
        }
    }
    match refused_with(401, xml).await {
        PlaceError::Fault { reason, .. } => assert_eq!(reason, "Authenticate (HTTP 401)"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_secret_in_an_address_that_exotel_repeats_is_not_shown() {
    let message =
        "StatusCallback https://dialer.example/webhooks/exotel/s3cret/calls/1/status is not valid";
    match refused_with(400, &rest_exception(400, message)).await {
        PlaceError::Fault { reason, .. } => {
            assert_eq!(reason, "StatusCallback (address) is not valid (HTTP 400)");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_error_in_an_answer_of_success_is_an_error() {
    let body = rest_exception(402, "Insufficient balance");
    assert!(matches!(
        refused_with(200, &body).await,
        PlaceError::Fault {
            fault: CampaignFault::Balance,
            ..
        }
    ));
}

#[tokio::test]
async fn the_limit_per_minute_keeps_the_contact_and_waits_out_a_part_of_the_minute() {
    for (status, headers, wait_s) in [
        (429, vec![], Some(15)),
        (429, vec![("Retry-After", "40".to_owned())], Some(40)),
        (409, vec![], None),
    ] {
        let step = Step::Answer {
            status,
            headers,
            body: rest_exception(status, "Too many requests"),
        };
        match placed_at([step]).await.0 {
            Err(PlaceError::Busy { not_before, .. }) => {
                assert_eq!(not_before, wait_s.map(Duration::from_secs), "{status}");
            }
            other => panic!("{status}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_exotel_out_of_service_is_told_from_one_that_asks_for_patience() {
    for (headers, wait) in [
        (vec![], None),
        (
            vec![("Retry-After", "40".to_owned())],
            Some(Duration::from_secs(40)),
        ),
    ] {
        let step = Step::Answer {
            status: 503,
            headers,
            body: rest_exception(503, "Service unavailable"),
        };
        match placed_at([step]).await.0 {
            Err(PlaceError::Retryable { not_before, .. }) => assert_eq!(not_before, wait),
            other => panic!("{other:?}"),
        }
    }
    let nobody = stub::nobody().await;
    let error = exotel(&nobody).place(&exotel_call()).await.unwrap_err();
    assert!(matches!(error, PlaceError::Retryable { .. }), "{error:?}");
}

#[tokio::test]
async fn whatever_may_have_reached_exotel_is_in_doubt() {
    for step in [
        Step::json(500, "{}"),
        Step::json(502, "<html>"),
        Step::json(408, ""),
        Step::Silence,
        Step::StallInBody { status: 200 },
        Step::CloseAfterReading,
        Step::json(200, "<TwilioResponse/>"),
        Step::json(200, r#"{"Call":{"Sid":""}}"#),
        Step::json(200, r#"{"Call":{"Status":"queued"}}"#),
    ] {
        let (result, stub) = placed_at([step]).await;
        let error = result.unwrap_err();
        assert!(matches!(error, PlaceError::Ambiguous(_)), "{error:?}");
        assert_eq!(stub.seen().len(), 1, "asked once");
        assert_discreet(&everything_said(error));
    }
}

#[tokio::test]
async fn a_wrong_offset_shown_by_the_creation_is_mended_before_a_call_is_looked_for() {
    // Exotel's clock shows UTC, and India's was configured.
    let now = chrono::Utc::now();
    let shown = now.format("%Y-%m-%d %H:%M:%S").to_string();
    let created = CREATED.replace("2024-01-15 14:25:10", &shown);
    let empty = r#"{"Metadata":{"NextPageUri":null},"Calls":[]}"#;
    let stub = Stub::start([Step::json(200, &created), Step::json(200, empty)]).await;
    let carrier = exotel(&stub.base);
    carrier.place(&exotel_call()).await.unwrap();
    let key = carriers::CallKey {
        begun_at: instant("2024-01-15T08:55:09Z"),
        ..unnamed_exotel_call()
    };
    carrier.look_up(&key).await.unwrap();
    let target = stub.seen()[1].target.clone();
    let from = "gte%3A2024-01-14+02%3A55%3A09"; // 30 hours before, in UTC
    assert!(target.contains(from), "{target}");
}

#[tokio::test]
async fn a_client_of_exotel_that_cannot_work_is_not_built() {
    let host = "http://127.0.0.1:1".parse().unwrap();
    let good = || exotel_config(&host);
    let flow = "ftp://my.exotel.com/x".parse().unwrap();
    for (config, key) in [
        (
            ExotelConfig {
                account_sid: String::new(),
                ..good()
            },
            "account_sid",
        ),
        (
            ExotelConfig {
                api_key: "".into(),
                ..good()
            },
            "api_key",
        ),
        (
            ExotelConfig {
                api_token: "".into(),
                ..good()
            },
            "api_token",
        ),
        (
            ExotelConfig {
                flow_url: flow,
                ..good()
            },
            "flow_url",
        ),
        (
            ExotelConfig {
                time_limit_s: 14_401,
                ..good()
            },
            "time_limit_s",
        ),
        (
            ExotelConfig {
                currency: "rupees".into(),
                ..good()
            },
            "currency",
        ),
        (
            ExotelConfig {
                place_timeout: Duration::ZERO,
                ..good()
            },
            "place_timeout",
        ),
    ] {
        assert_eq!(Exotel::new(config).unwrap_err().key, key);
    }
    let call = exotel_call();
    assert_eq!(call.to, number("+919876543210"));
    assert!(!format!("{call:?}").contains("/token/"), "{call:?}");
}
