//! What is told of a call after its end: its price, and its recording.

use serde_json::Value;
use simulator::recorder::CallbackKind;
use simulator::{Fault, SimulatorConfig, Trigger};
use uuid::Uuid;

use crate::dialer::{Dialer, TO, eventually, everybody_answers};

async fn price_of(dialer: &Dialer, sid: Uuid) -> Value {
    let (_, mut call) = dialer.get(&format!("/Calls/{sid}")).await;
    call["price"].take()
}

#[tokio::test]
async fn a_price_is_known_a_while_after_the_end() {
    let dialer = Dialer::start(SimulatorConfig {
        price_after_ms: 2_000,
        ..everybody_answers()
    })
    .await;
    let (_, sid) = dialer.accepted(TO).await;
    let recorder = dialer.simulator.recorder();
    eventually("it ends", || async {
        (recorder.live_now() == 0).then_some(())
    })
    .await;
    assert_eq!(price_of(&dialer, sid).await, Value::Null);
    dialer
        .simulator
        .faults()
        .set(Fault::PriceUnknown, Trigger::times(1));
    eventually("the price is told", || async {
        price_of(&dialer, sid).await.as_f64()
    })
    .await;
    assert_eq!(dialer.simulator.faults().fired(Fault::PriceUnknown), 1);
}

#[tokio::test]
async fn a_recording_is_told_of_and_served_to_whoever_may_ask() {
    let dialer = Dialer::start(everybody_answers()).await;
    let call_id = Uuid::new_v4();
    let mut form = dialer.form(call_id, TO);
    form.push(("Record", "true".to_owned()));
    form.push(("RecordingStatusCallback", dialer.hook(call_id, "recording")));
    dialer.send(&form).await.unwrap();
    let told = dialer.event("recording").await;
    assert_eq!(told.get("RecordingStatus"), "completed");
    assert!(told.get("RecordingDuration").parse::<u32>().is_ok());
    let url = told.get("RecordingUrl");
    let config = SimulatorConfig::default();
    for url in [url.to_owned(), format!("{url}.wav")] {
        let stranger = dialer.http.get(&url).send().await.unwrap();
        assert_eq!(stranger.status(), 401);
        let request = dialer.http.get(&url);
        let request = request.basic_auth(&config.project_id, Some(&config.api_token));
        let sound = request.send().await.unwrap();
        assert_eq!(sound.headers()["content-type"], "audio/wav");
        assert!(sound.bytes().await.unwrap().starts_with(b"RIFF"));
    }
    let delivered = dialer.finished(TO).await.delivered();
    assert!(
        delivered.contains(&CallbackKind::Recording),
        "{delivered:?}"
    );
}

#[tokio::test]
async fn recordings_are_listed_for_the_project_and_for_a_call() {
    let dialer = Dialer::start(everybody_answers()).await;
    let mut calls = Vec::new();
    for n in 0..3 {
        let call_id = Uuid::new_v4();
        let mut form = dialer.form(call_id, &format!("+1202555{n:04}"));
        form.push(("Record", "true".to_owned()));
        let (_, call) = dialer.send(&form).await.unwrap();
        calls.push(call["sid"].as_str().unwrap().to_owned());
    }
    dialer.accepted("+12025550003").await; // Nobody records this one.
    let recorder = dialer.simulator.recorder();
    eventually("all ends", || async {
        (recorder.live_now() == 0).then_some(())
    })
    .await;
    let (_, first) = dialer.get("/Recordings.json?PageSize=2").await;
    let next = first["next_page_uri"].as_str().unwrap();
    let (_, next) = next.split_once("/Recordings").unwrap();
    let (_, rest) = dialer.get(&format!("/Recordings{next}")).await;
    let pages = [&first, &rest].map(|page| page["recordings"].as_array().unwrap());
    let listed: Vec<&str> = pages
        .iter()
        .flat_map(|page| page.iter())
        .map(|recording| recording["call_sid"].as_str().unwrap())
        .collect();
    assert_eq!(listed, [&*calls[2], &*calls[1], &*calls[0]]);
    assert_eq!(rest["next_page_uri"], Value::Null);

    let (_, of_one) = dialer
        .get(&format!("/Recordings?CallSid={}", calls[1]))
        .await;
    let (_, below) = dialer.get(&format!("/Calls/{}/Recordings", calls[1])).await;
    assert_eq!(of_one["recordings"], below["recordings"]);
    let recording = &of_one["recordings"][0];
    assert_eq!(recording["call_sid"], *calls[1]);
    assert_eq!(recording["status"], "completed");
    let sid = recording["sid"].as_str().unwrap();
    let (_, fetched) = dialer.get(&format!("/Recordings/{sid}.json")).await;
    assert_eq!(&fetched, recording);
    let (status, error) = dialer.get("/Recordings?CallSid=nonsense").await;
    assert_eq!((status, &error["code"]), (400, &10000.into()));
    let missing = format!("/Recordings/{}.json", Uuid::nil());
    assert_eq!(dialer.get(&missing).await.0, 404);
}
