//! Who is answered what, at every address: the one table.

/// What each of six is answered: nobody in particular (no token), somebody with a token that nobody made, somebody with a
/// key of the owner's that was taken back, another user, the owner (a user), and an administrator.
pub type Answers = [u16; 6];

/// How rows are asked for: `METHOD path`, and the body, where there is one. `{number}` in it is a number of its own each time.
pub type Row = (&'static str, &'static str);

/// Everybody is answered.
const OPEN: Answers = [200, 200, 200, 200, 200, 200];
/// Every user is answered, about what is theirs.
const OWN: Answers = [401, 401, 401, 200, 200, 200];
/// Every user may make one.
const MAKE: Answers = [401, 401, 401, 201, 201, 201];
/// Only whose it is, and administrators; nobody else learns that it is there.
const OWNED: Answers = [401, 401, 401, 404, 200, 200];
/// Only whose it is, and administrators; there is nothing to hide about whether it is there.
const MINE: Answers = [401, 401, 401, 403, 200, 200];
/// As [`MINE`], for what is made.
const MAKE_MINE: Answers = [401, 401, 401, 403, 201, 201];
/// Only administrators look.
const LOOK: Answers = [401, 401, 401, 403, 403, 200];
/// Only administrators make one.
const APPOINT: Answers = [401, 401, 401, 403, 403, 201];
/// Every user may watch, but not by asking without a WebSocket.
const WATCH: Answers = [401, 401, 401, 400, 400, 400];
/// Only who has the token that is made for this alone; nobody's key will do.
const OTHER_TOKEN: Answers = [401, 401, 401, 401, 401, 401];
/// Only what carries the provider's signature; nobody's key will do.
const SIGNED: Answers = [403, 403, 403, 403, 403, 403];

/// Only who knows what was made for this alone; nobody else learns that it is there.
const CLAIMED: Answers = [404, 404, 404, 404, 404, 404];

const CALLS: Row = (
    "POST /api/v1/calls/outbound",
    r#"{"phoneNumber": "{number}", "phoneId": "+12025550100", "agentId": "agent_demo"}"#,
);

/// Every route.
pub const TABLE: [(Answers, &[Row]); 12] = [
    (
        OPEN,
        &[
            ("GET /api/campaigns/{id}/debug", ""),
            ("GET /healthz", ""),
            ("GET /readyz", ""),
            ("GET /api/openapi.json", ""),
            ("GET /api/docs", ""),
            ("GET /api/docs/", ""),
            ("GET /api/docs/{*rest}", ""),
        ],
    ),
    (
        OWN,
        &[
            ("GET /api/campaigns", ""),
            ("GET /api/suppressions", ""),
            ("POST /api/suppressions/import", IMPORT),
            ("GET /api/v1/campaigns", ""),
            ("GET /api/v1/campaigns/all", ""),
            ("GET /api/v1/suppressions", ""),
            ("POST /api/v1/suppressions/import", IMPORT),
            ("GET /api/v1/phone-numbers", ""),
            ("GET /api/v1/agents", ""),
            ("GET /api/v1/users/me", ""),
            ("GET /api/v1/stats", ""),
            ("GET /api/v1/analytics/dashboard", ""),
            ("GET /api/v1/analytics/calls", ""),
            ("GET /api/v1/analytics/retry", ""),
            ("GET /api/v1/analytics/scheduling", ""),
            ("GET /api/v1/analytics/voicemail", ""),
            ("GET /api/v1/analytics/performance", ""),
            ("GET /api/v1/analytics/cost", ""),
            ("GET /api/v1/analytics/trends", ""),
            ("GET /api/v1/analytics/calls/logs", ""),
            ("GET /api/v1/calls/outbound/stats", ""),
            ("GET /api/v1/calls/history/{phoneNumber}", ""),
            ("GET /api/v1/calls/retriable", ""),
            ("GET /api/v1/calls/voicemail-stats", ""),
        ],
    ),
    (
        MAKE,
        &[
            ("POST /api/campaigns", r#"{"name": "made"}"#),
            ("POST /api/suppressions", SUPPRESSION),
            ("POST /api/v1/campaigns", r#"{"name": "made"}"#),
            ("POST /api/v1/suppressions", SUPPRESSION),
            CALLS,
        ],
    ),
    (
        OWNED,
        &[
            ("GET /api/campaigns/{id}", ""),
            ("PUT /api/campaigns/{id}", CHANGED),
            ("DELETE /api/campaigns/{id}", ""),
            ("POST /api/campaigns/{id}/start", ""),
            ("POST /api/campaigns/{id}/pause", ""),
            ("POST /api/campaigns/{id}/resume", ""),
            ("POST /api/campaigns/{id}/end", ""),
            ("GET /api/campaigns/{id}/contacts", ""),
            ("POST /api/campaigns/{id}/contacts", CONTACTS),
            ("GET /api/campaigns/{id}/contacts/{contactId}", ""),
            ("PUT /api/campaigns/{id}/contacts/{contactId}", CHANGED),
            ("DELETE /api/campaigns/{id}/contacts/{contactId}", ""),
            ("GET /api/campaigns/{id}/statistics", ""),
            ("GET /api/campaigns/{id}/events", ""),
            ("GET /api/campaigns/{id}/calls", ""),
            ("GET /api/campaigns/{id}/calls/{callId}", ""),
            ("GET /api/campaigns/{id}/conversations", ""),
            ("GET /api/campaigns/{id}/conversations/{conversationId}", ""),
            ("GET /api/suppressions/{id}", ""),
            ("DELETE /api/suppressions/{id}", ""),
            ("GET /api/v1/campaigns/{id}", ""),
            ("PATCH /api/v1/campaigns/{id}", CHANGED),
            ("POST /api/v1/campaigns/{id}/start", ""),
            ("POST /api/v1/campaigns/{id}/pause", ""),
            ("POST /api/v1/campaigns/{id}/resume", ""),
            ("POST /api/v1/campaigns/{id}/cancel", ""),
            ("GET /api/v1/campaigns/{id}/contacts", ""),
            ("POST /api/v1/campaigns/{id}/contacts", CONTACTS),
            ("GET /api/v1/suppressions/{id}", ""),
            ("DELETE /api/v1/suppressions/{id}", ""),
            ("GET /api/v1/calls/{callSid}", ""),
            ("GET /api/v1/calls/{callLogId}/voicemail-analysis", ""),
            (
                "POST /api/v1/calls/{callLogId}/mark-false-positive",
                r#"{"isFalsePositive": true}"#,
            ),
        ],
    ),
    (
        MINE,
        &[
            ("GET /api/v1/users/{id}/api-keys", ""),
            ("DELETE /api/v1/users/{id}/api-keys/{keyId}", ""),
        ],
    ),
    (
        MAKE_MINE,
        &[("POST /api/v1/users/{id}/api-keys", r#"{"name": "made"}"#)],
    ),
    (LOOK, &[("GET /api/v1/users", "")]),
    (
        APPOINT,
        &[(
            "POST /api/v1/users",
            r#"{"name": "made", "email": "made{number}@example.com"}"#,
        )],
    ),
    (WATCH, &[("GET /api/v1/ws", "")]),
    (
        OTHER_TOKEN,
        &[
            ("GET /metrics", ""),
            ("POST /webhooks/elevenlabs/tools/transfer", TOOL),
            ("POST /webhooks/elevenlabs/tools/schedule-callback", TOOL),
            ("POST /webhooks/elevenlabs/tools/do-not-call", TOOL),
            ("POST /webhooks/elevenlabs/tools/get-contact", TOOL),
        ],
    ),
    (
        SIGNED,
        &[
            ("POST /webhooks/elevenlabs", EVENT),
            ("POST /webhooks/signalwire/inbound", EVENT),
            ("POST /webhooks/signalwire/calls/{id}/answer", EVENT),
            ("POST /webhooks/signalwire/calls/{id}/status", EVENT),
            ("POST /webhooks/signalwire/calls/{id}/amd", EVENT),
            ("POST /webhooks/signalwire/calls/{id}/dial-result", EVENT),
            ("POST /webhooks/signalwire/calls/{id}/recording", EVENT),
            ("POST /webhooks/signalwire/calls/{id}/transfer", EVENT),
            (
                "POST /webhooks/signalwire/calls/{id}/transfer-result",
                EVENT,
            ),
            ("POST /webhooks/exotel/{token}/calls/{id}/status", EVENT),
        ],
    ),
    (
        CLAIMED,
        &[("GET /webhooks/deepgram/calls/{id}/{claim}/recording", "")],
    ),
];

const CHANGED: &str = r#"{"name": "changed by somebody"}"#;
const CONTACTS: &str = r#"{"contacts": [{"phoneNumber": "{number}"}]}"#;
const SUPPRESSION: &str = r#"{"phoneNumber": "{number}"}"#;
const IMPORT: &str = r#"{"suppressions": [{"phoneNumber": "{number}"}]}"#;
const TOOL: &str = r#"{"call_id": "{call}", "target": "sales", "reason": "asked for it"}"#;
const EVENT: &str =
    r#"{"CallSid": "CA1", "CallStatus": "completed", "DialCallStatus": "completed"}"#;
