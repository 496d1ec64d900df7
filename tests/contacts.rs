//! One contact at a time: seen, and changed.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Api, refusal};
use crate::support::people::number;
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    a_contact_is_found_in_its_campaign_only,
    a_change_touches_what_it_mentions_and_null_clears,
    a_name_follows_its_parts_unless_it_was_given,
    everything_wrong_with_a_contact_is_told_at_once_and_nothing_changes,
    a_number_is_read_in_the_campaigns_region_and_is_nobody_elses,
    the_contacts_of_a_campaign_that_is_over_change_in_what_is_read_only,
);

pub fn path(campaign: &str) -> String {
    format!("/api/campaigns/{campaign}/contacts")
}

/// Adds one contact; its path.
pub async fn added(api: &Api, campaign: &str, contact: Value) -> String {
    let body = json!({ "contacts": [contact] });
    let report = api.post(&path(campaign), body).await.ok();
    assert_eq!(report["added"], 1, "{report}");
    let listed = api
        .get(&format!("{}?limit=10000", path(campaign)))
        .await
        .ok();
    let last = listed["contacts"].as_array().and_then(|list| list.last());
    format!("{}/{}", path(campaign), last.expect("a contact")["id"])
}

pub async fn seen(api: &Api, path: &str) -> Value {
    let found = api.get(path).await.ok();
    assert_eq!(found["success"], true);
    found["contact"].clone()
}

/// The fields that are named in a refusal.
fn named(body: &Value) -> Vec<&str> {
    let errors = body["errors"].as_array().expect("errors").iter();
    errors
        .map(|error| error["field"].as_str().expect("a field"))
        .collect()
}

async fn a_contact_is_found_in_its_campaign_only(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let (id, other) = (
        api.create_campaign(json!({})).await,
        api.create_campaign(json!({})).await,
    );
    let one = added(
        api,
        &id,
        json!({ "phoneNumber": number(270, 0), "name": "Ada" }),
    )
    .await;
    let contact = seen(api, &one).await;
    let listed = api.get(&path(&id)).await.ok();
    assert_eq!(contact, listed["contacts"][0], "as the list shows it");
    let key = contact["id"].to_string();
    for (wrong, code) in [
        (format!("{}/{key}", path(&other)), "contact_not_found"),
        (format!("{}/999999", path(&id)), "contact_not_found"),
        (format!("{}/ada", path(&id)), "contact_not_found"),
        (
            format!("{}/99999999999999999999", path(&id)),
            "contact_not_found",
        ),
        (
            format!("/api/campaigns/x/contacts/{key}"),
            "campaign_not_found",
        ),
    ] {
        refusal(api.request(Method::GET, &wrong), 404, code).await;
        refusal(api.request(Method::DELETE, &wrong), 404, code).await;
        let change = api
            .request(Method::PUT, &wrong)
            .json(&json!({ "name": "Eve" }));
        refusal(change, 404, code).await;
    }
    let stranger = dialer.create_user("stranger", "user").api;
    for method in [Method::GET, Method::DELETE] {
        refusal(stranger.request(method, &one), 404, "campaign_not_found").await;
    }
    let change = stranger
        .request(Method::PUT, &one)
        .json(&json!({ "name": "Eve" }));
    refusal(change, 404, "campaign_not_found").await;
    let nobody = dialer.api_as(None);
    refusal(nobody.request(Method::GET, &one), 401, "unauthenticated").await;
    assert_eq!(seen(api, &one).await, contact);
}

async fn a_change_touches_what_it_mentions_and_null_clears(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let one = added(api, &id, json!({
        "phoneNumber": number(271, 0), "firstName": "Ada", "lastName": "Byron", "email": "ada@example.com",
        "timezone": "Europe/London", "metadata": { "plan": "gold", "age": 36 },
    }))
    .await;
    let before = seen(api, &one).await;
    for nothing in [
        json!({}),
        json!({ "email": "ada@example.com", "timezone": "Europe/London", "status": "pending" }),
        json!({ "phoneNumber": "+1 (271) 555-0000", "unknown": 1, "id": 5, "attempts": 9 }),
        before.clone(),
    ] {
        let answer = api.put(&one, nothing.clone()).await.ok();
        assert_eq!(answer["contact"], before, "{nothing}");
    }
    let answer = api
        .put(
            &one,
            json!({ "email": null, "timezone": "Asia/Kolkata", "metadata": { "plan": "iron" } }),
        )
        .await
        .ok();
    assert_eq!(answer["success"], true);
    assert_eq!(answer["message"], "Contact updated successfully");
    let after = seen(api, &one).await;
    assert_eq!(answer["contact"], after);
    let mut expected = before.clone();
    expected["email"] = Value::Null;
    expected["timezone"] = json!("Asia/Kolkata");
    expected["metadata"] = json!({ "plan": "iron" });
    expected["updatedAt"] = after["updatedAt"].clone();
    assert_eq!(after, expected);
    assert_ne!(after["updatedAt"], before["updatedAt"]);
    let cleared = json!({ "firstName": null, "lastName": "", "timezone": null, "metadata": null });
    let after = api.put(&one, cleared).await.ok()["contact"].take();
    for field in [
        "firstName",
        "lastName",
        "name",
        "timezone",
        "metadata",
        "email",
    ] {
        assert_eq!(after[field], Value::Null, "{field}");
    }
    assert_eq!(after["phoneNumber"], number(271, 0));
}

async fn a_name_follows_its_parts_unless_it_was_given(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let person = json!({ "phoneNumber": number(272, 0), "firstName": "John", "lastName": "Smith" });
    let one = added(api, &id, person).await;
    let found = async |search: &str| {
        let query = format!("{}?search={search}", path(&id));
        api.get(&query).await.ok()["total"].clone()
    };
    assert_eq!(found("john%20smith").await, 1);
    for (change, name) in [
        (json!({ "lastName": "Doe" }), json!("John Doe")),
        (json!({ "name": "Johnny" }), json!("Johnny")),
        (json!({ "firstName": "Jon" }), json!("Johnny")),
        (json!({ "name": null }), json!("Jon Doe")),
        (json!({ "firstName": "John" }), json!("John Doe")),
        (json!({ "name": "JD", "lastName": "Dean" }), json!("JD")),
        (json!({ "name": "", "lastName": "Doe" }), json!("John Doe")),
        (json!({ "name": "Mr Nobody" }), json!("Mr Nobody")),
    ] {
        let answer = api.put(&one, change.clone()).await.ok();
        assert_eq!(answer["contact"]["name"], name, "{change}");
    }
    assert_eq!(
        found("JOHN%20doe").await,
        1,
        "by the parts of a name, whatever the name"
    );
    assert_eq!(found("mr%20nobody").await, 1);
    assert_eq!(found("john%20smith").await, 0);
}

async fn everything_wrong_with_a_contact_is_told_at_once_and_nothing_changes(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let one = added(
        api,
        &id,
        json!({ "phoneNumber": number(290, 0), "name": "Ada" }),
    )
    .await;
    let before = seen(api, &one).await;
    let all = json!({
        "status": "completed", "phoneNumber": "12", "firstName": "a\u{0}", "lastName": "x".repeat(256),
        "name": ["Ada"], "email": "nobody", "timezone": "Nowhere", "metadata": [1],
    });
    let body = api.put(&one, all).await.with(422);
    let expected = [
        "status",
        "phoneNumber",
        "firstName",
        "lastName",
        "name",
        "email",
        "timezone",
        "metadata",
    ];
    let mut fields = named(&body);
    fields.sort_unstable();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(fields, expected);
    let status = api.put(&one, json!({ "status": "failed" })).await.with(422);
    let told = status["errors"][0]["message"].as_str().expect("a sentence");
    assert!(told.contains("pending, canceled, do_not_call"), "{told}");
    for (field, value) in [
        ("phoneNumber", json!(null)),
        ("phoneNumber", json!("")),
        ("phoneNumber", json!("020 7946 0000")),
        ("phoneNumber", json!({})),
        ("name", json!("\u{0}")),
        ("name", json!(true)),
        ("email", json!("\u{0}@example.com")),
        ("email", json!("x".repeat(300) + "@example.com")),
        ("timezone", json!("\u{0}")),
        ("timezone", json!(5)),
        ("metadata", json!({ "a": "\u{0}" })),
        ("metadata", json!({ "\u{0}": 1 })),
        ("metadata", json!({ "a": "x".repeat(17_000) })),
        ("status", json!(null)),
        ("status", json!("")),
        ("status", json!(7)),
        ("status", json!("\u{0}")),
    ] {
        let body = api.put(&one, json!({ field: value })).await.with(422);
        assert_eq!(named(&body), [field], "{body}");
    }
    api.put(&one, json!([])).await.with(422);
    assert_eq!(seen(api, &one).await, before);
}

async fn a_number_is_read_in_the_campaigns_region_and_is_nobody_elses(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({ "region": "IN" })).await;
    let one = added(api, &id, json!({ "phoneNumber": "+919812345601" })).await;
    let two = added(api, &id, json!({ "phoneNumber": "+919812345602" })).await;
    let taken = json!({ "phoneNumber": "098123 45602", "name": "Ada" });
    let body = api.put(&one, taken).await.with(409);
    assert_eq!(body["code"], "number_is_taken");
    assert_eq!(
        seen(api, &one).await["name"],
        Value::Null,
        "all of it, or nothing"
    );
    let free = json!({ "phoneNumber": "098123 45603" });
    let changed = api.put(&one, free).await.ok();
    assert_eq!(changed["contact"]["phoneNumber"], "+919812345603");
    // Of two who want it at once one gets it.
    let wanted = json!({ "phoneNumber": "+919812345604" });
    let both = [&one, &two].map(|contact| api.put(contact, wanted.clone()));
    let mut answers: Vec<u16> = join_all(both)
        .await
        .iter()
        .map(|answer| answer.status.as_u16())
        .collect();
    answers.sort_unstable();
    assert_eq!(answers, [200, 409]);
    api.delete(&two).await.ok();
    api.put(&one, json!({ "phoneNumber": "+919812345605" }))
        .await
        .ok();
    api.put(&one, wanted).await.ok();
}

async fn the_contacts_of_a_campaign_that_is_over_change_in_what_is_read_only(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api
        .create_campaign(json!({ "startDate": "2090-01-01" }))
        .await;
    let one = added(api, &id, json!({ "phoneNumber": number(275, 0) })).await;
    api.command(&id, "start").await.ok();
    api.command(&id, "end").await.ok();
    eventually("the contact is canceled", PATIENCE, async || {
        (seen(api, &one).await["status"] == "canceled").then_some(())
    })
    .await;
    for change in [
        json!({ "phoneNumber": number(275, 1) }),
        json!({ "timezone": "Asia/Kolkata" }),
        json!({ "status": "pending", "name": "Ada" }),
    ] {
        let body = api.put(&one, change).await.with(409);
        assert_eq!(body["code"], "campaign_is_over");
    }
    let read_only = json!({ "firstName": "Ada", "email": "ada@example.com", "metadata": { "a": 1 }, "status": "canceled" });
    let changed = api.put(&one, read_only).await.ok();
    assert_eq!(changed["contact"]["name"], "Ada");
    assert_eq!(changed["contact"]["status"], "canceled");
    // Whoever asks never to be called again may do so long after the campaign.
    let never = json!({ "status": "do_not_call" });
    let changed = api.put(&one, never).await.ok();
    assert_eq!(changed["contact"]["status"], "do_not_call");
    api.delete(&one).await.ok();
    assert_eq!(api.campaign(&id).await["stats"]["totalContacts"], 0);
}
