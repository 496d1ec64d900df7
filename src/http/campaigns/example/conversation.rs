//! The examples of the reference: what was said in a call of the campaign.

use serde_json::{Value, json};

use super::ID;
use super::call::CALL_ID;

/// What came of it.
fn conversation() -> Value {
    json!({
        "id": "conv_01k4f2",
        "callId": CALL_ID,
        "campaignId": ID,
        "contactId": 1,
        "contactName": "John Doe",
        "phoneNumber": "+18005551234",
        "agentId": "agent-456",
        "status": "done",
        "summary": "The person wants to be called back tomorrow.",
        "outcome": "answered",
        "successful": true,
        "isVoicemail": false,
        "callbackRequested": true,
        "callbackAt": "2023-10-03T15:30:00Z",
        "doNotCall": false,
        "duration": 142,
        "credits": 1_420,
        "endReason": "Client disconnected",
        "startedAt": "2023-10-02T14:00:03Z",
        "transcriptSource": "elevenlabs",
        "callStartedAt": "2023-10-02T14:00:00.25Z",
        "createdAt": "2023-10-02T14:02:27Z",
    })
}

/// A page that it stands on.
pub fn page() -> Value {
    json!({
        "success": true,
        "campaignId": ID,
        "count": 1,
        "total": 100,
        "page": 100,
        "pages": 100,
        "conversations": [conversation()],
    })
}

/// It, word for word.
pub fn envelope() -> Value {
    let mut told = conversation();
    told["transcript"] = json!([
        { "speaker": "agent", "text": "Hello, this is Ada.", "at": 0, "spokenAt": "2023-10-02T14:00:03Z" },
        { "speaker": "user", "text": "Call me tomorrow at half past ten, please.", "at": 4,
          "spokenAt": "2023-10-02T14:00:07Z" },
    ]);
    told["analysis"] = json!({
        "call_successful": "success",
        "transcript_summary": "The person wants to be called back tomorrow.",
    });
    json!({ "success": true, "conversation": told })
}
