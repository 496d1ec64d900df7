//! What goes on while somebody dies.

use std::time::Instant;

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;
use simulator::Behaviour;

use super::act::{Act, PATIENCE};
use super::figures::Figure;
use super::rows::{Case, Scene};
use crate::support::database::rows;
use crate::support::people::{Person, TALK_MS, alike, as_contacts, mixed, number};
use crate::support::{Options, eventually, prices};

const AREA: u16 = 391;
const PEOPLE: usize = 24;
const ANSWER: Behaviour = Behaviour::Answer { talk_ms: TALK_MS };

/// Plays the case to its end, and holds the dialer to its promises.
pub async fn play(case: Case) -> Figure {
    match case.row.scene {
        Scene::Campaign => campaign(case).await,
        Scene::AgentsCall => agents_call(case).await,
        Scene::Prices => prices(case).await,
        Scene::LostJobs => lost_jobs(case).await,
        Scene::HeldUp => held_up(case).await,
        Scene::Import => import(case).await,
        Scene::Single => single(case).await,
        Scene::Suppression => suppression(case).await,
    }
}

async fn set(case: Case, people: Vec<Person>) -> Act {
    Act::set(case, people, json!({}), Options::default()).await
}

async fn campaign(case: Case) -> Figure {
    let mut act = set(case, mixed(AREA, PEOPLE)).await;
    act.dialer.api.add(&act.campaign, &act.people).await;
    played(&mut act).await
}

async fn agents_call(case: Case) -> Figure {
    let fields = json!({ "agentConfig": { "route": "agent" } });
    let people = alike(AREA, PEOPLE, &ANSWER);
    let mut act = Act::set(case, people, fields, Options::default()).await;
    act.dialer.api.add(&act.campaign, &act.people).await;
    played(&mut act).await
}

/// From the start to the end.
async fn played(act: &mut Act) -> Figure {
    act.cast().await;
    act.start_campaign().await;
    let figure = act.dies_and_others_go_on().await;
    act.everything_is_kept().await;
    figure
}

async fn prices(case: Case) -> Figure {
    let mut act = Act::set(case, mixed(AREA, PEOPLE), json!({}), prices::asked_early()).await;
    act.dialer.api.add(&act.campaign, &act.people).await;
    let mut figure = played(&mut act).await;
    let since = Instant::now();
    // What was claimed is left alone for minutes; nobody waits for that here.
    let run_out = "UPDATE calls SET price_check_at = now() WHERE price_check_at IS NOT NULL";
    act.db.execute_unprepared(run_out).await.expect("a change");
    prices::are_told(&act.dialer).await;
    figure.all_right = figure.all_right.max(since.elapsed());
    let each = "SELECT CAST(SUM(price_micros) AS bigint) AS micros, COUNT(price_micros) AS calls FROM calls";
    let sums = "SELECT CAST(SUM(price_micros) AS bigint) AS micros, CAST(SUM(priced) AS bigint) AS calls \
        FROM call_detail_rollups WHERE span_m = 15";
    assert_eq!(rows(&act.db, each).await, rows(&act.db, sums).await);
    figure
}

/// The API dies before it has pushed the first jobs, and the reconciler as it pushes them again.
async fn lost_jobs(case: Case) -> Figure {
    let mut act = set(case, mixed(AREA, PEOPLE)).await;
    act.dialer.api.add(&act.campaign, &act.people).await;
    act.start_armed_api("top_up.committed:1").await;
    let start = format!("/api/campaigns/{}/start", act.campaign);
    act.ask(&start, json!({})).await;
    let web = act.dialer.web.as_mut().expect("an API");
    assert_eq!(web.gone(PATIENCE).await, None);
    act.dialer.start_web().await;
    act.cast().await;
    let figure = act.dies_and_others_go_on().await;
    act.everything_is_kept().await;
    figure
}

/// Nothing that is reported of the first calls gets into the books, so that webhooks are kept and answered, until the API has
/// died.
async fn held_up(case: Case) -> Figure {
    let mut options = Options::default();
    // Beside a small worker few reports that wait are many.
    options.env.insert("WORKER_CONCURRENCY", "16".to_owned());
    let mut act = Act::set(case, mixed(AREA, PEOPLE), json!({}), options).await;
    act.dialer.api.add(&act.campaign, &act.people).await;
    act.cast().await;
    let holder = act.db.begin().await.expect("a transaction");
    let receipts = "LOCK TABLE webhook_inbox IN SHARE MODE";
    holder.execute_unprepared(receipts).await.expect("a lock");
    act.start_campaign().await;
    act.somebody_has_died().await;
    let kept = "SELECT told::json -> 'receipt' ->> 'key' AS key FROM kept_webhooks";
    let kept = rows(&act.db, kept).await;
    assert!(!kept.is_empty(), "{case}: it died before it kept one");
    holder.rollback().await.expect("the end of it");
    let figure = act.dies_and_others_go_on().await;
    act.everything_is_kept().await;
    // Whoever asked the carrier meanwhile may have been quicker.
    eventually("what was kept is in the books", PATIENCE, async || {
        let left = rows(&act.db, "SELECT call_id FROM kept_webhooks").await;
        left.is_empty().then_some(())
    })
    .await;
    let taken_in = rows(&act.db, "SELECT event_key AS key FROM webhook_inbox").await;
    for key in kept {
        assert!(taken_in.contains(&key), "{case}: {key} got lost");
    }
    figure
}

async fn import(case: Case) -> Figure {
    let mut act = set(case, mixed(AREA, PEOPLE)).await;
    act.cast().await;
    let path = format!("/api/v1/campaigns/{}/contacts", act.campaign);
    let unanswered = act.ask(&path, as_contacts(&act.people)).await;
    assert_eq!(unanswered, None, "the API dies before it answers");
    act.somebody_has_died().await;
    let died = Instant::now();
    act.dialer.start_web().await;
    let body = as_contacts(&act.people);
    let again = act.dialer.api.post(&path, body).await.ok();
    assert_eq!(again["data"]["added"], 0, "{again}");
    assert_eq!(again["data"]["duplicates"], PEOPLE, "{again}");
    let all_right = died.elapsed();
    act.start_campaign().await;
    act.everything_is_kept().await;
    Figure {
        case,
        next_call: None,
        all_right,
    }
}

/// Whoever calls by hand gets no answer. Nobody is called a second time for it, and the call's row comes to an end.
async fn single(case: Case) -> Figure {
    let person = Person {
        number: number(AREA, 0),
        script: vec![ANSWER],
    };
    let mut act = set(case, vec![person]).await;
    act.cast().await;
    let wanted = json!({
        "phoneNumber": number(AREA, 0),
        "phoneId": "+12025550100",
        "agentId": "agent_demo",
    });
    let unanswered = act.ask("/api/v1/calls/outbound", wanted).await;
    assert_eq!(unanswered, None, "the API dies before it answers");
    let mut figure = single_goes_on(&mut act).await;
    let recorder = act.dialer.simulator.recorder();
    let was_asked = usize::from(case.row.point == "single.answered");
    let calls = recorder.calls_to(&number(AREA, 0));
    assert_eq!(calls.len(), was_asked, "{calls:?}");
    let call = rows(&act.db, "SELECT outcome, carrier_call_id FROM calls").await;
    assert_eq!(call.len(), 1, "{call:?}");
    let outcome = if was_asked == 1 { "answered" } else { "lost" };
    assert_eq!(call[0]["outcome"], outcome, "{call:?}");
    figure.next_call = None;
    figure
}

async fn single_goes_on(act: &mut Act) -> Figure {
    act.somebody_has_died().await;
    let died = Instant::now();
    act.dialer.start_web().await;
    let settled = "SELECT id FROM calls WHERE settled_at IS NOT NULL";
    let all_right = eventually("the call is settled", PATIENCE, async || {
        (!rows(&act.db, settled).await.is_empty()).then(|| died.elapsed())
    })
    .await;
    Figure {
        case: act.case,
        next_call: None,
        all_right,
    }
}

/// Whoever gets no answer says it again; then nobody calls.
async fn suppression(case: Case) -> Figure {
    let mut act = set(case, mixed(AREA, PEOPLE)).await;
    act.dialer.api.add(&act.campaign, &act.people).await;
    act.cast().await;
    let spared = act.people.remove(0);
    let wish = json!({ "phoneNumber": spared.number });
    let unanswered = act.ask("/api/suppressions", wish.clone()).await;
    assert_eq!(unanswered, None, "the API dies before it answers");
    act.somebody_has_died().await;
    let died = Instant::now();
    act.dialer.start_web().await;
    let again = act.ask("/api/suppressions", wish).await;
    assert!(again.is_some(), "it is on the list");
    let all_right = died.elapsed();
    act.start_campaign().await;
    act.everything_is_kept().await;
    let calls = act.dialer.simulator.recorder().calls_to(&spared.number);
    assert!(calls.is_empty(), "{calls:?}");
    let listed = rows(&act.db, "SELECT id FROM suppressions WHERE source = 'api'").await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    Figure {
        case,
        next_call: None,
        all_right,
    }
}
