//! What goes on now.

use super::get;
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(live_figures_are_answered_as_agreed);

async fn live_figures_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let path = "/api/v1/stats";
    eventually("a worker is seen", PATIENCE, async || {
        let shown = dialer.api.get(path).await.ok();
        shown["workers"].get(0).is_some().then_some(())
    })
    .await;
    agreed("v1_stats", get(&dialer.api, path)).await;
    agreed("v1_ws_without_an_upgrade", get(&dialer.api, "/api/v1/ws")).await;
    let stranger = &dialer.api_as(None);
    agreed("v1_ws_without_a_token", get(stranger, "/api/v1/ws")).await;
}
