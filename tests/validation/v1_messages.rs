//! What can be wrong with what somebody says who watches live.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Wrong, wrong};

/// Campaigns that one may name at once.
const CAMPAIGNS_MAX: usize = 1_000;

/// Messages in each of which one thing is wrong, and what is said before, where that matters.
pub fn wrong_messages() -> Vec<(Option<Value>, Wrong)> {
    let kind = "must be subscribe, unsubscribe or ping";
    let mut all: Vec<Wrong> = [
        json!({}),
        json!({ "type": "shout" }),
        json!({ "type": 5 }),
        json!({ "type": null }),
    ]
    .map(|sent| wrong(sent, "type", kind))
    .into();
    for kind in ["subscribe", "unsubscribe"] {
        let said = |campaigns: Value| json!({ "type": kind, "campaigns": campaigns });
        let list = r#"must be a list of campaigns' ids, or "all""#;
        all.push(wrong(json!({ "type": kind }), "campaigns", list));
        for neither in [json!("some"), json!({}), Value::Null] {
            all.push(wrong(said(neither), "campaigns", list));
        }
        for no_id in [json!("x"), json!(5), Value::Null, json!("a\0")] {
            let sent = said(json!([Uuid::now_v7(), no_id]));
            // A subscription looks for the campaigns only once all of them are ids.
            all.push(wrong(sent, "campaigns[1]", "must be a campaign's id"));
        }
        let many = "must be at most 1000; subscribe to all instead";
        let sent = said(json!(ids(CAMPAIGNS_MAX + 1)));
        all.push(wrong(sent, "campaigns", many));
    }
    let nobodys = Uuid::now_v7();
    let sent = json!({ "type": "subscribe", "campaigns": [nobodys] });
    let message = format!("there is no campaign {nobodys}");
    all.push(wrong(sent, "campaigns", &message));
    let mut all: Vec<_> = all.into_iter().map(|case| (None, case)).collect();
    let before = json!({ "type": "unsubscribe", "campaigns": ids(CAMPAIGNS_MAX) });
    let sent = json!({ "type": "unsubscribe", "campaigns": ids(1) });
    let message = "must be at most 1000 in all; subscribe to all instead";
    all.push((Some(before), wrong(sent, "campaigns", message)));
    all
}

fn ids(count: usize) -> Vec<Uuid> {
    std::iter::repeat_with(Uuid::now_v7).take(count).collect()
}
