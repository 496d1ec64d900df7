//! Queries that make no sense: refused, all that is wrong with them at once, and never bent into something else.

use serde_json::json;

use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    a_query_that_makes_no_sense_is_refused_by_field,
    everything_wrong_with_a_query_is_told_at_once,
    keys_are_given_once_in_utf_8_and_unknown_ones_ignored,
);

async fn a_query_that_makes_no_sense_is_refused_by_field(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let long = "x".repeat(201);
    let campaigns = ["/api/campaigns", "/api/v1/campaigns"].map(str::to_owned);
    let contacts = [
        format!("/api/campaigns/{id}/contacts"),
        format!("/api/v1/campaigns/{id}/contacts"),
    ];
    for base in campaigns.iter().chain(&contacts) {
        for (query, fields) in [
            ("limit=0", &["limit"][..]),
            ("limit=-1", &["limit"]),
            ("limit=ten", &["limit"]),
            ("limit=1.5", &["limit"]),
            ("limit=10001", &["limit"]),
            ("limit=99999999999999999999", &["limit"]),
            ("page=0", &["page"]),
            ("page=first", &["page"]),
            ("page=4294967296", &["page"]),
            ("page=0&limit=0", &["page", "limit"]),
            ("status=running", &["status"]),
            ("search=%00", &["search"]),
            (&format!("search={long}"), &["search"]),
        ] {
            refused(&dialer, base, query, fields).await;
        }
    }
    for (query, fields) in [
        ("limit=101", &["limit"][..]),
        ("sortBy=luck", &["sortBy"]),
        ("sortBy=tags", &["sortBy"]),
        ("sortDir=up", &["sortDir"]),
        ("tag=%00", &["tag"]),
        ("userId=nobody", &["userId"]),
        ("userId=%00", &["userId"]),
    ] {
        refused(&dialer, "/api/campaigns", query, fields).await;
    }
    for query in ["tag=%00", "userId=nobody", "userId=%00"] {
        let field = query.split('=').next().expect("a key");
        refused(&dialer, "/api/v1/campaigns", query, &[field]).await;
    }
    let of = |list: &str| format!("/api/campaigns/{id}/{list}");
    for (list, query, field) in [
        ("events", "limit=101", "limit"),
        ("calls", "limit=1001", "limit"),
        ("calls", "status=no_answer", "status"),
        ("calls", "outcome=no-answer", "outcome"),
        ("calls", "contactId=0", "contactId"),
        ("calls", "contactId=nobody", "contactId"),
        ("calls", "fromDate=yesterday", "fromDate"),
        ("calls", "toDate=%00", "toDate"),
        ("calls", "fromDate=2026-02-02&toDate=2026-02-01", "toDate"),
        ("conversations", "limit=101", "limit"),
        ("conversations", "successful=yes", "successful"),
        ("conversations", "search=%00", "search"),
        ("conversations", "fromDate=2026-13-01", "fromDate"),
    ] {
        refused(&dialer, &of(list), query, &[field]).await;
    }
    for list in ["events", "calls", "conversations"] {
        let found = api.get(&format!("{}?page=&limit=&status=", of(list))).await;
        assert_eq!(found.ok()["pages"], if list == "events" { 1 } else { 0 });
    }
}

async fn everything_wrong_with_a_query_is_told_at_once(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let id = dialer.api.create_campaign(json!({})).await;
    let (first, second) = (
        format!("/api/campaigns/{id}/contacts"),
        format!("/api/v1/campaigns/{id}/contacts"),
    );
    let calls = format!("/api/campaigns/{id}/calls");
    let conversations = format!("/api/campaigns/{id}/conversations");
    let campaigns = "page=0&limit=0&status=x&search=%00&tag=%00&userId=nobody";
    for (base, query, fields) in [
        (
            "/api/campaigns",
            &*format!("{campaigns}&sortBy=x&sortDir=x"),
            "page limit status search tag sortBy sortDir userId",
        ),
        (
            "/api/v1/campaigns",
            campaigns,
            "page limit status search tag userId",
        ),
        (
            &first,
            "search=%00&limit=no&page=no&status=x",
            "page limit status search",
        ),
        (
            &second,
            "search=a&search=b&limit=1&limit=1&status=x",
            "limit status search",
        ),
        (
            &calls,
            "page=0&limit=0&status=x&outcome=x&contactId=x&fromDate=x&toDate=x",
            "page limit status outcome contactId fromDate toDate",
        ),
        (
            &conversations,
            "page=0&limit=0&successful=x&search=%00&fromDate=x&toDate=x",
            "page limit successful search fromDate toDate",
        ),
        (
            &format!("/api/campaigns/{id}/events"),
            "page=0&limit=0",
            "page limit",
        ),
    ] {
        let fields: Vec<&str> = fields.split(' ').collect();
        refused(&dialer, base, query, &fields).await;
    }
}

async fn keys_are_given_once_in_utf_8_and_unknown_ones_ignored(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let mut lists = vec!["/api/campaigns".to_owned(), "/api/v1/campaigns".to_owned()];
    for list in ["contacts", "events", "calls", "conversations"] {
        lists.push(format!("/api/campaigns/{id}/{list}"));
    }
    lists.push(format!("/api/v1/campaigns/{id}/contacts"));
    lists.extend(["/api/suppressions", "/api/v1/suppressions"].map(str::to_owned));
    for base in &lists {
        // The same twice is as unclear as two of them: whoever sends it means something else than it gets.
        for query in [
            "page=1&page=2",
            "page=1&page=1",
            "page=&page=",
            "p%61ge=1&page=1",
        ] {
            refused(&dialer, base, query, &["page"]).await;
        }
        refused(&dialer, base, "limit=5&page=1&limit=5", &["limit"]).await;
        for query in ["search=%ff%fe", "luck=%ff", "%ff=1"] {
            let unreadable = api.get(&format!("{base}?{query}")).await.with(400);
            assert_eq!(unreadable["code"], "unreadable", "{base}?{query}");
        }
        for query in ["luck=1", "luck=1&luck=2", "luck", "&&", "=", "luck=%00"] {
            api.get(&format!("{base}?{query}")).await.ok();
        }
    }
}

async fn refused(dialer: &Dialer, base: &str, query: &str, fields: &[&str]) {
    let body = dialer.api.get(&format!("{base}?{query}")).await.with(422);
    let errors = body["errors"].as_array().expect("errors");
    let named: Vec<&str> = errors
        .iter()
        .map(|error| error["field"].as_str().expect("a field"))
        .collect();
    assert_eq!(named, fields, "{base}?{query}: {body}");
}
