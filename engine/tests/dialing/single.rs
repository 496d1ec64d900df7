//! Calls outside any campaign: the same steps, without a contact (P2, P4, P5).

use std::sync::Arc;

use carriers::{CampaignFault, ConversationStatus, FoundCall, LookedUp, PlaceError};
use chrono::TimeDelta;
use domain::gate::Why;
use domain::progress::{End, News};
use domain::{PhoneNumber, UserId};
use engine::EngineError;
use engine::dialing::{Placed as Done, SingleCall};
use entity::{call, call_rollup};
use futures::future::join_all;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::json;
use tokio::sync::Notify;

use crate::on_both;
use crate::stage::{Stage, eventually};
use crate::told_agents::conversation;

async fn wanted(stage: &Stage, line: u16) -> SingleCall {
    let number = |text: String| PhoneNumber::parse(&text, None).expect("a number");
    let parameters = json!({ "name": "John", "order": 7, "items": ["a", { "b": 1 }] });
    SingleCall {
        owner: UserId::from_uuid(stage.campaign().await.owner_id),
        to: number(format!("+1202555{line:04}")),
        from: number("+12025550100".to_owned()),
        agent_id: "agent_demo".to_owned(),
        parameters: parameters.as_object().expect("an object").clone(),
        record: None,
    }
}

async fn placed(stage: &Stage) -> call::Model {
    let call = stage.dialing.call_once(wanted(stage, 9_000).await).await;
    call.expect("a call")
}

async fn refused(stage: &Stage) -> EngineError {
    let call = stage.dialing.call_once(wanted(stage, 9_000).await).await;
    call.expect_err("refused")
}

async fn sums(stage: &Stage) -> Vec<(i64, i64, i64, i64)> {
    let rows = call_rollup::Entity::find()
        .all(stage.database.reader())
        .await;
    let rows = rows.expect("sums").into_iter();
    rows.filter(|row| row.campaign_id.is_nil())
        .map(|row| (row.calls, row.completed, row.failed, row.successful))
        .collect()
}

async fn rename(stage: &Stage, from: &str, to: &str) {
    let statement = format!("ALTER TABLE {from} RENAME TO {to}");
    let done = stage.database.writer().execute_unprepared(&statement).await;
    done.expect("renamed");
}

/// The carrier knows a call that goes by `name`, and it rings.
fn found(stage: &Stage, name: &str) -> LookedUp {
    let accepted = News::Accepted {
        carrier_call_id: name.to_owned(),
    };
    LookedUp::Found(vec![FoundCall {
        carrier_call_id: name.to_owned(),
        created_at: Some(stage.now() - TimeDelta::minutes(2)),
        status: "ringing".to_owned(),
        news: vec![accepted, News::Ringing],
        duration_s: None,
        price: None,
    }])
}

#[track_caller]
fn code(error: &EngineError) -> &'static str {
    match error {
        EngineError::Conflict { code, .. } => code,
        other => panic!("no conflict: {other:?}"),
    }
}

on_both! {
    async fn a_single_call_goes_through_the_same_books(stage: Stage) {
        let call = placed(&stage).await;
        assert_eq!((call.campaign_id, call.contact_id), (None, None));
        assert_eq!(call.carrier_call_id, Some(format!("sid-{}", call.id)));
        assert_eq!(call.status, "initiated");
        let asked = stage.carrier.placed.lock().clone();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].to.expose(), "+12025559000");
        let id = domain::CallId::from_uuid(call.id);
        stage.dialing.answer(id).await.expect("a document");
        let told = stage.agents.registered.lock()[0].dynamic_variables.clone();
        assert_eq!(told["name"], "John");
        assert_eq!(told["order"], 7);
        assert_eq!(told["items"], r#"["a",{"b":1}]"#);
        stage.hear(&call, vec![News::Answered]).await;
        stage.all_end(End::Completed).await;
        let mut said = conversation(&call, ConversationStatus::Done);
        said.successful = Some(true);
        stage.report(&call, said).await;
        let row = stage.calls().await.remove(0);
        assert_eq!((row.status.as_str(), row.outcome.as_deref()), ("completed", Some("answered")));
        assert!(row.decided_at.is_some());
        assert_eq!(sums(&stage).await, [(1, 1, 0, 1)]);
        stage.counters_are_right().await;
    }

    async fn nobody_who_asked_not_to_be_called_is_called_by_hand(stage: Stage) {
        let call = placed(&stage).await;
        let id = domain::CallId::from_uuid(call.id);
        stage.dialing.do_not_call(id).await.expect("noted");
        stage.all_end(End::Completed).await;
        assert_eq!(code(&refused(&stage).await), "number_suppressed");
        assert_eq!(stage.carrier.placed.lock().len(), 1);
    }

    async fn nobody_is_called_by_hand_who_is_in_a_call(stage: Stage) {
        let mut stage = stage;
        placed(&stage).await;
        assert_eq!(code(&refused(&stage).await), "call_in_progress");
        stage.all_end(End::Busy).await;
        // Nor while a campaign of the same owner is talking to them.
        stage.people(1, "").await;
        stage.dial().await;
        let refused = stage.dialing.call_once(wanted(&stage, 0).await).await;
        assert_eq!(code(&refused.expect_err("refused")), "call_in_progress");
        stage.all_end(End::Completed).await;
        placed(&stage).await;
        assert_eq!(stage.carrier.placed.lock().len(), 3);
    }

    async fn a_campaign_leaves_alone_whoever_is_called_by_hand(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let by_hand = stage.dialing.call_once(wanted(&stage, 0).await).await.expect("a call");
        let done = stage.dial().await;
        assert!(matches!(done[..], [Done::Returned(Why::InCall)]), "{done:?}");
        assert_eq!(stage.carrier.placed.lock().len(), 1);
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("pending", 0));
        assert_eq!(contact.next_attempt_at, Some(stage.now() + TimeDelta::seconds(30)));
        stage.hear(&by_hand, vec![News::Ended { end: End::Completed, duration_s: Some(30) }]).await;
        stage.pass(1);
        stage.dial().await;
        assert_eq!(stage.carrier.placed.lock().len(), 2);
        stage.counters_are_right().await;
    }

    async fn a_job_queued_before_a_call_by_hand_finds_out_in_time(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        stage.dialing.call_once(wanted(&stage, 0).await).await.expect("a call");
        stage.work().await;
        let placed = stage.carrier.placed.lock().clone();
        assert_eq!(placed.len(), 1, "{placed:?}");
    }

    async fn a_call_that_is_in_the_books_is_the_answer_though_the_carrier_is_silent(stage: Stage) {
        let answer = Arc::new(Notify::new());
        *stage.carrier.silence.lock() = Some(Arc::clone(&answer));
        let call = placed(&stage).await;
        assert_eq!((call.status.as_str(), call.carrier_call_id.as_deref()), ("initiated", None));
        assert_eq!(code(&refused(&stage).await), "call_in_progress");
        answer.notify_one();
        stage.dialing.finish().await;
        let row = stage.calls().await.remove(0);
        assert_eq!(row.carrier_call_id, Some(format!("sid-{}", row.id)));
        assert_eq!(stage.carrier.placed.lock().len(), 1);
    }

    async fn of_two_requests_at_once_one_calls(stage: Stage) {
        let wanted = wanted(&stage, 9_000).await;
        let both = join_all([0, 1].map(|_| stage.dialing.call_once(wanted.clone()))).await;
        assert_eq!(both.iter().filter(|call| call.is_ok()).count(), 1, "{both:?}");
        assert_eq!(stage.carrier.placed.lock().len(), 1);
    }

    async fn single_calls_have_a_pace_of_their_own(stage: Stage) {
        let mut calls = Vec::new();
        for line in 9_000..9_012 {
            calls.push(wanted(&stage, line).await);
        }
        let all = join_all(calls.into_iter().map(|wanted| stage.dialing.call_once(wanted))).await;
        let too_many = |call: &&Result<call::Model, EngineError>| {
            matches!(call, Err(EngineError::TooMany { .. }))
        };
        let sent_away = all.iter().filter(too_many).count();
        assert!((1..=7).contains(&sent_away), "{sent_away} of 12");
        assert_eq!(stage.carrier.placed.lock().len(), 12 - sent_away);
    }

    async fn what_the_carrier_did_not_take_on_leaves_no_trace(stage: Stage) {
        let busy = PlaceError::Retryable { not_before: None, source: anyhow::anyhow!("429") };
        let fault = PlaceError::Fault {
            fault: CampaignFault::CallerNumber,
            reason: "not a number of this account".to_owned(),
        };
        stage.carrier.answers.lock().extend([Err(fault), Err(busy)]);
        assert_eq!(code(&refused(&stage).await), "carrier_refuses");
        let error = refused(&stage).await;
        assert!(matches!(error, EngineError::Unavailable { .. }), "{error:?}");
        assert!(stage.calls().await.is_empty());
        assert!(sums(&stage).await.is_empty());
    }

    async fn a_number_that_the_carrier_refuses_is_a_failed_call(stage: Stage) {
        let rejected = PlaceError::Rejected { reason: "no such number".to_owned(), code: Some(21211) };
        stage.carrier.answers.lock().push_back(Err(rejected));
        match refused(&stage).await {
            EngineError::Invalid(errors) => assert_eq!(
                (errors[0].field.as_str(), errors[0].message.as_str()),
                ("phoneNumber", "is refused by the carrier: no such number")
            ),
            other => panic!("{other:?}"),
        }
        let row = stage.calls().await.remove(0);
        assert_eq!((row.status.as_str(), row.outcome.as_deref()), ("failed", Some("rejected")));
    }

    async fn a_single_call_in_doubt_is_looked_up_and_never_repeated(stage: Stage) {
        let doubt = || Err(PlaceError::Ambiguous(anyhow::anyhow!("timed out")));
        stage.carrier.answers.lock().push_back(doubt());
        let call = placed(&stage).await;
        assert_eq!((call.status.as_str(), call.carrier_call_id), ("initiated", None));
        stage.pass(2);
        stage.carrier.look_ups.lock().push_back(LookedUp::NotFound);
        assert_eq!(stage.repair().await, 1);
        let row = stage.calls().await.remove(0);
        assert_eq!((row.status.as_str(), row.outcome.as_deref()), ("failed", Some("lost")));
        assert_eq!(stage.carrier.placed.lock().len(), 1);
    }

    async fn whoever_was_frozen_between_the_decision_and_the_request_does_not_call(stage: Stage) {
        // The time is asked for a turn, for the decision, and before the request goes out.
        stage.clock.jump_at_reading(3, TimeDelta::seconds(6));
        let error = refused(&stage).await;
        assert!(matches!(error, EngineError::Unavailable { .. }), "{error:?}");
        assert!(stage.carrier.placed.lock().is_empty(), "nothing was sent");
        assert!(stage.calls().await.is_empty());
        assert!(sums(&stage).await.is_empty());
        // Nothing is left that keeps this person from being called, also by whoever is only a little late.
        stage.clock.jump_at_reading(3, TimeDelta::seconds(5));
        placed(&stage).await;
        assert_eq!(stage.carrier.placed.lock().len(), 1);
    }

    async fn news_of_single_calls_that_come_together_are_all_taken_in(stage: Stage) {
        let call = placed(&stage).await;
        let ended = || vec![News::Ended { end: End::Completed, duration_s: Some(30) }];
        join_all((0..20).map(|_| stage.hear(&call, ended()))).await;
        assert_eq!(sums(&stage).await, [(1, 1, 0, 0)]);
    }

    async fn who_hangs_up_on_us_is_called_for_all_the_same(stage: Stage) {
        let silence = Arc::new(Notify::new());
        stage.carrier.silence.lock().replace(Arc::clone(&silence));
        let asking = {
            let (dialing, wanted) = (Arc::clone(&stage.dialing), wanted(&stage, 9_000).await);
            tokio::spawn(async move { dialing.call_once(wanted).await })
        };
        eventually("somebody is called", async || stage.asked().0 > 0).await;
        asking.abort();
        assert!(asking.await.expect_err("aborted").is_cancelled());
        silence.notify_one();
        stage.dialing.finish().await;
        let row = stage.calls().await.remove(0);
        assert_eq!(row.carrier_call_id, Some(format!("sid-{}", row.id)));
        assert_eq!(stage.carrier.placed.lock().len(), 1);
        stage.all_end(End::Completed).await;
        assert_eq!(sums(&stage).await, [(1, 1, 0, 0)]);
    }

    async fn a_call_that_the_carrier_took_is_no_failure_though_nobody_can_write_that_down(stage: Stage) {
        let silence = Arc::new(Notify::new());
        stage.carrier.silence.lock().replace(Arc::clone(&silence));
        let asking = {
            let (dialing, wanted) = (Arc::clone(&stage.dialing), wanted(&stage, 9_000).await);
            tokio::spawn(async move { dialing.call_once(wanted).await })
        };
        eventually("somebody is called", async || stage.asked().0 > 0).await;
        rename(&stage, "calls", "calls_away").await;
        silence.notify_one();
        let row = asking.await.expect("no panic").expect("the call as it stands");
        assert_eq!((row.status.as_str(), &row.carrier_call_id), ("initiated", &None));
        rename(&stage, "calls_away", "calls").await;
        // The reconciler finds out.
        stage.pass(2);
        stage.carrier.look_ups.lock().push_back(found(&stage, "sid-1"));
        assert_eq!(stage.repair().await, 1);
        let known = stage.calls().await.remove(0);
        assert_eq!((known.id, known.carrier_call_id.as_deref()), (row.id, Some("sid-1")));
        assert_eq!(stage.carrier.placed.lock().len(), 1);
    }
}
