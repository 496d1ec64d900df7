//! The examples of the reference: one campaign and what is done with it.

pub mod call;
pub mod contact;
pub mod conversation;
pub mod event;
pub mod statistics;

use serde_json::{Value, json};

/// Its id.
pub const ID: &str = "01899c1e-5f0a-7c3d-9b2a-3f6d2e8a4b10";

/// The id of one of its contacts.
pub const CONTACT_ID: i64 = 1;

/// What its agent is told.
pub fn agent_config() -> Value {
    json!({
        "voice": "male-professional",
        "script": "sales-script-v3",
        "languages": ["en-US"],
        "fallbackAgentId": "agent-789",
    })
}

/// Its owner's own notes.
pub fn metadata() -> Value {
    json!({ "department": "Sales", "priority": "high", "goalCompletionRate": 0.8 })
}

/// To whom its calls may be handed.
pub fn transfer_config() -> Value {
    json!({
        "enabled": true,
        "transferTargets": [
            { "name": "Sales Team", "number": "+18005557890", "type": "phone" },
            { "name": "Support Team", "endpoint": "sip:support@example.com", "type": "sip" },
        ],
    })
}

/// What makes it.
pub fn new_campaign() -> Value {
    json!({
        "name": "Q4 Sales Outreach",
        "description": "Sales outreach for Q4 leads",
        "status": "draft",
        "startDate": "2023-10-01T00:00:00Z",
        "endDate": "2023-12-31T23:59:59Z",
        "timezone": "America/Chicago",
        "dailyStartTime": "09:00",
        "dailyEndTime": "17:00",
        "phoneNumberId": "pn_123456789abcdef",
        "phoneNumber": "+18005551234",
        "voiceAgentId": "agent-456",
        "agentConfig": agent_config(),
        "maxConcurrentCalls": 10,
        "callAttemptsPerContact": 3,
        "retryDelay": 60,
        "scheduleType": "scheduled",
        "scheduleConfig": {
            "daysOfWeek": [1, 2, 3, 4, 5],
            "excludeDates": ["2023-12-25", "2023-12-26"],
        },
        "callbackConfig": { "enabled": true, "maxAttempts": 2, "delayMinutes": 30 },
        "transferConfig": transfer_config(),
        "tags": ["sales", "outreach", "q4-2023"],
        "metadata": metadata(),
    })
}

/// A change of it.
pub fn changed_fields() -> Value {
    json!({
        "name": "Q4 Sales Outreach - Updated",
        "description": "Updated description",
        "status": "active",
        "maxConcurrentCalls": 15,
        "callAttemptsPerContact": 4,
        "agentConfig": {
            "voice": "female-professional",
            "script": "sales-script-v3.1",
            "languages": ["en-US"],
        },
    })
}

/// It, in a list.
pub fn campaign() -> Value {
    let mut campaign = json!({
        "id": ID,
        "statusReason": null,
        "heldBack": null,
        "region": null,
        "startedAt": "2023-10-01T09:00:00Z",
        "pausedAt": null,
        "resumedAt": null,
        "endedAt": null,
        "createdAt": "2023-07-29T15:00:00Z",
        "updatedAt": "2023-10-01T09:00:00Z",
    });
    merge(&mut campaign, new_campaign());
    campaign["status"] = "active".into();
    campaign
}

/// It, with what it comes to.
pub fn campaign_detail() -> Value {
    let mut campaign = campaign();
    campaign["stats"] = json!({
        "totalContacts": 250,
        "contactedCount": 125,
        "completedCount": 100,
        "failedCount": 25,
        "callbackCount": 15,
        "transferCount": 30,
    });
    campaign
}

/// The answer to the question after it.
pub fn campaign_envelope() -> Value {
    json!({ "success": true, "campaign": campaign_detail() })
}

/// The answer to its making or change.
pub fn changed_envelope() -> Value {
    json!({
        "success": true,
        "message": "Campaign updated successfully",
        "campaign": campaign_detail(),
        "warnings": [],
    })
}

/// A page that it stands on.
pub fn campaign_page() -> Value {
    json!({
        "success": true,
        "count": 1,
        "total": 28,
        "page": 28,
        "pages": 28,
        "campaigns": [campaign()],
    })
}

/// Why its calls wait while the carrier fails.
pub fn held_back() -> Value {
    json!({
        "reason": "carrier_faults",
        "message": "the carrier fails: calls wait, uncharged, and one at a time tries whether it is back",
        "since": "2023-10-01T10:00:00Z",
        "until": "2023-10-01T10:00:30Z",
    })
}

/// Its live figures.
pub fn debug_envelope() -> Value {
    json!({
        "success": true,
        "debugInfo": { "stats": {
            "activeCallsCount": 10,
            "queueLength": 20,
            "completedCalls": 100,
            "failedCalls": 25,
            "processedNumbers": 125,
            "remainingNumbers": 125,
            "totalNumbers": 250,
        }, "heldBack": held_back() },
    })
}

fn merge(into: &mut Value, fields: Value) {
    if let (Value::Object(into), Value::Object(fields)) = (into, fields) {
        into.extend(fields);
    }
}
