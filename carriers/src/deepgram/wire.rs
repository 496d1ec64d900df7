//! Deepgram's JSON, as it travels. Every field is optional: what is missing is decided where it is needed.

use serde::Deserialize;

use crate::agent::{Speaker, Turn};
use crate::transcriber::Transcription;

/// What was heard in a recording.
#[derive(Debug, Deserialize)]
pub(super) struct Heard {
    metadata: Option<Metadata>,
    results: Results,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    request_id: Option<String>,
    duration: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Results {
    #[serde(default)]
    channels: Vec<Channel>,
    /// What was said without a pause; there only where it was asked for and anybody spoke.
    #[serde(default)]
    utterances: Vec<Utterance>,
}

#[derive(Debug, Deserialize)]
struct Channel {
    #[serde(default)]
    alternatives: Vec<Alternative>,
    detected_language: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Alternative {
    transcript: Option<String>,
    #[serde(default)]
    words: Vec<Word>,
}

#[derive(Debug, Deserialize)]
struct Word {
    word: Option<String>,
    punctuated_word: Option<String>,
    start: Option<f64>,
    speaker: Option<u32>,
}

#[derive(Debug, Deserialize)]
struct Utterance {
    start: Option<f64>,
    channel: Option<u32>,
    speaker: Option<u32>,
    transcript: Option<String>,
}

/// A turn before its time is rounded, so that turns of the same second keep their order.
struct Said {
    start: f64,
    speaker: Speaker,
    text: String,
}

impl Heard {
    /// What was heard, in our words. `person_channel` as in [`Recording`](crate::Recording).
    pub fn into_transcription(self, person_channel: Option<u32>) -> Transcription {
        let Self { metadata, results } = self;
        let language = results
            .channels
            .iter()
            .find_map(|channel| text(channel.detected_language.clone()));
        let mut said = results.said(person_channel);
        said.sort_by(|a, b| a.start.total_cmp(&b.start));
        let turn = |said: Said| Turn {
            at_s: seconds(said.start),
            speaker: said.speaker,
            text: said.text,
        };
        Transcription {
            turns: said.into_iter().map(turn).collect(),
            duration_s: metadata.as_ref().and_then(|m| m.duration).map(seconds),
            request_id: metadata.and_then(|m| text(m.request_id)),
            language,
        }
    }
}

impl Results {
    /// By utterances where there are any, else by words, else each channel as a whole.
    fn said(self, person_channel: Option<u32>) -> Vec<Said> {
        if !self.utterances.is_empty() {
            let said = |utterance: Utterance| {
                Some(Said {
                    start: utterance.start.unwrap_or_default(),
                    speaker: speaker(person_channel, utterance.channel, utterance.speaker),
                    text: text(utterance.transcript)?,
                })
            };
            return self.utterances.into_iter().filter_map(said).collect();
        }
        let mut said = Vec::new();
        for (channel, heard) in (0..).zip(self.channels) {
            let Some(best) = heard.alternatives.into_iter().next() else {
                continue;
            };
            if best.words.is_empty() {
                said.extend(text(best.transcript).map(|text| Said {
                    start: 0.0,
                    speaker: speaker(person_channel, Some(channel), None),
                    text,
                }));
            } else {
                said.extend(by_speaker(best.words, |voice| {
                    speaker(person_channel, Some(channel), voice)
                }));
            }
        }
        said
    }
}

/// The words, joined as long as the same voice speaks.
fn by_speaker(words: Vec<Word>, name: impl Fn(Option<u32>) -> Speaker) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::new();
    for word in words {
        let Some(text) = text(word.punctuated_word.or(word.word)) else {
            continue;
        };
        let speaker = name(word.speaker);
        match said.last_mut() {
            Some(last) if last.speaker == speaker => {
                last.text.push(' ');
                last.text.push_str(&text);
            }
            _ => said.push(Said {
                start: word.start.unwrap_or_default(),
                speaker,
                text,
            }),
        }
    }
    said
}

/// Whose voice it is: known by the channel, or only told apart by a number.
fn speaker(person_channel: Option<u32>, channel: Option<u32>, voice: Option<u32>) -> Speaker {
    match (person_channel, channel) {
        (Some(person), Some(channel)) if channel == person => Speaker::Person,
        (Some(_), Some(_)) => Speaker::Agent,
        _ => Speaker::Other(format!("speaker {}", voice.unwrap_or_default())),
    }
}

/// A text without the characters that no database keeps; `None` where nothing is left.
fn text(text: Option<String>) -> Option<String> {
    let text = text?.replace('\0', "");
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Whole seconds, rounded down.
fn seconds(seconds: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast keeps to the bounds, and what is no number becomes 0"
    )]
    {
        seconds as u32
    }
}
