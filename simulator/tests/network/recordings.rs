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
