//! What the carrier tells, in any order and any number of copies (P4, P5).

use std::sync::Arc;

use domain::progress::{End, News};
use domain::{AnsweredBy, CallId};
use engine::dialing::{CallReport, Learned};
use entity::call;
use sea_orm::{ActiveModelTrait, Set};

use crate::on_both;
use crate::stage::{Stage, eventually};

fn ended(end: End) -> News {
    News::Ended {
        end,
        duration_s: Some(7),
    }
}

on_both! {
    async fn a_second_end_changes_nothing(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        stage.hear(&call, vec![ended(End::Busy)]).await;
        stage.hear(&call, vec![ended(End::Completed)]).await;
        stage.hear(&call, vec![News::Ringing]).await;
        assert_eq!(stage.calls().await[0].status, "busy");
        assert_eq!(stage.contact().await.attempts, 1);
        stage.counters_are_right().await;
    }

    async fn a_carriers_first_last_word_stays(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.dial().await;
        let call = domain::CallId::from_uuid(stage.live_calls().await[0].id);
        for (end, word) in [(End::Busy, "busy"), (End::Completed, "completed")] {
            let says = engine::dialing::CarrierSays {
                news: vec![ended(end)],
                status: Some(word.to_owned()),
                ..Default::default()
            };
            let report = engine::dialing::CallReport::carrier(call, says);
            stage.dialing.learn(report).await.expect("accepted");
        }
        assert_eq!(stage.calls().await[0].carrier_status.as_deref(), Some("busy"));
    }

    async fn a_name_that_is_known_is_not_written_again(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        let name = call.carrier_call_id.clone().expect("it was placed");
        let accepted = News::Accepted { carrier_call_id: name };
        stage.pass(1);
        stage.hear(&call, vec![accepted.clone()]).await;
        assert_eq!(stage.calls().await, vec![call.clone()]);
        stage.hear(&call, vec![accepted.clone(), News::Ringing]).await;
        assert!(stage.calls().await[0].ringing_at.is_some());
        stage.hear(&call, vec![ended(End::Busy)]).await;
        let over = stage.calls().await;
        stage.pass(1);
        stage.hear(&call, vec![accepted]).await;
        assert_eq!(stage.calls().await, over);
        stage.counters_are_right().await;
    }

    async fn a_call_that_is_over_before_its_placing_is_noted_is_counted_once(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let held = stage.queued_job().await;
        let patient = stage.patient_worker();
        let placing = tokio::spawn({
            let patient = std::sync::Arc::clone(&patient);
            async move { patient.place(&held.job).await }
        });
        eventually("somebody is called", async || stage.asked().0 > 0).await;
        let call = stage.live_calls().await.remove(0);
        assert!(call.carrier_call_id.is_none() && !placing.is_finished());
        let accepted = News::Accepted { carrier_call_id: format!("sid-{}", call.id) };
        stage.hear(&call, vec![accepted, ended(End::Busy)]).await;
        let over = stage.calls().await;
        // Something that is in a hurry takes along what waits.
        let another = engine::dialing::CallReport::news(domain::CallId::from_uuid(uuid::Uuid::nil()), Vec::new());
        eventually("it is noted", async || {
            patient.learn(another.clone()).await.expect("accepted");
            placing.is_finished()
        })
        .await;
        placing.await.expect("no panic").expect("placed");
        assert_eq!(stage.calls().await, over);
        assert_eq!(stage.counters().await.calls_placed, 1);
        stage.counters_are_right().await;
    }

    async fn a_call_that_was_given_up_is_hung_up_whatever_its_name(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.carrier.answers.lock().push_back(Err(carriers::PlaceError::Ambiguous(anyhow::anyhow!("timed out"))));
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        stage.hear(&call, vec![ended(End::Lost)]).await;
        let accepted = News::Accepted { carrier_call_id: "sid".to_owned() };
        stage.hear(&call, vec![accepted.clone()]).await;
        let is_hung_up = async || stage.carrier.hung_up.lock().contains(&"sid".to_owned());
        eventually("it is hung up", is_hung_up).await;
        stage.carrier.hung_up.lock().clear();
        // Perhaps that did not work: it is tried again with every sign of life.
        stage.hear(&call, vec![accepted]).await;
        eventually("it is hung up again", is_hung_up).await;
        stage.counters_are_right().await;
    }

    async fn a_call_that_lives_although_it_was_not_taken_on_is_hung_up_also_where_both_are_told_at_once(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.carrier.answers.lock().push_back(Err(carriers::PlaceError::Ambiguous(anyhow::anyhow!("timed out"))));
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        let id = CallId::from_uuid(call.id);
        // Whatever is told while the row is held is taken in together.
        let holder = stage.database.begin().await.expect("a transaction");
        call::ActiveModel { id: Set(call.id), checks: Set(call.checks), ..Default::default() }
            .update(&holder)
            .await
            .expect("the row is held");
        let not_placed = Learned::NotPlaced { until: stage.now(), reason: "503".to_owned() };
        let accepted = News::Accepted { carrier_call_id: "sid".to_owned() };
        let told = [
            CallReport::of(id, Learned::NothingNew),
            CallReport::of(id, not_placed),
            CallReport::news(id, vec![accepted]),
        ];
        let mut taken_in = Vec::new();
        for report in told {
            let dialing = Arc::clone(&stage.dialing);
            taken_in.push(tokio::spawn(async move { dialing.learn(report).await }));
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        }
        holder.commit().await.expect("commit");
        for learnt in taken_in {
            learnt.await.expect("no panic").expect("taken in");
        }
        assert_eq!(stage.live_calls().await, []);
        let is_hung_up = async || stage.carrier.hung_up.lock().contains(&"sid".to_owned());
        eventually("it is hung up", is_hung_up).await;
        stage.counters_are_right().await;
    }

    async fn the_end_may_overtake_the_answer_to_the_request(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.carrier.answers.lock().push_back(Err(carriers::PlaceError::Ambiguous(anyhow::anyhow!("timed out"))));
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        let accepted = News::Accepted { carrier_call_id: "sid".to_owned() };
        stage.hear(&call, vec![accepted.clone(), ended(End::NoAnswer)]).await;
        stage.hear(&call, vec![accepted]).await;
        assert_eq!(stage.counters().await.live, 0);
        assert_eq!(stage.counters().await.calls_no_answer, 1);
        stage.counters_are_right().await;
    }

    async fn a_machine_is_hung_up_on_and_the_contact_retried(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        stage.hear(&call, vec![News::Answered, News::Detected(AnsweredBy::Machine)]).await;
        eventually("it is hung up", async || !stage.carrier.hung_up.lock().is_empty()).await;
        stage.hear(&call, vec![ended(End::Completed)]).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.last_outcome.as_deref()), ("contacted", Some("voicemail")));
        stage.counters_are_right().await;
    }

    async fn a_report_of_an_unknown_call_changes_nothing(stage: Stage) {
        let stage = stage;
        let stranger = domain::CallId::from_uuid(uuid::Uuid::now_v7());
        let report = engine::dialing::CallReport::news(stranger, vec![ended(End::Busy)]);
        stage.dialing.learn(report).await.expect("accepted");
        stage.counters_are_right().await;
    }
}
