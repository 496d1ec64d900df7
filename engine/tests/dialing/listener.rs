//! A transcription service that is told what to say, and calls with recordings for it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use carriers::{Recording, Speaker, TranscribeError, Transcriber, Transcription, Turn};
use chrono::TimeDelta;
use domain::CallId;
use engine::dialing::{CallReport, CarrierSays};
use engine::{Dialing, Transcribing, TranscribingConfig};
use entity::{call, conversation, transcription};
use parking_lot::Mutex;
use sea_orm::EntityTrait;
use tokio::sync::Semaphore;

use crate::stage::Stage;
use crate::talks::talks;

pub const RECORDING: &str = "https://example.signalwire.com/Recordings/r1";

/// What it answers to one question.
pub type Answer = Result<Transcription, TranscribeError>;

/// A transcription service.
pub struct ToldListener {
    /// What it answers, in order; then words.
    pub answers: Mutex<VecDeque<Answer>>,
    /// Where each recording was that it was asked for.
    pub asked: Mutex<Vec<String>>,
    /// The most that it ever listened to at once.
    pub most: Mutex<usize>,
    /// Answers that it may give; as many as it likes unless somebody takes them away.
    pub leave: Semaphore,
    under_way: Mutex<usize>,
}

impl ToldListener {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::default(),
            asked: Mutex::default(),
            most: Mutex::default(),
            leave: Semaphore::new(Semaphore::MAX_PERMITS),
            under_way: Mutex::default(),
        })
    }

    pub fn will_say(&self, answer: Answer) {
        self.answers.lock().push_back(answer);
    }

    pub fn count(&self) -> usize {
        self.asked.lock().len()
    }
}

#[async_trait]
impl Transcriber for ToldListener {
    async fn transcribe(&self, recording: &Recording) -> Answer {
        self.asked.lock().push(recording.url.to_string());
        let now = {
            let mut now = self.under_way.lock();
            *now += 1;
            *now
        };
        {
            let mut most = self.most.lock();
            *most = now.max(*most);
        }
        let leave = self.leave.acquire().await;
        leave.expect("it is never closed").forget();
        *self.under_way.lock() -= 1;
        self.answers
            .lock()
            .pop_front()
            .unwrap_or_else(|| Ok(words("Hello?")))
    }
}

/// A transcription of one turn.
pub fn words(text: &str) -> Transcription {
    Transcription {
        request_id: Some("r-1".to_owned()),
        turns: vec![turn(Speaker::Other("speaker 0".to_owned()), text)],
        duration_s: Some(11),
        language: Some("en".to_owned()),
    }
}

pub fn turn(speaker: Speaker, text: &str) -> Turn {
    Turn {
        speaker,
        text: text.to_owned(),
        at_s: 1,
    }
}

pub fn failing() -> Answer {
    Err(TranscribeError::Retryable {
        not_before: None,
        source: anyhow::anyhow!("out of order"),
    })
}

pub fn no_capacity(asked_s: Option<u64>) -> Answer {
    Err(TranscribeError::NoCapacity {
        not_before: asked_s.map(Duration::from_secs),
        reason: "too many".to_owned(),
    })
}

/// The part of `dialing`'s process in listening, by `listener`, with room for `at_once_max`.
pub fn ears(
    stage: &Stage,
    dialing: &Arc<Dialing>,
    (listener, at_once_max): (&Arc<ToldListener>, u32),
) -> Arc<Transcribing> {
    let store = (stage.database.clone(), Arc::new(stage.clock.clone()) as _);
    let config = TranscribingConfig {
        at_once_max,
        ..TranscribingConfig::default()
    };
    Transcribing::new(
        store,
        Arc::clone(dialing),
        Arc::clone(listener) as _,
        config,
    )
}

/// Seconds pass, and what is due is listened to; how many recordings.
pub async fn listen_after(stage: &Stage, ears: &Arc<Transcribing>, seconds: i64) -> usize {
    stage.clock.advance(TimeDelta::seconds(seconds));
    let begun = ears.transcribe().await.expect("a run");
    ears.finish().await;
    begun
}

/// The carrier tells where the recording of `call` is.
pub async fn recorded(dialing: &Dialing, call: &call::Model) {
    let says = CarrierSays {
        recording_url: Some(RECORDING.to_owned()),
        recording_s: Some(11),
        ..CarrierSays::default()
    };
    let report = CallReport::carrier(CallId::from_uuid(call.id), says);
    dialing.learn(report).await.expect("the report is taken in");
}

/// As [`talks`], each of which was recorded.
pub async fn recorded_talks(
    stage: &mut Stage,
    count: usize,
    agent: Option<&str>,
) -> Vec<call::Model> {
    let calls = talks(stage, count, agent).await;
    for call in &calls {
        recorded(&stage.dialing, call).await;
    }
    calls
}

pub async fn conversations(stage: &Stage) -> Vec<conversation::Model> {
    let found = conversation::Entity::find()
        .all(stage.database.reader())
        .await;
    found.expect("conversations")
}

pub async fn transcriptions(stage: &Stage) -> Vec<transcription::Model> {
    let found = transcription::Entity::find()
        .all(stage.database.reader())
        .await;
    found.expect("transcriptions")
}

/// What is known of the one recording: its status, the tries in vain.
pub async fn state(stage: &Stage) -> (String, i32) {
    let row = transcriptions(stage).await.remove(0);
    (row.status, row.tries)
}
