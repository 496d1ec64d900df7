//! The example of the reference: what the campaign comes to.

use serde_json::{Value, json};

use super::ID;

/// The answer to the question after it.
pub fn envelope() -> Value {
    json!({
        "success": true,
        "campaignId": ID,
        "statistics": {
            "contactMetrics": contacts(),
            "callMetrics": calls(),
            "timeMetrics": times(),
            "outcomesMetrics": outcomes(),
            "performanceTrend": [
                { "date": "2023-07-15", "calls": 25, "successRate": 60.0 },
                { "date": "2023-07-16", "calls": 30, "successRate": 66.7 },
            ],
            "range": { "from": "2023-07-15T05:00:00Z", "to": null },
        },
    })
}

fn contacts() -> Value {
    json!({
        "totalContacts": 250,
        "contactedCount": 125,
        "contactedPercentage": 50.0,
        "remainingCount": 125,
        "activeCount": 25,
    })
}

fn calls() -> Value {
    json!({
        "totalCalls": 150,
        "completedCalls": 100,
        "failedCalls": 25,
        "callbacksScheduled": 15,
        "transfersInitiated": 30,
        "transfersCompleted": 28,
        "averageCallDuration": 142,
        "averageWaitTime": 2.5,
    })
}

fn times() -> Value {
    json!({
        "campaignDuration": { "total": "30 days", "elapsed": "15 days", "remaining": "15 days" },
        "callTimeDistribution": { "morning": 45, "afternoon": 65, "evening": 40 },
        "peakCallHours": [{ "hour": 14, "count": 30 }, { "hour": 10, "count": 25 }],
    })
}

fn outcomes() -> Value {
    json!({
        "successfulOutcomes": 80,
        "callbackRequests": 15,
        "transferredToAgent": 28,
        "voicemails": 10,
        "noAnswers": 15,
        "conversionRate": 53.3,
    })
}
