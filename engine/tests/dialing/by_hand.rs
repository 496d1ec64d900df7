//! What is made of contacts by hand while their campaign is dialled (P2, P3, P5).

use carriers::ConversationStatus;
use chrono::TimeDelta;
use domain::gate::Why;
use domain::progress::{End, News};
use domain::{ContactId, UserId};
use engine::contacts::{Cell, ContactChange};
use engine::dialing::{Placed, ToppedUp};
use engine::field::Field;
use engine::{Actor, Contacts, EngineError, Role};
use entity::{contact, suppression};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use serde_json::Value;

use crate::on_both;
use crate::stage::{Stage, at};
use crate::told_agents::conversation;

/// Somebody who looks after the contacts.
struct Hand {
    contacts: Contacts,
    actor: Actor,
}

impl Hand {
    async fn of(stage: &Stage) -> Self {
        let clock = std::sync::Arc::new(stage.clock.clone());
        Self {
            contacts: Contacts::new(stage.database.clone(), clock, stage.dialing.clone()),
            actor: Actor {
                id: UserId::from_uuid(stage.campaign().await.owner_id),
                role: Role::User,
                name: "Owner".to_owned(),
                email: None,
            },
        }
    }

    async fn change(
        &self,
        stage: &Stage,
        change: ContactChange,
    ) -> Result<contact::Model, EngineError> {
        let id = ContactId::from_i64(stage.contact().await.id);
        self.contacts
            .update(&self.actor, stage.campaign, id, change)
            .await
    }

    async fn set(&self, stage: &Stage, status: &str) -> Result<contact::Model, EngineError> {
        let status = Field::Given(status.to_owned());
        let change = ContactChange {
            status,
            ..ContactChange::default()
        };
        self.change(stage, change).await
    }

    async fn remove(&self, stage: &Stage) -> Result<(), EngineError> {
        let id = ContactId::from_i64(stage.contact().await.id);
        self.contacts.delete(&self.actor, stage.campaign, id).await
    }
}

fn cell(text: &str) -> Field<Cell> {
    Field::from(Value::from(text))
}

#[track_caller]
fn code<T: std::fmt::Debug>(result: Result<T, EngineError>) -> &'static str {
    match result {
        Err(EngineError::Conflict { code, .. }) => code,
        other => panic!("should be a conflict: {other:?}"),
    }
}

/// Who says that the first contact's number must not be called by the campaign's owner.
async fn suppressed_by(stage: &Stage) -> Option<String> {
    let found = suppression::Entity::find()
        .filter(suppression::Column::OwnerId.eq(stage.campaign().await.owner_id))
        .filter(suppression::Column::PhoneNumber.eq("+12025550000"))
        .one(stage.database.reader())
        .await;
    Some(found.expect("an answer")?.source)
}

/// The one contact's call was answered, and nobody has said yet what was spoken.
async fn answered(stage: &mut Stage) -> entity::call::Model {
    stage
        .change(|row| row.voice_agent_id = Set(Some("agent_demo".to_owned())))
        .await;
    stage.dial().await;
    let call = stage.live_calls().await.remove(0);
    stage.hear(&call, vec![News::Answered]).await;
    stage.all_end(End::Completed).await;
    call
}

on_both! {
    async fn whoever_is_taken_out_while_queued_is_not_dialled(stage: Stage) {
        let mut stage = stage;
        let hand = Hand::of(&stage).await;
        for status in ["canceled", "do_not_call"] {
            stage.people(1, "").await;
            stage.dialing.top_up(stage.campaign).await.expect("a top-up");
            assert_eq!(stage.counters().await.queued, 1);
            assert_eq!(hand.set(&stage, status).await.expect("changed").status, status);
            assert_eq!(stage.work().await, [Placed::Stale]);
            stage.counters_are_right().await;
            let by = (status == "do_not_call").then_some("api");
            assert_eq!(suppressed_by(&stage).await.as_deref(), by);
            hand.remove(&stage).await.expect("removed");
        }
        stage.people(1, "").await;
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        hand.remove(&stage).await.expect("removed");
        assert_eq!(stage.work().await, [Placed::Stale]);
        assert!(stage.carrier.placed.lock().is_empty());
        assert_eq!(stage.counters().await.total, 0);
        stage.counters_are_right().await;
    }

    async fn whoever_is_put_back_is_called_under_a_new_ticket_only(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let hand = Hand::of(&stage).await;
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        let old = stage.next_job().expect("a job");
        hand.set(&stage, "canceled").await.expect("taken out");
        hand.set(&stage, "pending").await.expect("put back");
        stage.counters_are_right().await;
        assert_eq!(stage.dialing.top_up(stage.campaign).await.expect("a top-up"), ToppedUp::Queued(1));
        assert_eq!(stage.dialing.place(&old.job).await.expect("done"), Placed::Stale);
        assert!(matches!(stage.work().await[..], [Placed::Dialled(_)]));
        assert_eq!(stage.carrier.placed.lock().len(), 1);
        stage.counters_are_right().await;
    }

    async fn attempts_are_never_forgotten(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let hand = Hand::of(&stage).await;
        stage.dial().await;
        stage.all_end(End::Busy).await;
        hand.set(&stage, "canceled").await.expect("taken out");
        assert_eq!(code(hand.set(&stage, "pending").await), "illegal_transition");
        assert_eq!(stage.contact().await.attempts, 1);
        stage.counters_are_right().await;
    }

    async fn whoever_is_in_a_call_that_is_not_decided_stays_until_it_is(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let hand = Hand::of(&stage).await;
        stage.change(|row| row.voice_agent_id = Set(Some("agent_demo".to_owned()))).await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        for status in ["calling", "contacted"] {
            let before = stage.contact().await;
            assert_eq!((before.status.as_str(), before.next_attempt_at), (status, None));
            assert_eq!(code(hand.set(&stage, "canceled").await), "contact_in_call");
            assert_eq!(code(hand.set(&stage, "do_not_call").await), "contact_in_call");
            assert_eq!(code(hand.remove(&stage).await), "contact_in_call");
            let number = ContactChange { phone_number: cell("+12025550999"), ..ContactChange::default() };
            assert_eq!(code(hand.change(&stage, number).await), "contact_in_call");
            assert_eq!(stage.contact().await, before);
            assert_eq!(suppressed_by(&stage).await, None, "what is refused leaves nothing behind");
            // What is only read may change at any time.
            let name = ContactChange { name: cell(status), ..ContactChange::default() };
            assert_eq!(hand.change(&stage, name).await.expect("changed").name.as_deref(), Some(status));
            if status == "calling" {
                stage.hear(&call, vec![News::Answered]).await;
                stage.all_end(End::Completed).await;
            }
        }
        stage.report(&call, conversation(&call, ConversationStatus::Done)).await;
        assert_eq!(stage.contact().await.status, "completed");
        stage.counters_are_right().await;
        hand.remove(&stage).await.expect("removed");
        stage.counters_are_right().await;
    }

    async fn a_queued_contact_keeps_its_number(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let hand = Hand::of(&stage).await;
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        let number = ContactChange { phone_number: cell("+12025550999"), ..ContactChange::default() };
        assert_eq!(code(hand.change(&stage, number).await), "contact_is_queued");
        stage.work().await;
        assert_eq!(stage.carrier.placed.lock()[0].to.expose(), "+12025550000");
    }

    async fn whoever_is_removed_leaves_their_calls_and_these_calls_figures(stage: Stage) {
        let mut stage = stage;
        stage.people(2, "").await;
        let hand = Hand::of(&stage).await;
        stage.dial().await;
        stage.all_end(End::Busy).await;
        assert_eq!(stage.counters().await.reached, 2);
        hand.remove(&stage).await.expect("removed");
        let gone = stage.contacts().await;
        assert_eq!(gone.len(), 1);
        let calls = stage.calls().await;
        assert_eq!(calls.len(), 2);
        assert_eq!(calls.iter().filter(|call| call.contact_id.is_none()).count(), 1);
        let counters = stage.counters().await;
        assert_eq!((counters.total, counters.contacted, counters.reached), (1, 1, 1));
        assert_eq!((counters.calls_placed, counters.calls_busy), (2, 2));
        stage.counters_are_right().await;
    }

    async fn a_campaign_completes_with_its_last_open_contact_taken_out_or_removed(stage: Stage) {
        let mut stage = stage;
        stage.people(2, "").await;
        let hand = Hand::of(&stage).await;
        stage.change(|row| row.max_concurrent_calls = Set(1)).await;
        stage.dial().await;
        stage.all_end(End::Completed).await;
        assert_eq!(stage.contact().await.status, "completed");
        let last = ContactId::from_i64(stage.contacts().await[1].id);
        hand.contacts.delete(&hand.actor, stage.campaign, last).await.expect("removed");
        stage.repair().await;
        assert_eq!(stage.campaign().await.status, "completed");
        stage.counters_are_right().await;
    }

    async fn a_wish_not_to_be_called_outlives_the_contact(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let hand = Hand::of(&stage).await;
        let call = answered(&mut stage).await;
        stage.clock.advance(TimeDelta::seconds(3_600));
        stage.repair().await;
        assert!(stage.contact().await.next_attempt_at.is_some(), "nobody waits for a report for ever");
        hand.remove(&stage).await.expect("removed");
        assert_eq!(suppressed_by(&stage).await, None);
        let mut said = conversation(&call, ConversationStatus::Done);
        said.wish.do_not_call = true;
        stage.report(&call, said).await;
        assert_eq!(suppressed_by(&stage).await.as_deref(), Some("conversation"));
        stage.counters_are_right().await;
    }

    async fn a_new_zone_opens_the_window_at_once(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let hand = Hand::of(&stage).await;
        stage.change(|row| row.daily_end_time = Set(Some("12:05".to_owned()))).await;
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        stage.pass(5);
        assert_eq!(stage.work().await, [Placed::Returned(Why::OutsideWindow)]);
        assert!(stage.dial().await.is_empty());
        // Five minutes past five in the morning there.
        let zone = ContactChange { timezone: cell("America/Los_Angeles"), ..ContactChange::default() };
        hand.change(&stage, zone).await.expect("changed");
        assert_eq!(stage.counters().await.wake_at, Some(stage.now()), "dialing looks again now");
        assert!(matches!(stage.dial().await[..], [Placed::Dialled(_)]));
        stage.counters_are_right().await;
    }

    async fn a_new_zone_closes_the_window_for_a_job_that_is_on_its_way(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let hand = Hand::of(&stage).await;
        stage.change(|row| row.daily_start_time = Set(Some("09:00".to_owned()))).await;
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        let zone = ContactChange { timezone: cell("America/Los_Angeles"), ..ContactChange::default() };
        hand.change(&stage, zone).await.expect("changed");
        assert_eq!(stage.work().await, [Placed::Returned(Why::OutsideWindow)]);
        assert_eq!(stage.contact().await.next_attempt_at, Some(at("2026-06-01T16:00:00Z")));
        assert!(stage.carrier.placed.lock().is_empty());
        stage.counters_are_right().await;
    }
}
