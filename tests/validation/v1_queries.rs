//! What can be wrong with a query of the second generation.

use super::campaign_fields::{INSTANT, NUL, WRONG_NUMBERS, long, longer_than};

/// One thing that is wrong with a query: where it is asked, the key that is blamed, and the sentence.
pub struct WrongQueryV1 {
    /// The address, where `{campaign}`, `{user}` and `{cursor}` stand for what there is.
    pub path: String,
    pub field: String,
    pub message: String,
}

fn wrong(path: &str, query: &str, field: &str, message: &str) -> WrongQueryV1 {
    WrongQueryV1 {
        path: format!("/api/v1{path}?{query}"),
        field: field.to_owned(),
        message: message.to_owned(),
    }
}

const CAMPAIGNS: &str = "/campaigns";
const SUMMARY: &str = "/campaigns/all";
const CONTACTS: &str = "/campaigns/{campaign}/contacts";
const LOGS: &str = "/analytics/calls/logs";
const RETRIABLE: &str = "/calls/retriable";
const HISTORY: &str = "/calls/history/+12125550001";
const OUTBOUND: &str = "/calls/outbound/stats";
const VOICEMAIL: &str = "/calls/voicemail-stats";
const SIDES: [&str; 8] = [
    "/analytics/dashboard",
    "/analytics/calls",
    "/analytics/retry",
    "/analytics/scheduling",
    "/analytics/voicemail",
    "/analytics/performance",
    "/analytics/cost",
    "/analytics/trends",
];

/// Queries in each of which one thing is wrong.
pub fn wrong_queries_v1() -> Vec<WrongQueryV1> {
    [
        pages(),
        periods(),
        users(),
        words(),
        truths(),
        searches(),
        numbers(),
        analytics(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn pages() -> Vec<WrongQueryV1> {
    let mut all = Vec::new();
    for (list, max) in [
        (CAMPAIGNS, 100),
        (CONTACTS, 10_000),
        (LOGS, 1_000),
        (RETRIABLE, 1_000),
        (HISTORY, 100),
        ("/users", 100),
        ("/users/{user}/api-keys", 100),
    ] {
        let message = format!("must be a whole number from 1 to {max}");
        for limit in ["0", "ten", "%00", &(max + 1).to_string()] {
            let query = format!("limit={limit}");
            all.push(wrong(list, &query, "limit", &message));
        }
        let twice = "must not be given more than once";
        all.push(wrong(list, "limit=1&limit=1", "limit", twice));
        if list == HISTORY {
            continue;
        }
        for page in ["0", "1.5", "4294967296", "%00"] {
            let query = format!("page={page}");
            let message = "must be a whole number from 1 on";
            all.push(wrong(list, &query, "page", message));
        }
        all.push(wrong(list, "page=1&page=1", "page", twice));
    }
    let deep = "only 10000 candidates have pages; ask about fewer days";
    all.push(wrong(RETRIABLE, "page=501", "page", deep));
    let beside = "must not be given together with cursor";
    all.push(wrong(LOGS, "cursor={cursor}&page=2", "page", beside));
    let changed = "must be a cursor of an earlier answer (nextCursor or prevCursor), unchanged";
    for cursor in ["x", "%00", "{cursor}A", &long(5_000)] {
        let query = format!("cursor={cursor}");
        all.push(wrong(LOGS, &query, "cursor", changed));
    }
    all
}

fn periods() -> Vec<WrongQueryV1> {
    let mut all = Vec::new();
    for path in SIDES.iter().chain(&[LOGS, RETRIABLE, OUTBOUND, VOICEMAIL]) {
        for (query, field) in [
            ("startDate=yesterday", "startDate"),
            ("startDate=1969-12-31", "startDate"),
            ("startDate=2026-01-31T09:00", "startDate"),
            ("endDate=2026-02-30", "endDate"),
            ("endDate=3000-01-01", "endDate"),
            ("endDate=%00", "endDate"),
        ] {
            all.push(wrong(path, query, field, INSTANT));
        }
        for query in [
            "startDate=2026-01-31&endDate=2026-01-30",
            "startDate=2026-01-31T09:00:00Z&endDate=2026-01-31T10:00:00%2B01:00",
        ] {
            let message = "must be later than startDate";
            all.push(wrong(path, query, "endDate", message));
        }
        let (query, twice) = (
            "startDate=2026-01-31&startDate=2026-01-31",
            "must not be given more than once",
        );
        all.push(wrong(path, query, "startDate", twice));
    }
    all
}

fn users() -> Vec<WrongQueryV1> {
    let mut all = Vec::new();
    let others = [CAMPAIGNS, SUMMARY, LOGS, RETRIABLE, OUTBOUND, VOICEMAIL];
    for path in SIDES.iter().chain(&others) {
        let long_name = format!("userId={}", long(256));
        for (query, message) in [
            ("userId=me", "there is no such user"),
            ("userId=a%00", NUL),
            ("userId=me&userId=me", "must not be given more than once"),
        ] {
            all.push(wrong(path, query, "userId", message));
        }
        all.push(wrong(path, &long_name, "userId", &longer_than(255)));
    }
    all
}

/// Keys to which there are only some answers.
fn words() -> Vec<WrongQueryV1> {
    let campaign = r#""running" is not one of draft, waiting_for_approval, active, paused, completed, canceled"#;
    let contact = r#""asleep" is not one of pending, queued, calling, contacted, completed, failed, do_not_call, canceled"#;
    let call =
        r#""no_answer" is not one of initiated, in-progress, completed, failed, no-answer, busy"#;
    let outcome = r#""no-answer" is not one of answered, voicemail, busy, no_answer, failed, rejected, canceled, lost"#;
    let direction = r#""up" is not one of outbound, inbound"#;
    let id = "must be the id of a campaign";
    vec![
        wrong(CAMPAIGNS, "status=running", "status", campaign),
        wrong(SUMMARY, "status=running", "status", campaign),
        wrong(CONTACTS, "status=asleep", "status", contact),
        wrong(LOGS, "status=no_answer", "status", call),
        wrong(LOGS, "direction=up", "direction", direction),
        wrong(LOGS, "campaignId=1", "campaignId", id),
        wrong(RETRIABLE, "status=no_answer", "status", call),
        wrong(RETRIABLE, "outcome=no-answer", "outcome", outcome),
        wrong(RETRIABLE, "direction=up", "direction", direction),
    ]
}

fn truths() -> Vec<WrongQueryV1> {
    let mut all = Vec::new();
    for (path, key) in [
        (CAMPAIGNS, "includeContacts"),
        ("/phone-numbers", "refresh"),
        ("/agents", "refresh"),
    ] {
        for neither in ["maybe", "TRUE", "2", "%00"] {
            let query = format!("{key}={neither}");
            all.push(wrong(path, &query, key, "must be true or false"));
        }
        let twice = format!("{key}=true&{key}=true");
        let message = "must not be given more than once";
        all.push(wrong(path, &twice, key, message));
    }
    all
}

fn searches() -> Vec<WrongQueryV1> {
    let mut all = Vec::new();
    let (search, tag) = (
        format!("search={}", long(201)),
        format!("tag={}", long(101)),
    );
    for path in [CAMPAIGNS, SUMMARY, CONTACTS, LOGS] {
        all.push(wrong(path, "search=a%00", "search", NUL));
        all.push(wrong(path, &search, "search", &longer_than(200)));
    }
    for path in [CAMPAIGNS, SUMMARY] {
        all.push(wrong(path, "tag=a%00", "tag", NUL));
        all.push(wrong(path, &tag, "tag", &longer_than(100)));
    }
    all
}

fn numbers() -> Vec<WrongQueryV1> {
    let mut all = Vec::new();
    // One without a plus gets it.
    let international = |(text, _): &&(&str, &str)| text.starts_with('+');
    for (text, message) in WRONG_NUMBERS.iter().filter(international) {
        let text = text.replace('+', "%2B").replace(' ', "%20");
        let path = format!("/calls/history/{text}");
        all.push(wrong(&path, "limit=1", "phoneNumber", message));
        for key in ["phoneNumbers[]", "phoneNumbers"] {
            let query = format!("{key}=%2B12125550001,{text}");
            all.push(wrong(LOGS, &query, "phoneNumbers[1]", message));
        }
    }
    let many = format!("phoneNumbers[]={}", "1,".repeat(501));
    let message = "must not have more than 500 numbers";
    all.push(wrong(LOGS, &many, "phoneNumbers", message));
    all
}

fn analytics() -> Vec<WrongQueryV1> {
    let zone =
        "is not a time zone; write an IANA name such as Asia/Kolkata, America/New_York or UTC";
    let mut all = Vec::new();
    for side in SIDES {
        for (query, field, message) in [
            ("campaignId=1", "campaignId", "must be the id of a campaign"),
            (
                "timezone=new%20york",
                "timezone",
                r#""new york" is not a time zone; did you mean America/New_York?"#,
            ),
            (
                "timezone=Mars/Olympus",
                "timezone",
                &format!("\"Mars/Olympus\" {zone}"),
            ),
            (
                "startDate=2028-01-01&endDate=2029-01-01",
                "startDate",
                "must be at most 366 days before endDate",
            ),
        ] {
            all.push(wrong(side, query, field, message));
        }
    }
    all
}
