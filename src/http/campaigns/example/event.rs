//! The examples of the reference: what happened to the campaign.

use serde_json::{Value, json};

use super::ID;

/// The last page of its history.
pub fn page() -> Value {
    let ada = json!({
        "id": "01899c1d-0b7e-7a11-8c55-6f1e9d2b7c03",
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
