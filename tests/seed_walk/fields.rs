//! What the document of the second generation names: every endpoint, its query, and the fields of its answer.

/// An endpoint of the document.
pub struct Endpoint {
    /// Method and address; `{}` stands for an id.
    pub name: &'static str,
    /// The keys of its query.
    pub query: &'static [&'static str],
    /// Where in the answer which fields are.
    pub answer: &'static [At],
}

/// Names of fields, and of which objects: by their path from the answer's root, which is the empty text. `[]` stands for
/// each entry of a list.
pub type At = (&'static str, &'static [&'static str]);

const fn endpoint(
    name: &'static str,
    query: &'static [&'static str],
    answer: &'static [At],
) -> Endpoint {
    Endpoint {
        name,
        query,
        answer,
    }
}

/// A campaign in a list.
pub const CAMPAIGN: &[&str] = &[
    "_id",
    "name",
    "status",
    "agentId",
    "phoneId",
    "createdAt",
    "liveStats",
];
/// Its live figures.
pub const LIVE_STATS: &[&str] = &[
    "processed",
    "totalNumbers",
    "remaining",
    "activeCalls",
    "queueLength",
    "completed",
    "failed",
];
/// What goes on. `deepgramPool` belongs to it where Deepgram is used.
pub const STATS: &[&str] = &[
    "activeCalls",
    "totalConnections",
    "queueLength",
    "uptime",
    "memory",
];
const CALL: &[&str] = &[
    "_id",
    "callSid",
    "sessionId",
    "exotelCallSid",
    "fromPhone",
    "toPhone",
    "status",
    "duration",
    "durationSec",
    "cost",
    "createdAt",
    "startedAt",
    "startTime",
    "endedAt",
    "direction",
    "campaignName",
    "agentName",
    "recordingUrl",
    "transcript",
    "creditsConsumed",
    "metadata",
];
const TURN: &[&str] = &["speaker", "role", "text", "content", "timestamp"];
const SUCCESS: &[&str] = &["success"];
const DONE: &[At] = &[("", SUCCESS)];
const DASHBOARD: &[At] = &[
    (
        "data",
        &[
            "totalCalls",
            "completedCalls",
            "failedCalls",
            "inProgressCalls",
            "successRate",
            "averageDuration",
            "totalDuration",
            "callTrends",
            "callsOverTime",
            "byStatus",
            "byDirection",
        ],
    ),
    ("data.callTrends[]", &["time", "calls"]),
    ("data.callsOverTime", &["labels", "data"]),
    (
        "data.byStatus",
        &["completed", "failed", "no-answer", "busy"],
    ),
    ("data.byDirection", &["inbound", "outbound"]),
];
const SPAN: &[&str] = &["userId", "startDate", "endDate"];

/// The document, from its begin to its end.
pub const ENDPOINTS: &[Endpoint] = &[
    // Calls and call logs.
    endpoint(
        "POST /api/v1/calls/outbound",
        &[],
        &[("", SUCCESS), ("data", &["callSid", "sessionId", "status"])],
    ),
    endpoint(
        "GET /api/v1/calls/{}",
        &[],
        &[("data", CALL), ("data.transcript[]", TURN)],
    ),
    endpoint(
        "GET /api/v1/calls/history/{}",
        &["limit"],
        &[("data.calls[]", CALL)],
    ),
    endpoint(
        "GET /api/v1/calls/outbound/stats",
        &[],
        &[(
            "data",
            &[
                "total",
                "completed",
                "failed",
                "busy",
                "noAnswer",
                "inProgress",
            ],
        )],
    ),
    endpoint(
        "GET /api/v1/analytics/calls/logs",
        &[
            "page",
            "limit",
            "status",
            "direction",
            "phoneNumbers[]",
            "startDate",
            "endDate",
            "userId",
        ],
        &[
            (
                "data",
                &["calls", "total", "page", "limit", "pages", "pagination"],
            ),
            ("data.calls[]", CALL),
        ],
    ),
    endpoint(
        "GET /api/v1/calls/retriable",
        &["userId", "status", "direction", "startDate", "endDate"],
        &[("data.calls[]", &["_id", "phoneNumber", "status"])],
    ),
    endpoint(
        "GET /api/v1/calls/voicemail-stats",
        SPAN,
        &[("data", &["total", "voicemails", "voicemailRate"])],
    ),
    endpoint(
        "GET /api/v1/calls/{}/voicemail-analysis",
        &[],
        &[
            (
                "data",
                &[
                    "callLogId",
                    "result",
                    "confidence",
                    "basedOn",
                    "override",
                    "transcript",
                ],
            ),
            ("data.transcript[]", TURN),
        ],
    ),
    endpoint("POST /api/v1/calls/{}/mark-false-positive", &[], DONE),
    // Campaign management.
    endpoint(
        "POST /api/v1/campaigns",
        &[],
        &[("", SUCCESS), ("data", &["_id"])],
    ),
    endpoint(
        "POST /api/v1/campaigns/{}/contacts",
        &[],
        &[("", SUCCESS), ("data", &["added", "duplicates", "errors"])],
    ),
    endpoint("POST /api/v1/campaigns/{}/start", &[], DONE),
    endpoint("POST /api/v1/campaigns/{}/pause", &[], DONE),
    endpoint("POST /api/v1/campaigns/{}/resume", &[], DONE),
    endpoint("POST /api/v1/campaigns/{}/cancel", &[], DONE),
    endpoint(
        "PATCH /api/v1/campaigns/{}",
        &[],
        &[("", &["success", "data"])],
    ),
    endpoint(
        "GET /api/v1/campaigns",
        &["status", "userId", "includeContacts"],
        &[
            ("campaigns[]", CAMPAIGN),
            ("campaigns[].liveStats", LIVE_STATS),
        ],
    ),
    endpoint(
        "GET /api/v1/campaigns/{}",
        &[],
        &[
            (
                "data",
                &[
                    "_id",
                    "name",
                    "status",
                    "agentId",
                    "phoneId",
                    "userId",
                    "createdAt",
                    "phoneNumbers",
                    "stats",
                    "completedCalls",
                    "failedCalls",
                    "totalCalls",
                ],
            ),
            ("data.phoneId", &["number"]),
            ("data.userId", &["name", "email"]),
            ("data.stats", &["completed", "failed"]),
        ],
    ),
    endpoint(
        "GET /api/v1/campaigns/{}/contacts",
        &["page", "limit"],
        &[
            ("data", &["contacts", "total", "page", "pages"]),
            (
                "data.contacts[]",
                &["phoneNumber", "name", "status", "attempts", "lastError"],
            ),
        ],
    ),
    endpoint(
        "GET /api/campaigns/{}/debug",
        &[],
        &[(
            "debugInfo.stats",
            &[
                "activeCallsCount",
                "queueLength",
                "completedCalls",
                "failedCalls",
                "processedNumbers",
                "remainingNumbers",
                "totalNumbers",
            ],
        )],
    ),
    endpoint(
        "GET /api/v1/campaigns/all",
        &[],
        &[
            ("data.campaigns[]", &["contacts"]),
            ("data.campaigns[].contacts[]", &["phoneNumber", "name"]),
        ],
    ),
    // Voice analytics.
    endpoint("GET /api/v1/analytics/dashboard", SPAN, DASHBOARD),
    endpoint("GET /api/v1/analytics/calls", SPAN, DASHBOARD),
    endpoint("GET /api/v1/analytics/retry", SPAN, DASHBOARD),
    endpoint("GET /api/v1/analytics/scheduling", SPAN, DASHBOARD),
    endpoint("GET /api/v1/analytics/voicemail", SPAN, DASHBOARD),
    endpoint("GET /api/v1/analytics/performance", SPAN, DASHBOARD),
    endpoint("GET /api/v1/analytics/cost", SPAN, DASHBOARD),
    endpoint("GET /api/v1/analytics/trends", SPAN, DASHBOARD),
    // System stats.
    endpoint("GET /api/v1/stats", &[], &[("", STATS)]),
];
