//! When a call is asked about: after it was silent for so long, and not before (P4).

use carriers::{ConversationStatus, FoundCall, LookedUp};
use chrono::TimeDelta;
use domain::progress::{End, News};
use engine::store::restored::ask_about_all;
use entity::call::{self, Column};
use sea_orm::{ConnectionTrait, DbBackend, Iden, ModelTrait, Statement, Value};

use crate::on_both;
use crate::stage::{On, Stage, eventually};
use crate::told_agents::conversation;

/// Of silence, once somebody picked up.
const SILENCE_S: i64 = 30;
/// Of ringing, before that.
const RINGING_S: i64 = 30;

/// A call that the carrier took on, and does not speak of when it is asked.
async fn a_call(stage: &mut Stage) -> call::Model {
    stage.people(1, "").await;
    stage.dial().await;
    eventually("the call is known to be placed", async || {
        stage.calls().await[0].placed_at.is_some()
    })
    .await;
    *stage.carrier.is_silent.lock() = true;
    stage.calls().await.remove(0)
}

fn seconds_pass(stage: &Stage, seconds: i64) {
    stage.clock.advance(TimeDelta::seconds(seconds));
}

/// Whether it is asked about `seconds` from now, and not a second sooner.
async fn is_asked_about_after(stage: &Stage, seconds: i64) {
    seconds_pass(stage, seconds - 1);
    assert_eq!(stage.dialing.check().await.expect("a look"), 0, "too soon");
    seconds_pass(stage, 1);
    assert_eq!(stage.dialing.check().await.expect("a look"), 1, "too late");
}

/// What the indexes of `calls` are made of: their columns, and those of their conditions.
async fn indexed(stage: &Stage) -> Vec<String> {
    let statement = Statement::from_string(
        DbBackend::Postgres,
        "SELECT DISTINCT CAST(a.attname AS text) AS name FROM pg_index i \
         JOIN pg_depend d ON d.objid = i.indexrelid AND d.refobjid = i.indrelid AND d.refobjsubid > 0 \
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = d.refobjsubid \
         WHERE i.indrelid = CAST('calls' AS regclass)",
    );
    let rows = stage.database.reader().query_all_raw(statement).await;
    let rows = rows.expect("rows").into_iter();
    rows.map(|row| row.try_get("", "name").expect("a name"))
        .collect()
}

/// The longest that any carrier lets a call last, and the patience for its conversation, in minutes.
const LONGEST_MIN: i64 = 250;

/// Lets `minutes` pass, and looks at what is due after each; before each look the carrier is told what to say.
async fn looked_at_for(stage: &Stage, minutes: i64, mut told: impl FnMut(&Stage)) {
    for _ in 0..minutes {
        stage.pass(1);
        told(stage);
        stage.dialing.check().await.expect("a look");
    }
}

/// The carrier has the call, and says of it what it always said.
fn goes_on(
    call: &call::Model,
    status: &'static str,
    news: Vec<News>,
) -> impl FnMut(&Stage) + use<> {
    let found = FoundCall {
        carrier_call_id: call.carrier_call_id.clone().expect("a name"),
        created_at: None,
        news,
        status: status.to_owned(),
        duration_s: None,
        price: None,
    };
    move |stage| {
        let mut answers = stage.carrier.look_ups.lock();
        answers.clear();
        answers.push_back(LookedUp::Found(vec![found.clone()]));
    }
}

on_both! {
    async fn a_call_that_its_carrier_never_speaks_of_gives_its_slot_back_in_the_end(stage: Stage) {
        let mut stage = stage;
        a_call(&mut stage).await;
        looked_at_for(&stage, LONGEST_MIN - 1, |_| ()).await;
        assert_eq!(stage.live_calls().await.len(), 1, "somebody may still talk");
        looked_at_for(&stage, 2, |_| ()).await;
        let call = stage.calls().await.remove(0);
        assert_eq!(call.outcome.as_deref(), Some("failed"));
        assert!(call.error.expect("what went wrong").contains("does not tell"));
        assert_eq!(stage.contact().await.attempts, 1, "it is charged: the phone may have rung");
        assert_eq!(stage.counters().await.live, 0);
        stage.counters_are_right().await;
    }

    async fn a_carrier_that_forgets_a_call_for_a_moment_ends_no_talk(stage: Stage) {
        let mut stage = stage;
        let call = a_call(&mut stage).await;
        *stage.carrier.is_silent.lock() = false;
        stage.hear(&call, vec![News::Answered]).await;
        let told = || { stage.pass(2); stage.dialing.check() };
        told().await.expect("a look");
        assert_eq!(stage.live_calls().await[0].carrier_status.as_deref(), Some("not-found"));
        goes_on(&call, "in-progress", vec![News::Answered])(&stage);
        told().await.expect("a look");
        told().await.expect("a look");
        assert_eq!(stage.live_calls().await.len(), 1, "somebody talks");
        told().await.expect("a look");
        let call = stage.calls().await.remove(0);
        assert!(call.settled_at.is_some(), "twice in a row is no mistake");
        assert_eq!(call.ending.as_deref(), Some("failed"));
        stage.counters_are_right().await;
    }

    async fn a_call_that_waits_at_its_carrier_for_ever_is_called_off_and_gives_its_slot_back(stage: Stage) {
        let mut stage = stage;
        let call = a_call(&mut stage).await;
        *stage.carrier.is_silent.lock() = false;
        let mut told = goes_on(&call, "queued", Vec::new());
        looked_at_for(&stage, LONGEST_MIN - 15, &mut told).await;
        assert_eq!(stage.carrier.hung_up.lock().len(), 0, "it may still ring");
        looked_at_for(&stage, 14, &mut told).await;
        let hung_up = stage.carrier.hung_up.lock().clone();
        assert_eq!(hung_up.first(), call.carrier_call_id.as_ref(), "nobody is rung by surprise");
        assert_eq!(stage.live_calls().await.len(), 1);
        looked_at_for(&stage, 2, &mut told).await;
        let call = stage.calls().await.remove(0);
        assert_eq!(call.outcome.as_deref(), Some("failed"));
        assert_eq!(call.carrier_status.as_deref(), Some("queued"));
        assert_eq!(stage.counters().await.live, 0);
        stage.counters_are_right().await;
    }

    async fn who_picks_up_after_hours_is_not_given_up_in_that_moment(stage: Stage) {
        let mut stage = stage;
        let call = a_call(&mut stage).await;
        looked_at_for(&stage, LONGEST_MIN - 1, |_| ()).await;
        *stage.carrier.is_silent.lock() = false;
        looked_at_for(&stage, 2, goes_on(&call, "in-progress", vec![News::Answered])).await;
        let call = stage.live_calls().await.remove(0);
        assert_eq!(call.answered_at.map(|at| stage.now() - at < TimeDelta::minutes(2)), Some(true));
        stage.counters_are_right().await;
    }

    async fn whoever_picked_up_was_reached_although_the_end_is_never_told(stage: Stage) {
        let mut stage = stage;
        let call = a_call(&mut stage).await;
        stage.pass(30);
        stage.hear(&call, vec![News::Answered]).await;
        looked_at_for(&stage, LONGEST_MIN - 1, |_| ()).await;
        assert_eq!(stage.live_calls().await.len(), 1, "the talk began later than the call");
        looked_at_for(&stage, LONGEST_MIN, |_| ()).await;
        let call = stage.calls().await.remove(0);
        assert_eq!(call.outcome.as_deref(), Some("answered"));
        assert_eq!(stage.contact().await.status, "completed", "nobody is called again");
        stage.counters_are_right().await;
    }

    async fn a_call_that_nothing_is_heard_of_is_asked_about_after_it_would_have_rung_for_long_enough(stage: Stage) {
        let mut stage = stage;
        a_call(&mut stage).await;
        is_asked_about_after(&stage, RINGING_S + SILENCE_S).await;
        is_asked_about_after(&stage, RINGING_S + SILENCE_S).await;
    }

    async fn a_call_that_rings_is_asked_about_that_long_after_it_was_heard_of(stage: Stage) {
        let mut stage = stage;
        let call = a_call(&mut stage).await;
        // The second comes after it was looked at, and left alone; nothing in it is new.
        for pause_s in [20, 40, 5] {
            seconds_pass(&stage, pause_s);
            assert_eq!(stage.dialing.check().await.expect("a look"), 0);
            stage.hear(&call, vec![News::Ringing]).await;
        }
        is_asked_about_after(&stage, RINGING_S + SILENCE_S).await;
    }

    async fn a_call_that_the_carrier_says_goes_on_is_asked_about_again_after_as_long(stage: Stage) {
        let mut stage = stage;
        let call = a_call(&mut stage).await;
        *stage.carrier.is_silent.lock() = false;
        stage.hear(&call, vec![News::Answered]).await;
        for _ in 0..3 {
            let found = FoundCall {
                carrier_call_id: call.carrier_call_id.clone().expect("a name"),
                created_at: None,
                news: vec![News::Answered],
                status: "in-progress".to_owned(),
                duration_s: None,
                price: None,
            };
            stage.carrier.look_ups.lock().push_back(LookedUp::Found(vec![found]));
            is_asked_about_after(&stage, SILENCE_S).await;
        }
    }

    async fn after_a_restored_database_every_call_is_asked_about_at_once_whenever_it_was_heard_of(stage: Stage) {
        let mut stage = stage;
        let call = a_call(&mut stage).await;
        stage.hear(&call, vec![News::Ringing]).await;
        assert_eq!(stage.dialing.check().await.expect("a look"), 0);
        let asked = ask_about_all(stage.database.writer(), stage.now()).await;
        assert_eq!(asked.expect("written"), 1);
        assert_eq!(stage.dialing.check().await.expect("a look"), 1);
    }

    async fn an_end_that_got_lost_is_found_as_soon_although_the_conversations_report_came(stage: Stage) {
        let mut stage = stage;
        let call = a_call(&mut stage).await;
        stage.hear(&call, vec![News::Answered]).await;
        seconds_pass(&stage, SILENCE_S - 1);
        stage.report(&call, conversation(&call, ConversationStatus::Done)).await;
        is_asked_about_after(&stage, 1).await;
    }

    async fn a_talk_is_asked_about_after_it_was_silent_and_then_again_and_again(stage: Stage) {
        let mut stage = stage;
        let call = a_call(&mut stage).await;
        for (pause_s, news) in [(1, News::Ringing), (24, News::Answered)] {
            seconds_pass(&stage, pause_s);
            stage.hear(&call, vec![news]).await;
        }
        for _ in 0..3 {
            is_asked_about_after(&stage, SILENCE_S).await;
        }
        stage.hear(&call, vec![News::Ended { end: End::Completed, duration_s: Some(7) }]).await;
        stage.counters_are_right().await;
    }
}

#[tokio::test]
async fn news_of_a_call_that_goes_on_change_nothing_that_an_index_of_postgres_knows() {
    let mut stage = Stage::set(On::Postgres).await;
    let call = a_call(&mut stage).await;
    let indexed = indexed(&stage).await;
    assert!(indexed.contains(&Column::CheckAt.to_string()));
    let known = |call: &call::Model| -> Vec<Value> {
        let column = |name: &String| name.parse::<Column>().expect("a column");
        indexed.iter().map(|name| call.get(column(name))).collect()
    };
    for news in [News::Ringing, News::Ringing, News::Answered] {
        seconds_pass(&stage, 5);
        stage.hear(&call, vec![news]).await;
        let now = stage.calls().await.remove(0);
        assert_ne!(now.updated_at, call.updated_at);
        assert_eq!(known(&now), known(&call));
    }
}
