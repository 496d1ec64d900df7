//! Every error code that SignalWire documents for calls, in every shape it may come in, and what it must lead to.

use carriers::CampaignFault::{self, Balance, CallerNumber, Configuration, Credentials};
use carriers::{Carrier, CarrierError, PlaceError};
use serde_json::json;

use crate::samples::{self, assert_discreet, place_call};
use crate::stub::{Step, Stub};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Means {
    /// The contact is finished: its number will never work.
    NotThisNumber,
    /// The campaign is paused until somebody repairs this.
    Repair(CampaignFault),
    /// Back off and keep the contact: the carrier is well.
    Patience,
    /// Back off and keep the contact: the carrier fails, and took nothing on.
    OutOfService,
    /// Ask the carrier whether there is a call before anything else.
    Doubt,
}

use Means::{Doubt, NotThisNumber, OutOfService, Patience, Repair};

/// HTTP status, code, and what they mean.
const TABLE: [(u16, u32, Means); 34] = [
    // 400 and 422: permanent for this contact, or for the campaign.
    (400, 10000, Repair(Configuration)), // invalid argument, illegal state
    (400, 21205, Repair(Configuration)), // no Url
    (400, 21208, Repair(Configuration)), // bad Timeout
    (400, 21209, Repair(Configuration)), // bad Method
    (400, 21210, Repair(CallerNumber)),  // From not owned or not verified
    (400, 21211, NotThisNumber),         // To missing or bad
    (422, 21211, NotThisNumber),
    (400, 21212, Repair(CallerNumber)), // From bad
    (422, 21213, Repair(CallerNumber)), // From missing
    (400, 21217, NotThisNumber),        // To invalid
    (422, 21217, NotThisNumber),
    (400, 21218, Repair(Configuration)), // bad ApplicationSid
    (400, 21219, Repair(Configuration)), // trial: To not verified, or limit
    (400, 21220, Repair(Configuration)), // not in progress
    (400, 21234, Repair(Configuration)), // bad machine detection
    (400, 21262, Repair(Configuration)), // no address for machine detection
    (400, 21402, Repair(Configuration)), // bad address
    (400, 21456, Repair(Configuration)), // bad callback
    (422, 30010, Repair(Configuration)), // price
    // 401 and 403: the account.
    (401, 20003, Repair(Credentials)), // authentication failed
    (403, 20003, Repair(Credentials)), // blocked
    (403, 10001, Repair(Credentials)), // not enabled
    (403, 20010, Repair(Credentials)), // disabled
    // Money, whatever the status.
    (402, 4001, Repair(Balance)),
    (400, 4001, Repair(Balance)),
    (403, 4001, Repair(Balance)),
    (404, 20404, Repair(Configuration)),
    // Patience, whatever the status.
    (429, 20429, Patience),
    (429, 21611, Patience),
    (400, 21611, Patience),
    // The carrier's own failures: it may have placed the call, unless it says that it is out of service.
    (500, 20001, Doubt),
    (400, 20001, Doubt),
    (500, 20504, Doubt),
    (503, 20504, OutOfService),
];

/// The same error in the shapes that are known.
fn shapes(status: u16, code: u32) -> [String; 2] {
    let message = "To +15559876543 or something else is wrong";
    [
        json!({"code": code, "message": message, "more_info": "https://x", "status": status}),
        json!({"errors": [{"code": code.to_string(), "message": message, "more_info": "https://x"}]}),
    ]
    .map(|body| body.to_string())
}

fn meaning(error: &PlaceError) -> Means {
    match error {
        PlaceError::Rejected { .. } => NotThisNumber,
        PlaceError::Fault { fault, .. } => Repair(*fault),
        PlaceError::Busy { .. } => Patience,
        PlaceError::Retryable { .. } => OutOfService,
        PlaceError::Ambiguous(_) => Doubt,
    }
}

#[tokio::test]
async fn every_documented_code_leads_to_what_must_happen() {
    for (status, code, expected) in TABLE {
        for body in shapes(status, code) {
            let stub = Stub::start([Step::json(status, &body)]).await;
            let error = samples::signalwire(&stub.base)
                .place(&place_call())
                .await
                .unwrap_err();
            assert_eq!(meaning(&error), expected, "{status} {body}: {error:?}");
            assert_eq!(stub.seen().len(), 1, "asked once");
            assert_discreet(&format!("{error} {error:?}"));
        }
    }
}

#[tokio::test]
async fn what_is_paused_for_names_status_and_code() {
    for (status, code, expected) in TABLE {
        let Repair(_) = expected else { continue };
        for body in shapes(status, code) {
            let stub = Stub::start([Step::json(status, &body)]).await;
            let placed = samples::signalwire(&stub.base).place(&place_call()).await;
            let Err(PlaceError::Fault { reason, .. }) = placed else {
                panic!("{status} {code}: {placed:?}")
            };
            let told = format!("(HTTP {status}, code {code})");
            assert!(reason.ends_with(&told), "{reason}");
        }
    }
}

#[tokio::test]
async fn the_same_codes_after_a_question_say_whether_to_ask_again() {
    for (status, code, means) in TABLE {
        // No such call is an answer.
        if status == 404 {
            continue;
        }
        for body in shapes(status, code) {
            let stub = Stub::start([Step::json(status, &body)]).await;
            let error = samples::signalwire(&stub.base)
                .look_up(&samples::unnamed_call())
                .await
                .unwrap_err();
            let is_passing = matches!(error, CarrierError::Retryable { .. });
            let expected = matches!(means, Patience | OutOfService | Doubt);
            assert_eq!(is_passing, expected, "{status} {body}: {error:?}");
        }
    }
}
