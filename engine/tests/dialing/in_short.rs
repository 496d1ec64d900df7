//! Exotel tells an end in short: the rest is asked for before the call is settled (P4, P5).

use ::carriers::{CarrierKind, FoundCall, LookedUp};
use chrono::TimeDelta;
use domain::progress::{End, News};
use domain::{AnsweredBy, CallId};
use engine::dialing::{CallReport, CarrierSays};
use engine::reports::Recounted;
use entity::call;

use crate::on_both;
use crate::recounts::recounted;
use crate::stage::Stage;

/// One call through Exotel, under way.
async fn a_call(stage: &mut Stage) -> call::Model {
    stage.offered("exotel", "+12025550100").await;
    stage.people(1, "").await;
    stage.dial().await;
    stage.live_calls().await.remove(0)
}

/// Exotel tells in short that the call is over.
async fn told_in_short(stage: &Stage, call: &call::Model) {
    let says = CarrierSays {
        carrier: Some(CarrierKind::Exotel),
        news: vec![
            News::Accepted {
                carrier_call_id: call.carrier_call_id.clone().expect("a name"),
            },
            News::Ended {
                end: End::Completed,
                duration_s: None,
            },
        ],
        status: Some("completed".to_owned()),
        is_in_short: true,
        ..CarrierSays::default()
    };
    let report = CallReport::carrier(CallId::from_uuid(call.id), says);
    stage.dialing.learn(report).await.expect("it is taken in");
}

/// What Exotel answers when it is asked.
fn details(status: &str, by: Option<AnsweredBy>, duration_s: Option<u32>) -> LookedUp {
    let mut news: Vec<News> = by.map(News::Detected).into_iter().collect();
    if status == "completed" {
        news.push(News::Ended {
            end: End::Completed,
            duration_s,
        });
    }
    LookedUp::Found(vec![FoundCall {
        carrier_call_id: "sid".to_owned(),
        created_at: None,
        news,
        status: status.to_owned(),
        duration_s,
        price: None,
    }])
}

on_both! {
    async fn a_machine_does_not_count_as_a_person_where_the_end_is_told_in_short(stage: Stage) {
        let mut stage = stage;
        let call = a_call(&mut stage).await;
        told_in_short(&stage, &call).await;
        assert_eq!(stage.live_calls().await.len(), 1, "who picked up is not known yet");
        let answer = details("completed", Some(AnsweredBy::Machine), Some(12));
        stage.exotel.look_ups.lock().push_back(answer);
        assert_eq!(stage.dialing.check().await.expect("a look"), 1, "it is asked at once");
        let call = stage.calls().await.remove(0);
        assert_eq!(call.outcome.as_deref(), Some("voicemail"));
        assert_eq!((call.duration_s, call.answered_by.as_deref()), (Some(12), Some("machine")));
        // The same again changes nothing.
        told_in_short(&stage, &call).await;
        assert_eq!(stage.calls().await.remove(0).outcome, call.outcome);
        assert_eq!(stage.counters().await.calls_voicemail, 1);
        stage.counters_are_right().await;
    }

    async fn an_exotel_that_does_not_tell_the_rest_holds_no_slot_for_it(stage: Stage) {
        let mut stage = stage;
        let call = a_call(&mut stage).await;
        told_in_short(&stage, &call).await;
        stage.exotel.look_ups.lock().push_back(details("in-progress", None, None));
        stage.dialing.check().await.expect("a look");
        *stage.exotel.is_silent.lock() = true;
        for _ in 0..2 {
            assert_eq!(stage.live_calls().await.len(), 1);
            stage.clock.advance(TimeDelta::seconds(10));
            assert_eq!(stage.dialing.check().await.expect("a look"), 1);
        }
        let call = stage.calls().await.remove(0);
        assert_eq!(call.ending.as_deref(), Some("completed"));
        assert_eq!(stage.counters().await.live, 0);
        stage.counters_are_right().await;
    }

    async fn a_call_that_exotel_has_forgotten_ended_as_it_told(stage: Stage) {
        let mut stage = stage;
        let call = a_call(&mut stage).await;
        told_in_short(&stage, &call).await;
        stage.pass(2);
        stage.dialing.check().await.expect("a look");
        assert_eq!(stage.calls().await[0].ending.as_deref(), Some("completed"));
    }

    async fn how_long_was_talked_is_counted_when_exotel_tells_it_with_the_price(stage: Stage) {
        let mut stage = stage;
        let call = a_call(&mut stage).await;
        told_in_short(&stage, &call).await;
        stage.exotel.look_ups.lock().push_back(details("completed", Some(AnsweredBy::Human), None));
        stage.dialing.check().await.expect("a look");
        assert_eq!(stage.calls().await[0].duration_s, None);
        stage.clock.advance(TimeDelta::seconds(900));
        stage.exotel.look_ups.lock().push_back(details("completed", None, Some(41)));
        assert_eq!(stage.dialing.ask_prices().await.expect("a run"), 1);
        assert_eq!(stage.calls().await[0].duration_s, Some(41));
        stage.clock.advance(TimeDelta::seconds(86_400));
        stage.counters_are_right().await;
        assert_eq!(recounted(&stage).await, Recounted::default());
    }
}
