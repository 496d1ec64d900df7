//! What analytics say of the present and of what is to come.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use domain::UserId;
use engine::reports::AnalyticsQuery;
use engine::{Actor, Role};
use sea_orm::Set;

use crate::analytics::{admin, reports};
use crate::on_both;
use crate::stage::Stage;

on_both! {
    async fn retries_that_fall_due_are_told_by_hour(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.max_concurrent_calls = Set(6)).await;
        stage.people(6, "").await;
        stage.dial().await;
        stage.all_end(domain::progress::End::Busy).await;
        stage.people(2, "").await;
        let due: Vec<DateTime<Utc>> = stage.contacts().await.iter()
            .filter(|row| row.status == "contacted").filter_map(|row| row.next_attempt_at).collect();
        assert_eq!(due.len(), 6);
        let found = reports(&stage).retry_analytics(&admin(), &AnalyticsQuery::default()).await.expect("figures");
        let hour = due[0] - TimeDelta::minutes(i64::from(due[0].minute()));
        let hour = hour - TimeDelta::seconds(i64::from(hour.second()));
        assert_eq!(found.pending.by_hour, [(hour, 6)], "and nobody who was never called");
        assert_eq!((found.pending.total, found.pending.is_capped), (6, false));
        stage.change(|row| row.status = Set("paused".to_owned())).await;
        let found = reports(&stage).retry_analytics(&admin(), &AnalyticsQuery::default()).await.expect("figures");
        assert_eq!(found.pending.total, 0, "nobody is called while it is paused");
    }

    async fn openings_follow_the_calendar_and_say_what_lay_inside(stage: Stage) {
        let mut stage = stage;
        stage.people(3, "").await;
        stage.dial().await;
        stage.all_end(domain::progress::End::Busy).await;
        stage.change(|row| {
            row.daily_start_time = Set(Some("13:00".to_owned()));
            row.daily_end_time = Set(Some("14:00".to_owned()));
        }).await;
        let ask = || async {
            let found = reports(&stage).scheduling_analytics(&admin(), &AnalyticsQuery::default()).await;
            found.expect("figures").openings.remove(0)
        };
        let found = ask().await;
        assert_eq!((found.is_open, found.calls, found.inside_windows), (false, 3, 0.0));
        assert_eq!(found.opens_at, Some(crate::stage::at("2026-06-01T13:00:00Z")));
        assert_eq!(found.closes_at, Some(crate::stage::at("2026-06-01T14:00:00Z")));
        stage.change(|row| row.daily_start_time = Set(Some("12:10".to_owned()))).await;
        let found = ask().await;
        assert_eq!((found.calls, found.inside_windows), (3, 100.0), "a quarter lies inside where some of it does");
        stage.change(|row| row.end_date = Set(Some(crate::stage::at("2026-06-01T12:01:00Z")))).await;
        stage.pass(5);
        assert_eq!(ask().await.opens_at, None);
    }

    async fn live_calls_are_in_progress_and_in_no_outcome(stage: Stage) {
        let mut stage = stage;
        stage.people(3, "").await;
        stage.dial().await;
        let found = reports(&stage).dashboard(&admin(), &AnalyticsQuery::default()).await.expect("figures");
        assert_eq!((found.total, found.in_progress, found.completed, found.failed), (3, 3, 0, 0));
        let owner = stage.campaign().await.owner_id;
        let mine = Actor { id: UserId::from_uuid(owner), role: Role::User, ..admin() };
        let found = reports(&stage).dashboard(&mine, &AnalyticsQuery::default()).await.expect("figures");
        assert_eq!((found.total, found.in_progress), (3, 3));
        let nobody = Actor { role: Role::User, ..admin() };
        let found = reports(&stage).dashboard(&nobody, &AnalyticsQuery::default()).await.expect("figures");
        assert_eq!((found.total, found.in_progress), (0, 0));
    }
}
