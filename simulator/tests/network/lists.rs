//! Lists of calls and numbers: filters and paging.

use std::collections::HashSet;

use serde_json::Value;
use simulator::{Behaviour, NumberProvider, OwnedNumber, SimulatorConfig};

use crate::dialer::{Dialer, FROM, TO, eventually, everybody_answers};

async fn with_calls(count: usize) -> Dialer {
    let dialer = Dialer::start(everybody_answers()).await;
    for n in 0..count {
        dialer.accepted(&format!("+1202555{n:04}")).await;
    }
    let recorder = dialer.simulator.recorder();
    eventually("all ends", || async {
        (recorder.live_now() == 0).then_some(())
    })
    .await;
    dialer
}

async fn page(dialer: &Dialer, uri: &str) -> Value {
    let url = format!("{}{uri}", dialer.simulator.base_url());
    let config = SimulatorConfig::default();
    let request = dialer
        .http
        .get(url)
        .basic_auth(config.project_id, Some(config.api_token));
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn pages_are_followed_by_their_uri_and_hold_every_call_once() {
    let dialer = with_calls(7).await;
    let (_, mut list) = dialer.get("/Calls.json?PageSize=3&Status=completed").await;
    let first = list["first_page_uri"].clone();
    let mut seen = Vec::new();
    for expected in [3, 3, 1] {
        let calls = list["calls"].as_array().unwrap();
        assert_eq!(calls.len(), expected);
        seen.extend(
            calls
                .iter()
                .map(|call| call["to"].as_str().unwrap().to_owned()),
        );
        let Some(next) = list["next_page_uri"].as_str() else {
            break;
        };
        assert!(next.starts_with("/api/laml/2010-04-01/Accounts/") && next.contains("=PA"));
        // A call that arrives between two pages neither repeats nor hides another.
        dialer.accepted("+12025559999").await;
        list = page(&dialer, next).await;
    }
    assert_eq!(list["next_page_uri"], Value::Null);
    assert_eq!(seen[0], "+12025550006", "the newest first");
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 7);
    assert_eq!(page(&dialer, first.as_str().unwrap()).await["page"], 0);
    let (status, error) = dialer.get("/Calls?Page=2").await;
    assert_eq!((status, &error["code"]), (400, &21481.into()));
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let dialer = with_calls(3).await;
    dialer.simulator.people().script(TO, vec![Behaviour::Busy]);
    dialer.accepted(TO).await;
    dialer.finished(TO).await;
    let count = async |query: &str| {
        let (status, list) = dialer.get(&format!("/Calls?{query}")).await;
        assert_eq!(status, 200, "{list}");
        list["calls"].as_array().unwrap().len()
    };
    assert_eq!(count(&format!("To=%2B{}", &TO[1..])).await, 1);
    assert_eq!(count(&format!("From=%2B{}", &FROM[1..])).await, 4);
    assert_eq!(count("From=%2B12025550199").await, 0);
    assert_eq!(count("Status=busy").await, 1);
    assert_eq!(count("Status=in-progress").await, 0);
    let now = chrono::Utc::now();
    let hour = chrono::TimeDelta::hours(1);
    let day = now.format("%Y-%m-%d").to_string();
    let ago = (now - hour).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let ahead = (now + hour).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    assert_eq!(count(&format!("StartTime%3E={ago}")).await, 4);
    assert_eq!(count(&format!("StartTime%3E={ahead}")).await, 0);
    assert_eq!(count(&format!("StartTime%3C={ago}")).await, 0);
    assert_eq!(
        count(&format!(
            "StartTime%3E={ago}&StartTime%3C={ahead}&Status=busy"
        ))
        .await,
        1
    );
    assert!(count(&format!("StartTime={day}")).await >= 1);
    assert_eq!(dialer.get("/Calls?StartTime%3E=tomorrow").await.0, 400);
}

#[tokio::test]
async fn both_prefixes_and_both_suffixes_lead_to_the_same_call() {
    let dialer = Dialer::start(everybody_answers()).await;
    let (_, sid) = dialer.accepted(TO).await;
    let project = SimulatorConfig::default().project_id;
    for prefix in ["/api/laml/2010-04-01", "/2010-04-01"] {
        for suffix in ["", ".json"] {
            let uri = format!("{prefix}/Accounts/{project}/Calls/{sid}{suffix}");
            let call = page(&dialer, &uri).await;
            assert_eq!(call["sid"], sid.to_string(), "{uri}");
            let uri = format!("{prefix}/Accounts/{project}/Calls{suffix}");
            assert_eq!(
                page(&dialer, &uri).await["calls"][0]["sid"],
                sid.to_string(),
                "{uri}"
            );
            let uri = format!("{prefix}/Accounts/{project}{suffix}");
            assert_eq!(page(&dialer, &uri).await["status"], "active", "{uri}");
        }
    }
    let (status, error) = dialer.get(&format!("/Calls/{}", uuid::Uuid::nil())).await;
    assert_eq!((status, &error["code"]), (404, &20404.into()));
}

#[tokio::test]
async fn the_projects_numbers_are_listed_and_fetched() {
    let dialer = Dialer::start(everybody_answers()).await;
    let (_, list) = dialer.get("/IncomingPhoneNumbers.json?PageSize=3").await;
    assert_eq!(list["incoming_phone_numbers"].as_array().unwrap().len(), 3);
    let rest = page(&dialer, list["next_page_uri"].as_str().unwrap()).await;
    assert_eq!(rest["incoming_phone_numbers"].as_array().unwrap().len(), 1);
    assert_eq!(rest["next_page_uri"], Value::Null);
    let number = &list["incoming_phone_numbers"][0];
    assert_eq!(number["phone_number"], FROM);
    let sid = number["sid"].as_str().unwrap();
    let (_, fetched) = dialer.get(&format!("/IncomingPhoneNumbers/{sid}")).await;
    assert_eq!(&fetched, number);
    let (_, numbers) = dialer.elevenlabs("/phone-numbers?provider=sip_trunk").await;
    assert_eq!(
        numbers[0]["phone_number"], FROM,
        "the same number at ElevenLabs"
    );
}

#[tokio::test]
async fn elevenlabs_numbers_are_listed_by_provider() {
    use NumberProvider::{Exotel, SipTrunk, Twilio};
    let kinds = [(FROM, SipTrunk), (TO, Twilio), ("+12025550199", Exotel)];
    let owned = |(number, provider)| OwnedNumber {
        provider,
        ..OwnedNumber::new(number)
    };
    let dialer = Dialer::start(SimulatorConfig {
        numbers: kinds.into_iter().map(owned).collect(),
        ..everybody_answers()
    })
    .await;
    for (number, provider) in kinds {
        let path = format!("/phone-numbers?provider={}", provider.as_str());
        let (_, list) = dialer.elevenlabs(&path).await;
        assert_eq!(list.as_array().unwrap().len(), 1);
        assert_eq!(list[0]["phone_number"], number);
        assert_eq!(list[0]["provider"], provider.as_str());
        assert_eq!(
            list[0].get("outbound_trunk").is_some(),
            provider == SipTrunk
        );
    }
}
