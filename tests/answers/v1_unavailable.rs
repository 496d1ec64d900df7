//! What is not there just now, and who may not watch.

use std::collections::BTreeMap;

use simulator::{Fault, Trigger};

use super::get;
use crate::support::dialer::ADMIN_TOKEN;
use crate::support::snapshot::agreed;
use crate::support::watch::Watch;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    providers_that_fail_are_answered_as_agreed,
    refused_watchers_are_answered_as_agreed
);

async fn providers_that_fail_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let faults = dialer.simulator.faults();
    let fail = || {
        faults.set(Fault::NumbersUnavailable, Trigger::always());
        faults.set(Fault::CatalogueUnavailable, Trigger::always());
    };
    let lists = ["phone_numbers", "agents"].map(|name| {
        let path = format!("/api/v1/{}", name.replace('_', "-"));
        (name, path)
    });
    fail();
    for (name, path) in &lists {
        agreed(&format!("v1_{name}_unavailable"), get(api, path)).await;
    }
    faults.clear();
    for (_, path) in &lists {
        api.get(&format!("{path}?refresh=true")).await.ok();
    }
    fail();
    for (name, path) in &lists {
        let anew = get(api, &format!("{path}?refresh=true"));
        agreed(&format!("v1_{name}_with_warnings"), anew).await;
    }
}

async fn refused_watchers_are_answered_as_agreed(stack: Stack) {
    let env = BTreeMap::from([("LIVE_CLIENTS_MAX", "1".to_owned())]);
    let options = Options {
        env,
        ..Options::default()
    };
    let dialer = Dialer::start(stack, options).await;
    let ws = || get(&dialer.api, "/api/v1/ws");
    let elsewhere = ws().header("origin", "https://elsewhere.example.com");
    agreed("v1_ws_from_elsewhere", elsewhere).await;
    let stranger = dialer.api_as(None);
    let twice = get(&stranger, "/api/v1/ws?token=one&token=two");
    agreed("v1_ws_asked_twice", twice).await;
    let _one = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    let another = ws()
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    agreed("v1_ws_full", another).await;
}
