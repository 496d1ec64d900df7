//! After a backup was restored, before anybody is called.

use engine::dialing::CaughtUp;

use crate::on_both;
use crate::stage::Stage;
use crate::{agent_route, two_campaigns};

on_both! {
    async fn a_campaign_whose_calls_no_carrier_lists_says_so(stage: Stage) {
        let twin = two_campaigns::two_campaigns(&stage, 1).await;
        agent_route::set(&stage).await;
        let done = stage.dialing.catch_up(Some(stage.now())).await.expect("all are asked");
        let CaughtUp { paused, not_asked, .. } = done;
        assert_eq!((paused, not_asked), (2, 1));
        let reasons = [stage.campaign().await, stage.campaign_of(twin).await].map(|row| row.status_reason.unwrap_or_default());
        assert!(reasons[0].starts_with("a backup was restored, and nobody can be asked"), "{reasons:?}");
        assert_eq!(reasons[1], "a backup was restored");
    }
}
