//! A campaign from its making to its last contact, on both stacks.

use serde_json::json;

use crate::support::people::mixed;
use crate::support::promises::{Promised, assert_kept};
use crate::support::{Dialer, Options, PATIENCE, Stack};

async fn everybody_is_called_as_the_policy_says(stack: Stack, area: u16) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let people = mixed(area, 64);
    dialer.rehearse(&people);
    let campaign = dialer
        .api
        .create_campaign(json!({ "maxConcurrentCalls": 7 }))
        .await;
    dialer.api.add(&campaign, &people).await;
    dialer.api.command(&campaign, "start").await.ok();
    dialer.api.reaches(&campaign, "completed", PATIENCE).await;
    assert_kept(
        &dialer,
        &Promised {
            campaign: &campaign,
            people: &people,
            limit: 7,
        },
    )
    .await;
    assert_eq!(
        dialer.simulator.recorder().max_concurrent(),
        7,
        "the limit is used"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_called_as_the_policy_says_embedded() {
    everybody_is_called_as_the_policy_says(Stack::Embedded, 201).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_called_as_the_policy_says_in_production() {
    everybody_is_called_as_the_policy_says(Stack::Production { workers: 3 }, 202).await;
}
