//! Having recordings transcribed at Deepgram.

use std::time::Duration;

use carriers::{
    CampaignFault, Deepgram, DeepgramConfig, Recording, Speaker, TranscribeError, Transcriber,
    Transcription, Turn,
};
use serde_json::json;
use url::Url;

use crate::samples::{API_KEY, TIMEOUT, assert_discreet, everything_said, fixture};
use crate::stub::{self, Step, Stub};

const MONO: &str = fixture!("deepgram_mono.json");

fn deepgram(host: &Url) -> Deepgram {
    Deepgram::new(config(host)).unwrap()
}

fn config(host: &Url) -> DeepgramConfig {
    DeepgramConfig {
        base_url: host.clone(),
        api_key: API_KEY.into(),
        model: DeepgramConfig::MODEL.to_owned(),
        timeout: TIMEOUT,
    }
}

fn recording() -> Recording {
    Recording {
        url: "https://recordings.example/rec.mp3?Signature=sesame"
            .parse()
            .unwrap(),
        language: None,
        person_channel: None,
    }
}

async fn heard(body: &str, recording: &Recording) -> Transcription {
    let stub = Stub::start([Step::json(200, body)]).await;
    deepgram(&stub.base).transcribe(recording).await.unwrap()
}

async fn refused_with(step: Step) -> TranscribeError {
    let stub = Stub::start([step]).await;
    let error = deepgram(&stub.base)
        .transcribe(&recording())
        .await
        .unwrap_err();
    let said = format!("{error} {error:?}");
    assert_discreet(&said);
    assert!(!said.contains("sesame"), "{said}");
    error
}

fn turn(speaker: Speaker, text: &str, at_s: u32) -> Turn {
    Turn {
        speaker,
        text: text.to_owned(),
        at_s,
    }
}

fn voice(number: u32) -> Speaker {
    Speaker::Other(format!("speaker {number}"))
}

#[tokio::test]
async fn a_recording_is_named_by_its_address_and_the_voices_are_told_apart() {
    let stub = Stub::start([Step::json(200, MONO)]).await;
    let heard = deepgram(&stub.base).transcribe(&recording()).await.unwrap();
    let [request] = &stub.seen()[..] else {
        panic!("one request")
    };
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        (
            "POST",
            "/v1/listen?model=nova-3&smart_format=true&utterances=true&diarize=true\
             &detect_language=true"
        )
    );
    assert_eq!(request.header("authorization"), format!("Token {API_KEY}"));
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(
        request.body,
        json!({"url": "https://recordings.example/rec.mp3?Signature=sesame"}).to_string()
    );
    assert_eq!(
        heard,
        Transcription {
            request_id: Some("5f0e0000-0000-4000-8000-000000000001".to_owned()),
            turns: vec![
                turn(voice(0), "Hello.", 0),
                turn(voice(1), "Good morning.", 3),
            ],
            duration_s: Some(94),
            language: Some("en".to_owned()),
        }
    );
}

#[tokio::test]
async fn with_a_channel_for_each_side_everybody_is_known_and_in_order_of_time() {
    let both = Recording {
        language: Some("hi".to_owned()),
        person_channel: Some(0),
        ..recording()
    };
    let stub = Stub::start([Step::json(200, fixture!("deepgram_stereo.json"))]).await;
    let heard = deepgram(&stub.base).transcribe(&both).await.unwrap();
    assert_eq!(
        heard.turns,
        [
            turn(Speaker::Person, "Hello?", 2),
            turn(Speaker::Agent, "This is the agent.", 2),
        ]
    );
    assert!(
        stub.seen()[0]
            .target
            .ends_with("&multichannel=true&language=hi")
    );
}

#[tokio::test]
async fn without_utterances_words_and_whole_channels_are_read() {
    let words = json!({"results": {"channels": [{"alternatives": [{"transcript": "x", "words": [
        {"word": "hello", "punctuated_word": "Hello?", "start": 0.4, "speaker": 0},
        {"word": "good", "start": 2.5, "speaker": 1},
        {"word": "day", "start": 2.9, "speaker": 1},
        {"word": "\u{0}"},
        {"word": "yes", "start": 4.0, "speaker": 0},
    ]}]}]}});
    assert_eq!(
        heard(&words.to_string(), &recording()).await.turns,
        [
            turn(voice(0), "Hello?", 0),
            turn(voice(1), "good day", 2),
            turn(voice(0), "yes", 4),
        ]
    );
    let whole = json!({"results": {"channels": [
        {"alternatives": [{"transcript": "hello"}]}, {"alternatives": []}, {},
    ]}});
    let heard = heard(&whole.to_string(), &recording()).await;
    assert_eq!(heard.turns, [turn(voice(0), "hello", 0)]);
    assert_eq!((heard.duration_s, heard.request_id), (None, None));
}

#[tokio::test]
async fn silence_is_a_transcription_without_turns() {
    let body = json!({"metadata": {"duration": 1e300}, "results": {"channels": [
        {"alternatives": [{"transcript": "", "words": []}]},
    ]}});
    let heard = heard(&body.to_string(), &recording()).await;
    assert!(heard.turns.is_empty());
    assert_eq!(heard.duration_s, Some(u32::MAX));
}

#[tokio::test]
async fn too_many_at_once_is_told_from_every_other_refusal() {
    for (retry_after, expected) in [(None, None), (Some("9"), Some(Duration::from_secs(9)))] {
        let headers = retry_after.map(|s| ("Retry-After", s.to_owned()));
        let step = Step::Answer {
            status: 429,
            headers: headers.into_iter().collect(),
            body: json!({"err_code": "TOO_MANY_REQUESTS", "err_msg": "Too many requests."})
                .to_string(),
        };
        match refused_with(step).await {
            TranscribeError::NoCapacity { not_before, reason } => {
                assert_eq!(not_before, expected);
                assert_eq!(reason, "Too many requests. (HTTP 429, TOO_MANY_REQUESTS)");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_recording_that_cannot_be_heard_is_rejected_alone_without_its_address() {
    for (status, body) in [
        (
            400,
            json!({"err_code": "REMOTE_CONTENT_ERROR", "err_msg":
                "Could not fetch https://recordings.example/rec.mp3?Signature=sesame today"}),
        ),
        (
            400,
            json!({"err_code": "Bad Request", "err_msg":
                "Bad Request: failed to process audio: corrupt or unsupported data"}),
        ),
        (413, json!({})),
        (415, json!([])),
    ] {
        match refused_with(Step::json(status, &body.to_string())).await {
            TranscribeError::Rejected { reason } => {
                assert!(reason.contains(&format!("HTTP {status}")), "{reason}");
            }
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_deepgram_would_refuse_every_time_says_what_to_repair() {
    use CampaignFault::{Balance, Configuration, Credentials};
    for (status, body, expected) in [
        (
            401,
            json!({"err_code": "INVALID_AUTH", "err_msg": "Invalid credentials."}),
            Credentials,
        ),
        (403, json!({"category": "FORBIDDEN"}), Credentials),
        (402, json!({"err_code": "ASR_PAYMENT_REQUIRED"}), Balance),
        (
            400,
            json!({"err_msg": "No such model/language/tier combination found."}),
            Configuration,
        ),
        (
            400,
            json!({"category": "INVALID_QUERY_PARAMETER", "message": "Failed to parse."}),
            Configuration,
        ),
        (404, json!({}), Configuration),
    ] {
        match refused_with(Step::json(status, &body.to_string())).await {
            TranscribeError::Fault { fault, .. } => assert_eq!(fault, expected, "{body}"),
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_failing_deepgram_is_asked_again_later() {
    for step in [
        Step::json(500, "{}"),
        Step::json(503, ""),
        Step::json(504, "<html>"),
        Step::json(408, ""),
        Step::Silence,
        Step::StallInBody { status: 200 },
        Step::CloseAfterReading,
    ] {
        let error = refused_with(step).await;
        assert!(
            matches!(error, TranscribeError::Retryable { .. }),
            "{error:?}"
        );
    }
    let nobody = stub::nobody().await;
    let error = deepgram(&nobody)
        .transcribe(&recording())
        .await
        .unwrap_err();
    assert!(
        matches!(error, TranscribeError::Retryable { .. }),
        "{error:?}"
    );
    assert_discreet(&everything_said(error));
}

#[tokio::test]
async fn an_answer_that_is_no_transcription_is_unreadable() {
    for body in ["", "[]", "{}", r#"{"request_id": "r"}"#, "<html/>"] {
        let error = refused_with(Step::json(200, body)).await;
        assert!(
            matches!(error, TranscribeError::Unreadable(_)),
            "{body}: {error:?}"
        );
    }
}

#[test]
fn a_client_of_deepgram_that_cannot_work_is_not_built_and_tells_no_secrets() {
    let host: Url = "http://127.0.0.1:1".parse().unwrap();
    let good = || config(&host);
    for (config, key) in [
        (
            DeepgramConfig {
                api_key: "".into(),
                ..good()
            },
            "api_key",
        ),
        (
            DeepgramConfig {
                model: String::new(),
                ..good()
            },
            "model",
        ),
        (
            DeepgramConfig {
                timeout: Duration::ZERO,
                ..good()
            },
            "timeout",
        ),
        (
            DeepgramConfig {
                base_url: "ftp://x".parse().unwrap(),
                ..good()
            },
            "base_url",
        ),
    ] {
        assert_eq!(Deepgram::new(config).unwrap_err().key, key);
    }
    let shown = format!("{:?} {:?}", deepgram(&host), recording());
    assert!(
        !shown.contains(API_KEY) && !shown.contains("sesame"),
        "{shown}"
    );
}
