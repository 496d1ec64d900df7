//! The log of calls.

use simulator::Behaviour;

use super::{NOBODY, get};
use crate::support::people::{TALK_MS, number};
use crate::support::single::{call, over, start};
use crate::support::snapshot::agreed;
use crate::support::{Stack, on_both_stacks};

on_both_stacks!(the_log_is_answered_as_agreed);

async fn the_log_is_answered_as_agreed(stack: Stack) {
    let dialer = start(stack).await;
    let api = &dialer.api;
    let path = "/api/v1/analytics/calls/logs";
    agreed("v1_call_logs_none", get(api, path)).await;
    for behaviour in [Behaviour::Busy, Behaviour::Answer { talk_ms: TALK_MS }] {
        let placed = call(&dialer, &number(319, 1), behaviour).await;
        over(&dialer, &placed["_id"]).await;
    }
    let listed = agreed("v1_call_logs", get(api, &format!("{path}?limit=1"))).await;
    let cursor = &listed["data"]["pagination"]["nextCursor"];
    let cursor = cursor.as_str().expect("a cursor");
    let next = format!("{path}?limit=1&cursor={cursor}");
    agreed("v1_call_logs_by_cursor", get(api, &next)).await;
    let wrong = "status=ringing&direction=up&phoneNumbers[]=nobody&campaignId=1&startDate=soon&limit=1001&cursor=x&page=2";
    agreed("v1_call_logs_invalid", get(api, &format!("{path}?{wrong}"))).await;
    let user = &dialer.create_user("meera", "user").api;
    let others = format!("{path}?userId={NOBODY}");
    agreed("v1_call_logs_forbidden", get(user, &others)).await;
}
