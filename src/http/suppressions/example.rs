//! The examples of the reference: a number that must not be called.

use serde_json::{Value, json};

/// Its id.
pub const ID: &str = "01899c20-3d41-7b6e-8a90-5c2f7e1d4b66";

/// The number.
pub fn suppression() -> Value {
    json!({
        "id": ID,
        "phoneNumber": "+18005551234",
        "reason": "Asked by letter",
        "source": "api",
        "userId": "01899c1d-0b7e-7a11-8c55-6f1e9d2b7c03",
        "addedBy": {
            "id": "01899c1d-0b7e-7a11-8c55-6f1e9d2b7c03",
            "name": "Ada Lovelace",
            "email": "ada@example.com",
        },
        "createdAt": "2023-07-29T15:00:00Z",
    })
}

/// A page that it stands on.
pub fn page() -> Value {
    json!({
        "success": true,
        "count": 1,
        "total": 81,
        "page": 5,
        "pages": 5,
        "suppressions": [suppression()],
    })
}

/// The file that it stands in.
pub fn file() -> Value {
    let columns = "phoneNumber,reason,source,addedBy,userId,createdAt,id\r\n";
    let ada = "Ada Lovelace,01899c1d-0b7e-7a11-8c55-6f1e9d2b7c03";
    let line = format!("+18005551234,Asked by letter,api,{ada},2023-07-29T15:00:00Z,{ID}\r\n");
    [columns, &line].concat().into()
}

/// The answer to the question after it.
pub fn envelope() -> Value {
    json!({ "success": true, "suppression": suppression() })
}

/// What adds it.
pub fn new_suppression() -> Value {
    json!({ "phoneNumber": "+18005551234", "reason": "Asked by letter" })
}

/// The answer to that.
pub fn added() -> Value {
    json!({ "success": true, "message": "Suppression added successfully", "suppression": suppression() })
}

/// The answer to that where it was there already.
pub fn known() -> Value {
    json!({ "success": true, "message": "The number was suppressed already", "suppression": suppression() })
}

/// The answer to its removal.
pub fn removed() -> Value {
    json!({ "success": true, "message": "Suppression removed successfully" })
}

/// What adds many.
pub fn new_suppressions() -> Value {
    json!({ "suppressions": [
        new_suppression(), { "phoneNumber": "98123 45678", "region": "IN" }, { "phoneNumber": "+18005551235" },
    ] })
}

/// What became of them.
pub fn imported() -> Value {
    json!({
        "success": true,
        "message": "Suppressions added: 2, known already: 1, refused: 1",
        "added": 2,
        "duplicates": 1,
        "errorCount": 1,
        "errors": [{ "row": 4, "field": "phoneNumber", "message": "is required" }],
    })
}
