//! What every recording says.

use chrono::Utc;
use serde_json::{Value, json};
use uuid::Uuid;

/// Who speaks (0: the person, 1: the agent), from when, and what.
const TALK: [(u32, f64, &str); 4] = [
    (0, 0.4, "Hello?"),
    (1, 1.6, "Hello, this is the demo agent."),
    (1, 4.2, "I am calling about your appointment."),
    (0, 7.9, "Yes, that suits me."),
];

/// Seconds a word takes.
const WORD_S: f64 = 0.3;

/// What was asked for beside the transcript.
pub(crate) struct Wanted {
    pub model: String,
    pub has_channels: bool,
    pub tells_voices: bool,
    pub has_utterances: bool,
    pub finds_language: bool,
}

/// The answer about a recording.
pub(crate) fn heard(wanted: &Wanted) -> Value {
    let channels: Vec<u32> = match wanted.has_channels {
        true => vec![0, 1],
        false => vec![0],
    };
    let is_on = |side: u32, channel: u32| !wanted.has_channels || side == channel;
    let listed: Vec<Value> = channels
        .iter()
        .map(|channel| {
            let said = TALK.iter().filter(|(side, ..)| is_on(*side, *channel));
            let texts: Vec<&str> = said.clone().map(|(.., text)| *text).collect();
            let words: Vec<Value> = said.flat_map(|said| words(wanted, said)).collect();
            let mut object = json!({"alternatives": [{
                "transcript": texts.join(" "), "confidence": 0.99, "words": words,
            }]});
            if wanted.finds_language {
                object["detected_language"] = "en".into();
                object["language_confidence"] = 0.98.into();
            }
            object
        })
        .collect();
    let mut results = json!({"channels": listed});
    if wanted.has_utterances {
        let utterances = TALK.iter().map(|said| utterance(wanted, said));
        results["utterances"] = utterances.collect();
    }
    json!({
        "metadata": {
            "transaction_key": "deprecated", "request_id": Uuid::new_v4(), "sha256": "00",
            "created": Utc::now().to_rfc3339(), "duration": 10.5, "channels": channels.len(),
            "models": ["m-1"],
            "model_info": {"m-1": {
                "name": format!("general-{}", wanted.model), "version": "2024-12-20.0",
                "arch": wanted.model,
            }},
        },
        "results": results,
    })
}

fn words(wanted: &Wanted, (side, start, text): &(u32, f64, &str)) -> Vec<Value> {
    let word = |(at, word): (usize, &str)| {
        let start = start + WORD_S * at as f64;
        let plain: String = word.chars().filter(|c| c.is_alphabetic()).collect();
        let mut object = json!({
            "word": plain.to_lowercase(), "punctuated_word": word,
            "start": start, "end": start + WORD_S, "confidence": 0.99,
        });
        if wanted.tells_voices {
            object["speaker"] = (*side).into();
        }
        object
    };
    text.split(' ').enumerate().map(word).collect()
}

fn utterance(wanted: &Wanted, said: &(u32, f64, &str)) -> Value {
    let (side, start, text) = *said;
    let words = words(wanted, said);
    let mut object = json!({
        "start": start, "end": start + WORD_S * words.len() as f64, "confidence": 0.99,
        "channel": if wanted.has_channels { side } else { 0 },
        "transcript": text, "words": words, "id": Uuid::new_v4(),
    });
    if wanted.tells_voices {
        object["speaker"] = side.into();
    }
    object
}
