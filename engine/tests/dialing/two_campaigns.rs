//! Somebody who is in two campaigns of one owner is called by one of them at a time (P2).

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::CampaignId;
use domain::gate::Why;
use domain::progress::{End, News};
use engine::dialing::{Placed as Done, SingleCall};
use engine::queue::CallJob;
use entity::{contact, user};
use futures::future::join_all;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use uuid::Uuid;

use crate::on_both;
use crate::stage::Stage;

const PEOPLE: usize = 20;
const ROUNDS: usize = 6;

on_both! {
    async fn two_workers_racing_never_call_one_person_for_two_campaigns(stage: Stage) {
        let mut stage = stage;
        let twin = two_campaigns(&stage, PEOPLE).await;
        let workers = [Arc::clone(&stage.dialing), stage.another_worker()];
        let mut called = 0;
        for _ in 0..ROUNDS {
            let jobs = all_jobs(&mut stage, twin).await;
            // Each worker has one campaign's jobs, so that no counter's lock orders them.
            let work = jobs.iter().map(|job| {
                let worker = &workers[usize::from(job.campaign_id == twin)];
                async move { worker.place(job).await.expect("a job is done") }
            });
            let done = join_all(work).await;
            called += once_each(&stage, &done).await;
            stage.all_end(End::Busy).await;
            stage.pass(61);
        }
        assert!(called >= 2 * PEOPLE, "{called}: nobody waits for ever");
        the_books_are_right(&stage, twin).await;
    }

    async fn in_one_batch_the_first_of_two_campaigns_calls(stage: Stage) {
        let mut stage = stage;
        let twin = two_campaigns(&stage, 1).await;
        let jobs = all_jobs(&mut stage, twin).await;
        assert_eq!(jobs.len(), 2);
        let done = join_all(jobs.iter().map(|job| stage.dialing.place(job))).await;
        let done: Vec<Done> = done.into_iter().map(|done| done.expect("done")).collect();
        let waiting = done.iter().filter(|done| **done == Done::Returned(Why::InCall));
        assert_eq!(waiting.count(), 1, "{done:?}");
        assert_eq!(stage.carrier.placed.lock().len(), 1);
        the_books_are_right(&stage, twin).await;
    }

    async fn single_calls_and_campaigns_racing_never_call_one_person_twice(stage: Stage) {
        let mut stage = stage;
        let twin = two_campaigns(&stage, 3).await;
        let by_hand = stage.another_worker();
        for _ in 0..ROUNDS {
            let jobs = all_jobs(&mut stage, twin).await;
            let owner = stage.campaign().await.owner_id;
            let wanted: Vec<SingleCall> = stage.contacts().await.iter().take(3).map(|person| single(owner, person)).collect();
            let work = join_all(jobs.iter().map(|job| stage.dialing.place(job)));
            let calls = join_all(wanted.into_iter().map(|wanted| by_hand.call_once(wanted)));
            let (work, _) = tokio::join!(work, calls);
            let done: Vec<Done> = work.into_iter().map(|done| done.expect("done")).collect();
            drop(done);
            no_number_twice(&stage).await;
            stage.all_end(End::Busy).await;
            stage.pass(61);
        }
        the_books_are_right(&stage, twin).await;
    }

    async fn whoever_is_calling_in_is_not_called(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let number = stage.contact().await.phone_number;
        crate::inbound::hear_from(&stage, "sid-in", Some(&number)).await;
        assert_eq!(stage.dial().await, [Done::Returned(Why::InCall)]);
        let call = stage.live_calls().await.remove(0);
        stage.hear(&call, vec![News::Ended { end: End::Completed, duration_s: Some(9) }]).await;
        stage.pass(1);
        assert!(matches!(stage.dial().await[..], [Done::Dialled(_)]));
    }

    async fn another_owners_call_is_nobody_elses_business(stage: Stage) {
        let mut stage = stage;
        let twin = two_campaigns(&stage, 1).await;
        let other = a_user(&stage).await;
        let row = entity::campaign::Entity::find_by_id(twin.into_uuid()).one(stage.database.reader()).await;
        let mut row = row.expect("a campaign").expect("the twin").into_active_model();
        row.owner_id = Set(other);
        row.update(stage.database.writer()).await.expect("changed");
        let jobs = all_jobs(&mut stage, twin).await;
        for job in &jobs {
            assert!(matches!(stage.dialing.place(job).await.expect("done"), Done::Dialled(_)));
        }
        assert_eq!(jobs.len(), 2);
    }
}

/// Adds `count` people to the stage's campaign, and the same people to a second one of the same owner.
pub async fn two_campaigns(stage: &Stage, count: usize) -> CampaignId {
    stage
        .change(|row| {
            row.max_concurrent_calls = Set(i32::try_from(count).expect("few"));
            row.call_attempts_per_contact = Set(10);
        })
        .await;
    stage.people(count, "").await;
    let db = stage.database.writer();
    let twin = entity::campaign::ActiveModel {
        id: Set(Uuid::now_v7()),
        ..stage.campaign().await.into_active_model().reset_all()
    };
    let twin = CampaignId::from_uuid(twin.insert(db).await.expect("a campaign").id);
    engine::store::counters::insert(db, twin)
        .await
        .expect("counters");
    for person in stage.contacts().await {
        contact::ActiveModel {
            id: sea_orm::NotSet,
            campaign_id: Set(twin.into_uuid()),
            ..person.into_active_model().reset_all()
        }
        .insert(db)
        .await
        .expect("a contact");
    }
    let txn = stage.database.begin().await.expect("a transaction");
    engine::store::campaigns::add_zones(&txn, twin, [String::new()])
        .await
        .expect("zones");
    txn.commit().await.expect("commit");
    stage.dialing.recount(twin).await.expect("a recount");
    twin
}

/// Tops both campaigns up; what is queued.
async fn all_jobs(stage: &mut Stage, twin: CampaignId) -> Vec<CallJob> {
    for campaign in [stage.campaign, twin] {
        stage.dialing.top_up(campaign).await.expect("a top-up");
    }
    std::iter::from_fn(|| stage.next_job().map(|held| held.job.clone())).collect()
}

/// Nobody is in two calls, and whoever was not called is called later; how many were.
async fn once_each(stage: &Stage, done: &[Done]) -> usize {
    let dialled = done
        .iter()
        .filter(|done| matches!(done, Done::Dialled(_)))
        .count();
    let waiting = done
        .iter()
        .filter(|done| **done == Done::Returned(Why::InCall));
    assert_eq!(dialled + waiting.count(), done.len(), "{done:?}");
    assert_eq!(no_number_twice(stage).await, dialled);
    dialled
}

/// Nobody is in two live calls; how many there are.
async fn no_number_twice(stage: &Stage) -> usize {
    let live = stage.live_calls().await;
    let numbers: BTreeSet<&str> = live.iter().map(|call| call.to_number.as_str()).collect();
    assert_eq!(
        numbers.len(),
        live.len(),
        "somebody is called twice at once"
    );
    // What the carrier has seen and nobody has ended is exactly that.
    let over = stage.calls().await.len() - live.len();
    assert_eq!(stage.carrier.placed.lock().len(), over + live.len());
    live.len()
}

async fn the_books_are_right(stage: &Stage, twin: CampaignId) {
    stage.counters_are_right().await;
    let was_wrong = stage.dialing.recount(twin).await.expect("a recount");
    assert!(!was_wrong, "the twin's counters differ from its rows");
}

fn single(owner: Uuid, person: &contact::Model) -> SingleCall {
    let number = |text: &str| domain::PhoneNumber::parse(text, None).expect("a number");
    SingleCall {
        owner: domain::UserId::from_uuid(owner),
        to: number(&person.phone_number),
        from: number("+12025550100"),
        agent_id: "agent_demo".to_owned(),
        parameters: serde_json::Map::default(),
        record: None,
    }
}

async fn a_user(stage: &Stage) -> Uuid {
    let user = user::ActiveModel {
        id: Set(Uuid::now_v7()),
        name: Set("Other".to_owned()),
        role: Set("user".to_owned()),
        created_at: Set(stage.now()),
        ..Default::default()
    };
    user.insert(stage.database.writer())
        .await
        .expect("a user")
        .id
}
