//! How fast calls may begin: a burst of all slots, then a rate, both shared among the workers.
//!
//! The rates are so low that a turn comes at once or not within the time a job may wait: nothing here waits.

use std::time::Duration;

use carriers::CarrierKind;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{CampaignId, ContactId};
use engine::DialingConfig;
use engine::dialing::pace::Pace;
use engine::queue::CallJob;
use uuid::Uuid;

use crate::stage::{NOON, at};

/// One start per slot in a hundred seconds.
fn slow() -> DialingConfig {
    DialingConfig {
        starts_per_slot: 0.01,
        carrier_calls_per_second: 10_000.0,
        ..DialingConfig::new("http://127.0.0.1:1".parse().expect("a URL"))
    }
}

fn job(campaign: Uuid, limit: u32, as_of: DateTime<Utc>) -> CallJob {
    CallJob {
        campaign_id: CampaignId::from_uuid(campaign),
        contact_id: ContactId::from_i64(1),
        attempt: 1,
        attempts_max: 3,
        ticket: 1,
        not_after: as_of,
        limit,
        limit_as_of: as_of,
        carrier: String::new(),
    }
}

/// How many of `tries` turns are granted at once.
async fn granted(pace: &Pace, job: &CallJob, tries: usize) -> usize {
    let mut granted = 0;
    for _ in 0..tries {
        granted += usize::from(pace.turn(job, CarrierKind::SignalWire).await.is_ok());
    }
    granted
}

#[tokio::test]
async fn a_campaign_begins_with_all_its_slots_and_then_keeps_its_rate() {
    let pace = Pace::new(&slow());
    assert_eq!(granted(&pace, &job(Uuid::nil(), 5, at(NOON)), 20).await, 5);
}

#[tokio::test]
async fn campaigns_do_not_use_up_each_others_turns() {
    let pace = Pace::new(&slow());
    assert_eq!(granted(&pace, &job(Uuid::nil(), 5, at(NOON)), 20).await, 5);
    assert_eq!(granted(&pace, &job(Uuid::max(), 5, at(NOON)), 20).await, 5);
}

#[tokio::test]
async fn a_raised_limit_is_in_force_with_the_next_job_and_an_older_job_does_not_undo_it() {
    let pace = Pace::new(&slow());
    let before = job(Uuid::nil(), 2, at(NOON));
    let after = job(Uuid::nil(), 8, at(NOON) + TimeDelta::seconds(1));
    assert_eq!(granted(&pace, &before, 10).await, 2);
    assert_eq!(granted(&pace, &after, 4).await, 4);
    assert_eq!(
        granted(&pace, &before, 10).await,
        4,
        "the rest of the eight, not two more"
    );
}

#[tokio::test]
async fn a_lowered_limit_is_in_force_with_the_next_job() {
    let pace = Pace::new(&slow());
    assert_eq!(granted(&pace, &job(Uuid::nil(), 9, at(NOON)), 1).await, 1);
    let lowered = job(Uuid::nil(), 3, at(NOON) + TimeDelta::seconds(1));
    assert_eq!(granted(&pace, &lowered, 20).await, 3);
}

#[tokio::test]
async fn workers_share_a_campaigns_turns() {
    let pace = Pace::new(&slow());
    pace.share_among(3);
    assert_eq!(granted(&pace, &job(Uuid::nil(), 9, at(NOON)), 20).await, 3);
}

#[tokio::test]
async fn the_carriers_rate_holds_for_all_campaigns_together() {
    let config = DialingConfig {
        starts_per_slot: 1_000.0,
        carrier_calls_per_second: 0.01,
        ..slow()
    };
    let pace = Pace::new(&config);
    assert_eq!(granted(&pace, &job(Uuid::nil(), 50, at(NOON)), 10).await, 1);
    assert_eq!(granted(&pace, &job(Uuid::max(), 50, at(NOON)), 10).await, 0);
}

#[tokio::test]
async fn three_ended_calls_may_be_looked_up_for_each_that_begins() {
    let config = DialingConfig {
        carrier_calls_per_second: 4.0,
        ..slow()
    };
    let now = at(NOON);
    let pace = Pace::new(&config);
    assert_eq!(
        pace.look_ups(CarrierKind::SignalWire, now, 64),
        12,
        "a second's worth"
    );
    assert!(
        pace.look_ups(CarrierKind::SignalWire, now, 64) <= 1,
        "they are used up"
    );
    let shared = Pace::new(&config);
    shared.share_among(4);
    assert_eq!(
        shared.look_ups(CarrierKind::SignalWire, now, 64),
        3,
        "a quarter of it"
    );
    let many = Pace::new(&slow());
    assert_eq!(
        many.look_ups(CarrierKind::SignalWire, now, 64),
        64,
        "as many as were asked for"
    );
    // None of this takes a turn from a call.
    assert!(
        shared
            .turn(&job(Uuid::nil(), 1, now), CarrierKind::SignalWire)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_look_up_that_is_not_answered_holds_back_look_ups_and_no_calls() {
    let (pace, now) = (Pace::new(&slow()), at(NOON));
    pace.rest_look_ups(CarrierKind::SignalWire, now, Some(Duration::from_secs(120)));
    pace.rest_look_ups(CarrierKind::SignalWire, now, None);
    assert_eq!(
        pace.look_ups(CarrierKind::SignalWire, now + TimeDelta::seconds(119), 10),
        0
    );
    assert!(
        pace.turn(&job(Uuid::nil(), 1, now), CarrierKind::SignalWire)
            .await
            .is_ok()
    );
    assert_eq!(
        pace.look_ups(CarrierKind::SignalWire, now + TimeDelta::seconds(120), 10),
        10
    );
}
