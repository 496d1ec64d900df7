//! What the carrier tells, in any order and any number of copies (P4, P5).

use domain::AnsweredBy;
use domain::progress::{End, News};

use crate::on_both;
use crate::stage::Stage;

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
        while stage.carrier.hung_up.lock().is_empty() {
            tokio::task::yield_now().await;
        }
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
