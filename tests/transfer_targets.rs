//! Whom an agent may hand a call on to: nobody where transfers are off, and nobody who is turned off.

use serde_json::{Value, json};

use crate::agent_tools::{told, uses};
use crate::support::campaign::run_with;
use crate::support::people::{Person, TALK_MS, number};
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    where_transfers_are_off_the_agent_is_told_so_and_the_call_goes_on,
    a_target_that_is_turned_off_is_not_called_and_the_call_goes_on,
    a_target_that_says_nothing_of_it_is_turned_on,
);

const COLLEAGUE: &str = "+18005557890";

/// Somebody whom the agent wants to hand on to the sales team.
fn wants_sales(area: u16) -> Person {
    uses(
        number(area, 0),
        "transfer",
        json!({ "target": "Sales Team" }),
    )
}

/// A configuration with the sales team, `enabled` or not, and one more.
fn targets(enabled: Value) -> Value {
    json!({ "enabled": true, "transferTargets": [
        { "name": "Sales Team", "type": "phone", "number": COLLEAGUE, "enabled": enabled },
        { "name": "Support Team", "type": "sip", "endpoint": "sip:support@example.com" },
    ] })
}

async fn handed_on(dialer: &Dialer, campaign: &str) -> Value {
    let path = format!("/api/campaigns/{campaign}/statistics");
    let mut found = dialer.api.get(&path).await.ok();
    found["statistics"]["callMetrics"]["transfersInitiated"].take()
}

/// The campaign's one call was talked to its end, with nobody else.
async fn assert_talked_on(dialer: &Dialer, campaign: &str, person: &Person) {
    let recorder = dialer.simulator.recorder();
    assert!(recorder.legs().is_empty(), "{:?}", recorder.legs());
    assert!(recorder.calls_to(COLLEAGUE).is_empty());
    let calls = recorder.calls_to(&person.number);
    let [call] = &calls[..] else {
        panic!("one call: {calls:?}")
    };
    let talked = call.ended_at.expect("over") - call.answered_at.expect("answered");
    let whole = i64::try_from(TALK_MS).expect("small") / 40;
    assert!(talked.num_milliseconds() >= whole, "cut off after {talked}");
    assert_eq!(handed_on(dialer, campaign).await, 0);
    let stats = dialer.api.campaign(campaign).await["stats"].take();
    assert_eq!(
        (&stats["transferCount"], &stats["completedCount"]),
        (&json!(0), &json!(1))
    );
}

async fn where_transfers_are_off_the_agent_is_told_so_and_the_call_goes_on(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let person = wants_sales(707);
    let mut config = targets(json!(true));
    config["enabled"] = json!(false);
    let fields = json!({ "transferConfig": config });
    let campaign = run_with(&dialer, fields, std::slice::from_ref(&person)).await;
    let message = "Calls of this campaign cannot be handed on. Go on talking.";
    assert_eq!(
        told(&dialer),
        json!({ "success": false, "message": message })
    );
    assert_talked_on(&dialer, &campaign, &person).await;
}

async fn a_target_that_is_turned_off_is_not_called_and_the_call_goes_on(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let person = wants_sales(708);
    let fields = json!({ "transferConfig": targets(json!(false)) });
    let campaign = run_with(&dialer, fields, std::slice::from_ref(&person)).await;
    let message =
        "The transfer target \"Sales Team\" is turned off. There are: Support Team. Go on talking.";
    assert_eq!(
        told(&dialer),
        json!({ "success": false, "message": message })
    );
    assert_talked_on(&dialer, &campaign, &person).await;
    let kept = dialer.api.campaign(&campaign).await["transferConfig"].take();
    assert_eq!(kept, targets(json!(false)));
}

async fn a_target_that_says_nothing_of_it_is_turned_on(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let person = wants_sales(709);
    // `null` is as good as nothing, and taken out.
    let fields = json!({ "transferConfig": targets(json!(null)) });
    let campaign = run_with(&dialer, fields, std::slice::from_ref(&person)).await;
    assert_eq!(told(&dialer)["success"], true);
    let legs = dialer.simulator.recorder().legs();
    assert_eq!(
        legs.iter().map(|leg| &*leg.to).collect::<Vec<_>>(),
        [COLLEAGUE]
    );
    assert_eq!(handed_on(&dialer, &campaign).await, 1);
    let kept = dialer.api.campaign(&campaign).await["transferConfig"].take();
    assert_eq!(kept["transferTargets"][0].get("enabled"), None);
}
