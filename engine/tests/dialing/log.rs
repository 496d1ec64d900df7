//! The log of calls, however many there are.

use engine::store::call_log::{Filter, counted_up_to};

use crate::on_both;
use crate::stage::Stage;

on_both! {
    async fn the_log_counts_no_further_than_it_must(stage: Stage) {
        let mut stage = stage;
        stage.people(3, "").await;
        stage.dial().await;
        let db = stage.database.searcher();
        for (max, counted) in [(2, 2), (3, 3), (4, 3)] {
            assert_eq!(counted_up_to(db, &Filter::default(), max).await.expect("a count"), counted);
        }
        let nobodys = Filter { numbers: vec!["+12025559999".to_owned()], ..Filter::default() };
        assert_eq!(counted_up_to(db, &nobodys, 4).await.expect("a count"), 0);
    }
}
