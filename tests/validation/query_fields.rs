//! What can be wrong with a query of a list, or with a period.

use super::campaign_fields::{INSTANT, NUL, long, longer_than};

/// One thing that is wrong with a query: the list of a campaign, the query, the key that is blamed, and the sentence.
pub struct WrongQuery {
    pub list: &'static str,
    pub query: String,
    pub field: &'static str,
    pub message: String,
}

fn wrong(list: &'static str, query: &str, field: &'static str, message: &str) -> WrongQuery {
    WrongQuery {
        list,
        query: query.to_owned(),
        field,
        message: message.to_owned(),
    }
}

/// Queries in each of which one thing is wrong. The list without a name is that of the campaigns themselves.
pub fn wrong_queries() -> Vec<WrongQuery> {
    [pages(), periods(), words(), searches()]
        .into_iter()
        .flatten()
        .collect()
}

fn pages() -> Vec<WrongQuery> {
    let lists = [
        ("", 100),
        ("/contacts", 10_000),
        ("/events", 100),
        ("/calls", 1_000),
        ("/conversations", 100),
    ];
    let mut all = Vec::new();
    for (list, max) in lists {
        let too_many = format!("limit={}", max + 1);
        for query in ["limit=0", "limit=ten", &too_many] {
            let message = format!("must be a whole number from 1 to {max}");
            all.push(wrong(list, query, "limit", &message));
        }
        for query in ["page=0", "page=1.5", "page=4294967296", "page=%00"] {
            all.push(wrong(
                list,
                query,
                "page",
                "must be a whole number from 1 on",
            ));
        }
        let twice = "must not be given more than once";
        all.push(wrong(list, "page=1&page=1", "page", twice));
    }
    all
}

fn periods() -> Vec<WrongQuery> {
    let mut all = Vec::new();
    for list in ["/statistics", "/calls", "/conversations"] {
        for (query, field) in [
            ("fromDate=yesterday", "fromDate"),
            ("fromDate=1969-12-31", "fromDate"),
            ("fromDate=2026-01-31T09:00", "fromDate"),
            ("toDate=2026-02-30", "toDate"),
            ("toDate=3000-01-01", "toDate"),
            ("toDate=%00", "toDate"),
        ] {
            all.push(wrong(list, query, field, INSTANT));
        }
        for query in [
            "fromDate=2026-01-31&toDate=2026-01-30",
            "fromDate=2026-01-31T09:00:00Z&toDate=2026-01-31T10:00:00%2B01:00",
        ] {
            all.push(wrong(list, query, "toDate", "must be later than fromDate"));
        }
    }
    all
}

/// Keys to which there are only some answers.
fn words() -> Vec<WrongQuery> {
    let contact = "must be the id of a contact: a whole number from 1 on";
    vec![
        wrong(
            "",
            "status=running",
            "status",
            r#""running" is not one of draft, waiting_for_approval, active, paused, completed, canceled"#,
        ),
        wrong(
            "",
            "sortBy=luck",
            "sortBy",
            "must be one of id, name, description, status, startDate, endDate, timezone, dailyStartTime, dailyEndTime, \
             phoneNumberId, phoneNumber, voiceAgentId, maxConcurrentCalls, callAttemptsPerContact, retryDelay, \
             scheduleType, createdAt, updatedAt",
        ),
        wrong("", "sortDir=up", "sortDir", "must be asc or desc"),
        wrong("", "userId=me", "userId", "there is no such user"),
        wrong(
            "/contacts",
            "status=asleep",
            "status",
            r#""asleep" is not one of pending, queued, calling, contacted, completed, failed, do_not_call, canceled"#,
        ),
        wrong(
            "/calls",
            "status=no_answer",
            "status",
            r#""no_answer" is not one of initiated, in-progress, completed, failed, no-answer, busy"#,
        ),
        wrong(
            "/calls",
            "outcome=no-answer",
            "outcome",
            r#""no-answer" is not one of answered, voicemail, busy, no_answer, failed, rejected, canceled, lost"#,
        ),
        wrong("/calls", "contactId=0", "contactId", contact),
        wrong("/calls", "contactId=me", "contactId", contact),
        wrong(
            "/conversations",
            "successful=yes",
            "successful",
            "must be true or false",
        ),
    ]
}

fn searches() -> Vec<WrongQuery> {
    let long_tag = format!("tag={}", long(101));
    let mut all = vec![
        wrong("", "tag=a%00", "tag", NUL),
        wrong("", &long_tag, "tag", &longer_than(100)),
    ];
    let long = format!("search={}", long(201));
    for list in ["", "/contacts", "/conversations"] {
        all.push(wrong(list, "search=a%00", "search", NUL));
        all.push(wrong(list, &long, "search", &longer_than(200)));
    }
    all
}
