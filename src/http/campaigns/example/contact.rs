//! The examples of the reference: somebody whom the campaign calls.

use serde_json::{Value, json};

use super::{CONTACT_ID, ID};

/// Somebody.
pub fn contact() -> Value {
    json!({
        "id": CONTACT_ID,
        "firstName": "John",
        "lastName": "Doe",
        "name": "John Doe",
        "phoneNumber": "+18005551234",
        "email": "john.doe@example.com",
        "status": "contacted",
        "attempts": 1,
        "lastError": null,
        "lastOutcome": "busy",
        "nextAttemptAt": "2023-10-02T15:00:00Z",
        "lastAttemptAt": "2023-10-02T14:00:00Z",
        "timezone": null,
        "metadata": null,
        "createdAt": "2023-07-29T15:00:00Z",
        "updatedAt": "2023-10-02T14:00:00Z",
    })
}

/// A page that they stand on.
pub fn page() -> Value {
    json!({
        "success": true,
        "campaignId": ID,
        "count": 1,
        "total": 250,
        "page": 250,
        "pages": 250,
        "contacts": [contact()],
    })
}

/// The file that they stand in.
pub fn file() -> Value {
    let columns = "phoneNumber,firstName,lastName,name,email,status,attempts,lastOutcome,lastError,nextAttemptAt,\
        lastAttemptAt,timezone,metadata,createdAt,updatedAt,id\r\n";
    let john = "+18005551234,John,Doe,John Doe,john.doe@example.com,contacted,1,busy,,2023-10-02T15:00:00Z,\
        2023-10-02T14:00:00Z,,,2023-07-29T15:00:00Z,2023-10-02T14:00:00Z,1\r\n";
    [columns, john].concat().into()
}

/// The answer to the question after them.
pub fn envelope() -> Value {
    json!({ "success": true, "contact": contact() })
}

/// A change of them.
pub fn changed_fields() -> Value {
    json!({ "email": "john.doe@example.com", "timezone": "America/Chicago", "metadata": { "plan": "gold" } })
}

/// The answer to it.
pub fn changed_envelope() -> Value {
    let mut changed = contact();
    super::merge(&mut changed, changed_fields());
    json!({ "success": true, "message": "Contact updated successfully", "contact": changed })
}

/// The answer to their removal.
pub fn deleted() -> Value {
    json!({ "success": true, "message": "Contact deleted successfully" })
}

/// What became of an import that they were part of.
pub fn imported_envelope() -> Value {
    json!({
        "success": true,
        "message": "Contacts added: 2, known already: 1, refused: 1",
        "added": 2,
        "duplicates": 1,
        "suppressed": 0,
        "errorCount": 1,
        "errors": [{ "row": 4, "field": "phoneNumber", "message": "the phone number is empty" }],
    })
}
