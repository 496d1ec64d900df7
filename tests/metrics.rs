//! What operators watch.

use reqwest::Method;
use serde_json::json;
use simulator::{Behaviour, Fault, Trigger};

use crate::support::people::{Person, TALK_MS, number};
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    a_campaign_shows_in_the_metrics,
    health_names_what_the_dialer_stands_on
);

async fn a_campaign_shows_in_the_metrics(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let people = [
        (0, Behaviour::Answer { talk_ms: TALK_MS }),
        (1, Behaviour::NotInterested { talk_ms: TALK_MS }),
        (2, Behaviour::Busy),
    ]
    .map(|(index, behaviour)| Person {
        number: number(236, index),
        script: vec![behaviour],
    });
    dialer.rehearse(&people);
    // What becomes of the first call is not told: the reconciler has to ask.
    let faults = dialer.simulator.faults();
    faults.set(Fault::CallbackDropped, Trigger::always());
    let campaign = dialer
        .api
        .create_campaign(json!({ "callAttemptsPerContact": 1, "maxConcurrentCalls": 1 }))
        .await;
    dialer.api.add(&campaign, &people).await;
    dialer.api.command(&campaign, "start").await.ok();
    let recorder = dialer.simulator.recorder();
    eventually("the first call is over", PATIENCE, async || {
        recorder.calls_to(&people[0].number).first()?.ended_at
    })
    .await;
    faults.unset(Fault::CallbackDropped);
    dialer.api.reaches(&campaign, "completed", PATIENCE).await;

    let shown = eventually("every figure is right", PATIENCE, async || {
        let shown = every_process(&dialer).await;
        let sum = |figure: &str| sum(&shown, figure);
        let is_right = sum("dialer_live_calls ") == Some(0.0)
            && sum("dialer_queue_depth ") == Some(0.0)
            && sum(r#"dialer_attempts_total{outcome="answered"} "#) == Some(2.0)
            && sum(r#"dialer_attempts_total{outcome="busy"} "#) == Some(1.0)
            && sum("dialer_place_seconds_count ") == Some(3.0)
            && sum("dialer_webhook_seconds_count{") > Some(3.0)
            && sum("dialer_reconcile_repairs_total{kind=") > Some(0.0);
        is_right.then_some(shown)
    })
    .await;
    for person in &people {
        assert!(!shown.contains(&person.number), "no numbers in metrics");
    }
    // What a proxy on this machine passes on does not come from this machine.
    let forwarded = dialer
        .api_as(None)
        .request(Method::GET, "/metrics")
        .header("x-forwarded-for", "203.0.113.7");
    let refused = forwarded.send().await.expect("an answer");
    assert_eq!(refused.status(), 403);
}

/// The sum of a figure over all processes; `None` where none shows it.
pub(crate) fn sum(shown: &str, figure: &str) -> Option<f64> {
    shown
        .lines()
        .filter(|line| line.starts_with(figure))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .reduce(|sum, value| sum + value)
}

/// The metrics of the API and of all workers, which tell their addresses in their logs.
pub(crate) async fn every_process(dialer: &Dialer) -> String {
    let mut addresses = vec![format!("{}/metrics", dialer.base())];
    for worker in &dialer.workers {
        let output = worker.output();
        let address = output.split("health and metrics at ").nth(1);
        let address = address.and_then(|rest| rest.split_whitespace().next());
        addresses.push(format!(
            "{}/metrics",
            address.expect("an address in the log")
        ));
    }
    let mut shown = String::new();
    for address in addresses {
        let page = reqwest::get(address).await.expect("metrics");
        assert_eq!(page.status(), 200);
        shown.push_str(&page.text().await.expect("text"));
    }
    shown
}

async fn health_names_what_the_dialer_stands_on(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let nobody = dialer.api_as(None);
    assert_eq!(nobody.get("/healthz").await.ok(), json!({ "status": "ok" }));
    let ready = nobody.get("/readyz").await.ok();
    let expected =
        json!({ "status": "ready", "database": "up", "queue": "up", "carrier": "signalwire" });
    assert_eq!(ready, expected);
    let found = dialer.run(&["doctor"]);
    for what in [
        "configuration",
        "database",
        "queue",
        "carrier",
        "transcriptions",
    ] {
        assert!(found.contains(&format!("ok     {what}")), "{found}");
    }
}
