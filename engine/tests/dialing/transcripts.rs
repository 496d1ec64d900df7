//! What was said in many calls, as far as there is room for it.

use carriers::{ConversationStatus, Speaker, Turn};
use domain::progress::{End, News};
use engine::store::transcripts::within;

use crate::on_both;
use crate::stage::Stage;
use crate::told_agents::conversation;

on_both! {
    async fn the_transcripts_of_the_latest_calls_come_first_and_the_rest_is_left_out(stage: Stage) {
        let mut stage = stage;
        stage.people(3, "").await;
        stage.dial().await;
        for call in stage.live_calls().await {
            stage.hear(&call, vec![News::Answered]).await;
            let mut said = conversation(&call, ConversationStatus::Done);
            said.transcript = vec![Turn { speaker: Speaker::Agent, text: "x".repeat(100), at_s: 0 }];
            stage.report(&call, said).await;
        }
        stage.all_end(End::Completed).await;
        let calls: Vec<_> = stage.calls().await.iter().map(|call| call.id).collect();
        for (bytes_max, count) in [(1_000, 3), (300, 3), (299, 2), (100, 1), (99, 0)] {
            let found = within(stage.database.reader(), calls.clone(), bytes_max).await;
            let found = found.expect("transcripts");
            assert_eq!((found.found.len(), found.is_cut), (count, count < 3), "{bytes_max}");
            assert!(calls[3 - count..].iter().all(|call| found.found.contains_key(call)));
        }
    }
}
