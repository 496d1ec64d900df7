//! Deepgram as a dialer sees it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use simulator::{DeepgramAccount, Fault, FaultTiming, Simulator, SimulatorConfig, Trigger};

use crate::dialer::{eventually, fast};

struct Answer {
    status: u16,
    retry_after: Option<String>,
    body: Value,
}

async fn start(deepgram: DeepgramAccount) -> Simulator {
    let config = SimulatorConfig { deepgram, ..fast() };
    Simulator::start(config).await.unwrap()
}

/// Takes every address for a recording.
fn credulous() -> DeepgramAccount {
    DeepgramAccount {
        fetches_recordings: false,
        ..DeepgramAccount::default()
    }
}

async fn ask(simulator: &Simulator, query: &str, body: &Value, token: &str) -> Answer {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/v1/listen?{query}", simulator.deepgram_base_url());
    let request = http.post(url).header("authorization", token).json(body);
    let response = request.send().await.unwrap();
    let retry_after = response.headers().get("retry-after");
    Answer {
        status: response.status().as_u16(),
        retry_after: retry_after.map(|value| value.to_str().unwrap().to_owned()),
        body: response.json().await.unwrap(),
    }
}

async fn listen(simulator: &Simulator, query: &str) -> Answer {
    let body = json!({"url": "http://127.0.0.1:1/rec.mp3"});
    ask(simulator, query, &body, "Token dg-simulator").await
}

#[tokio::test]
async fn a_recording_is_transcribed_as_asked_for() {
    let simulator = start(credulous()).await;
    let mono = listen(&simulator, "model=nova-3&diarize=true&utterances=true").await;
    assert_eq!(mono.status, 200);
    let results = &mono.body["results"];
    assert_eq!(results["channels"].as_array().unwrap().len(), 1);
    assert_eq!(results["utterances"][1]["speaker"], 1);
    assert_eq!(results["utterances"][1]["channel"], 0);
    let word = &results["channels"][0]["alternatives"][0]["words"][0];
    assert_eq!(
        (&word["word"], &word["punctuated_word"]),
        (&json!("hello"), &json!("Hello?"))
    );
    assert!(results["channels"][0]["detected_language"].is_null());

    let stereo = listen(&simulator, "multichannel=true&detect_language=true").await;
    let results = &stereo.body["results"];
    assert_eq!(results["channels"].as_array().unwrap().len(), 2);
    assert_eq!(results["channels"][1]["detected_language"], "en");
    assert!(results.get("utterances").is_none());
    assert_eq!(stereo.body["metadata"]["channels"], 2);

    let asked = simulator.transcriptions().all();
    assert_eq!(asked.len(), 2);
    assert_eq!(&*asked[1].query, "multichannel=true&detect_language=true");
    assert_eq!(
        (asked[1].status, &*asked[1].url),
        (200, "http://127.0.0.1:1/rec.mp3")
    );
}

#[tokio::test]
async fn what_is_wrong_is_answered_in_both_shapes() {
    let simulator = start(credulous()).await;
    let url = json!({"url": "http://x/"});
    let strange = ask(&simulator, "", &url, "Bearer nobody").await;
    assert_eq!(
        (strange.status, &strange.body["err_code"]),
        (401, &json!("INVALID_AUTH"))
    );
    let key = "Token dg-simulator";
    let empty = ask(&simulator, "", &json!({}), key).await;
    assert_eq!(
        (empty.status, &empty.body["category"]),
        (400, &json!("INVALID_JSON"))
    );
    let odd = ask(&simulator, "diarize=perhaps", &url, key).await;
    assert_eq!(
        (odd.status, &odd.body["category"]),
        (400, &json!("INVALID_QUERY_PARAMETER"))
    );
}

#[tokio::test]
async fn a_recording_that_a_stranger_cannot_fetch_is_refused() {
    let simulator = start(DeepgramAccount::default()).await;
    let answer = listen(&simulator, "").await;
    assert_eq!(
        (answer.status, &answer.body["err_code"]),
        (400, &json!("REMOTE_CONTENT_ERROR"))
    );
    // Whatever is there and open counts as a recording.
    let open = json!({"url": format!("{}/_simulator/faults", simulator.base_url())});
    let answer = ask(&simulator, "", &open, "Token dg-simulator").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn beyond_the_limit_of_those_at_once_deepgram_refuses() {
    let deepgram = DeepgramAccount {
        concurrent_requests: Some(1),
        ..credulous()
    };
    let simulator = start(deepgram).await;
    let timing = FaultTiming {
        deepgram_slow_ms: 300,
        ..FaultTiming::default()
    };
    simulator.faults().set_timing(timing);
    simulator
        .faults()
        .set(Fault::DeepgramSlow, Trigger::times(1));
    let second = async {
        eventually("the first to be listened to", || async {
            (simulator.faults().fired(Fault::DeepgramSlow) == 1).then_some(())
        })
        .await;
        listen(&simulator, "").await
    };
    let begun = Instant::now();
    let (first, second) = tokio::join!(listen(&simulator, ""), second);
    assert!(begun.elapsed() >= Duration::from_millis(300));
    assert_eq!((first.status, second.status), (200, 429));
    assert_eq!(second.retry_after, None);
    assert_eq!(listen(&simulator, "").await.status, 200);
    assert_eq!(simulator.transcriptions().max_concurrent(), 1);
}

#[tokio::test]
async fn every_fault_of_deepgram_has_its_answer() {
    let simulator = start(credulous()).await;
    for (fault, status, wait) in [
        (Fault::DeepgramTooMany, 429, Some("1")),
        (Fault::DeepgramUnavailable, 503, None),
        (Fault::DeepgramUnauthorized, 401, None),
        (Fault::DeepgramNoBalance, 402, None),
        (Fault::RecordingUnreachable, 400, None),
    ] {
        simulator.faults().set(fault, Trigger::times(1));
        let answer = listen(&simulator, "").await;
        assert_eq!(
            (answer.status, answer.retry_after.as_deref()),
            (status, wait),
            "{fault:?}"
        );
        assert!(answer.body["err_msg"].is_string());
        assert_eq!(simulator.faults().fired(fault), 1);
    }
    let over_http: Value = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .get(format!(
            "{}/_simulator/transcriptions",
            simulator.base_url()
        ))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(over_http["transcriptions"].as_array().unwrap().len(), 5);
    assert_eq!(over_http["transcriptions"][0]["status"], 429);
}
