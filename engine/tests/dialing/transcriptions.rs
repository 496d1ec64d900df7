//! Recordings of calls that brought no transcript are listened to, and nothing waits for that (P4, P5).

use carriers::{ConversationStatus, Speaker, TranscribeError, Transcription};
use chrono::TimeDelta;
use domain::CallId;
use domain::progress::{End, News};
use engine::dialing::{CallReport, Learned};
use serde_json::json;

use crate::listener::{
    ToldListener, conversations, ears, failing, listen_after, recorded, recorded_talks, state,
    transcriptions, turn, words,
};
use crate::on_both;
use crate::stage::Stage;
use crate::told_agents::conversation;

const AGENT: Option<&str> = Some("agent_demo");

on_both! {
    async fn a_recording_tells_what_nobody_else_wrote_down(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.dialing, (&listener, 4));
        let call = recorded_talks(&mut stage, 1, None).await.remove(0);
        let before = (stage.contact().await, stage.counters().await);
        assert_eq!(before.0.status, "completed", "nobody waited for it");
        assert_eq!(listen_after(&stage, &ears, 0).await, 1);
        let said = conversations(&stage).await.remove(0);
        assert_eq!((&*said.source, &*said.transcript_source), ("deepgram", "deepgram"));
        assert_eq!(said.transcript, json!([{ "speaker": "speaker 0", "text": "Hello?", "at_s": 1 }]));
        assert_eq!((said.call_id, said.duration_s, &*said.status), (call.id, Some(11), "done"));
        assert_eq!(said.conversation_id, call.id.to_string());
        assert_eq!(said.started_at, stage.calls().await[0].answered_at);
        assert_eq!((said.is_successful, said.credits, said.is_voicemail), (None, None, false));
        let address = listener.asked.lock()[0].clone();
        assert!(address.starts_with(&format!("http://127.0.0.1:1/webhooks/deepgram/calls/{}/", call.id)), "{address}");
        assert_eq!((stage.contact().await, stage.counters().await), before, "nothing else follows from it");
        assert_eq!(state(&stage).await, ("done".to_owned(), 0));
        assert_eq!(listen_after(&stage, &ears, 100_000).await, 0);
        stage.counters_are_right().await;
    }

    async fn a_call_that_came_with_a_transcript_is_never_listened_to(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.dialing, (&listener, 4));
        let call = recorded_talks(&mut stage, 1, AGENT).await.remove(0);
        assert_eq!(listen_after(&stage, &ears, 599).await, 0, "the report may still come");
        let mut said = conversation(&call, ConversationStatus::Done);
        said.transcript = vec![turn(Speaker::Person, "Yes.")];
        stage.report(&call, said).await;
        listen_after(&stage, &ears, 10).await;
        for _ in 0..10 {
            assert_eq!(listen_after(&stage, &ears, 3_600).await, 0);
        }
        assert_eq!(listener.count(), 0);
        assert_eq!(conversations(&stage).await[0].transcript_source, "elevenlabs");
        assert_eq!(state(&stage).await.0, "done");
    }

    async fn a_report_that_never_comes_is_not_waited_for_for_ever(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.dialing, (&listener, 4));
        recorded_talks(&mut stage, 1, AGENT).await;
        assert_eq!(listen_after(&stage, &ears, 599).await, 0);
        assert_eq!(listen_after(&stage, &ears, 1).await, 1);
        let told = conversations(&stage).await;
        assert_eq!((told.len(), &*told[0].agent_id.clone().expect("an agent")), (1, "agent_demo"));
        stage.repair().await;
        assert_ne!(stage.contact().await.status, "calling", "decided as if nobody had listened");
        assert!(stage.calls().await[0].decided_at.is_some());
        stage.counters_are_right().await;
    }

    async fn a_conversation_that_broke_off_is_listened_to_at_once_and_stays_what_it_is(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.dialing, (&listener, 4));
        let call = recorded_talks(&mut stage, 1, AGENT).await.remove(0);
        stage.report(&call, conversation(&call, ConversationStatus::Failed)).await;
        let before = conversations(&stage).await.remove(0);
        assert_eq!(listen_after(&stage, &ears, 0).await, 1);
        let after = conversations(&stage).await.remove(0);
        assert_eq!((&*after.status, &*after.source, &*after.transcript_source), ("failed", "elevenlabs", "deepgram"));
        assert_eq!(after.transcript[0]["text"], "Hello?");
        assert_eq!((after.conversation_id, after.credits), (before.conversation_id, before.credits));
        let counters = stage.counters().await;
        stage.report(&call, conversation(&call, ConversationStatus::Failed)).await;
        assert_eq!(stage.counters().await, counters, "the same report again changes nothing");
        assert_eq!(conversations(&stage).await[0].transcript_source, "deepgram");
        stage.counters_are_right().await;
    }

    async fn a_report_that_comes_late_takes_the_place_of_what_the_recording_told(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.dialing, (&listener, 4));
        let call = recorded_talks(&mut stage, 1, AGENT).await.remove(0);
        assert_eq!(listen_after(&stage, &ears, 600).await, 1);
        let mut late = conversation(&call, ConversationStatus::Done);
        late.transcript = vec![turn(Speaker::Agent, "Hello, this is Ada.")];
        late.successful = Some(true);
        for _ in 0..2 {
            stage.report(&call, late.clone()).await;
        }
        let told = conversations(&stage).await;
        assert_eq!(told.len(), 1);
        assert_eq!((&*told[0].source, &*told[0].transcript_source), ("elevenlabs", "elevenlabs"));
        assert_eq!(told[0].transcript[0]["speaker"], "agent");
        assert_eq!(stage.counters().await.calls_successful, 1);
        assert_eq!(stage.calls().await[0].credits, Some(12));
        stage.counters_are_right().await;
    }

    async fn a_late_report_without_a_word_leaves_the_words_of_the_recording(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.dialing, (&listener, 4));
        let call = recorded_talks(&mut stage, 1, AGENT).await.remove(0);
        assert_eq!(listen_after(&stage, &ears, 600).await, 1);
        let mut late = conversation(&call, ConversationStatus::Done);
        late.summary = Some("Nobody knows.".to_owned());
        stage.report(&call, late).await;
        let told = conversations(&stage).await.remove(0);
        assert_eq!((&*told.source, &*told.transcript_source), ("elevenlabs", "deepgram"));
        assert_eq!(told.transcript[0]["text"], "Hello?");
        assert_eq!(told.summary.as_deref(), Some("Nobody knows."));
        assert_eq!(listen_after(&stage, &ears, 3_600).await, 0, "it was listened to");
    }

    async fn a_report_that_comes_while_somebody_listens_wins(stage: Stage) {
        let mut stage = stage;
        let call = recorded_talks(&mut stage, 1, AGENT).await.remove(0);
        let mut said = conversation(&call, ConversationStatus::Done);
        said.transcript = vec![turn(Speaker::Person, "Yes.")];
        stage.report(&call, said).await;
        let heard = CallReport {
            call: CallId::from_uuid(call.id),
            receipt: None,
            learned: Learned::Transcribed(Box::new(words("Yes?"))),
        };
        stage.dialing.learn(heard).await.expect("taken in");
        let told = conversations(&stage).await.remove(0);
        assert_eq!((told.transcript[0]["text"].as_str(), &*told.transcript_source), (Some("Yes."), "elevenlabs"));
        assert_eq!(state(&stage).await.0, "done");
    }

    async fn a_recording_of_silence_is_no_conversation_and_is_not_listened_to_again(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.dialing, (&listener, 4));
        listener.will_say(Ok(Transcription { turns: Vec::new(), ..words("") }));
        let call = recorded_talks(&mut stage, 1, AGENT).await.remove(0);
        assert_eq!(listen_after(&stage, &ears, 600).await, 1);
        assert_eq!(conversations(&stage).await, []);
        stage.report(&call, conversation(&call, ConversationStatus::Failed)).await;
        assert_eq!(listen_after(&stage, &ears, 3_600).await, 0, "it would say the same");
    }

    async fn a_recording_may_be_told_of_before_the_end_and_is_listened_to_after_it(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.dialing, (&listener, 4));
        stage.people(1, "").await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        stage.hear(&call, vec![News::Answered]).await;
        recorded(&stage.dialing, &call).await;
        assert_eq!(listen_after(&stage, &ears, 10).await, 0, "they talk");
        stage.all_end(End::Completed).await;
        assert_eq!(listen_after(&stage, &ears, 0).await, 1);
    }

    async fn a_call_that_was_not_recorded_is_not_listened_to(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.dialing, (&listener, 4));
        stage.people(1, "").await;
        stage.dial().await;
        stage.all_end(End::Completed).await;
        assert_eq!(listen_after(&stage, &ears, 100_000).await, 0);
        assert_eq!(transcriptions(&stage).await, []);
    }

    async fn where_nobody_listens_nothing_is_noted(stage: Stage) {
        let mut stage = stage;
        let deaf = stage.deaf_worker();
        stage.people(1, "").await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        let over = News::Ended { end: End::Completed, duration_s: Some(30) };
        let report = CallReport::news(CallId::from_uuid(call.id), vec![News::Answered, over]);
        deaf.learn(report).await.expect("taken in");
        recorded(&deaf, &call).await;
        assert_eq!(transcriptions(&stage).await, []);
    }

    async fn a_recording_that_is_refused_is_not_asked_for_again(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.dialing, (&listener, 4));
        listener.will_say(Err(TranscribeError::Rejected { reason: "no sound".to_owned() }));
        recorded_talks(&mut stage, 1, None).await;
        assert_eq!(listen_after(&stage, &ears, 0).await, 1);
        for _ in 0..30 {
            assert_eq!(listen_after(&stage, &ears, 3_600).await, 0);
        }
        let row = transcriptions(&stage).await.remove(0);
        assert_eq!((&*row.status, row.tries), ("given_up", 1));
        assert!(row.error.expect("a reason").contains("no sound"));
        assert_eq!(conversations(&stage).await, []);
    }

    async fn a_recording_that_fails_is_tried_again_ever_later_and_then_never(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.dialing, (&listener, 4));
        (0..20).for_each(|_| listener.will_say(failing()));
        recorded_talks(&mut stage, 1, None).await;
        assert_eq!(listen_after(&stage, &ears, 0).await, 1);
        for wait in [30, 120, 600, 3_600, 21_600] {
            assert_eq!(listen_after(&stage, &ears, wait - 1).await, 0, "before {wait} s");
            assert_eq!(listen_after(&stage, &ears, 1).await, 1, "after {wait} s");
        }
        for _ in 0..30 {
            assert_eq!(listen_after(&stage, &ears, 3_600).await, 0);
        }
        assert_eq!((listener.count(), state(&stage).await), (6, ("given_up".to_owned(), 6)));
    }

    async fn what_is_over_is_forgotten_after_days(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.dialing, (&listener, 4));
        recorded_talks(&mut stage, 1, None).await;
        assert_eq!(listen_after(&stage, &ears, 0).await, 1);
        stage.clock.advance(TimeDelta::days(2));
        stage.repair().await;
        assert_eq!(transcriptions(&stage).await.len(), 1);
        stage.clock.advance(TimeDelta::days(2));
        stage.repair().await;
        assert_eq!(transcriptions(&stage).await, []);
        assert_eq!(conversations(&stage).await.len(), 1, "what was said is kept");
    }
}
