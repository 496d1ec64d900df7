//! The examples of the reference: what happened to the campaign.

use serde_json::{Value, json};

use super::ID;

/// Who gave the commands.
pub const ADA_ID: &str = "01899c1d-0b7e-7a11-8c55-6f1e9d2b7c03";

/// The last page of its history.
pub fn page() -> Value {
    let ada = json!({
        "id": ADA_ID,
        "name": "Ada Lovelace",
        "email": "ada@example.com",
    });
    json!({
        "success": true,
        "campaignId": ID,
        "count": 2,
        "total": 2,
        "page": 1,
        "pages": 1,
        "events": [
            {
                "id": 42,
                "type": "finish",
                "fromStatus": "active",
                "toStatus": "completed",
                "reason": "every contact is done",
                "actor": null,
                "createdAt": "2023-10-02T18:00:00Z",
            },
            {
                "id": 41,
                "type": "start",
                "fromStatus": "draft",
                "toStatus": "active",
                "reason": null,
                "actor": ada,
                "createdAt": "2023-10-01T09:00:00Z",
            },
        ],
    })
}
