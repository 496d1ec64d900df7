//! People who picked up, and hung up in the end.

use domain::progress::{End, News};
use entity::call;
use sea_orm::Set;

use crate::stage::Stage;

/// `count` people are called, pick up, and hang up; with `agent`, where there is one. No report of it came yet: their calls.
pub async fn talks(stage: &mut Stage, count: usize, agent: Option<&str>) -> Vec<call::Model> {
    let agent = agent.map(str::to_owned);
    stage
        .change(|row| {
            row.voice_agent_id = Set(agent);
            row.max_concurrent_calls = Set(100);
        })
        .await;
    stage.people(count, "").await;
    stage.dial().await;
    let calls = stage.live_calls().await;
    for call in &calls {
        stage.hear(call, vec![News::Answered]).await;
    }
    stage.all_end(End::Completed).await;
    calls
}
