//! Statistics equal a recount of the rows, whatever happened (P5).

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use domain::UserId;
use engine::reports::statistics::{CallFigures, Day, PeakHour, TimeDistribution};
use engine::reports::{Range, RangeQuery, Statistics};
use engine::{Actor, Reports, Role};
use entity::{call, call_rollup, contact, conversation};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

use crate::history::{prepare, some_hours};
use crate::on_both;
use crate::stage::Stage;

/// Half an hour and a quarter off UTC.
const ZONE: Tz = Tz::Asia__Kathmandu;

on_both! {
    async fn statistics_equal_a_recount_of_the_rows(stage: Stage) {
        let mut stage = stage;
        let mut chance = StdRng::seed_from_u64(0x5EED);
        prepare(&stage, ZONE).await;
        for round in 0..50 {
            some_hours(&mut stage, &mut chance).await;
            if round % 10 == 5 {
                all_of_it_is_right(&stage).await;
            }
        }
        let rows = Rows::read(&stage).await;
        assert_rich(&rows);
        all_of_it_is_right(&stage).await;
        for (from, to) in ranges(&rows, &mut chance) {
            a_range_is_right(&stage, &rows, from, to).await;
        }
    }

    async fn every_sum_reaches_its_figure(stage: Stage) {
        stage.change(|row| row.timezone = Set(ZONE.name().to_owned())).await;
        let owner = stage.campaign().await.owner_id;
        for (bucket, factor) in [("2026-06-01T18:00:00Z", 1), ("2026-06-01T18:15:00Z", 1_000)] {
            let row = call_rollup::Model {
                campaign_id: stage.campaign.into_uuid(), bucket: crate::stage::at(bucket), owner_id: owner,
                calls: 40 * factor, completed: 20 * factor, failed: factor, busy: 2 * factor, no_answer: 4 * factor,
                voicemail: 5 * factor, successful: 10 * factor, callbacks: 6 * factor, callbacks_scheduled: 3 * factor,
                transfers: 9 * factor, transfers_completed: 8 * factor, talk_s: 2_830 * factor, waits: 20 * factor,
                wait_ms: 49_000 * factor, price_micros: 1, credits: 1,
            };
            row.into_active_model().insert(stage.database.writer()).await.expect("a row");
        }
        // The other campaign's sums, and the owner's single calls, are somebody else's.
        for campaign in [uuid::Uuid::now_v7(), uuid::Uuid::nil()] {
            let row = call_rollup::ActiveModel {
                campaign_id: Set(campaign), bucket: Set(crate::stage::at("2026-06-01T18:00:00Z")), owner_id: Set(owner),
                calls: Set(1), ..Default::default()
            };
            row.insert(stage.database.writer()).await.expect("a row");
        }
        let first = CallFigures {
            total: 40, completed: 20, failed: 7, no_answers: 4, voicemails: 5, successful: 10, conversion_rate: 25.0,
            callback_requests: 6, callbacks_scheduled: 3, transfers_initiated: 9, transfers_completed: 8,
            average_duration_s: 142, average_wait_s: 2.5,
            distribution: TimeDistribution { evening: 40, ..TimeDistribution::default() },
            peak_hours: vec![PeakHour { hour: 23, calls: 40 }],
            trend: vec![Day { date: date("2026-06-01"), calls: 40, success_rate: 25.0 }],
        };
        let found = asked(&stage, Some("2026-06-01"), Some("2026-06-01")).await;
        assert_eq!(found.calls, first);
        let second = asked(&stage, Some("2026-06-02"), None).await;
        assert_eq!(second.calls.total, 40_000, "a quarter that begins with the day is the day's");
        let all = asked(&stage, None, None).await;
        assert_eq!((all.calls.total, all.calls.successful), (40_040, 10_010));
        assert_eq!(all.calls.average_wait_s, 2.5);
        let days: Vec<_> = all.calls.trend.iter().map(|day| (day.date, day.calls)).collect();
        assert_eq!(days, [(date("2026-06-01"), 40), (date("2026-06-02"), 40_000)]);
    }
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// What the sums sum up.
struct Rows {
    calls: Vec<call::Model>,
    conversations: Vec<conversation::Model>,
    contacts: Vec<contact::Model>,
}

impl Rows {
    async fn read(stage: &Stage) -> Self {
        let conversations = conversation::Entity::find()
            .all(stage.database.reader())
            .await
            .expect("conversations");
        Self {
            calls: stage.calls().await,
            conversations,
            contacts: stage.contacts().await,
        }
    }

    fn wants_callback(&self, call: &call::Model) -> bool {
        let said = self.conversations.iter().find(|row| row.call_id == call.id);
        call.callback_requested || said.is_some_and(|said| said.callback_requested)
    }

    /// Whether a callback followed, or is to follow, the call in which it was asked for. What is told after what comes
    /// next was decided leads to nothing.
    fn led_to_callback(&self, call: &call::Model) -> bool {
        let said = self.conversations.iter().find(|row| row.call_id == call.id);
        let is_in_time = said.is_none_or(|said| Some(said.created_at) <= call.decided_at);
        if !call.callback_requested || !is_in_time {
            return false;
        }
        let contact = self
            .contacts
            .iter()
            .find(|row| Some(row.id) == call.contact_id);
        let contact = contact.expect("a contact");
        let calls = self.calls.iter();
        let later = calls
            .filter(|later| later.contact_id == call.contact_id && later.begun_at > call.begun_at);
        match later.min_by_key(|later| later.begun_at) {
            Some(next) => next.is_callback,
            None => contact.priority == 0 && matches!(&*contact.status, "contacted" | "queued"),
        }
    }

    /// Calls begun in `range`.
    fn begun(&self, range: Range) -> Vec<&call::Model> {
        let is_in = |at: DateTime<Utc>| {
            range.from.is_none_or(|from| from <= at) && range.to.is_none_or(|to| at < to)
        };
        let calls = self.calls.iter();
        calls.filter(|call| is_in(call.begun_at)).collect()
    }
}

/// The history has something of everything, or it proves nothing.
fn assert_rich(rows: &Rows) {
    let all = recount(rows, Range::default());
    assert!(all.total > 100, "{all:?}");
    let figures = [
        all.failed,
        all.no_answers,
        all.voicemails,
        all.successful,
        all.callback_requests,
        all.callbacks_scheduled,
        all.transfers_initiated,
        all.transfers_completed,
        all.average_duration_s,
        all.distribution.morning,
        all.distribution.afternoon,
        all.distribution.evening,
    ];
    assert!(figures.iter().all(|figure| *figure > 5), "{all:?}");
    assert!(all.trend.len() > 3, "{all:?}");
    let unplaced = rows.calls.iter().filter(|call| call.placed_at.is_none());
    assert!(unplaced.count() > 0, "nothing was refused");
}

async fn asked(stage: &Stage, from: Option<&str>, to: Option<&str>) -> Statistics {
    let reports = Reports::new(
        stage.database.clone(),
        std::sync::Arc::new(stage.clock.clone()),
    );
    let admin = Actor {
        id: UserId::from_uuid(uuid::Uuid::now_v7()),
        role: Role::Admin,
        name: "Ada".to_owned(),
        email: None,
    };
    let query = RangeQuery {
        from_date: from.unwrap_or_default().into(),
        to_date: to.unwrap_or_default().into(),
    };
    let found = reports.statistics(&admin, stage.campaign, &query).await;
    found.expect("statistics")
}

async fn all_of_it_is_right(stage: &Stage) {
    stage.counters_are_right().await;
    let rows = Rows::read(stage).await;
    let found = asked(stage, None, None).await;
    assert_eq!(found.range, Range::default());
    assert_eq!(found.calls, recount(&rows, Range::default()));
    let contacts = stage.contacts().await;
    let counters = stage.counters().await;
    let asked = contacts.iter().filter(|row| row.callback_requested).count();
    let handed_on = rows.calls.iter().filter(|call| call.is_transferred).count();
    assert_eq!(
        (counters.callbacks, counters.transfers),
        (asked as i32, handed_on as i32)
    );
    let called = contacts.iter().filter(|row| row.attempts > 0).count() as i64;
    let is_active = |status: &str| status == "queued" || status == "calling";
    let active = contacts.iter().filter(|row| is_active(&row.status)).count() as i64;
    assert_eq!(found.contacts.total, contacts.len() as i64);
    assert_eq!(found.contacts.contacted, called);
    assert_eq!(found.contacts.remaining, contacts.len() as i64 - called);
    assert_eq!(found.contacts.active, active);
    let percentage = found.contacts.contacted_percentage;
    assert!((percentage - 100.0 * called as f64 / contacts.len() as f64).abs() <= 0.05 + 1e-9);
}

/// Ranges of days, of instants, and with an open side.
fn ranges(rows: &Rows, chance: &mut StdRng) -> Vec<(Option<String>, Option<String>)> {
    let first = rows.calls.iter().map(|call| call.begun_at).min();
    let first = first.expect("calls");
    let day = first.with_timezone(&ZONE).date_naive();
    let mut ranges = Vec::new();
    for offset in 0..6 {
        let from = day + Days::new(offset);
        let to = from + Days::new(chance.random_range(0..3));
        ranges.push((Some(from.to_string()), Some(to.to_string())));
        ranges.push((Some(from.to_string()), None));
        ranges.push((None, Some(to.to_string())));
        let from = first + TimeDelta::seconds(chance.random_range(0..400_000));
        let to = from + TimeDelta::seconds(chance.random_range(1..200_000));
        ranges.push((Some(from.to_rfc3339()), Some(to.to_rfc3339())));
    }
    ranges
}

async fn a_range_is_right(stage: &Stage, rows: &Rows, from: Option<String>, to: Option<String>) {
    let found = asked(stage, from.as_deref(), to.as_deref()).await;
    let expected = recount(rows, found.range);
    assert_eq!(found.calls, expected, "{from:?} to {to:?}");
    let day = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok());
    let days: (Option<NaiveDate>, Option<NaiveDate>) = (day(&from), day(&to));
    let shown: Vec<NaiveDate> = found.calls.trend.iter().map(|day| day.date).collect();
    assert!(
        days.0
            .is_none_or(|from| shown.iter().all(|day| *day >= from))
    );
    assert!(days.1.is_none_or(|to| shown.iter().all(|day| *day <= to)));
}

/// The figures, counted call by call. What was said counts whether or not the carrier ever owned up to the call; how a
/// call went, only of those it did.
fn recount(rows: &Rows, range: Range) -> CallFigures {
    let begun = rows.begun(range);
    let said =
        |is: &dyn Fn(&call::Model) -> bool| begun.iter().filter(|call| is(call)).count() as i64;
    let mut placed = begun.clone();
    placed.retain(|call| call.placed_at.is_some());
    let n =
        |is: &dyn Fn(&call::Model) -> bool| placed.iter().filter(|call| is(call)).count() as i64;
    let ended = |word: &str, call: &call::Model| {
        call.settled_at.is_some() && call.ending.as_deref() == Some(word)
    };
    let talked = placed.iter().filter(|call| ended("completed", call));
    let talk_s: i64 = talked
        .clone()
        .filter_map(|call| call.duration_s)
        .map(i64::from)
        .sum();
    let waits = talked
        .clone()
        .filter_map(|call| Some(call.answered_at? - call.begun_at));
    let waits: Vec<i64> = waits.map(|wait| wait.num_milliseconds().max(0)).collect();
    let (total, completed) = (placed.len() as i64, talked.count() as i64);
    let successful = said(&|call| call.is_successful == Some(true));
    CallFigures {
        total,
        completed,
        failed: n(&|call| call.settled_at.is_some() && !ended("completed", call)),
        no_answers: n(&|call| ended("no_answer", call)),
        voicemails: n(&|call| call.outcome.as_deref() == Some("voicemail")),
        successful,
        conversion_rate: share(successful, total),
        callback_requests: said(&|call| rows.wants_callback(call)),
        callbacks_scheduled: said(&|call| rows.led_to_callback(call)),
        transfers_initiated: said(&|call| call.is_transferred),
        transfers_completed: said(&|call| call.transfer_status.as_deref() == Some("completed")),
        average_duration_s: ratio(talk_s, completed).round() as i64,
        average_wait_s: ratio(waits.iter().sum(), waits.len() as i64 * 100).round() / 10.0,
        distribution: TimeDistribution {
            morning: n(&|call| hour(call) < 12),
            afternoon: n(&|call| (12..17).contains(&hour(call))),
            evening: n(&|call| hour(call) >= 17),
        },
        peak_hours: peak_hours(placed.iter().map(|call| hour(call))),
        trend: trend(&begun),
    }
}

fn hour(call: &call::Model) -> u32 {
    call.begun_at.with_timezone(&ZONE).hour()
}

fn peak_hours(hours: impl Iterator<Item = u32>) -> Vec<PeakHour> {
    let mut peaks = Vec::<PeakHour>::new();
    for hour in hours {
        match peaks.iter_mut().find(|peak| peak.hour == hour) {
            Some(peak) => peak.calls += 1,
            None => peaks.push(PeakHour { hour, calls: 1 }),
        }
    }
    peaks.sort_by_key(|peak| (-peak.calls, peak.hour));
    peaks.truncate(5);
    peaks
}

fn trend(calls: &[&call::Model]) -> Vec<Day> {
    let day_of = |call: &call::Model| call.begun_at.with_timezone(&ZONE).date_naive();
    let mut dates: Vec<NaiveDate> = calls.iter().map(|call| day_of(call)).collect();
    dates.sort_unstable();
    dates.dedup();
    let day = |date| {
        let that_day: Vec<_> = calls.iter().filter(|call| day_of(call) == date).collect();
        let placed = that_day.iter().filter(|call| call.placed_at.is_some());
        let good = that_day
            .iter()
            .filter(|call| call.is_successful == Some(true));
        let placed = placed.count() as i64;
        Day {
            date,
            calls: placed,
            success_rate: share(good.count() as i64, placed),
        }
    };
    let days = dates.into_iter().map(day);
    days.filter(|day| day.calls > 0).collect()
}

fn ratio(part: i64, whole: i64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

fn share(part: i64, whole: i64) -> f64 {
    ratio(part.min(whole) * 1_000, whole).round() / 10.0
}
