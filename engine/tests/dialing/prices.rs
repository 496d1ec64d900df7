//! What calls cost is asked for after their end: found once, and not for ever (P4, P5).

use carriers::{CarrierKind, FoundCall, LookedUp, Price};
use chrono::TimeDelta;
use domain::progress::{End, News};
use domain::{CallId, PhoneNumber};
use engine::Dialing;
use engine::dialing::{CallReport, CarrierSays, InboundNews, Learned, PriceAnswer};
use engine::store::inbox::Receipt;
use entity::{call, call_detail_rollup, call_rollup};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};

use crate::on_both;
use crate::stage::Stage;

/// Questions under way at once.
const AT_ONCE_MAX: usize = 8;

/// What the carrier says of a call that is over, with a price or without.
fn over(price: Option<Price>) -> LookedUp {
    LookedUp::Found(vec![FoundCall {
        carrier_call_id: "sid".to_owned(),
        created_at: None,
        news: vec![News::Ended {
            end: End::Failed,
            duration_s: Some(99),
        }],
        status: "failed".to_owned(),
        duration_s: Some(99),
        price,
    }])
}

fn price() -> Price {
    Price::from_amount(0.0135, "USD").expect("a price")
}

/// Seconds pass, and somebody asks for prices; for how many calls.
async fn ask_after(stage: &Stage, seconds: i64) -> usize {
    stage.clock.advance(TimeDelta::seconds(seconds));
    stage.dialing.ask_prices().await.expect("a run")
}

/// One call that was answered and is over, at noon.
async fn a_call_is_over(stage: &mut Stage) -> call::Model {
    stage.people(1, "").await;
    stage.dial().await;
    let call = stage.live_calls().await.remove(0);
    stage.hear(&call, vec![News::Answered]).await;
    stage.all_end(End::Completed).await;
    stage.calls().await.remove(0)
}

/// Forty calls that are over, at noon.
async fn forty_calls_are_over(stage: &mut Stage) {
    stage.change(|row| row.max_concurrent_calls = Set(40)).await;
    stage.people(40, "").await;
    stage.dial().await;
    stage.all_end(End::Busy).await;
}

/// The price of the one call, and what all sums have of it: quarters; those in detail, by quarter and by day.
async fn costs(stage: &Stage) -> (Option<i64>, i64, Vec<(i32, i64)>) {
    let db = stage.database.reader();
    let quarters = call_rollup::Entity::find().all(db).await.expect("sums");
    let details = call_detail_rollup::Entity::find()
        .filter(call_detail_rollup::Column::PriceUnit.eq("USD"))
        .all(db)
        .await
        .expect("sums");
    (
        stage.calls().await[0].price_micros,
        quarters.iter().map(|row| row.price_micros).sum(),
        details
            .iter()
            .map(|row| (row.priced, row.price_micros))
            .collect(),
    )
}

fn told(call: &call::Model, answer: PriceAnswer) -> CallReport {
    CallReport::of(CallId::from_uuid(call.id), Learned::Price(answer))
}

on_both! {
    async fn a_price_that_comes_late_is_asked_for_and_changes_nothing_else(stage: Stage) {
        let mut stage = stage;
        let before = a_call_is_over(&mut stage).await;
        assert_eq!(ask_after(&stage, 19).await, 0, "the carrier does not know it yet");
        stage.carrier.look_ups.lock().push_back(over(Some(price())));
        assert_eq!(ask_after(&stage, 1).await, 1);
        assert_eq!(costs(&stage).await, (Some(13_500), 13_500, vec![(1, 13_500), (1, 13_500)]));
        let after = stage.calls().await.remove(0);
        let expected = call::Model {
            price_micros: Some(13_500),
            price_unit: Some("USD".to_owned()),
            price_check_at: None,
            updated_at: after.updated_at,
            ..before
        };
        assert_eq!(after, expected, "whatever else the carrier says now comes too late");
        assert_eq!(ask_after(&stage, 100_000).await, 0, "it is known");
        stage.counters_are_right().await;
    }

    async fn a_price_is_counted_once_whoever_tells_it_again(stage: Stage) {
        let mut stage = stage;
        let call = a_call_is_over(&mut stage).await;
        let says = CarrierSays { price: Some(price()), ..CarrierSays::default() };
        let once = [
            told(&call, PriceAnswer::Told(price())),
            told(&call, PriceAnswer::Told(price())),
            CallReport::carrier(CallId::from_uuid(call.id), says),
            told(&call, PriceAnswer::NotYet),
            told(&call, PriceAnswer::None),
        ];
        futures::future::join_all(once.map(|report| stage.dialing.learn(report))).await;
        assert_eq!(costs(&stage).await, (Some(13_500), 13_500, vec![(1, 13_500), (1, 13_500)]));
        assert_eq!(ask_after(&stage, 100_000).await, 0, "it is known");
    }

    async fn a_price_that_never_comes_is_asked_for_three_times_and_no_more(stage: Stage) {
        let mut stage = stage;
        a_call_is_over(&mut stage).await;
        stage.carrier.asked_about.lock().clear();
        for (wait, early) in [(20, 0), (120, 0), (900, 0)] {
            assert_eq!(ask_after(&stage, wait - 1).await, early, "before {wait} s");
            stage.carrier.look_ups.lock().push_back(over(None));
            assert_eq!(ask_after(&stage, 1).await, 1, "after {wait} s");
        }
        for _ in 0..50 {
            assert_eq!(ask_after(&stage, 3_600).await, 0);
        }
        assert_eq!(stage.carrier.asked_about.lock().len(), 3);
        assert_eq!(costs(&stage).await, (None, 0, vec![]));
    }

    async fn a_process_that_dies_with_the_answer_loses_nothing(stage: Stage) {
        let mut stage = stage;
        a_call_is_over(&mut stage).await;
        stage.clock.advance(TimeDelta::seconds(20));
        let (db, now) = (stage.database.writer(), stage.now());
        let claim = async |until| engine::store::price_checks::claim(db, CarrierKind::SignalWire, (now, until), 10).await.expect("a claim");
        // Whoever claims it asks the carrier, and dies; the others leave the call alone meanwhile.
        let until = now + TimeDelta::minutes(3);
        assert_eq!(claim(until).await.len(), 1);
        assert_eq!(claim(until).await.len(), 0);
        let other = stage.another_worker();
        assert_eq!(other.ask_prices().await.expect("a run"), 0);
        stage.clock.advance(TimeDelta::minutes(3));
        stage.carrier.look_ups.lock().push_back(over(Some(price())));
        assert_eq!(other.ask_prices().await.expect("a run"), 1);
        assert_eq!(costs(&stage).await, (Some(13_500), 13_500, vec![(1, 13_500), (1, 13_500)]));
    }

    async fn processes_that_ask_at_once_ask_for_each_call_once(stage: Stage) {
        let mut stage = stage;
        forty_calls_are_over(&mut stage).await;
        stage.carrier.look_ups.lock().extend((0..40).map(|_| over(Some(price()))));
        stage.carrier.asked_about.lock().clear();
        stage.clock.advance(TimeDelta::seconds(20));
        let other = stage.another_worker();
        let ask = async |dialing: &Dialing| while dialing.ask_prices().await.expect("a run") > 0 {};
        tokio::join!(ask(&stage.dialing), ask(&other));
        let mut asked = stage.carrier.asked_about.lock().clone();
        assert_eq!(asked.len(), 40);
        asked.sort();
        asked.dedup();
        assert_eq!(asked.len(), 40);
        let (_, quarters, details) = costs(&stage).await;
        assert_eq!((quarters, details), (40 * 13_500, vec![(40, 40 * 13_500); 2]));
    }

    async fn a_carrier_that_does_not_answer_is_asked_by_those_who_asked_at_once_and_no_more(stage: Stage) {
        let mut stage = stage;
        forty_calls_are_over(&mut stage).await;
        *stage.carrier.is_silent.lock() = true;
        stage.carrier.asked_about.lock().clear();
        assert_eq!(ask_after(&stage, 20).await, 40, "all of them are claimed");
        let asked = stage.carrier.asked_about.lock().len();
        assert!((1..=AT_ONCE_MAX).contains(&asked), "{asked} of 40");
    }

    async fn a_carrier_in_trouble_is_left_alone_and_asked_again_within_a_day(stage: Stage) {
        let mut stage = stage;
        a_call_is_over(&mut stage).await;
        *stage.carrier.is_silent.lock() = true;
        assert_eq!(ask_after(&stage, 20).await, 1);
        assert_eq!(ask_after(&stage, 29).await, 0, "nobody is asked about just now");
        for _ in 0..4 {
            assert_eq!(ask_after(&stage, 900).await, 1, "no answer is not counted as one");
        }
        *stage.carrier.is_silent.lock() = false;
        stage.carrier.look_ups.lock().push_back(over(Some(price())));
        assert_eq!(ask_after(&stage, 900).await, 1);
        assert_eq!(costs(&stage).await.0, Some(13_500));
    }

    async fn a_carrier_that_is_silent_for_ever_is_not_asked_for_ever(stage: Stage) {
        let mut stage = stage;
        a_call_is_over(&mut stage).await;
        *stage.carrier.is_silent.lock() = true;
        assert_eq!(ask_after(&stage, 86_400).await, 1);
        for _ in 0..10 {
            assert_eq!(ask_after(&stage, 3_600).await, 0);
        }
    }

    async fn a_call_that_the_books_cannot_read_is_not_asked_about_for_ever(stage: Stage) {
        let mut stage = stage;
        let mut row = a_call_is_over(&mut stage).await.into_active_model();
        row.ending = Set(Some("as never before".to_owned()));
        row.decided_at = Set(None);
        row.update(stage.database.writer()).await.expect("the call changes");
        stage.carrier.look_ups.lock().push_back(over(Some(price())));
        assert_eq!(ask_after(&stage, 20).await, 1);
        assert_eq!(costs(&stage).await.0, None, "it could not be taken in");
        for _ in 0..10 {
            assert_eq!(ask_after(&stage, 3_600).await, 0);
        }
    }

    async fn what_never_was_at_the_carrier_has_no_price(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let refused = carriers::PlaceError::Rejected { reason: "no such number".to_owned(), code: Some(21_217) };
        stage.carrier.answers.lock().push_back(Err(refused));
        stage.dial().await;
        assert_eq!(stage.live_calls().await.len(), 0);
        assert_eq!(ask_after(&stage, 3_600).await, 0);
    }

    async fn a_call_that_came_in_has_its_price_as_well(stage: Stage) {
        let number = |text: &str| PhoneNumber::parse(text, None).expect("a number");
        let ended = News::Ended { end: End::Completed, duration_s: Some(30) };
        let says = CarrierSays {
            news: vec![News::Accepted { carrier_call_id: "in-1".to_owned() }, News::Answered, ended],
            ..CarrierSays::default()
        };
        let news = InboundNews {
            carrier: CarrierKind::SignalWire,
            carrier_call_id: "in-1".to_owned(),
            from: Some(number("+12025550177")),
            to: number("+12025550100"),
            begun_at: None,
            says,
            receipt: Receipt {
                key: "in-1:over".to_owned(),
                provider: "signalwire".into(),
                kind: "status".into(),
                received_at: stage.now(),
            },
        };
        stage.dialing.hear_inbound(news).await.expect("it is taken in");
        stage.carrier.look_ups.lock().push_back(over(Some(price())));
        assert_eq!(ask_after(&stage, 20).await, 1);
        assert_eq!(costs(&stage).await.0, Some(13_500));
    }
}
