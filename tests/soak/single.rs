//! Somebody who calls people by hand all the time.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use simulator::{Behaviour, People};
use tokio_util::sync::CancellationToken;

use crate::support::api::Api;
use crate::support::people::{TALK_MS, number};

/// From one call to the next.
const PAUSE: Duration = Duration::from_secs(2);
/// The area of those who are called by hand.
pub const AREA: u16 = 990;

/// How often the API answered how to a wish for a call.
pub type Answers = BTreeMap<u16, usize>;

/// Calls somebody new every two seconds.
pub async fn run(api: Api, people: People, is_closing: CancellationToken) -> Answers {
    let mut answers = Answers::new();
    for index in 0.. {
        tokio::select! {
            () = is_closing.cancelled() => break,
            () = tokio::time::sleep(PAUSE) => {}
        }
        let number = number(AREA, index);
        let behaviour = if index % 4 == 0 {
            Behaviour::Busy
        } else {
            Behaviour::Answer { talk_ms: TALK_MS }
        };
        people.script(&number, vec![behaviour]);
        let body = json!({ "phoneNumber": number });
        let answer = api.post("/api/v1/calls/outbound", body).await;
        *answers.entry(answer.status.as_u16()).or_default() += 1;
    }
    answers
}
