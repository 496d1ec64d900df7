//! The examples of the reference: one campaign and what is done with it.

use serde_json::{Value, json};

/// What makes it.
pub fn new_campaign() -> Value {
    json!({
        "name": "Diwali offer",
        "agentId": "agent-456",
        "phoneId": "pn_123456789abcdef",
        "settings": { "concurrentCallsLimit": 10 },
    })
}

/// A change of it.
pub fn changed_fields() -> Value {
    json!({ "status": "waiting_for_approval" })
}

/// Its live figures.
pub fn live_stats() -> Value {
    json!({
        "processed": 125,
        "totalNumbers": 250,
        "remaining": 125,
        "activeCalls": 10,
        "queueLength": 20,
        "completed": 100,
        "failed": 25,
        "heldBack": null,
    })
}

/// It, in a list.
pub fn campaign() -> Value {
    json!({
        "_id": "01899c1e-5f0a-7c3d-9b2a-3f6d2e8a4b10",
        "name": "Diwali offer",
        "description": null,
        "status": "active",
        "agentId": "agent-456",
        "phoneId": "pn_123456789abcdef",
        "userId": "01899c1d-0b7e-7a11-8c55-6f1e9d2b7c03",
        "settings": { "concurrentCallsLimit": 10 },
        "createdAt": "2023-07-29T15:00:00Z",
        "updatedAt": "2023-07-29T15:30:00Z",
        "liveStats": live_stats(),
    })
}

/// The answer to its making, its change and its commands.
pub fn campaign_envelope() -> Value {
    json!({ "success": true, "data": campaign(), "warnings": [] })
}

/// All campaigns there are.
pub fn campaign_list() -> Value {
    json!({
        "success": true,
        "total": 1,
        "page": 1,
        "pages": 1,
        "data": [campaign()],
        "campaigns": [campaign()],
    })
}

/// It, with everything its page shows.
pub fn overview() -> Value {
    json!({
        "_id": "01899c1e-5f0a-7c3d-9b2a-3f6d2e8a4b10",
        "name": "Diwali offer",
        "description": null,
        "status": "active",
        "agentId": { "_id": "agent-456", "name": "Sales agent" },
        "phoneId": { "_id": "pn_123456789abcdef", "number": "+18005551234" },
        "userId": {
            "_id": "01899c1d-0b7e-7a11-8c55-6f1e9d2b7c03",
            "name": "Meera",
            "email": "meera@example.com",
        },
        "settings": { "concurrentCallsLimit": 10 },
        "createdAt": "2023-07-29T15:00:00Z",
        "updatedAt": "2023-07-29T15:30:00Z",
        "phoneNumbers": ["+919812345678"],
        "stats": { "completed": 100, "failed": 25 },
        "liveStats": live_stats(),
        "completedCalls": 110,
        "failedCalls": 40,
        "totalCalls": 160,
    })
}

/// The answer to the question after it.
pub fn overview_envelope() -> Value {
    json!({ "success": true, "data": overview() })
}

/// People to call.
pub fn new_contacts() -> Value {
    json!({ "contacts": [
        { "phoneNumber": "+919812345678", "name": "Asha", "metadata": { "plan": "gold" } },
        { "phoneNumber": "+919812345679", "name": "Ravi", "metadata": {} },
    ] })
}

/// A page of those whom it calls.
pub fn contact_page() -> Value {
    json!({
        "success": true,
        "data": {
            "contacts": [{
                "_id": 1,
                "phoneNumber": "+919812345678",
                "name": "Asha",
                "firstName": null,
                "lastName": null,
                "email": null,
                "status": "completed",
                "attempts": 1,
                "lastError": null,
                "lastOutcome": "answered",
                "nextAttemptAt": null,
                "lastAttemptAt": "2023-10-02T14:00:00Z",
                "timezone": null,
                "metadata": { "plan": "gold" },
                "createdAt": "2023-07-29T15:00:00Z",
                "updatedAt": "2023-10-02T14:00:00Z",
            }],
            "total": 1,
            "page": 1,
            "limit": 10_000,
            "pages": 1,
        },
    })
}

/// What calls somebody at once.
pub fn new_call() -> Value {
    json!({
        "phoneNumber": "+18005551234",
        "customParameters": { "name": "John", "order": 7 },
        "phoneId": "pn_123456789abcdef",
        "agentId": "agent-456",
        "record": true,
    })
}

/// What became of an import.
pub fn import_envelope() -> Value {
    json!({
        "success": true,
        "data": {
            "added": 2,
            "duplicates": 1,
            "suppressed": 0,
            "errorCount": 1,
            "errors": [{ "row": 4, "field": "phoneNumber", "message": "the phone number is empty" }],
        },
    })
}
