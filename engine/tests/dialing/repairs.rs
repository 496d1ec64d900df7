//! What the reconciler mends (P2, P4, P6).

use std::sync::Arc;

use carriers::{ConversationStatus, FoundCall, LookedUp, PlaceError};
use chrono::TimeDelta;
use domain::progress::{End, News};
use engine::dialing::Placed;
use sea_orm::{ConnectionTrait, Set};

use crate::on_both;
use crate::stage::{Stage, eventually};
use crate::talks::talks;
use crate::told_agents::conversation;

/// Who talked with them.
const AGENT: Option<&str> = Some("agent_demo");

fn in_doubt() -> PlaceError {
    PlaceError::Ambiguous(anyhow::anyhow!("the connection died"))
}

on_both! {
    async fn a_column_that_a_later_version_adds_disturbs_nobody(stage: Stage) {
        let mut stage = stage;
        stage.people(2, "").await;
        stage.dial().await;
        *stage.carrier.is_silent.lock() = true;
        // The statements are prepared before the column is there, and used again afterwards.
        for statement in [None, Some("ALTER TABLE calls ADD COLUMN of_a_later_version INTEGER"), Some("SELECT 1")] {
            if let Some(statement) = statement {
                stage.database.writer().execute_unprepared(statement).await.expect("done");
            }
            for _ in 0..4 {
                stage.pass(2);
                assert_eq!(stage.repair().await, 2);
            }
        }
        stage.all_end(End::Busy).await;
        stage.counters_are_right().await;
    }

    async fn it_is_known_beforehand_when_a_contact_falls_due_and_it_is_called_then(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.dial().await;
        stage.all_end(End::Busy).await;
        let due = stage.contact().await.next_attempt_at.expect("an instant");
        let dialing = Arc::clone(&stage.dialing);
        // Its end was noted as something to look at.
        dialing.top_up_due().await.expect("topped up");
        assert_eq!(dialing.next_wake(due).await.expect("an answer"), None);
        let known = dialing.next_wake(due + TimeDelta::seconds(1)).await;
        assert_eq!(known.expect("an answer"), Some(due));
        stage.clock.advance(due - stage.now() - TimeDelta::milliseconds(1));
        assert_eq!(dialing.top_up_due().await.expect("topped up"), 0);
        stage.clock.advance(TimeDelta::milliseconds(1));
        assert_eq!(dialing.top_up_due().await.expect("topped up"), 1);
        assert_eq!(stage.work().await.len(), 1);
    }

    async fn a_call_in_doubt_is_looked_up_and_not_placed_again(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.carrier.answers.lock().push_back(Err(in_doubt()));
        assert!(matches!(stage.dial().await[..], [Placed::InDoubt(_)]));
        stage.clock.advance(TimeDelta::seconds(31));
        let found = FoundCall {
            carrier_call_id: "sid".to_owned(),
            created_at: Some(stage.now() - TimeDelta::seconds(31)),
            news: vec![News::Accepted { carrier_call_id: "sid".to_owned() }, News::Ended { end: End::Busy, duration_s: None }],
            status: "busy".to_owned(),
            duration_s: None,
            price: None,
        };
        stage.carrier.look_ups.lock().push_back(LookedUp::Found(vec![found]));
        assert_eq!(stage.repair().await, 1);
        assert_eq!(stage.contact().await.last_outcome.as_deref(), Some("busy"));
        assert_eq!(stage.carrier.placed.lock().len(), 1);
        stage.counters_are_right().await;
    }

    async fn a_call_is_ours_although_the_carriers_clock_is_behind(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.carrier.answers.lock().push_back(Err(in_doubt()));
        stage.dial().await;
        let taken_on = stage.now() - TimeDelta::seconds(30);
        let found = FoundCall {
            carrier_call_id: "sid".to_owned(),
            created_at: Some(taken_on),
            news: vec![News::Accepted { carrier_call_id: "sid".to_owned() }, News::Ringing],
            status: "ringing".to_owned(),
            duration_s: None,
            price: None,
        };
        stage.carrier.look_ups.lock().push_back(LookedUp::Found(vec![found]));
        // Past the grace: whoever does not recognise it gives it up and dials again.
        stage.clock.advance(TimeDelta::seconds(61));
        stage.repair().await;
        assert_eq!(stage.contact().await.status, "calling");
        assert_eq!(stage.live_calls().await[0].carrier_call_id.as_deref(), Some("sid"));
        stage.counters_are_right().await;
    }

    async fn a_call_that_the_carrier_never_heard_of_is_given_up_after_its_grace_and_not_charged(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.carrier.answers.lock().push_back(Err(in_doubt()));
        stage.dial().await;
        stage.clock.advance(TimeDelta::seconds(31));
        stage.repair().await;
        assert_eq!(stage.contact().await.status, "calling", "within the grace it may still be on its way");
        stage.clock.advance(TimeDelta::seconds(31));
        stage.repair().await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("pending", 0), "due again at once");
        assert_eq!(stage.counters().await.live, 0);
        stage.counters_are_right().await;
        assert!(matches!(stage.dial().await[..], [Placed::Dialled(_)]));
        assert_eq!(stage.contact().await.attempts, 1);
    }

    async fn a_call_that_comes_to_life_after_it_was_given_up_is_hung_up(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.carrier.answers.lock().push_back(Err(in_doubt()));
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        for _ in 0..2 {
            stage.clock.advance(TimeDelta::seconds(31));
            stage.repair().await;
        }
        stage.hear(&call, vec![News::Accepted { carrier_call_id: "late".to_owned() }, News::Ringing]).await;
        eventually("it is hung up", async || !stage.carrier.hung_up.lock().is_empty()).await;
        assert_eq!(*stage.carrier.hung_up.lock(), ["late"]);
        assert_eq!(stage.counters().await.live, 0);
        stage.counters_are_right().await;
    }

    async fn a_lost_job_is_pushed_again_under_the_same_name(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        let lost = stage.next_job().expect("a job").job.id();
        stage.clock.advance(TimeDelta::seconds(6));
        assert_eq!(stage.dialing.reconcile().await.expect("a run").requeued, 1);
        let again = stage.next_job().expect("the job again");
        assert_eq!(again.job.id(), lost);
        assert!(matches!(stage.dialing.place(&again.job).await.expect("done"), Placed::Dialled(_)));
        stage.counters_are_right().await;
    }

    async fn wrong_counters_are_corrected(stage: Stage) {
        let stage = stage;
        stage.people(2, "").await;
        let mut row: entity::campaign_counters::ActiveModel = stage.counters().await.into();
        row.live = sea_orm::Set(7);
        sea_orm::ActiveModelTrait::update(row, stage.database.writer()).await.expect("a mistake");
        assert!(stage.dialing.recount(stage.campaign).await.expect("a recount"));
        assert_eq!(stage.counters().await.live, 0);
    }

    async fn bad_credentials_pause_the_campaign_instead_of_burning_its_contacts(stage: Stage) {
        let mut stage = stage;
        stage.people(5, "").await;
        let fault = PlaceError::Fault { fault: carriers::CampaignFault::Credentials, reason: "20003".to_owned() };
        stage.carrier.answers.lock().push_back(Err(fault));
        let done = stage.dial().await;
        assert_eq!(done[0], Placed::Undone);
        let campaign = stage.campaign().await;
        assert_eq!(campaign.status, "paused");
        assert!(campaign.status_reason.is_some_and(|why| why.contains("credentials")));
        assert_eq!(stage.carrier.placed.lock().len(), 1);
        assert!(stage.contacts().await.iter().all(|contact| contact.attempts == 0));
        stage.counters_are_right().await;
    }

    async fn a_long_call_is_not_asked_about_in_every_beat(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        stage.hear(&call, vec![News::Answered]).await;
        stage.clock.advance(TimeDelta::seconds(31));
        let name = format!("sid-{}", call.id);
        let found = FoundCall {
            carrier_call_id: name.clone(),
            created_at: Some(stage.now()),
            news: vec![News::Accepted { carrier_call_id: name }, News::Answered],
            status: "in-progress".to_owned(),
            duration_s: None,
            price: None,
        };
        stage.carrier.look_ups.lock().push_back(LookedUp::Found(vec![found]));
        assert_eq!(stage.repair().await, 1);
        assert_eq!(stage.repair().await, 0, "nothing new was learned, and still it waits its turn");
    }

    async fn calls_that_hold_a_slot_are_asked_about_before_conversations(stage: Stage) {
        let mut stage = stage;
        // More than are asked about at once.
        talks(&mut stage, 40, AGENT).await;
        stage.clock.advance(TimeDelta::seconds(1));
        stage.people(1, "").await;
        stage.dial().await;
        assert_eq!(stage.live_calls().await.len(), 1);
        stage.pass(2);
        stage.dialing.check().await.expect("a look");
        assert_eq!(stage.carrier.asked_about.lock().len(), 1, "it waited for the shortest time");
    }

    async fn conversations_have_their_share_of_the_questions(stage: Stage) {
        let mut stage = stage;
        let call = talks(&mut stage, 1, AGENT).await.remove(0);
        stage.agents.found.lock().push_back(conversation(&call, ConversationStatus::Done));
        stage.people(40, "").await;
        stage.dial().await;
        stage.pass(2);
        stage.dialing.check().await.expect("a look");
        let all = stage.contacts().await;
        assert_eq!(all[0].status, "completed", "though more calls hold a slot than are asked about at once");
    }

    async fn a_carrier_that_does_not_answer_is_asked_no_more_than_before(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.max_concurrent_calls = Set(100)).await;
        stage.people(40, "").await;
        stage.dial().await;
        *stage.carrier.is_silent.lock() = true;
        stage.pass(2);
        assert_eq!(stage.dialing.check_all().await.expect("a look"), 32);
    }

    async fn what_an_absence_left_behind_is_asked_about_in_one_go_that_has_an_end(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.max_concurrent_calls = Set(200)).await;
        stage.people(140, "").await;
        stage.dial().await;
        stage.pass(2);
        assert_eq!(stage.dialing.check_all().await.expect("a look"), 128);
        assert_eq!(stage.dialing.check_all().await.expect("a look"), 12);
        assert_eq!(stage.dialing.check_all().await.expect("a look"), 0);
    }

    async fn a_call_that_belongs_to_somebody_else_is_not_taken_for_ours(stage: Stage) {
        let mut stage = stage;
        stage.people(2, "").await;
        stage.carrier.answers.lock().push_back(Ok(carriers::Placed { carrier_call_id: "known".to_owned() }));
        stage.carrier.answers.lock().push_back(Err(in_doubt()));
        stage.dial().await;
        let found = |name: &str| FoundCall {
            carrier_call_id: name.to_owned(),
            created_at: Some(stage.now()),
            news: vec![News::Accepted { carrier_call_id: name.to_owned() }],
            status: "ringing".to_owned(),
            duration_s: None,
            price: None,
        };
        let known = stage.calls().await.into_iter().find(|call| call.carrier_call_id.is_some());
        let ended = News::Ended { end: End::Busy, duration_s: None };
        stage.hear(&known.expect("the first call"), vec![ended]).await;
        let candidates = vec![found("known"), found("ours")];
        stage.carrier.look_ups.lock().push_back(LookedUp::Found(candidates));
        stage.clock.advance(TimeDelta::seconds(31));
        stage.repair().await;
        let names: Vec<_> = stage.calls().await.into_iter().filter_map(|call| call.carrier_call_id).collect();
        assert_eq!(names.len(), 2, "{names:?}");
        assert!(names.contains(&"ours".to_owned()), "{names:?}");
    }

    async fn a_late_verdict_that_a_call_is_lost_does_not_outrank_the_carrier(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.carrier.answers.lock().push_back(Err(in_doubt()));
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        stage.hear(&call, vec![News::Accepted { carrier_call_id: "sid".to_owned() }, News::Ringing]).await;
        stage.hear(&call, vec![News::Ended { end: End::Lost, duration_s: None }]).await;
        assert_eq!(stage.contact().await.status, "calling");
        assert_eq!(stage.counters().await.live, 1);
        stage.counters_are_right().await;
    }

    async fn room_that_becomes_free_is_used_at_once(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| {
            row.max_concurrent_calls = sea_orm::Set(1);
            row.daily_start_time = sea_orm::Set(Some("09:00".to_owned()));
            row.daily_end_time = sea_orm::Set(Some("17:31".to_owned()));
        }).await;
        // 17:30 in India, noon in UTC: India closes in a minute.
        stage.people(1, "Asia/Kolkata").await;
        stage.people(1, "").await;
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        stage.pass(1);
        assert!(matches!(stage.work().await[..], [Placed::Returned(domain::gate::Why::OutsideWindow)]));
        stage.repair().await;
        assert!(matches!(stage.work().await[..], [Placed::Dialled(_)]), "the other contact gets the slot");
    }

    async fn what_was_begun_too_long_ago_is_not_sent_any_more(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let held = stage.queued_job().await;
        // The process freezes between the decision and the request: the time is asked for the decision, and before the
        // request goes out.
        stage.clock.jump_at_reading(3, TimeDelta::seconds(6));
        let placed = stage.dialing.place(&held.job).await.expect("done");
        assert_eq!(placed, Placed::Undone);
        assert!(stage.carrier.placed.lock().is_empty(), "nothing was sent");
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("pending", 0));
        stage.counters_are_right().await;
    }

    async fn what_was_begun_before_the_window_closed_is_not_sent_after_it(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.change(|row| row.daily_end_time = sea_orm::Set(Some("12:30".to_owned()))).await;
        stage.clock.set(crate::stage::at("2026-06-01T12:29:59Z"));
        let held = stage.queued_job().await;
        stage.clock.jump_at_reading(3, TimeDelta::seconds(1));
        assert_eq!(stage.dialing.place(&held.job).await.expect("done"), Placed::Undone);
        assert!(stage.carrier.placed.lock().is_empty(), "nothing was sent");
        stage.counters_are_right().await;
    }
}
