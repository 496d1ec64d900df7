//! No call outside the allowed hours, judged at dial time (P3).

use chrono::TimeDelta;
use domain::gate::Why;
use domain::progress::End;
use engine::dialing::{Placed, ToppedUp};
use engine::store::{self};
use entity::contact;
use sea_orm::{ActiveModelTrait, Set};

use crate::on_both;
use crate::stage::{Stage, at};

on_both! {
    async fn nobody_is_called_before_the_window_opens(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.change(|row| row.daily_start_time = Set(Some("14:00".to_owned()))).await;
        assert!(stage.dial().await.is_empty());
        assert_eq!(stage.counters().await.wake_at, Some(at("2026-06-01T14:00:00Z")));
        stage.pass(120);
        assert_eq!(stage.dial().await.len(), 1);
    }

    async fn a_job_that_waited_past_the_window_is_not_dialled(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.change(|row| row.daily_end_time = Set(Some("12:05".to_owned()))).await;
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        stage.pass(5);
        assert_eq!(stage.work().await, [Placed::Returned(Why::OutsideWindow)]);
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("pending", 0));
        assert_eq!(contact.next_attempt_at, Some(at("2026-06-02T00:00:00Z")));
        assert!(stage.carrier.placed.lock().is_empty());
        stage.counters_are_right().await;
    }

    async fn a_contacts_own_zone_outranks_the_campaigns(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| {
            row.daily_start_time = Set(Some("09:00".to_owned()));
            row.daily_end_time = Set(Some("17:00".to_owned()));
        }).await;
        // Noon in UTC is 5 in the morning in Los Angeles and 17:30 in India.
        stage.people(1, "America/Los_Angeles").await;
        stage.people(1, "Asia/Kolkata").await;
        stage.people(1, "").await;
        assert_eq!(stage.dial().await.len(), 1);
        assert_eq!(stage.contacts().await[2].status, "calling");
        stage.pass(4 * 60);
        assert_eq!(stage.dial().await.len(), 1, "nine in the morning in Los Angeles");
        assert_eq!(stage.contacts().await[0].status, "calling");
        stage.counters_are_right().await;
    }

    async fn a_zone_that_is_not_known_keeps_nobody_else_from_being_called(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.max_concurrent_calls = Set(10)).await;
        stage.people(1, "Mars/Olympus_Mons").await;
        stage.people(1, "").await;
        assert_eq!(stage.dial().await.len(), 1);
        let status: Vec<String> = stage.contacts().await.into_iter().map(|row| row.status).collect();
        assert_eq!(status, ["pending", "calling"], "at what hour it would ring nobody knows");
        stage.all_end(End::Completed).await;
        let wake_at = stage.counters().await.wake_at;
        assert_eq!(stage.dialing.top_up(stage.campaign).await.expect("a top-up"), ToppedUp::Queued(0));
        assert_eq!(stage.counters().await.wake_at, Some(stage.now() + TimeDelta::minutes(1)), "{wake_at:?}");
        stage.counters_are_right().await;
    }

    async fn a_call_is_settled_also_where_the_zone_of_its_contact_is_not_known_any_more(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "Europe/Berlin").await;
        stage.dial().await;
        let contact = contact::ActiveModel {
            id: Set(stage.contact().await.id),
            timezone: Set("Mars/Olympus_Mons".to_owned()),
            ..Default::default()
        };
        contact.update(stage.database.writer()).await.expect("a contact");
        stage.all_end(End::Busy).await;
        assert_eq!(stage.counters().await.live, 0);
        assert_eq!(stage.contact().await.status, "contacted");
        stage.counters_are_right().await;
    }

    async fn a_paused_campaign_dials_nobody_that_was_queued(stage: Stage) {
        let mut stage = stage;
        stage.people(3, "").await;
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        stage.change(|row| row.status = Set("paused".to_owned())).await;
        let done = stage.work().await;
        assert_eq!(done, [Placed::Returned(Why::CampaignNotActive); 3]);
        assert!(stage.carrier.placed.lock().is_empty());
        stage.counters_are_right().await;
    }

    async fn a_campaign_whose_end_has_passed_completes_and_cancels_the_rest(stage: Stage) {
        let mut stage = stage;
        stage.people(5, "").await;
        stage.change(|row| row.end_date = Set(Some(at("2026-06-01T13:00:00Z")))).await;
        assert_eq!(stage.dial().await.len(), 3);
        stage.pass(60);
        stage.repair().await;
        assert_eq!(stage.campaign().await.status, "completed");
        stage.all_end(domain::progress::End::Busy).await;
        assert_eq!(stage.dialing.top_up(stage.campaign).await.expect("a sweep"), ToppedUp::Swept(2));
        let mut ends: Vec<String> = stage.contacts().await.into_iter().map(|contact| contact.status).collect();
        ends.sort();
        assert_eq!(ends, ["canceled", "canceled", "failed", "failed", "failed"]);
        stage.counters_are_right().await;
    }

    async fn a_campaign_in_which_everybody_is_done_ends_whatever_zones_are_among_its_contacts(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.dial().await;
        stage.all_end(End::Completed).await;
        let txn = stage.database.begin().await.expect("a transaction");
        let zones = ["Nowhere/Never".to_owned()];
        store::campaigns::add_zones(&txn, stage.campaign, zones).await.expect("a zone");
        txn.commit().await.expect("kept");
        let done = stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        assert_eq!(done, ToppedUp::Finished);
    }
}
