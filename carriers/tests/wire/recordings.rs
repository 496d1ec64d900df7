//! Opening recordings that carriers keep, for whoever has no credentials.

use carriers::{Carrier, CarrierError, KeptRecording, Sound};
use futures::TryStreamExt;
use url::Url;

use crate::samples::{CALL_SID, EXOTEL_SID, exotel, signalwire};
use crate::stub::{Step, Stub};

fn kept(url: Url) -> KeptRecording {
    KeptRecording {
        carrier_call_id: CALL_SID.to_owned(),
        url,
    }
}

/// The address of a recording at `stub`.
fn at(stub: &Stub) -> KeptRecording {
    kept(stub.base.join("Recordings/r1").unwrap())
}

fn sound(bytes: &str) -> Step {
    Step::Answer {
        status: 200,
        headers: vec![("Content-Type", "audio/mpeg".to_owned())],
        body: bytes.to_owned(),
    }
}

fn sent_on(to: &Url) -> Step {
    Step::Answer {
        status: 302,
        headers: vec![("Location", to.to_string())],
        body: String::new(),
    }
}

async fn whole(sound: Sound) -> Result<Vec<u8>, anyhow::Error> {
    let chunks: Vec<_> = sound.chunks.try_collect().await?;
    Ok(chunks.concat())
}

#[tokio::test]
async fn a_recording_at_the_carrier_is_opened_with_our_credentials() {
    let stub = Stub::start([sound("la la la")]).await;
    let opened = signalwire(&stub.base).open_recording(&at(&stub)).await;
    let opened = opened.unwrap().unwrap();
    assert_eq!(opened.content_type.as_deref(), Some("audio/mpeg"));
    assert_eq!(opened.length, Some(8));
    assert_eq!(whole(opened).await.unwrap(), b"la la la");
    let asked = &stub.seen()[0];
    assert_eq!((&*asked.method, &*asked.target), ("GET", "/Recordings/r1"));
    assert!(asked.header("authorization").starts_with("Basic "));
}

#[tokio::test]
async fn no_other_place_hears_our_credentials() {
    let carrier = Stub::start([]).await;
    let elsewhere = Stub::start([sound("la")]).await;
    let opened = signalwire(&carrier.base)
        .open_recording(&at(&elsewhere))
        .await;
    assert_eq!(whole(opened.unwrap().unwrap()).await.unwrap(), b"la");
    assert_eq!(elsewhere.seen()[0].header("authorization"), "");
    assert_eq!(carrier.seen().len(), 0);
}

#[tokio::test]
async fn where_the_carrier_sends_us_on_we_go_without_credentials_and_not_for_ever() {
    let elsewhere = Stub::start([sound("la")]).await;
    let there = elsewhere.base.join("bucket/r1?signature=s").unwrap();
    let carrier = Stub::start([sent_on(&there)]).await;
    let opened = signalwire(&carrier.base)
        .open_recording(&at(&carrier))
        .await;
    assert_eq!(whole(opened.unwrap().unwrap()).await.unwrap(), b"la");
    assert!(
        carrier.seen()[0]
            .header("authorization")
            .starts_with("Basic ")
    );
    assert_eq!(elsewhere.seen()[0].target, "/bucket/r1?signature=s");
    assert_eq!(elsewhere.seen()[0].header("authorization"), "");

    let there = "ftp://127.0.0.1/r1".parse().unwrap();
    let carrier = Stub::start([sent_on(&there)]).await;
    let refused = signalwire(&carrier.base)
        .open_recording(&at(&carrier))
        .await;
    assert!(matches!(refused, Err(CarrierError::Retryable { .. })));

    // Each step of the stairs leads to the next.
    let mut top = Stub::start([sound("la")]).await;
    let mut stairs = Vec::new();
    for _ in 0..3 {
        let next = Stub::start([sent_on(&top.base)]).await;
        stairs.push(std::mem::replace(&mut top, next));
    }
    let refused = signalwire(&top.base).open_recording(&at(&top)).await;
    assert!(matches!(refused, Err(CarrierError::Retryable { .. })));
}

#[tokio::test]
async fn a_recording_that_is_not_there_is_none_and_trouble_is_trouble() {
    let stub = Stub::start([
        Step::json(404, "{}"),
        Step::json(503, "{}"),
        Step::json(401, "{}"),
    ])
    .await;
    let carrier = signalwire(&stub.base);
    assert!(carrier.open_recording(&at(&stub)).await.unwrap().is_none());
    for _ in 0..2 {
        let error = carrier.open_recording(&at(&stub)).await.unwrap_err();
        assert!(matches!(error, CarrierError::Retryable { .. }), "{error:?}");
        assert!(!format!("{error:?}").contains("r1"), "{error:?}");
    }
}

#[tokio::test]
async fn exotel_gives_an_address_that_needs_no_credentials() {
    let bucket = Stub::start([sound("la")]).await;
    let open = bucket.base.join("r1.mp3?signature=s").unwrap();
    let calls = format!(
        r#"{{"Metadata":{{"Total":1,"NextPageUri":null}},"Calls":[{{"Sid":"{EXOTEL_SID}","RecordingUrl":"{open}"}}]}}"#
    );
    let stub = Stub::start([Step::json(200, &calls)]).await;
    let kept = KeptRecording {
        carrier_call_id: EXOTEL_SID.to_owned(),
        url: "https://recordings.exotel.example/r1.mp3".parse().unwrap(),
    };
    let opened = exotel(&stub.base).open_recording(&kept).await;
    assert_eq!(whole(opened.unwrap().unwrap()).await.unwrap(), b"la");
    assert!(stub.seen()[0].header("authorization").starts_with("Basic "));
    assert_eq!(bucket.seen()[0].header("authorization"), "");
}
