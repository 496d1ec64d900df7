//! Bringing contacts in: good rows are kept, bad ones reported, nothing breaks.

use std::fmt::Write as _;

use futures::future::join_all;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use simulator::Behaviour;

use crate::support::api::answer;
use crate::support::people::{alike, as_contacts, number};
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    good_rows_of_json_are_kept_and_bad_ones_reported,
    of_many_errors_all_are_counted_and_the_first_thousand_listed,
    good_rows_of_csv_are_kept_and_bad_ones_reported,
    national_numbers_are_read_in_the_campaigns_region,
    what_is_no_list_of_contacts_changes_nothing,
    the_same_contacts_sent_often_at_once_are_added_once,
    a_hundred_thousand_contacts_come_in_one_request_and_not_one_more,
);

fn path(campaign: &str) -> String {
    format!("/api/v1/campaigns/{campaign}/contacts")
}

fn csv(dialer: &Dialer, campaign: &str, text: impl Into<reqwest::Body>) -> RequestBuilder {
    let request = dialer.api.request(Method::POST, &path(campaign));
    request
        .header("content-type", "text/csv; charset=utf-8")
        .body(text)
}

/// Added, duplicates, errors.
#[track_caller]
fn figures(report: &Value) -> [u64; 3] {
    assert_eq!(report["success"], true);
    ["added", "duplicates", "errorCount"]
        .map(|name| report["data"][name].as_u64().expect("a figure"))
}

/// Row and field of each error; each comes with a sentence.
fn errors(report: &Value) -> Vec<(u64, &str)> {
    let errors = report["data"]["errors"].as_array().expect("errors").iter();
    errors
        .map(|error| {
            let message = error["message"].as_str().expect("a sentence");
            assert!(message.len() > 5, "{error}");
            let row = error["row"].as_u64().expect("a row");
            (row, error["field"].as_str().expect("a field"))
        })
        .collect()
}

async fn good_rows_of_json_are_kept_and_bad_ones_reported(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    api.add(&id, &alike(245, 1, &Behaviour::Busy)).await;
    let good = [
        json!({ "phoneNumber": number(245, 1), "name": "Plain", "metadata": { "plan": "gold" } }),
        json!({ "phone": "+1 (245) 555-0002", "firstName": "Ada", "Last Name": "Lovelace", "account": 7 }),
        json!({ "phoneNumber": number(245, 3), "name": null, "timezone": "Asia/Kolkata" }),
        json!({ "phoneNumber": number(245, 4), "name": "Ünïcödé \u{1f4de}", "": "", "email": " e@example.com " }),
    ];
    let known = [
        // In the table, and earlier in the request, however it is written.
        json!({ "phoneNumber": number(245, 0), "name": "Another name" }),
        json!({ "phoneNumber": "+1-245-555-0001" }),
    ];
    let bad = bad_rows();
    let rows: Vec<&Value> = good
        .iter()
        .chain(&known)
        .chain(bad.iter().map(|(row, _)| row))
        .collect();
    let report = api.post(&path(&id), json!({ "contacts": rows })).await.ok();
    assert_eq!(figures(&report), [4, 2, bad.len() as u64]);
    let first = (good.len() + known.len()) as u64;
    let expected: Vec<(u64, &str)> = (first + 1..)
        .zip(bad.iter().map(|(_, field)| *field))
        .collect();
    assert_eq!(errors(&report), expected);

    let listed = api.get(&format!("/api/campaigns/{id}/contacts")).await.ok();
    let kept: Vec<Value> = listed["contacts"].as_array().expect("a list").clone();
    assert_eq!(kept.len(), 5);
    let numbers: Vec<Value> = (0..5).map(|index| number(245, index).into()).collect();
    assert_eq!(
        kept.iter()
            .map(|row| row["phoneNumber"].clone())
            .collect::<Vec<_>>(),
        numbers
    );
    assert_eq!(kept[0]["name"], "Person 0", "what is there stays as it is");
    assert_eq!(kept[1]["metadata"], json!({ "plan": "gold" }));
    assert_eq!(kept[2]["name"], "Ada Lovelace");
    assert_eq!(kept[2]["metadata"], json!({ "account": 7 }));
    assert_eq!(kept[3]["timezone"], "Asia/Kolkata");
    assert_eq!(kept[4]["name"], "Ünïcödé \u{1f4de}");
    assert_eq!(kept[4]["email"], "e@example.com");
    assert_eq!(api.campaign(&id).await["stats"]["totalContacts"], 5);
}

/// Rows that are refused, and the field that each is refused for.
fn bad_rows() -> Vec<(Value, &'static str)> {
    let (nul, long) = ("a\u{0}b", "x".repeat(10_240));
    let mut rows = vec![
        (json!({ "name": "No number" }), "phoneNumber"),
        (json!("+12455550006"), ""),
        (json!(null), ""),
    ];
    for number in [
        json!(""),
        json!("call me"),
        json!("020 7946 0000"),
        json!("+1555"),
        json!(["+12455550005"]),
        json!(format!("+1245555{nul}")),
        json!(long),
    ] {
        rows.push((json!({ "phoneNumber": number }), "phoneNumber"));
    }
    for (field, value) in [
        ("name", json!(nul)),
        ("name", json!(long)),
        ("lastName", json!(long)),
        ("email", json!("at example.com")),
        ("timezone", json!("Mars/Olympus")),
        ("metadata", json!("gold")),
        ("metadata", json!({ "deep": [nul] })),
        ("metadata", json!({ "note": "x".repeat(17_000) })),
    ] {
        rows.push((
            json!({ "phoneNumber": number(245, 6), field: value }),
            field,
        ));
    }
    rows.push((
        json!({ "phoneNumber": number(245, 6), nul: "x" }),
        "metadata",
    ));
    rows
}

async fn of_many_errors_all_are_counted_and_the_first_thousand_listed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let id = dialer.api.create_campaign(json!({})).await;
    let mut rows = vec![json!({ "phoneNumber": "?" }); 1_234];
    rows.push(json!({ "phoneNumber": number(245, 9) }));
    let report = dialer
        .api
        .post(&path(&id), json!({ "contacts": rows }))
        .await
        .ok();
    assert_eq!(figures(&report), [1, 0, 1_234]);
    assert_eq!(errors(&report).len(), 1_000);
}

async fn good_rows_of_csv_are_kept_and_bad_ones_reported(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let text = "\u{feff}Name;Phone Number;E-Mail;plan;time zone\r\n\
        \"Doe; John\";+12465550000;john@example.com;gold;Europe/Berlin\r\n\
        Jane;+12465550001;;;\r\n\
        Nobody;;;;\r\n\
        \r\n\
        Jane again;+1 246 555 0001;;;\r\n\
        \"Two\nlines\";+12465550002;;\"say \"\"hi\"\"\";\r\n\
        Short;+12465550003\r\n\
        Long;+12465550004;;;;;\r\n\
        Elsewhere;+12465550005;;;Nowhere/Land\r\n";
    let report = answer(csv(&dialer, &id, text)).await.ok();
    assert_eq!(figures(&report), [4, 1, 3]);
    // As an editor counts lines: the name of two lines makes its row the seventh and eighth.
    assert_eq!(
        errors(&report),
        [(4, "phoneNumber"), (10, ""), (11, "timezone")]
    );
    let listed = api.get(&format!("/api/campaigns/{id}/contacts")).await.ok();
    let kept = listed["contacts"].as_array().expect("a list");
    assert_eq!(kept[0]["name"], "Doe; John");
    assert_eq!(kept[0]["email"], "john@example.com");
    assert_eq!(kept[0]["timezone"], "Europe/Berlin");
    assert_eq!(kept[0]["metadata"], json!({ "plan": "gold" }));
    assert_eq!(kept[1]["metadata"], Value::Null);
    assert_eq!(kept[2]["name"], "Two\nlines");
    assert_eq!(kept[2]["metadata"], json!({ "plan": "say \"hi\"" }));

    // Bytes that are no text spoil their own row only.
    let latin =
        b"phone,name\n+12465550010,J\xf6rg\n+12465550011,Joerg\n+12465550012,a\0b\n".to_vec();
    let report = answer(csv(&dialer, &id, latin)).await.ok();
    assert_eq!(figures(&report), [1, 0, 2]);
    assert_eq!(errors(&report), [(2, "name"), (4, "name")]);
    let tabs = answer(csv(
        &dialer,
        &id,
        "number\tname\n+12465550020\tTabbed, Tim\n",
    ))
    .await
    .ok();
    assert_eq!(figures(&tabs), [1, 0, 0]);
    // The same file again adds nobody.
    let again = answer(csv(&dialer, &id, text)).await.ok();
    assert_eq!(figures(&again), [0, 5, 3]);
    assert_eq!(api.campaign(&id).await["stats"]["totalContacts"], 6);
}

async fn national_numbers_are_read_in_the_campaigns_region(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({ "region": "IN" })).await;
    let rows = json!({ "contacts": [
        { "phoneNumber": "098123 45678" }, { "phoneNumber": 9812345679u64 }, { "phoneNumber": "+442079460001" },
        { "phoneNumber": "+919812345678" }, { "phoneNumber": "12" },
    ] });
    let report = api.post(&path(&id), rows.clone()).await.ok();
    assert_eq!(figures(&report), [3, 1, 1]);
    let seen = api.get(&format!("/api/v1/campaigns/{id}")).await.ok();
    let expected = json!(["+919812345678", "+919812345679", "+442079460001"]);
    assert_eq!(seen["data"]["phoneNumbers"], expected);
    // Without a region it cannot be known, and a hint is given.
    let nowhere = api.create_campaign(json!({})).await;
    let report = api.post(&path(&nowhere), rows).await.ok();
    assert_eq!(figures(&report), [2, 0, 3]);
    let hint = report["data"]["errors"][0]["message"]
        .as_str()
        .expect("a sentence");
    assert!(hint.contains("region"), "{hint}");
}

async fn what_is_no_list_of_contacts_changes_nothing(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let json = |text: &str| {
        let request = api.request(Method::POST, &path(&id));
        request
            .header("content-type", "application/json")
            .body(text.to_owned())
    };
    let first = r#"{"contacts": [{"phoneNumber": "+12475550000"}"#;
    for broken in [
        "",
        "{",
        first,
        &format!("{first}}}"),
        &format!("{first}]}} more"),
        "phone\n+12475550000",
    ] {
        answer(json(broken)).await.with(400);
    }
    for wrong in [
        "{}",
        "[]",
        "5",
        r#"{"contacts": {}}"#,
        r#"{"contacts": null}"#,
        r#"{"contacts": "+12475550000"}"#,
    ] {
        let refused = answer(json(wrong)).await.with(422);
        assert_eq!(refused["errors"][0]["field"], "contacts", "{wrong}");
    }
    for headless in [
        "",
        "\n",
        "+12475550000\n",
        "name,email\nAnn,ann@example.com\n",
    ] {
        answer(csv(&dialer, &id, headless)).await.with(422);
    }
    let typeless = api
        .request(Method::POST, &path(&id))
        .body("phone\n+12475550000\n");
    answer(typeless).await.with(415);
    for nobody in [
        json!({ "contacts": [] }),
        json!({ "contacts": [], "more": 1 }),
    ] {
        assert_eq!(figures(&api.post(&path(&id), nobody).await.ok()), [0, 0, 0]);
    }
    let empty = answer(csv(&dialer, &id, "phone\n")).await.ok();
    assert_eq!(figures(&empty), [0, 0, 0]);
    assert_eq!(api.campaign(&id).await["stats"]["totalContacts"], 0);

    api.put(
        &format!("/api/campaigns/{id}"),
        json!({ "status": "canceled" }),
    )
    .await
    .ok();
    let people = as_contacts(&alike(247, 3, &Behaviour::Busy));
    let late = api.post(&path(&id), people).await.with(409);
    assert_eq!(late["code"], "campaign_is_over");
}

async fn the_same_contacts_sent_often_at_once_are_added_once(stack: Stack) {
    // Several transactions each.
    const MANY: usize = 4_300;
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let mut people = alike(246, MANY, &Behaviour::Busy);
    let forwards = as_contacts(&people);
    people.reverse();
    let backwards = as_contacts(&people);
    let bodies = [&forwards, &backwards, &forwards, &backwards];
    let path = path(&id);
    let reports = join_all(bodies.map(|body| api.post(&path, body.clone()))).await;
    let mut sums = [0; 3];
    for report in reports {
        for (sum, figure) in sums.iter_mut().zip(figures(&report.ok())) {
            *sum += figure;
        }
    }
    assert_eq!(sums, [MANY as u64, 3 * MANY as u64, 0]);
    assert_eq!(api.figures(&id).await["totalNumbers"], MANY);
    let listed = api.get(&format!("{path}?limit=1")).await.ok();
    assert_eq!(listed["data"]["total"], MANY);
}

async fn a_hundred_thousand_contacts_come_in_one_request_and_not_one_more(stack: Stack) {
    const MOST: usize = 100_000;
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let mut text = "phone,name\n".to_owned();
    for index in 0..=MOST {
        // Areas 248, 249, 250 …, ten thousand numbers each.
        let (area, person) = (248 + index / 10_000, index % 10_000);
        writeln!(text, "{},Person {index}", number(area as u16, person)).expect("a text grows");
    }
    let too_many = answer(csv(&dialer, &id, text.clone())).await.with(413);
    assert_eq!(too_many["code"], "too_large");
    let row = json!({ "phoneNumber": number(248, 0) });
    let too_many = json!({ "contacts": vec![row; MOST + 1] });
    api.post(&path(&id), too_many).await.with(413);
    assert_eq!(api.campaign(&id).await["stats"]["totalContacts"], 0);

    let without_last = text
        .trim_end()
        .rsplit_once('\n')
        .expect("lines")
        .0
        .to_owned();
    let report = answer(csv(&dialer, &id, without_last)).await.ok();
    assert_eq!(figures(&report), [MOST as u64, 0, 0]);
    let figures = api.figures(&id).await;
    assert_eq!(figures["totalNumbers"], MOST);
    // As many as the second generation's page asks for at once.
    let page = api
        .get(&format!("{}?limit=10000&page=10", path(&id)))
        .await
        .ok();
    let page = &page["data"];
    assert_eq!(page["contacts"].as_array().expect("a list").len(), 10_000);
    assert_eq!(
        (&page["total"], &page["pages"], &page["page"]),
        (&json!(MOST), &json!(10), &json!(10))
    );
    assert_eq!(page["contacts"][9_999]["phoneNumber"], number(257, 9_999));
    api.get(&format!("{}?limit=10001", path(&id)))
        .await
        .with(422);
}
