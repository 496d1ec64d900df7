//! Looking up and ending calls at SignalWire, and listing its numbers.

use std::time::Duration;

use carriers::{CampaignFault, Carrier, CarrierError, FoundCall, LookedUp, Price};
use domain::AnsweredBy;
use domain::progress::{End, News};

use crate::samples::{
    self, CALL_SID, assert_discreet, everything_said, fixture, instant, named_call, number,
    signalwire, unnamed_call,
};
use crate::stub::{self, Step, Stub};

const COMPLETED: &str = fixture!("signalwire_call_completed.json");
const EMPTY: &str = fixture!("signalwire_calls_empty.json");
const NOT_FOUND: &str = r#"{"code":20404,"message":"Not found","status":404}"#;
const ILLEGAL_STATE: &str = r#"{"code":10000,"message":"Call is not in a state","status":400}"#;

fn found(looked_up: LookedUp) -> Vec<FoundCall> {
    match looked_up {
        LookedUp::Found(calls) => calls,
        LookedUp::NotFound => Vec::new(),
    }
}

fn accepted(sid: &str) -> News {
    News::Accepted {
        carrier_call_id: sid.to_owned(),
    }
}

#[tokio::test]
async fn a_call_is_looked_up_by_its_name() {
    let stub = Stub::start([Step::json(200, COMPLETED)]).await;
    let calls = found(signalwire(&stub.base).look_up(&named_call()).await.unwrap());
    assert_eq!(stub.seen()[0].method, "GET");
    assert!(
        stub.seen()[0]
            .target
            .ends_with(&format!("/Calls/{CALL_SID}"))
    );
    assert_eq!(
        calls,
        [FoundCall {
            carrier_call_id: CALL_SID.to_owned(),
            created_at: Some(instant("2024-04-04T18:30:40Z")),
            news: vec![
                accepted(CALL_SID),
                News::Detected(AnsweredBy::Human),
                News::Ended {
                    end: End::Completed,
                    duration_s: Some(94)
                },
            ],
            status: "completed".to_owned(),
            duration_s: Some(94),
            price: Some(Price {
                micros: 13_600,
                currency: "USD".to_owned()
            }),
        }]
    );
}

#[tokio::test]
async fn figures_written_as_texts_are_read_too() {
    let body = fixture!("signalwire_call_completed_texts.json");
    let stub = Stub::start([Step::json(200, body)]).await;
    let calls = found(signalwire(&stub.base).look_up(&named_call()).await.unwrap());
    assert_eq!(calls[0].duration_s, Some(12));
    assert_eq!(calls[0].price, Price::from_amount(0.0075, "USD"));
    assert!(calls[0].news.contains(&News::Detected(AnsweredBy::Machine)));
}

#[tokio::test]
async fn a_call_that_waits_in_the_carriers_queue_is_accepted_and_no_more() {
    let body = fixture!("signalwire_call_queued.json");
    let stub = Stub::start([Step::json(200, body)]).await;
    let calls = found(signalwire(&stub.base).look_up(&named_call()).await.unwrap());
    assert_eq!(calls[0].news, [accepted(CALL_SID)]);
    assert_eq!((calls[0].duration_s, &calls[0].price), (None, &None));
}

#[tokio::test]
async fn an_unknown_call_is_not_found_rather_than_an_error() {
    let stub = Stub::start([Step::json(404, NOT_FOUND)]).await;
    let looked_up = signalwire(&stub.base).look_up(&named_call()).await.unwrap();
    assert_eq!(looked_up, LookedUp::NotFound);
}

#[tokio::test]
async fn an_unnamed_call_is_looked_for_through_the_pages_among_those_begun_since() {
    let stub = Stub::start([
        Step::json(200, fixture!("signalwire_calls_page_1.json")),
        Step::json(200, fixture!("signalwire_calls_page_2.json")),
        Step::json(200, EMPTY),
    ])
    .await;
    let calls = found(
        signalwire(&stub.base)
            .look_up(&unnamed_call())
            .await
            .unwrap(),
    );

    // Oldest first; neither the leg with a parent nor the call of the day before. Page 2 ends before the call was
    // begun, so page 3 is not asked for.
    let sids: Vec<&str> = calls
        .iter()
        .map(|call| call.carrier_call_id.as_str())
        .collect();
    assert_eq!(sids, [CALL_SID, "7d1f2c3a-0000-4000-8000-00000000c003"]);
    assert!(calls[1].news.contains(&News::Ended {
        end: End::Busy,
        duration_s: Some(0)
    }));
    let targets: Vec<String> = stub
        .seen()
        .into_iter()
        .map(|request| request.target)
        .collect();
    let calls_path = format!("/api/laml/2010-04-01/Accounts/{}/Calls", samples::PROJECT);
    assert_eq!(
        targets,
        [
            format!("{calls_path}?To=%2B15559876543&From=%2B15551234567&PageSize=100"),
            format!(
                "{calls_path}?To=%2B15559876543&From=%2B15551234567&Page=1&PageSize=100\
                 &PageToken=PA7d1f"
            ),
        ]
    );
}

#[tokio::test]
async fn no_candidate_is_not_found() {
    let stub = Stub::start([Step::json(200, EMPTY)]).await;
    let looked_up = signalwire(&stub.base)
        .look_up(&unnamed_call())
        .await
        .unwrap();
    assert_eq!(looked_up, LookedUp::NotFound);
}

#[tokio::test]
async fn a_list_without_end_is_an_error_and_not_a_missing_call() {
    let endless = EMPTY.replace(r#""next_page_uri": null"#, r#""next_page_uri": "/again""#);
    let stub = Stub::start((0..100).map(|_| Step::json(200, &endless))).await;
    let error = signalwire(&stub.base)
        .look_up(&unnamed_call())
        .await
        .unwrap_err();
    assert!(matches!(error, CarrierError::Unreadable(_)), "{error:?}");
    assert_eq!(stub.seen().len(), 20);
}

#[tokio::test]
async fn our_credentials_are_not_led_to_another_host() {
    let elsewhere = Stub::start([Step::json(200, EMPTY)]).await;
    let next = format!(r#""next_page_uri": "{}""#, elsewhere.base);
    let body = EMPTY.replace(r#""next_page_uri": null"#, &next);
    let stub = Stub::start([Step::json(200, &body)]).await;
    let error = signalwire(&stub.base)
        .look_up(&unnamed_call())
        .await
        .unwrap_err();
    assert!(matches!(error, CarrierError::Unreadable(_)), "{error:?}");
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn a_failing_carrier_is_asked_again_later_and_never_taken_for_a_missing_call() {
    for step in [
        Step::json(500, "{}"),
        Step::json(503, ""),
        Step::json(429, ""),
        Step::Silence,
        Step::StallInBody { status: 200 },
        Step::CloseAfterReading,
    ] {
        let stub = Stub::start([step]).await;
        let error = signalwire(&stub.base)
            .look_up(&unnamed_call())
            .await
            .unwrap_err();
        assert!(matches!(error, CarrierError::Retryable { .. }), "{error:?}");
        assert_discreet(&everything_said(error)); // the numbers were in the address
    }
    let nobody = stub::nobody().await;
    let error = signalwire(&nobody)
        .look_up(&unnamed_call())
        .await
        .unwrap_err();
    assert!(matches!(error, CarrierError::Retryable { .. }), "{error:?}");
    assert_discreet(&everything_said(error));
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_unreadable() {
    for body in ["", "[]", "{\"calls\":7}", "<html/>"] {
        let stub = Stub::start([Step::json(200, body)]).await;
        let error = signalwire(&stub.base)
            .look_up(&unnamed_call())
            .await
            .unwrap_err();
        assert!(
            matches!(error, CarrierError::Unreadable(_)),
            "{body}: {error:?}"
        );
    }
}

#[tokio::test]
async fn refused_questions_say_what_to_repair() {
    let body = r#"{"code":20003,"message":"Authentication failed","status":401}"#;
    let stub = Stub::start([Step::json(401, body), Step::json(404, NOT_FOUND)]).await;
    let carrier = signalwire(&stub.base);
    for expected in [CampaignFault::Credentials, CampaignFault::Configuration] {
        match carrier.list_numbers().await {
            Err(CarrierError::Refused { fault, .. }) => assert_eq!(fault, expected),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn hanging_up_completes_the_call() {
    let stub = Stub::start([Step::json(200, COMPLETED)]).await;
    signalwire(&stub.base).hang_up(CALL_SID).await.unwrap();
    let [request] = &stub.seen()[..] else {
        panic!("one request")
    };
    assert_eq!(
        (request.method.as_str(), request.body.as_str()),
        ("POST", "Status=completed")
    );
    assert!(request.target.ends_with(&format!("/Calls/{CALL_SID}")));
}

#[tokio::test]
async fn a_call_that_still_rings_is_canceled() {
    let not_in_progress = r#"{"code":21220,"message":"Call is not in-progress","status":400}"#;
    let stub = Stub::start([Step::json(400, not_in_progress), Step::json(200, COMPLETED)]).await;
    signalwire(&stub.base).hang_up(CALL_SID).await.unwrap();
    let bodies: Vec<String> = stub
        .seen()
        .into_iter()
        .map(|request| request.body)
        .collect();
    assert_eq!(bodies, ["Status=completed", "Status=canceled"]);
}

#[tokio::test]
async fn hanging_up_what_is_over_or_unknown_succeeds() {
    let over = [ILLEGAL_STATE, ILLEGAL_STATE].map(|body| Step::json(400, body));
    let stub = Stub::start(over.into_iter().chain([Step::json(200, COMPLETED)])).await;
    signalwire(&stub.base).hang_up(CALL_SID).await.unwrap();

    let stub = Stub::start([Step::json(404, NOT_FOUND)]).await;
    signalwire(&stub.base).hang_up(CALL_SID).await.unwrap();
}

#[tokio::test]
async fn a_call_that_goes_on_in_spite_of_us_is_not_reported_as_ended() {
    // Answered between the two requests: neither the one nor the other was allowed when it came.
    let live = COMPLETED.replace(r#""status": "completed""#, r#""status": "in-progress""#);
    let refusals = [ILLEGAL_STATE, ILLEGAL_STATE].map(|body| Step::json(400, body));
    let stub = Stub::start(refusals.into_iter().chain([Step::json(200, &live)])).await;
    let error = signalwire(&stub.base).hang_up(CALL_SID).await.unwrap_err();
    assert!(matches!(error, CarrierError::Retryable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_carrier_that_fails_to_hang_up_says_so() {
    let headers = vec![("Retry-After", "3".to_owned())];
    let stub = Stub::start([Step::Answer {
        status: 503,
        headers,
        body: String::new(),
    }])
    .await;
    match signalwire(&stub.base).hang_up(CALL_SID).await {
        Err(CarrierError::Retryable { not_before, .. }) => {
            assert_eq!(not_before, Some(Duration::from_secs(3)));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_call_in_progress_gets_another_document() {
    let live = COMPLETED.replace(r#""status": "completed""#, r#""status": "in-progress""#);
    let stub = Stub::start([Step::json(200, &live)]).await;
    let document = "https://dialer.example/webhooks/a/transfer"
        .parse()
        .unwrap();
    let is_done = signalwire(&stub.base).redirect(CALL_SID, &document).await;
    assert!(is_done.unwrap());
    let [request] = &stub.seen()[..] else {
        panic!("one request")
    };
    assert_eq!(
        (request.method.as_str(), request.body.as_str()),
        (
            "POST",
            "Url=https%3A%2F%2Fdialer.example%2Fwebhooks%2Fa%2Ftransfer&Method=POST"
        )
    );
    assert!(request.target.ends_with(&format!("/Calls/{CALL_SID}")));
}

#[tokio::test]
async fn a_call_that_is_over_or_unknown_gets_no_other_document() {
    let not_in_progress = r#"{"code":21220,"message":"Call is not in-progress","status":400}"#;
    let document = "https://dialer.example/transfer".parse().unwrap();
    for (status, body) in [
        (400, ILLEGAL_STATE),
        (400, not_in_progress),
        (404, NOT_FOUND),
    ] {
        let stub = Stub::start([Step::json(status, body)]).await;
        let is_done = signalwire(&stub.base).redirect(CALL_SID, &document).await;
        assert!(!is_done.unwrap(), "{body}");
    }
    let stub = Stub::start([Step::json(503, "")]).await;
    let error = signalwire(&stub.base).redirect(CALL_SID, &document).await;
    assert!(
        matches!(error, Err(CarrierError::Retryable { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn the_accounts_numbers_are_listed_without_those_nobody_could_call_from() {
    let stub = Stub::start([Step::json(200, fixture!("signalwire_numbers.json"))]).await;
    let numbers = signalwire(&stub.base).list_numbers().await.unwrap();
    let shown: Vec<_> = numbers
        .iter()
        .map(|n| (&n.number, n.label.as_deref(), n.has_voice))
        .collect();
    assert_eq!(
        shown,
        [
            (&number("+15551234567"), Some("Main line"), true),
            (&number("+15557654321"), None, false)
        ]
    );
    assert!(
        stub.seen()[0]
            .target
            .ends_with("/IncomingPhoneNumbers?PageSize=100")
    );
}

#[tokio::test]
async fn the_accounts_own_list_tells_whom_we_called_since() {
    let call = |sid: u32, minute: u32, more: &str| {
        format!(
            r#"{{"sid": "7d1f2c3a-0000-4000-8000-{sid:012}", "date_created": "Thu, 04 Apr 2024 18:{minute}:00 +0000",
                "to": "+13915550001", "from": "+12025550100", "status": "busy"{more}}}"#
        )
    };
    let first = [
        call(5, 40, ""),
        call(4, 39, r#", "direction": "inbound""#),
        call(
            3,
            38,
            r#", "parent_call_sid": "7d1f2c3a-0000-4000-8000-000000000009""#,
        ),
    ];
    let second = [call(2, 37, ""), call(1, 29, "")];
    let page = |calls: &[String], next: &str| {
        format!(
            r#"{{"calls": [{}], "next_page_uri": {next}}}"#,
            calls.join(",")
        )
    };
    let stub = Stub::start([
        Step::json(200, &page(&first, r#""/more""#)),
        Step::json(200, &page(&second, r#""/too-old""#)),
    ])
    .await;
    let since = instant("2024-04-04T18:30:00Z");
    let listed = signalwire(&stub.base).calls_since(since).await.unwrap();
    assert!(stub.seen()[0].target.ends_with("/Calls?PageSize=1000"));
    assert_eq!(stub.seen()[1].target, "/more");
    let names = listed.iter().map(|call| &call.found.carrier_call_id[24..]);
    assert_eq!(names.collect::<Vec<_>>(), ["000000000002", "000000000005"]);
    for call in &listed {
        assert_eq!(call.people, [number("+13915550001")]);
        assert_eq!(call.shown, Some(number("+12025550100")));
        let end = News::Ended {
            end: End::Busy,
            duration_s: None,
        };
        assert!(call.found.news.contains(&end), "{:?}", call.found.news);
    }
}

#[tokio::test]
async fn a_full_page_of_real_calls_is_read() {
    let call = fixture!("signalwire_call_completed.json");
    let calls: Vec<String> = (0..1_000)
        .map(|n| call.replace(CALL_SID, &format!("7d1f2c3a-0000-4000-8000-{n:012}")))
        .collect();
    let page = format!(r#"{{"calls":[{}],"next_page_uri":null}}"#, calls.join(","));
    assert!(page.len() > 1_300_000, "{}", page.len());
    let stub = Stub::start([Step::json(200, &page)]).await;
    let since = instant("2024-04-04T18:30:00Z");
    let listed = signalwire(&stub.base).calls_since(since).await.unwrap();
    assert_eq!(listed.len(), 1_000);
}
