//! One contact, in the first generation.

use serde_json::json;
use simulator::Behaviour;

use super::{NOBODY, delete, get, put};
use crate::contacts::added;
use crate::refused_changes::{slow, while_queued};
use crate::support::people::alike;
use crate::support::snapshot::{agreed, answered_as_agreed};
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    a_contact_is_answered_as_agreed,
    a_contact_that_cannot_change_is_answered_as_agreed,
    a_contact_that_is_queued_is_answered_as_agreed
);

async fn a_contact_is_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let campaign = api.create_campaign(json!({})).await;
    let asha =
        json!({ "phoneNumber": "+12125550001", "name": "Asha", "metadata": { "plan": "gold" } });
    let path = added(api, &campaign, asha).await;
    let other = added(api, &campaign, json!({ "phoneNumber": "+12125550002" })).await;
    agreed("contact", get(api, &path)).await;
    let change = json!({ "firstName": "Asha", "email": "asha@example.com", "metadata": null });
    agreed("contact_changed", put(api, &path, &change)).await;
    let out = json!({ "status": "canceled" });
    agreed("contact_taken_out", put(api, &path, &out)).await;
    let wrong = json!({
        "phoneNumber": null, "name": [], "email": "nowhere", "timezone": "Mars/Olympus", "metadata": 5,
        "status": "calling",
    });
    agreed("contact_invalid", put(api, &path, &wrong)).await;
    let taken = json!({ "phoneNumber": "+1 212 555 0002" });
    agreed("contact_number_taken", put(api, &path, &taken)).await;
    let never = put(api, &path, &json!({ "status": "do_not_call" }));
    agreed("contact_never_again", never).await;
    let back = put(api, &path, &json!({ "status": "pending" }));
    agreed("contact_not_back", back).await;
    agreed("contact_deleted", delete(api, &path)).await;
    agreed("contact_not_found", get(api, &path)).await;
    agreed("contact_change_not_found", put(api, &path, &change)).await;
    agreed("contact_delete_not_found", delete(api, &path)).await;
    let nobodys = format!("/api/campaigns/{NOBODY}/contacts/1");
    agreed("contact_of_no_campaign", get(api, &nobodys)).await;
    api.command(&campaign, "start").await.ok();
    api.command(&campaign, "end").await.ok();
    let late = put(api, &other, &json!({ "timezone": "Asia/Kolkata" }));
    agreed("contact_when_over", late).await;
}

async fn a_contact_that_cannot_change_is_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let talks = Behaviour::Answer { talk_ms: 3_600_000 };
    let people = alike(294, 1, &talks);
    dialer.rehearse(&people);
    let campaign = api.create_campaign(json!({})).await;
    let path = added(api, &campaign, json!({ "phoneNumber": people[0].number })).await;
    api.command(&campaign, "start").await.ok();
    eventually("they talk", PATIENCE, async || {
        let found = api.get(&path).await.ok();
        (found["contact"]["status"] == "calling").then_some(())
    })
    .await;
    let out = put(api, &path, &json!({ "status": "canceled" }));
    agreed("contact_in_call", out).await;
    let number = json!({ "phoneNumber": "+12945550009" });
    agreed("contact_number_in_call", put(api, &path, &number)).await;
    agreed("contact_delete_in_call", delete(api, &path)).await;
}

async fn a_contact_that_is_queued_is_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, slow()).await;
    let change = while_queued(&dialer, 711, async |path, turn| {
        let number = json!({ "phoneNumber": format!("+171155500{}", 90 + turn) });
        let change = put(&dialer.api, path, &number).send();
        change.await.expect("an answer")
    })
    .await;
    answered_as_agreed("contact_number_queued", change).await;
}
