//! Sums of calls, as the user interface draws them.

use serde_json::json;

use super::around_today;
use super::calls::CALLS;
use super::campaigns::ATTEMPTS;
use super::walker::Walker;

/// The sides beside the dashboard.
const SIDES: [&str; 7] = [
    "calls",
    "retry",
    "scheduling",
    "voicemail",
    "performance",
    "cost",
    "trends",
];

pub async fn shown(walker: &mut Walker, me: &str) {
    let (yesterday, tomorrow) = around_today();
    let query = [
        ("userId", me),
        ("startDate", &*yesterday),
        ("endDate", &tomorrow),
    ];
    let dashboard = walker
        .ask("GET /api/v1/analytics/dashboard", "", &query)
        .await["data"]
        .take();
    assert_eq!(dashboard["totalCalls"], CALLS);
    assert_eq!(dashboard["inProgressCalls"], 1);
    assert_eq!(
        dashboard["byStatus"],
        json!({ "completed": 4, "failed": 0, "no-answer": 0, "busy": ATTEMPTS })
    );
    assert_eq!(
        dashboard["byDirection"],
        json!({ "inbound": 0, "outbound": CALLS })
    );
    for side in SIDES {
        let told = walker
            .ask(&format!("GET /api/v1/analytics/{side}"), "", &query)
            .await["data"]
            .take();
        let own = told.as_object().expect("an object").keys();
        let own = own.filter(|name| dashboard.get(name).is_none()).count();
        assert!(own > 0, "{side} shows nothing of its own");
        for (name, figure) in dashboard.as_object().expect("an object") {
            assert_eq!(told[name], *figure, "{side}: {name}");
        }
    }
    let stats = walker.ask("GET /api/v1/stats", "", &[]).await;
    assert_eq!(stats["activeCalls"], 1);
    assert_eq!(stats.get("deepgramPool"), None, "Deepgram is not used");
}
