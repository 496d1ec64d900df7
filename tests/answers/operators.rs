//! What operators look at.

use super::get;
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(operators_are_answered_as_agreed);

async fn operators_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let stranger = &dialer.api_as(None);
    agreed("healthz", get(stranger, "/healthz")).await;
    agreed("readyz", get(stranger, "/readyz")).await;
}
