//! The sums of calls that are alike equal a recount of the rows, and add up to the sums of all (P5).

use std::collections::BTreeMap;

use carriers::Price;
use domain::CallId;
use domain::progress::End;
use engine::dialing::{CallReport, CarrierSays, Correction, Learned};
use engine::store::rollups::bucket_of;
use entity::{call, call_detail_rollup, call_rollup};
use migration::{Migrator, MigratorTrait};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryOrder, Set};
use serde_json::Value;

use crate::history::{prepare, some_hours};
use crate::on_both;
use crate::stage::Stage;

/// Which step filled the table.
const STEP: &str = "m20261121_000007_sum_calls_in_detail";

on_both! {
    async fn details_equal_a_recount_of_the_rows(stage: Stage) {
        let mut stage = stage;
        let mut chance = StdRng::seed_from_u64(0xDE7A11);
        a_history(&mut stage, &mut chance).await;
        let rows = recount(&stage.calls().await);
        assert_rich(&rows);
        assert_same(&stored(&stage).await, &rows);
        assert_add_up(&stage, &rows).await;
    }

    async fn the_step_that_makes_the_details_counts_the_calls_there_are(stage: Stage) {
        let mut stage = stage;
        let mut chance = StdRng::seed_from_u64(0xF111);
        a_history(&mut stage, &mut chance).await;
        a_call_outside_campaigns(&stage).await;
        let calls = stage.calls().await;
        let steps = Migrator::migrations();
        let behind = steps.iter().rev().position(|step| step.name() == STEP).expect("the step");
        let behind = u32::try_from(behind + 1).expect("few");
        Migrator::down(stage.database.writer(), Some(behind)).await.expect("taken back");
        Migrator::up(stage.database.writer(), None).await.expect("taken again");
        assert_same(&stored(&stage).await, &recount(&calls));
    }

    async fn a_false_positive_moves_from_machine_to_person_and_back(stage: Stage) {
        let mut stage = stage;
        let mut chance = StdRng::seed_from_u64(0xFA15E);
        a_history(&mut stage, &mut chance).await;
        let before = stored(&stage).await;
        let calls = stage.calls().await;
        let is_machine = |call: &&call::Model| call.outcome.as_deref() == Some("voicemail") && call.placed_at.is_some();
        let machine = calls.iter().find(is_machine).expect("a machine answered");
        let (lean, voicemails) = lean_voicemails(&stage).await;
        mark(&stage, machine, true).await;
        let after = stored(&stage).await;
        assert_same(&after, &recount(&stage.calls().await));
        assert_eq!(after[&key_of(machine, 15, "")]["false_positives"], 1);
        assert_eq!(lean_voicemails(&stage).await, (lean, voicemails - 1));
        mark(&stage, machine, false).await;
        assert_same(&stored(&stage).await, &before);
        assert_eq!(lean_voicemails(&stage).await, (lean, voicemails));
    }
}

/// Days of calls by two agents from two numbers, some of them with a price in one currency or another.
pub async fn a_history(stage: &mut Stage, chance: &mut StdRng) {
    prepare(stage, chrono_tz::Tz::Asia__Kathmandu).await;
    for round in 0..30 {
        if round == 12 {
            stage
                .change(|row| {
                    row.voice_agent_id = Set(Some("agent_other".to_owned()));
                    row.phone_number = Set(Some("+12025550199".to_owned()));
                })
                .await;
        }
        some_hours(stage, chance).await;
        for call in stage.calls().await {
            if call.settled_at.is_some() && call.price_micros.is_none() && chance.random_bool(0.5) {
                costs(stage, &call, chance).await;
            }
        }
    }
    stage.counters_are_right().await;
}

async fn costs(stage: &Stage, call: &call::Model, chance: &mut StdRng) {
    let price = Price {
        micros: chance.random_range(0..50_000),
        currency: if chance.random_bool(0.8) {
            "USD"
        } else {
            "EUR"
        }
        .to_owned(),
    };
    let says = CarrierSays {
        price: Some(price),
        ..CarrierSays::default()
    };
    // Twice: the carrier repeats itself.
    for _ in 0..2 {
        let report = CallReport::carrier(CallId::from_uuid(call.id), says.clone());
        stage.dialing.learn(report).await.expect("taken in");
    }
}

pub async fn a_call_outside_campaigns(stage: &Stage) {
    let calls = stage.calls().await;
    let is_good = |call: &&call::Model| call.ending.as_deref() == Some(End::Completed.as_str());
    let like = calls.iter().find(is_good).expect("a completed call");
    let mut row = like.clone().into_active_model().reset_all();
    row.id = Set(uuid::Uuid::now_v7());
    row.campaign_id = Set(None);
    row.contact_id = Set(None);
    row.agent_id = Set(None);
    row.attempt = Set(1);
    row.insert(stage.database.writer()).await.expect("a call");
}

/// Somebody says who picked up.
async fn mark(stage: &Stage, call: &call::Model, is_false_positive: bool) {
    let correction = Correction {
        is_false_positive,
        by: domain::UserId::from_uuid(call.owner_id),
    };
    let report = CallReport::of(CallId::from_uuid(call.id), Learned::Corrected(correction));
    stage.dialing.learn(report).await.expect("taken in");
}

async fn lean_voicemails(stage: &Stage) -> (usize, i64) {
    let rows = lean(stage).await;
    (rows.len(), rows.iter().map(|row| row.voicemail).sum())
}

pub async fn lean(stage: &Stage) -> Vec<call_rollup::Model> {
    let found = call_rollup::Entity::find().all(stage.database.reader());
    found.await.expect("sums")
}

/// What makes calls alike, as text.
pub type Key = String;
pub type Sums = BTreeMap<Key, BTreeMap<&'static str, i64>>;

/// The quarter's, or the day's.
fn key_of(call: &call::Model, span_m: i16, price_unit: &str) -> Key {
    let attempt = call.campaign_id.map_or(0, |_| call.attempt.min(50));
    let campaign = call.campaign_id.unwrap_or_default();
    let agent = call.agent_id.clone().unwrap_or_default();
    let bucket = match span_m {
        15 => bucket_of(call.begun_at),
        _ => call
            .begun_at
            .date_naive()
            .and_time(chrono::NaiveTime::MIN)
            .and_utc(),
    };
    let (attempt, agent, from) = match price_unit {
        "" => (attempt, agent, &*call.from_number),
        _ => (0, String::new(), ""),
    };
    format!(
        "{span_m} {campaign} {bucket} {} {attempt} {} {} {agent} {from} {price_unit}",
        call.owner_id, call.direction, call.carrier
    )
}

const NAMES: [&str; 16] = [
    "calls",
    "completed",
    "failed",
    "busy",
    "no_answer",
    "voicemail",
    "false_positives",
    "reached",
    "reached_first",
    "successful",
    "priced",
    "waits",
    "wait_ms",
    "talk_s",
    "price_micros",
    "credits",
];
const STEPS: [[&str; 12]; 2] = [
    [
        "wait_0", "wait_1", "wait_2", "wait_3", "wait_4", "wait_5", "wait_6", "wait_7", "wait_8",
        "wait_9", "wait_10", "wait_11",
    ],
    [
        "talk_0", "talk_1", "talk_2", "talk_3", "talk_4", "talk_5", "talk_6", "talk_7", "talk_8",
        "talk_9", "talk_10", "talk_11",
    ],
];

/// What the table holds; rows in which nothing is counted say nothing.
pub async fn stored(stage: &Stage) -> Sums {
    use call_detail_rollup::{Column, Entity};
    let found = Entity::find()
        .order_by_asc(Column::CampaignId)
        .order_by_asc(Column::SpanM)
        .order_by_asc(Column::Bucket)
        .order_by_asc(Column::Attempt)
        .order_by_asc(Column::AgentId)
        .order_by_asc(Column::FromNumber)
        .order_by_asc(Column::PriceUnit);
    let rows = found.clone().all(stage.database.reader());
    let rows = rows.await.expect("sums");
    let found = found.into_json().all(stage.database.reader());
    let found: Vec<Value> = found.await.expect("sums");
    let mut sums = Sums::new();
    for (row, json) in rows.iter().zip(found) {
        let key = format!(
            "{} {} {} {} {} {} {} {} {} {}",
            row.span_m,
            row.campaign_id,
            row.bucket,
            row.owner_id,
            row.attempt,
            row.direction,
            row.carrier,
            row.agent_id,
            row.from_number,
            row.price_unit
        );
        let names = NAMES.iter().chain(STEPS.iter().flatten());
        let of_row: BTreeMap<&'static str, i64> = names
            .map(|name| (*name, json[*name].as_i64().expect("a number")))
            .filter(|(_, sum)| *sum != 0)
            .collect();
        if !of_row.is_empty() {
            assert!(sums.insert(key, of_row).is_none(), "a key once");
        }
    }
    sums
}

/// The sums, counted call by call. Who marked a call says so in its row.
pub fn recount(calls: &[call::Model]) -> Sums {
    let mut sums = Sums::new();
    for call in calls {
        let mut told = Vec::new();
        let is_placed = call.placed_at.is_some();
        let is_over = is_placed && call.settled_at.is_some();
        let ended = |words: &[&str]| {
            let ending = call.ending.as_deref().unwrap_or_default();
            i64::from(is_over && words.contains(&ending))
        };
        let came_to = |word: &str| i64::from(is_over && call.outcome.as_deref() == Some(word));
        told.push(("calls", i64::from(is_placed)));
        told.push(("completed", ended(&["completed"])));
        told.push(("failed", ended(&["failed", "canceled", "rejected", "lost"])));
        told.push(("busy", ended(&["busy"])));
        told.push(("no_answer", ended(&["no_answer"])));
        told.push(("voicemail", came_to("voicemail")));
        told.push(("reached", came_to("answered")));
        told.push((
            "reached_first",
            if call.is_callback {
                0
            } else {
                came_to("answered")
            },
        ));
        told.push((
            "false_positives",
            i64::from(call.false_positive_at.is_some()),
        ));
        told.push(("successful", i64::from(call.is_successful == Some(true))));
        told.push(("credits", call.credits.unwrap_or(0)));
        if ended(&["completed"]) == 1 {
            let talk_s = i64::from(call.duration_s.unwrap_or(0));
            told.push(("talk_s", talk_s));
            told.push((
                STEPS[1][step(
                    talk_s,
                    &[5, 15, 30, 60, 90, 120, 180, 300, 600, 1_200, 1_800],
                )],
                1,
            ));
            if let Some(answered_at) = call.answered_at {
                let wait_ms = (answered_at - call.begun_at).num_milliseconds().max(0);
                let wait_s = wait_ms / 1_000;
                told.push(("waits", 1));
                told.push(("wait_ms", wait_ms));
                told.push((
                    STEPS[0][step(wait_s, &[1, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60])],
                    1,
                ));
            }
        }
        for span_m in [15, 1_440] {
            add(&mut sums, key_of(call, span_m, ""), told.clone());
        }
        if let (Some(micros), Some(unit)) = (call.price_micros, &call.price_unit) {
            for span_m in [15, 1_440] {
                let told = vec![("priced", 1), ("price_micros", micros)];
                add(&mut sums, key_of(call, span_m, unit), told);
            }
        }
    }
    sums
}

/// Says where they differ, and nothing of the hundreds of sums in which they agree.
#[track_caller]
pub fn assert_same(found: &Sums, expected: &Sums) {
    let keys = found.keys().chain(expected.keys());
    let wrong: BTreeMap<_, _> = keys
        .filter(|key| found.get(*key) != expected.get(*key))
        .map(|key| (key, (found.get(key), expected.get(key))))
        .collect();
    assert!(wrong.is_empty(), "found and expected: {wrong:#?}");
}

fn step(value: i64, bounds: &[i64]) -> usize {
    bounds.iter().filter(|bound| value >= **bound).count()
}

fn add(sums: &mut Sums, key: Key, told: Vec<(&'static str, i64)>) {
    for (name, more) in told.into_iter().filter(|(_, more)| *more != 0) {
        *sums
            .entry(key.clone())
            .or_default()
            .entry(name)
            .or_default() += more;
    }
}

fn total(sums: &Sums, name: &str) -> i64 {
    sums.values().filter_map(|row| row.get(name)).sum()
}

/// The history has something of everything, or it proves nothing.
fn assert_rich(sums: &Sums) {
    for name in NAMES.iter().filter(|name| **name != "false_positives") {
        assert!(total(sums, name) > 0, "no {name} in the history");
    }
    let steps = STEPS.iter().flatten().filter(|name| total(sums, name) > 0);
    assert!(steps.count() > 8, "the calls are too much alike");
    for part in ["agent_demo", "agent_other", "+12025550199", "USD", "EUR"] {
        assert!(sums.keys().any(|key| key.contains(part)), "no {part}");
    }
    assert!(
        total(sums, "reached") > total(sums, "reached_first"),
        "nobody was called back"
    );
}

/// What is counted in both tables is the same, quarter by quarter.
async fn assert_add_up(stage: &Stage, details: &Sums) {
    for row in lean(stage).await {
        let quarter = format!("15 {} {} ", row.campaign_id, row.bucket);
        let of_quarter: Sums = details
            .iter()
            .filter(|(key, _)| key.starts_with(&quarter))
            .map(|(key, sums)| (key.clone(), sums.clone()))
            .collect();
        for (name, sum) in [
            ("calls", row.calls),
            ("completed", row.completed),
            ("failed", row.failed),
            ("busy", row.busy),
            ("no_answer", row.no_answer),
            ("voicemail", row.voicemail),
            ("successful", row.successful),
            ("talk_s", row.talk_s),
            ("waits", row.waits),
            ("wait_ms", row.wait_ms),
            ("price_micros", row.price_micros),
            ("credits", row.credits),
        ] {
            assert_eq!(total(&of_quarter, name), sum, "{name} of {quarter}");
        }
        let in_steps = |steps: &[&str]| {
            steps
                .iter()
                .map(|name| total(&of_quarter, name))
                .sum::<i64>()
        };
        assert_eq!(in_steps(&STEPS[0]), row.waits);
        assert_eq!(in_steps(&STEPS[1]), row.completed);
    }
}
