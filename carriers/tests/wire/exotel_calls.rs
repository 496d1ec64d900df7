//! Looking up calls at Exotel, what it cannot do, and listing its numbers and recordings.

use std::time::Duration;

use carriers::{CampaignFault, Carrier, CarrierError, FoundCall, ListedCall, LookedUp, Price};
use domain::AnsweredBy;
use domain::progress::{End, News};

use crate::samples::{
    EXOTEL_SID, assert_discreet, everything_said, exotel, fixture, instant, named_exotel_call,
    number, unnamed_exotel_call,
};
use crate::stub::{Step, Stub};

const DETAILS: &str = fixture!("exotel_call_details.json");
const CREATED: &str = fixture!("exotel_call_created.json");
const EMPTY: &str = r#"{"Metadata":{"Total":0,"NextPageUri":null},"Calls":[]}"#;

fn found(looked_up: LookedUp) -> Vec<FoundCall> {
    match looked_up {
        LookedUp::Found(calls) => calls,
        LookedUp::NotFound => Vec::new(),
    }
}

#[tokio::test]
async fn a_call_at_exotel_is_looked_up_by_its_name() {
    let stub = Stub::start([Step::json(200, DETAILS)]).await;
    let calls = found(
        exotel(&stub.base)
            .look_up(&named_exotel_call())
            .await
            .unwrap(),
    );
    assert_eq!(
        stub.seen()[0].target,
        format!("/v1/Accounts/acme1/Calls/{EXOTEL_SID}.json?details=true")
    );
    assert_eq!(
        calls,
        [FoundCall {
            carrier_call_id: EXOTEL_SID.to_owned(),
            created_at: Some(instant("2024-01-15T08:55:10Z")),
            news: vec![
                News::Accepted {
                    carrier_call_id: EXOTEL_SID.to_owned()
                },
                News::Detected(AnsweredBy::Human),
                News::Ended {
                    end: End::Completed,
                    duration_s: Some(8)
                },
            ],
            status: "completed".to_owned(),
            duration_s: Some(8),
            price: Some(Price {
                micros: 1_500_000,
                currency: "INR".to_owned()
            }),
        }]
    );
}

#[tokio::test]
async fn a_price_and_a_duration_that_come_later_are_missing_until_then() {
    let early = DETAILS
        .replace(r#""Duration":"17""#, r#""Duration":null"#)
        .replace(r#""Price":"1.500""#, r#""Price":null"#)
        .replace(r#""ConversationDuration":8"#, r#""ConversationDuration":0"#);
    let stub = Stub::start([Step::json(200, &early), Step::json(200, DETAILS)]).await;
    let carrier = exotel(&stub.base);
    let first = found(carrier.look_up(&named_exotel_call()).await.unwrap());
    assert_eq!((first[0].duration_s, &first[0].price), (None, &None));
    assert!(first[0].news.contains(&News::Ended {
        end: End::Completed,
        duration_s: None
    }));
    let later = found(carrier.look_up(&named_exotel_call()).await.unwrap());
    assert_eq!(later[0].price, Price::from_amount(1.5, "INR"));
}

#[tokio::test]
async fn in_progress_is_no_answer_at_exotel() {
    let stub = Stub::start([Step::json(200, CREATED)]).await;
    let calls = found(
        exotel(&stub.base)
            .look_up(&named_exotel_call())
            .await
            .unwrap(),
    );
    let accepted = News::Accepted {
        carrier_call_id: EXOTEL_SID.to_owned(),
    };
    assert_eq!(calls[0].news, [accepted]);
    assert_eq!(calls[0].duration_s, None);
}

#[tokio::test]
async fn an_unnamed_call_at_exotel_is_looked_for_among_those_to_the_person_begun_since() {
    let stub = Stub::start([
        Step::json(200, fixture!("exotel_calls_page_1.json")),
        Step::json(200, fixture!("exotel_calls_page_2.json")),
    ])
    .await;
    let calls = found(
        exotel(&stub.base)
            .look_up(&unnamed_exotel_call())
            .await
            .unwrap(),
    );
    // Not the one of the morning, nor the one from another number, nor the one that came in. Where Exotel shows the
    // person as `To`, the call counts too.
    let sids: Vec<&str> = calls
        .iter()
        .map(|call| call.carrier_call_id.as_str())
        .collect();
    assert_eq!(sids, [EXOTEL_SID, "00000000000000000000000000000a04"]);
    let seen = stub.seen();
    assert_eq!(
        seen[0].target,
        "/v1/Accounts/acme1/Calls.json?From=%2B919876543210%2C09876543210\
         &DateCreated=gte%3A2024-01-14+08%3A25%3A09%3Blte%3A2024-01-16+20%3A25%3A09\
         &PageSize=100&SortBy=DateCreated%3Aasc"
    );
    assert_eq!(
        seen[1].target,
        "/v1/Accounts/acme1/Calls.json?PageSize=3&After=xyz"
    );
}

#[tokio::test]
async fn exotels_own_list_tells_whom_we_called_since() {
    let stub = Stub::start([
        Step::json(200, fixture!("exotel_call_details.json")),
        Step::json(200, fixture!("exotel_calls_page_1.json")),
        Step::json(200, fixture!("exotel_calls_page_2.json")),
    ])
    .await;
    let exotel = exotel(&stub.base);
    // By a call that we know, Exotel shows its zone.
    assert_eq!(
        found(exotel.look_up(&named_exotel_call()).await.unwrap()).len(),
        1
    );
    let since = instant("2024-01-15T08:50:00Z");
    let listed = exotel.calls_since(since).await.unwrap();
    assert_eq!(
        stub.seen()[1].target,
        "/v1/Accounts/acme1/Calls.json?DateCreated=gte%3A2024-01-14+08%3A20%3A00\
         &PageSize=100&SortBy=DateCreated%3Aasc"
    );
    // Not the one of the morning, nor the one that came in.
    let last = "00000000000000000000000000000a04";
    assert_eq!(
        names(&listed),
        [EXOTEL_SID, "00000000000000000000000000000a02", last]
    );
    for call in &listed {
        assert!(call.people.contains(&number("+919876543210")), "{call:?}");
    }
    assert_eq!(listed[0].shown, Some(number("+918012345678")));
}

fn names(listed: &[ListedCall]) -> Vec<&str> {
    let names = listed.iter();
    names
        .map(|call| call.found.carrier_call_id.as_str())
        .collect()
}

#[tokio::test]
async fn a_call_that_another_zone_puts_after_a_backup_is_listed_until_exotel_has_shown_its_own() {
    // Written by a clock in UTC, and read by one in India: five and a half hours too early.
    let in_utc =
        fixture!("exotel_calls_page_1.json").replace("2024-01-15 14:25:10", "2024-01-15 08:55:10");
    let stub = Stub::start([Step::json(200, &in_utc), Step::json(200, EMPTY)]).await;
    let since = instant("2024-01-15T08:50:00Z");
    let listed = exotel(&stub.base).calls_since(since).await.unwrap();
    assert!(names(&listed).contains(&EXOTEL_SID), "{listed:?}");
}

#[tokio::test]
async fn an_unknown_call_at_exotel_is_not_found_and_an_account_that_is_none_is_an_error() {
    let stub = Stub::start([
        Step::json(404, "{}"),
        Step::json(200, EMPTY),
        Step::json(404, "{}"),
    ])
    .await;
    let carrier = exotel(&stub.base);
    for key in [named_exotel_call(), unnamed_exotel_call()] {
        assert_eq!(carrier.look_up(&key).await.unwrap(), LookedUp::NotFound);
    }
    let error = carrier.look_up(&unnamed_exotel_call()).await.unwrap_err();
    assert!(
        matches!(
            error,
            CarrierError::Refused {
                fault: CampaignFault::Configuration,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn exotels_lists_lead_neither_astray_nor_on_for_ever() {
    let elsewhere = Stub::start([Step::json(200, EMPTY)]).await;
    let next = format!(r#""NextPageUri":"{}""#, elsewhere.base);
    let stub = Stub::start([Step::json(
        200,
        &EMPTY.replace(r#""NextPageUri":null"#, &next),
    )])
    .await;
    let error = exotel(&stub.base)
        .look_up(&unnamed_exotel_call())
        .await
        .unwrap_err();
    assert!(matches!(error, CarrierError::Unreadable(_)), "{error:?}");
    assert_eq!(elsewhere.connections(), 0);

    let endless = EMPTY.replace(r#""NextPageUri":null"#, r#""NextPageUri":"/again""#);
    let stub = Stub::start((0..100).map(|_| Step::json(200, &endless))).await;
    let error = exotel(&stub.base)
        .look_up(&unnamed_exotel_call())
        .await
        .unwrap_err();
    assert!(matches!(error, CarrierError::Unreadable(_)), "{error:?}");
    assert_eq!(stub.seen().len(), 20);
}

#[tokio::test]
async fn a_failing_exotel_is_asked_again_later_and_never_taken_for_a_missing_call() {
    for (step, wait_s) in [
        (Step::json(500, "{}"), None),
        (Step::json(503, ""), None),
        (Step::json(429, ""), Some(15)),
        (Step::Silence, None),
        (Step::StallInBody { status: 200 }, None),
        (Step::CloseAfterReading, None),
    ] {
        let stub = Stub::start([step]).await;
        let error = exotel(&stub.base)
            .look_up(&unnamed_exotel_call())
            .await
            .unwrap_err();
        match &error {
            CarrierError::Retryable { not_before, .. } => {
                assert_eq!(*not_before, wait_s.map(Duration::from_secs));
            }
            other => panic!("{other:?}"),
        }
        assert_discreet(&everything_said(error));
    }
    for body in ["", "[]", r#"{"Calls":7}"#, "<TwilioResponse/>"] {
        let stub = Stub::start([Step::json(200, body)]).await;
        let error = exotel(&stub.base)
            .look_up(&unnamed_exotel_call())
            .await
            .unwrap_err();
        assert!(
            matches!(error, CarrierError::Unreadable(_)),
            "{body}: {error:?}"
        );
    }
}

#[tokio::test]
async fn what_exotel_cannot_do_is_said_and_what_is_over_needs_nothing() {
    let document = "https://dialer.example/transfer".parse().unwrap();
    let stub = Stub::start([Step::json(200, CREATED), Step::json(200, CREATED)]).await;
    let carrier = exotel(&stub.base);
    for error in [
        carrier.hang_up(EXOTEL_SID).await.unwrap_err(),
        carrier.redirect(EXOTEL_SID, &document).await.unwrap_err(),
    ] {
        assert!(matches!(error, CarrierError::Refused { .. }), "{error:?}");
    }
    for step in [Step::json(200, DETAILS), Step::json(404, "{}")] {
        let stub = Stub::start([step]).await;
        exotel(&stub.base).hang_up(EXOTEL_SID).await.unwrap();
    }
    let stub = Stub::start([Step::json(200, DETAILS)]).await;
    let is_done = exotel(&stub.base).redirect(EXOTEL_SID, &document).await;
    assert!(!is_done.unwrap());
    let stub = Stub::start([Step::json(503, "")]).await;
    let error = exotel(&stub.base).hang_up(EXOTEL_SID).await.unwrap_err();
    assert!(matches!(error, CarrierError::Retryable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_recording_is_found_at_an_address_that_needs_no_credentials() {
    let listed = |recording: &str| {
        format!(
            r#"{{"Metadata":{{}},"Calls":[{{"Sid":"{EXOTEL_SID}","RecordingUrl":{recording}}}]}}"#
        )
    };
    let address = "https://recordings.example/rec.mp3?Signature=abc";
    let stub = Stub::start([
        Step::json(200, &listed(&format!("\"{address}\""))),
        Step::json(200, &listed("null")),
        Step::json(200, EMPTY),
    ])
    .await;
    let carrier = exotel(&stub.base);
    let found = carrier.recording(EXOTEL_SID).await.unwrap();
    assert_eq!(found.unwrap().as_str(), address);
    assert_eq!(carrier.recording(EXOTEL_SID).await.unwrap(), None);
    assert_eq!(carrier.recording(EXOTEL_SID).await.unwrap(), None);
    assert_eq!(
        stub.seen()[0].target,
        format!("/v1/Accounts/acme1/Calls.json?Sid={EXOTEL_SID}&RecordingUrlValidity=60")
    );
}

#[tokio::test]
async fn exotels_numbers_are_listed_without_those_nobody_could_call_from() {
    let stub = Stub::start([Step::json(200, fixture!("exotel_numbers.json"))]).await;
    let numbers = exotel(&stub.base).list_numbers().await.unwrap();
    let shown: Vec<_> = numbers
        .iter()
        .map(|n| {
            (
                n.carrier_number_id.as_str(),
                &n.number,
                n.label.as_deref(),
                n.has_voice,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (
                "08012345678",
                &number("+918012345678"),
                Some("Main line"),
                true
            ),
            ("08012345679", &number("+918012345679"), None, false),
        ]
    );
    assert_eq!(
        stub.seen()[0].target,
        "/v2_beta/Accounts/acme1/IncomingPhoneNumbers"
    );
}
