//! The list of numbers that must not be called: kept over HTTP, alike in both generations.

use futures::future::join_all;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::api::{Api, answer};
use crate::support::campaign::{each, page_by_page};
use crate::support::people::number;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    both_generations_keep_one_list,
    a_number_sent_often_at_once_is_added_once,
    good_rows_of_an_import_are_kept_and_bad_ones_reported,
    a_hundred_thousand_numbers_come_in_one_request_and_not_one_more,
    a_list_is_carried_out_as_a_file_that_comes_back_as_it_was,
    users_keep_a_list_of_their_own_and_administrators_any,
    no_number_of_a_list_is_logged,
);

const LISTS: [&str; 2] = ["/api/suppressions", "/api/v1/suppressions"];

async fn add(api: &Api, number: &str) -> Value {
    let body = json!({ "phoneNumber": number });
    let added = api.post(LISTS[0], body).await.with(201);
    added["suppression"].clone()
}

fn csv(api: &Api, path: &str, text: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
    let request = api.request(Method::POST, path);
    request.header("content-type", "text/csv").body(text)
}

/// What both generations show of `listed`, however they name it.
fn same(mut listed: Value) -> Value {
    if let Some(id) = listed.get_mut("_id").map(Value::take) {
        listed["id"] = id;
        listed.as_object_mut().expect("fields").remove("_id");
    }
    listed
}

fn numbers(listed: &Value) -> Vec<&Value> {
    let field = ["suppressions", "data"]
        .iter()
        .find_map(|name| listed.get(name));
    let list = field.and_then(Value::as_array).expect("a list");
    assert_eq!(listed["count"], list.len());
    each(list, "phoneNumber")
}

async fn both_generations_keep_one_list(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let [first, second] = LISTS;
    let body = json!({ "phoneNumber": "+1 (371) 555-0001", "reason": "by letter" });
    let made = api.post(first, body).await.with(201)["suppression"].take();
    assert_eq!(made["phoneNumber"], number(371, 1));
    let me = api.get("/api/v1/users/me").await.ok();
    assert_eq!(made["userId"], me["data"]["_id"]);
    assert_eq!(made["addedBy"]["id"], me["data"]["_id"]);
    assert_eq!(made["addedBy"]["name"], me["data"]["name"]);
    // There already, in whatever spelling, and asked for by whichever generation.
    let again = json!({ "phoneNumber": "3715550001", "region": "US", "reason": "another" });
    for (list, field) in [(first, "suppression"), (second, "data")] {
        let known = api.post(list, again.clone()).await.with(200)[field].take();
        assert_eq!(same(known), made);
    }
    let other = json!({ "phoneNumber": number(371, 2) });
    let other = api.post(second, other).await.with(201)["data"].take();
    for key in [
        made["id"].as_str().expect("an id"),
        "13715550001",
        "%2B13715550001",
        "+13715550001",
    ] {
        let found = [
            api.get(&format!("{first}/{key}")).await.ok()["suppression"].take(),
            api.get(&format!("{second}/{key}")).await.ok()["data"].take(),
        ];
        assert_eq!(found.map(same), [made.clone(), made.clone()]);
    }
    for list in LISTS {
        let listed = api.get(list).await.ok();
        assert_eq!(
            numbers(&listed),
            [&json!(number(371, 2)), &json!(number(371, 1))]
        );
        let found = api
            .get(&format!("{list}?search=555-0002&source=api"))
            .await
            .ok();
        assert_eq!((numbers(&found).len(), &found["total"]), (1, &json!(1)));
    }
    // What one of them takes away is gone for the other.
    api.delete(&format!(
        "{first}/{}",
        other["_id"].as_str().expect("an id")
    ))
    .await
    .ok();
    api.delete(&format!("{second}/13715550001")).await.ok();
    for list in LISTS {
        assert_eq!(numbers(&api.get(list).await.ok()).len(), 0);
        for key in ["13715550001", "12", "nobody"] {
            let gone = api.get(&format!("{list}/{key}")).await.with(404);
            assert_eq!(gone["code"], "suppression_not_found");
            api.delete(&format!("{list}/{key}")).await.with(404);
        }
        // Nobody takes everything away by leaving the name of one out.
        api.delete(list).await.with(405);
        api.get(&format!("{list}/import")).await.with(405);
    }
}

async fn a_number_sent_often_at_once_is_added_once(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let body = json!({ "phoneNumber": number(372, 0) });
    let at_once = (0..12).map(|n| api.post(LISTS[n % 2], body.clone()));
    let mut statuses: Vec<u16> = join_all(at_once)
        .await
        .iter()
        .map(|one| one.status.as_u16())
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses[11], 201);
    assert!(
        statuses[..11].iter().all(|status| *status == 200),
        "{statuses:?}"
    );
    assert_eq!(api.get(LISTS[0]).await.ok()["total"], 1);
}

async fn good_rows_of_an_import_are_kept_and_bad_ones_reported(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    add(api, &number(373, 0)).await;
    for (n, list) in LISTS.iter().enumerate() {
        let path = format!("{list}/import");
        let body = json!({ "suppressions": [
            { "phoneNumber": number(373, 10 + n), "reason": "moved" }, { "phone": number(373, 0) }, { "reason": "?" }, 5,
        ] });
        let report = api.post(&path, body).await.with(200);
        let report = report.get("data").unwrap_or(&report);
        let figures = ["added", "duplicates", "errorCount"].map(|name| report[name].as_u64());
        assert_eq!(figures, [Some(1), Some(1), Some(2)]);
        let errors = report["errors"].as_array().expect("errors");
        assert_eq!(each(errors, "row"), [3, 4]);
        assert_eq!(each(errors, "field"), ["phoneNumber", ""]);
        let table = format!("Number;Reason;plan\n098123 4567{n};;gold\n12;x;\n");
        let told = answer(csv(api, &format!("{path}?region=IN"), table))
            .await
            .ok();
        let told = told.get("data").unwrap_or(&told);
        assert_eq!(
            (&told["added"], &told["errors"][0]["row"]),
            (&json!(1), &json!(3))
        );
        let typeless = api
            .request(Method::POST, &path)
            .body("phone\n+12025550100\n");
        answer(typeless).await.with(415);
        for broken in ["", "{", r#"{"suppressions": [{"#] {
            let request = api
                .request(Method::POST, &path)
                .header("content-type", "application/json");
            answer(request.body(broken)).await.with(400);
        }
        for wrong in [json!({}), json!({ "suppressions": {} }), json!([])] {
            let refused = api.post(&path, wrong).await.with(422);
            assert_eq!(refused["errors"][0]["field"], "suppressions");
        }
    }
    let listed = api.get(&format!("{}?source=import", LISTS[0])).await.ok();
    let mut found = numbers(&listed);
    found.sort_by_key(|number| number.as_str().map(str::to_owned));
    let expected = [
        number(373, 10),
        number(373, 11),
        "+919812345670".to_owned(),
        "+919812345671".to_owned(),
    ];
    assert_eq!(found, expected.each_ref().map(|number| number.as_str()));
}

async fn a_hundred_thousand_numbers_come_in_one_request_and_not_one_more(stack: Stack) {
    const MOST: usize = 100_000;
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let path = format!("{}/import", LISTS[0]);
    // Areas 400 to 409, ten thousand numbers each.
    let lines = (0..=MOST).map(|n| {
        let area = u16::try_from(400 + n / 10_000).expect("an area");
        number(area, n % 10_000)
    });
    let numbers: Vec<String> = lines.collect();
    let table = |count: usize| format!("phone\n{}\n", numbers[..count].join("\n"));
    let too_many = answer(csv(api, &path, table(MOST + 1))).await.with(413);
    assert_eq!(too_many["code"], "too_large");
    assert_eq!(api.get(LISTS[0]).await.ok()["total"], 0);
    let report = answer(csv(api, &path, table(MOST))).await.ok();
    assert_eq!(
        (&report["added"], &report["errorCount"]),
        (&json!(MOST), &json!(0))
    );
    let page = api
        .get(&format!("{}?limit=10000&page=10", LISTS[0]))
        .await
        .ok();
    assert_eq!((&page["total"], &page["pages"]), (&json!(MOST), &json!(10)));
    let last = page["suppressions"].as_array().and_then(|page| page.last());
    assert_eq!(
        last.expect("a full page")["phoneNumber"],
        numbers[0],
        "the first one is the oldest"
    );
    let file = file(api, LISTS[1]).await;
    assert_eq!(file.lines().count(), MOST + 1);
}

async fn asked_for_csv(api: &Api, path: &str) -> Response {
    let request = api.request(Method::GET, path).header("accept", "text/csv");
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 200, "{path}");
    response
}

async fn file(api: &Api, path: &str) -> String {
    let response = asked_for_csv(api, path).await;
    let header = |name: &str| {
        response.headers()[name]
            .to_str()
            .expect("a text")
            .to_owned()
    };
    assert_eq!(header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        header("content-disposition"),
        "attachment; filename=\"suppressions.csv\""
    );
    response.text().await.expect("a whole file")
}

async fn a_list_is_carried_out_as_a_file_that_comes_back_as_it_was(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let reasons = ["=1+1", "'=x", "two\nlines, \"quoted\"", "Ünïcödé", "+1"];
    for (n, reason) in reasons.iter().enumerate() {
        let body = json!({ "phoneNumber": number(374, n), "reason": reason });
        api.post(LISTS[n % 2], body).await.with(201);
    }
    let before = page_by_page(api, LISTS[0], "suppressions", 2).await;
    let written = file(api, LISTS[0]).await;
    assert_eq!(written, file(api, LISTS[1]).await);
    let first = "phoneNumber,reason,source,addedBy,userId,createdAt,id\r\n";
    assert!(written.starts_with(first), "{written}");
    let mut reader = csv::Reader::from_reader(written.as_bytes());
    for row in reader.records() {
        let row = row.expect("a row");
        let is_formula = |cell: &str| cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        assert!(!row.iter().skip(1).any(is_formula), "{row:?}");
    }
    let second = asked_for_csv(api, &format!("{}?page=2&limit=2", LISTS[0])).await;
    let second = second.text().await.expect("a file");
    assert!(
        second.contains(&number(374, 2)) && !second.contains(&number(374, 4)),
        "{second}"
    );
    for listed in &before {
        let id = listed["id"].as_str().expect("an id");
        api.delete(&format!("{}/{id}", LISTS[0])).await.ok();
    }
    let report = answer(csv(api, &format!("{}/import", LISTS[1]), written))
        .await
        .ok();
    assert_eq!(report["data"]["added"], reasons.len());
    let mut after = page_by_page(api, LISTS[0], "suppressions", 2).await;
    after.sort_by_key(|listed| listed["phoneNumber"].to_string());
    assert_eq!(each(&after, "reason"), reasons);
    assert!(after.iter().all(|listed| listed["source"] == "import"));
}

async fn users_keep_a_list_of_their_own_and_administrators_any(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let ann = dialer.create_user("ann", "user");
    let bob = dialer.create_user("bob", "user");
    let root = dialer.create_user("root", "admin");
    let hers = add(&ann.api, &number(375, 0)).await;
    let id = hers["id"].as_str().expect("an id");
    for list in LISTS {
        for key in [id, "13755550000"] {
            let path = format!("{list}/{key}");
            bob.api.get(&path).await.with(404);
            bob.api.delete(&path).await.with(404);
            let forced = format!("{path}?userId={}", ann.id);
            bob.api.get(&forced).await.with(403);
            bob.api.delete(&forced).await.with(403);
            root.api.get(&forced).await.ok();
        }
        root.api.get(&format!("{list}/{id}")).await.ok();
        root.api.get(&format!("{list}/13755550000")).await.with(404);
        let of_ann = format!("{list}?userId={}", ann.id);
        let body = json!({ "phoneNumber": number(375, 1) });
        bob.api.get(&of_ann).await.with(403);
        bob.api.post(&of_ann, body.clone()).await.with(403);
        let import = format!("{list}/import?userId={}", ann.id);
        let rows = json!({ "suppressions": [body.clone()] });
        bob.api.post(&import, rows.clone()).await.with(403);
        assert_eq!(numbers(&bob.api.get(list).await.ok()).len(), 0);
        // An administrator keeps anybody's, and it stays theirs.
        root.api.post(&of_ann, body).await.with(201);
        let report = root.api.post(&import, rows).await.ok();
        let report = report.get("data").unwrap_or(&report);
        assert_eq!(report["duplicates"], 1);
        let seen = ann.api.get(list).await.ok();
        assert_eq!(
            numbers(&seen),
            [&json!(number(375, 1)), &json!(number(375, 0))]
        );
        let all = root.api.get(list).await.ok();
        assert_eq!(all["total"], 2);
        let newest = same(
            seen.get("suppressions")
                .or(seen.get("data"))
                .expect("a list")[0]
                .clone(),
        );
        assert_eq!(newest["addedBy"]["name"], "root");
        assert_eq!(newest["userId"], *ann.id);
        let path = format!("{list}/13755550001?userId={}", ann.id);
        root.api.delete(&path).await.ok();
    }
}

async fn no_number_of_a_list_is_logged(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    add(api, &number(376, 1_111)).await;
    let body = json!({ "suppressions": [{ "phoneNumber": number(376, 2_222) }, { "phoneNumber": "+13765553" }] });
    api.post(&format!("{}/import", LISTS[0]), body).await.ok();
    api.get(&format!("{}?search=3765551111", LISTS[0]))
        .await
        .ok();
    api.get(&format!("{}/13765551111", LISTS[1])).await.ok();
    api.delete(&format!("{}/+13765551111", LISTS[1])).await.ok();
    let output = dialer.output();
    for told in [
        "added suppression",
        "imported suppressions",
        "removed suppression",
    ] {
        assert!(output.contains(told), "{told}: {output}");
    }
    for part in ["5551111", "5552222", "65553"] {
        assert!(!output.contains(part), "{part}: {output}");
    }
}
