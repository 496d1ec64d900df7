//! What stands between a campaign and its calls: told when it is made, refused when it is started.

use domain::lifecycle::Command;
use entity::phone_number;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::json;

use crate::bench::{Bench, conflict, id_of};

async fn a_number_of_a_carrier_that_is_not_configured_is_told_of_and_not_called_from(bench: Bench) {
    let number = "+918047112200";
    let row = phone_number::Model {
        id: "exophone".to_owned(),
        provider: "exotel".to_owned(),
        number: number.to_owned(),
        label: None,
        details: None,
        fetched_at: bench.engine.clock.now(),
        vanished_at: None,
    };
    let row = row.into_active_model().reset_all();
    row.insert(bench.engine.database.writer()).await.unwrap();
    let made = bench.draft(json!({ "phoneNumber": number })).await;
    assert_eq!(made.warnings.len(), 1, "{:?}", made.warnings);
    assert!(
        made.warnings[0].contains("EXOTEL_ACCOUNT_SID"),
        "{:?}",
        made.warnings
    );
    let campaigns = &bench.engine.campaigns;
    let start = campaigns.command(&bench.user, id_of(&made), Command::Start, None);
    assert_eq!(conflict(start.await).0, "carrier_not_configured");
    // Another number is as good as ever.
    let changed = bench
        .update(id_of(&made), json!({ "phoneNumber": "+12025550100" }))
        .await;
    assert!(changed.unwrap().warnings.is_empty());
    let start = campaigns.command(&bench.user, id_of(&made), Command::Start, None);
    assert!(start.await.is_ok());
}

async fn what_a_route_does_not_carry_to_the_agent_is_told_of(bench: Bench) {
    for (config, count) in [
        (json!({ "route": "sip", "prompt": "Sell tea." }), 1),
        (json!({ "route": "sip", "maxDurationSeconds": 60 }), 0),
        (json!({ "route": "sip" }), 0),
        (json!({ "route": "stream", "prompt": "Sell tea." }), 0),
        (json!({ "route": "agent", "prompt": "Sell tea." }), 0),
        (json!({ "route": "agent", "maxDurationSeconds": 60 }), 0),
        (json!({ "route": "agent", "record": true }), 1),
        (json!({ "route": "sip", "record": true }), 0),
        (
            json!({ "route": "stream", "record": true, "maxDurationSeconds": 60 }),
            0,
        ),
        (
            json!({ "route": "agent", "voicemail": { "action": "hang_up" } }),
            1,
        ),
        (
            json!({ "route": "stream", "voicemail": { "action": "hang_up" } }),
            0,
        ),
        // That is what happens, and that is heeded.
        (
            json!({ "route": "agent", "voicemail": { "action": "leave_to_agent", "retry": false } }),
            0,
        ),
    ] {
        let made = bench.draft(json!({ "agentConfig": config })).await;
        assert_eq!(made.warnings.len(), count, "{config}: {:?}", made.warnings);
    }
    let config = json!({ "route": "agent", "record": true, "voicemail": { "action": "hang_up" } });
    let made = bench.draft(json!({ "agentConfig": config })).await;
    let told = "record and voicemail.action in agentConfig change nothing on this route";
    assert!(made.warnings[0].starts_with(told), "{:?}", made.warnings);
}

async fn a_campaign_that_runs_is_not_led_to_where_no_call_can_be_made(bench: Bench) {
    let made = bench.draft(json!({})).await;
    let campaigns = &bench.engine.campaigns;
    let start = campaigns.command(&bench.user, id_of(&made), Command::Start, None);
    start.await.unwrap();
    let row = phone_number::Model {
        id: "exophone".to_owned(),
        provider: "exotel".to_owned(),
        number: "+918047112200".to_owned(),
        label: None,
        details: None,
        fetched_at: bench.engine.clock.now(),
        vanished_at: None,
    };
    let row = row.into_active_model().reset_all();
    row.insert(bench.engine.database.writer()).await.unwrap();
    let change = bench.update(id_of(&made), json!({ "phoneNumber": "+918047112200" }));
    assert_eq!(conflict(change.await).0, "carrier_not_configured");
    let kept = campaigns.get(&bench.user, id_of(&made)).await.unwrap().row;
    assert_eq!(kept.phone_number.as_deref(), Some("+12025550100"));
}

on_both! {
    a_number_of_a_carrier_that_is_not_configured_is_told_of_and_not_called_from,
    what_a_route_does_not_carry_to_the_agent_is_told_of,
    a_campaign_that_runs_is_not_led_to_where_no_call_can_be_made,
}
