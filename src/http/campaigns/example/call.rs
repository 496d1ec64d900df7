//! The examples of the reference: a call of the campaign.

use serde_json::{Value, json};

use super::{CONTACT_ID, ID};

/// Its id.
pub const CALL_ID: &str = "0189f0a2-41c7-7d55-9f0e-2a6b8c1d4e93";

/// One that was answered.
fn call() -> Value {
    json!({
        "id": CALL_ID,
        "campaignId": ID,
        "contactId": CONTACT_ID,
        "contactName": "John Doe",
        "direction": "outbound",
        "carrier": "signalwire",
        "callSid": "5b1c6d0e-3f2a-4c8b-9d7e-1a2b3c4d5e6f",
        "carrierStatus": "completed",
        "conversationId": "conv_01k4f2",
        "agentId": "agent-456",
        "phoneNumber": "+18005551234",
        "fromNumber": "+12025550100",
        "status": "completed",
        "outcome": "answered",
        "answeredBy": "human",
        "successful": true,
        "attempt": 1,
        "isCallback": false,
        "isTransferred": true,
        "transferTarget": "Sales Team",
        "transferStatus": "completed",
        "callbackRequested": false,
        "callbackAt": null,
        "doNotCall": false,
        "startedAt": "2023-10-02T14:00:00.25Z",
        "placedAt": "2023-10-02T14:00:00.5Z",
        "ringingAt": "2023-10-02T14:00:01Z",
        "answeredAt": "2023-10-02T14:00:03Z",
        "endedAt": "2023-10-02T14:02:25Z",
        "duration": 142,
        "price": "0.013500",
        "currency": "USD",
        "credits": 1_420,
        "recordingUrl": null,
        "recordingDuration": null,
        "error": null,
        "agentError": null,
        "createdAt": "2023-10-02T14:00:00.25Z",
        "updatedAt": "2023-10-02T14:02:27Z",
    })
}

/// A page of the log that it stands on.
pub fn page() -> Value {
    json!({
        "success": true,
        "campaignId": ID,
        "count": 1,
        "total": 150,
        "page": 150,
        "pages": 150,
        "calls": [call()],
    })
}

/// The answer to the question after it.
pub fn envelope() -> Value {
    json!({ "success": true, "call": call() })
}
