//! What others do to a campaign while a decision waits for its counters.

use std::sync::Arc;

use carriers::{ConversationReport, ConversationStatus};
use chrono::TimeDelta;
use domain::progress::{End, News};
use domain::{ContactId, ContactStatus};
use engine::dialing::{CallReport, Learned, Placed};
use engine::store::counters::Ledger;
use engine::store::{self};
use entity::{call, campaign};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, Set, Statement};

use crate::on_both;
use crate::stage::{On, PATIENCE, Stage, eventually};
use crate::told_agents::conversation;

on_both! {
    async fn nobody_is_called_by_a_campaign_that_was_paused_while_the_decision_waited(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let held = stage.queued_job().await;
        let txn = locked(&stage).await;
        let dialing = Arc::clone(&stage.dialing);
        let deciding = tokio::spawn(async move { dialing.place(&held.job).await });
        somebody_waits(&stage).await;
        stands_at(&stage, &txn, "paused").await;
        txn.commit().await.expect("paused");
        let done = deciding.await.expect("no panic").expect("done");
        assert!(matches!(done, Placed::Returned(_)), "{done:?}");
        assert_eq!(stage.asked(), (0, 0));
        stage.counters_are_right().await;
    }

    async fn whose_campaign_got_another_number_while_the_decision_waited_is_chosen_anew(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let held = stage.queued_job().await;
        let txn = locked(&stage).await;
        let dialing = Arc::clone(&stage.dialing);
        let deciding = tokio::spawn(async move { dialing.place(&held.job).await });
        somebody_waits(&stage).await;
        changed(&stage, &txn, |row| row.phone_number = Set(Some("+12025550199".to_owned()))).await;
        txn.commit().await.expect("changed");
        deciding.await.expect("no panic").expect("done");
        // At the latest the second decision knows the number. Nobody was called from the old one.
        stage.dial().await;
        let calls = stage.calls().await;
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].from_number, "+12025550199");
        stage.counters_are_right().await;
    }

    async fn nobody_is_queued_by_a_campaign_that_was_paused_while_the_choice_waited(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let txn = locked(&stage).await;
        let dialing = Arc::clone(&stage.dialing);
        let campaign = stage.campaign;
        let choosing = tokio::spawn(async move { dialing.top_up(campaign).await });
        somebody_waits(&stage).await;
        stands_at(&stage, &txn, "paused").await;
        txn.commit().await.expect("paused");
        choosing.await.expect("no panic").expect("done");
        assert!(stage.next_job().is_none());
        assert_eq!(stage.contact().await.status, ContactStatus::Pending.as_str());
        stage.counters_are_right().await;
    }

    async fn whoever_would_be_called_again_is_let_go_where_the_campaign_was_canceled_meanwhile(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.voice_agent_id = Set(Some("agent_demo".to_owned()))).await;
        stage.people(1, "").await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        stage.hear(&call, vec![News::Answered]).await;
        stage.all_end(End::Completed).await;
        // What the end left to look at is done: only the report can wake the campaign.
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        let txn = locked(&stage).await;
        let dialing = Arc::clone(&stage.dialing);
        let learned = Learned::Conversation(Box::new(a_machine_listened(&call)));
        let report = CallReport::of(domain::CallId::from_uuid(call.id), learned);
        let learning = tokio::spawn(async move { dialing.learn(report).await });
        somebody_waits(&stage).await;
        stands_at(&stage, &txn, "canceled").await;
        txn.commit().await.expect("canceled");
        learning.await.expect("no panic").expect("taken in");
        assert_eq!(stage.counters().await.wake_at, Some(stage.now()));
        stage.dialing.top_up(stage.campaign).await.expect("a sweep");
        assert_eq!(stage.contact().await.status, ContactStatus::Canceled.as_str());
        stage.counters_are_right().await;
    }
}

/// Only on Postgres: SQLite has one writer.
#[tokio::test]
async fn news_that_nothing_counts_wait_for_no_campaign() {
    let mut stage = Stage::set(On::Postgres).await;
    stage.people(1, "").await;
    stage.dial().await;
    let call = stage.live_calls().await.remove(0);
    let txn = locked(&stage).await;
    let told = tokio::time::timeout(PATIENCE, stage.hear(&call, vec![News::Ringing]));
    told.await.expect("taken in while the campaign is locked");
    txn.commit().await.expect("unlocked");
    assert!(stage.calls().await[0].ringing_at.is_some());
}

/// Only on Postgres: SQLite has one writer.
#[tokio::test]
async fn news_of_a_call_that_goes_on_wait_for_nobody_who_works_on_its_contact() {
    let mut stage = Stage::set(On::Postgres).await;
    stage.people(1, "").await;
    stage.dial().await;
    let call = stage.live_calls().await.remove(0);
    let txn = stage.database.begin().await.expect("a transaction");
    let contact = call.contact_id.map(ContactId::from_i64);
    let locked = store::contacts::lock_all(&txn, contact).await;
    assert_eq!(locked.expect("a lock").len(), 1);
    let told = tokio::time::timeout(PATIENCE, stage.hear(&call, vec![News::Answered]));
    told.await.expect("taken in while the contact is locked");
    txn.commit().await.expect("unlocked");
    assert!(stage.calls().await[0].answered_at.is_some());
    stage.all_end(End::Busy).await;
    stage.counters_are_right().await;
}

fn a_machine_listened(call: &call::Model) -> ConversationReport {
    ConversationReport {
        is_voicemail: true,
        ..conversation(call, ConversationStatus::Done)
    }
}

/// Only on Postgres. One of the two is ended after a second: the report, as it waits for longer, unless this machine is slow.
#[tokio::test]
async fn a_report_that_meets_a_change_by_hand_in_a_circle_is_taken_in() {
    let mut stage = Stage::set(On::Postgres).await;
    stage.people(1, "").await;
    stage.dial().await;
    let call = stage.live_calls().await.remove(0);
    let txn = locked(&stage).await;
    let dialing = Arc::clone(&stage.dialing);
    let ended = News::Ended {
        end: End::Busy,
        duration_s: None,
    };
    let report = CallReport::news(domain::CallId::from_uuid(call.id), vec![ended]);
    let learning = tokio::spawn(async move { dialing.learn(report).await });
    somebody_waits(&stage).await;
    let by_hand = "UPDATE contacts SET first_name = 'Ada'";
    match txn.execute_unprepared(by_hand).await {
        Ok(_) => txn.commit().await.expect("changed"),
        Err(_) => txn.rollback().await.expect("taken back"),
    }
    learning.await.expect("no panic").expect("taken in");
    assert_eq!(stage.counters().await.live, 0);
    stage.counters_are_right().await;
}

/// The campaign's counters, locked as a command locks them.
async fn locked(stage: &Stage) -> DatabaseTransaction {
    let txn = stage.database.begin().await.expect("a transaction");
    Ledger::lock(&txn, [stage.campaign]).await.expect("a lock");
    txn
}

/// Until somebody waits for the lock. On SQLite whoever writes waits for the one writer, and has read nothing before.
async fn somebody_waits(stage: &Stage) {
    let db = stage.database.reader();
    if db.get_database_backend() != DbBackend::Postgres {
        return;
    }
    let waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waits = async || {
        let asked = Statement::from_string(DbBackend::Postgres, waits);
        db.query_one_raw(asked).await.expect("an answer").is_some()
    };
    eventually("somebody waits", waits).await;
}

/// Somebody changes where the campaign stands.
async fn stands_at(stage: &Stage, txn: &DatabaseTransaction, status: &str) {
    changed(stage, txn, |row| row.status = Set(status.to_owned())).await;
}

/// Somebody changes the campaign.
async fn changed(
    stage: &Stage,
    txn: &DatabaseTransaction,
    change: impl FnOnce(&mut campaign::ActiveModel),
) {
    let row = stage.campaign().await;
    let mut row = campaign::ActiveModel {
        id: Set(row.id),
        updated_at: Set(row.updated_at.max(stage.now()) + TimeDelta::microseconds(1)),
        ..Default::default()
    };
    change(&mut row);
    campaign::Entity::update(row)
        .exec(txn)
        .await
        .expect("a change");
}
