//! One recording: asked about, and what came of it.

use std::time::Duration;

use carriers::{Recording, TranscribeError, Transcription};
use chrono::{DateTime, TimeDelta, Utc};
use domain::CallId;
use entity::transcription::Model;
use uuid::Uuid;

use super::{Transcribing, TranscribingConfig};
use crate::dialing::{CallReport, Learned};
use crate::error::EngineError;
use crate::store::foreign::{ERROR_CHARS_MAX, text};
use crate::store::transcriptions::{self, PutOff};
use crate::store::{calls, conversations};

/// A recording that could not be listened to for so long never is: a service that has no capacity, or refuses the account,
/// does not count as a try.
const AGE_MAX: TimeDelta = TimeDelta::hours(24);
/// The first pause before what was heard is written down again; doubled each time.
const KEEP_PAUSE: Duration = Duration::from_millis(500);
/// How often that is tried: it was paid for.
const KEEP_TRIES_MAX: u32 = 5;

impl Transcribing {
    /// Has the recording listened to that `row` claims. Whatever becomes of it, the claim ends: here, or by itself.
    pub(super) async fn listen(&self, row: Model) {
        let Some(claim) = row.claim else { return };
        let call = CallId::from_uuid(row.call_id);
        let ended = match self.is_needed(&row).await {
            Ok(true) => self.ask(call, claim, &row).await,
            Ok(false) => self.put_away(call).await,
            Err(error) => Err(error),
        };
        if let Err(error) = ended {
            tracing::warn!(call.id = %call, ?error, "could not note what became of the recording of call {call}");
        }
    }

    /// False where somebody else has told by now what was said, or there is nothing to listen to.
    async fn is_needed(&self, row: &Model) -> Result<bool, EngineError> {
        let call = CallId::from_uuid(row.call_id);
        let db = self.database.reader();
        let said = conversations::find_all(db, [call]).await?;
        if said.values().any(conversations::has_words) {
            return Ok(false);
        }
        let call = calls::find(db, call).await?;
        Ok(call.is_some_and(|call| call.recording_url.is_some()))
    }

    async fn put_away(&self, call: CallId) -> Result<(), EngineError> {
        let db = self.database.writer();
        Ok(transcriptions::finish(db, [call], self.clock.now()).await?)
    }

    async fn ask(&self, call: CallId, claim: Uuid, row: &Model) -> Result<(), EngineError> {
        if self.clock.now() > row.created_at + AGE_MAX {
            return self.give_up(call, claim, "not taken on for a day").await;
        }
        if TranscribingConfig::is_enough(row.tries) {
            return self.give_up(call, claim, "whoever asked was gone").await;
        }
        let recording = Recording {
            url: self.dialing.config().recording_address(call, claim),
            language: self.config.language.clone(),
            // Carriers record both sides in one channel.
            person_channel: None,
        };
        match self.transcriber.transcribe(&recording).await {
            Ok(heard) => {
                self.pool.lock().went_well();
                self.keep(call, claim, heard).await
            }
            Err(error) => self.try_again(call, claim, row, &error).await,
        }
    }

    /// Writes down what was heard; again and again for a while, as it was paid for.
    async fn keep(
        &self,
        call: CallId,
        claim: Uuid,
        heard: Transcription,
    ) -> Result<(), EngineError> {
        let answer = if heard.turns.is_empty() {
            "silence"
        } else {
            "told"
        };
        count(answer);
        let report = CallReport {
            call,
            receipt: None,
            learned: Learned::Transcribed(Box::new(heard)),
        };
        let mut pause = KEEP_PAUSE;
        for tries_left in (0..KEEP_TRIES_MAX).rev() {
            match self.dialing.learn(report.clone()).await {
                Ok(()) => break,
                Err(error) if !error.is_transient() => {
                    tracing::warn!(call.id = %call, ?error, "could not keep what was heard in call {call}");
                    // An answer that the books refuse must not be paid for again.
                    return self
                        .give_up(call, claim, "what was heard cannot be kept")
                        .await;
                }
                Err(error) if tries_left == 0 => return Err(error),
                Err(_) => tokio::time::sleep(pause).await,
            }
            pause *= 2;
        }
        Ok(())
    }

    async fn give_up(&self, call: CallId, claim: Uuid, why: &str) -> Result<(), EngineError> {
        self.end(call, claim, PutOff::never(why.to_owned()), "given_up")
            .await
    }

    /// Notes when the recording is tried again, and what was seen of the service.
    async fn try_again(
        &self,
        call: CallId,
        claim: Uuid,
        row: &Model,
        error: &TranscribeError,
    ) -> Result<(), EngineError> {
        let now = self.clock.now();
        let reason = text(&error.to_string(), ERROR_CHARS_MAX);
        let (put_off, answer) = match error {
            TranscribeError::NoCapacity { not_before, .. } => {
                let until = self.pool.lock().had_no_capacity(now, *not_before);
                (PutOff::uncharged(until, reason), "no_capacity")
            }
            TranscribeError::Fault { .. } => {
                tracing::warn!(%error, "recordings cannot be listened to until this is repaired");
                let until = self.pool.lock().was_refused(now);
                (PutOff::uncharged(until, reason), "fault")
            }
            TranscribeError::Retryable { not_before, source } => {
                tracing::debug!(call.id = %call, %source, "the recording of call {call} was not listened to");
                self.pool.lock().failed(now, *not_before);
                let until = self.next_try(now, row.tries, *not_before);
                let answer = if until.is_some() {
                    "failed"
                } else {
                    "given_up"
                };
                (PutOff::charged(until, reason), answer)
            }
            // The service is well, and the same question would bring the same answer.
            TranscribeError::Rejected { .. } | TranscribeError::Unreadable(_) => {
                self.pool.lock().went_well();
                (PutOff::never(reason), "rejected")
            }
        };
        self.end(call, claim, put_off, answer).await
    }

    /// When a recording that was tried in vain once more is tried again; none: never.
    fn next_try(
        &self,
        now: DateTime<Utc>,
        tries: i32,
        asked: Option<Duration>,
    ) -> Option<DateTime<Utc>> {
        let wait = self.config.wait(tries)?;
        let asked = asked.and_then(|asked| TimeDelta::from_std(asked).ok());
        Some(now + asked.map_or(wait, |asked| wait.max(asked)))
    }

    async fn end(
        &self,
        call: CallId,
        claim: Uuid,
        put_off: PutOff,
        answer: &'static str,
    ) -> Result<(), EngineError> {
        count(answer);
        if put_off.until.is_none() {
            let reason = &put_off.error;
            tracing::warn!(call.id = %call, reason, "the recording of call {call} will not be listened to");
        }
        let (db, now) = (self.database.writer(), self.clock.now());
        Ok(transcriptions::put_off(db, (call.into_uuid(), claim), put_off, now).await?)
    }
}

impl PutOff {
    fn never(error: String) -> Self {
        Self::charged(None, error)
    }

    const fn charged(until: Option<DateTime<Utc>>, error: String) -> Self {
        Self {
            until,
            is_charged: true,
            error,
        }
    }

    const fn uncharged(until: DateTime<Utc>, error: String) -> Self {
        Self {
            until: Some(until),
            is_charged: false,
            error,
        }
    }
}

fn count(answer: &'static str) {
    metrics::counter!("dialer_transcriptions_total", "answer" => answer).increment(1);
}
