//! Numbers and agents that providers offer.

use super::get;
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(the_directory_is_answered_as_agreed);

async fn the_directory_is_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("meera", "user").api;
    for (name, path) in [
        ("v1_phone_numbers", "/api/v1/phone-numbers?refresh=true"),
        (
            "v1_phone_numbers_invalid",
            "/api/v1/phone-numbers?refresh=maybe",
        ),
        ("v1_agents", "/api/v1/agents?refresh=true"),
        ("v1_agents_invalid", "/api/v1/agents?refresh=maybe"),
    ] {
        agreed(name, get(api, path)).await;
    }
}
