//! Analytics equal a recount of the rows, whatever happened (P5).

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike};
use chrono_tz::Tz;
use domain::UserId;
use engine::query::Param;
use engine::reports::analytics::dashboard::Dashboard;
use engine::reports::analytics::query::Covered;
use engine::reports::{AnalyticsQuery, RangeQuery};
use engine::{Actor, Reports, Role};
use entity::call;
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::details::a_history;
use crate::on_both;
use crate::stage::Stage;

/// Half an hour and a quarter off UTC; and one that changes its clock.
const ZONES: [Tz; 2] = [Tz::Asia__Kathmandu, Tz::America__Chicago];

on_both! {
    async fn analytics_equal_a_recount_of_the_rows(stage: Stage) {
        let mut stage = stage;
        let mut chance = StdRng::seed_from_u64(0xA11);
        a_history(&mut stage, &mut chance).await;
        stage.dial().await;
        let calls = stage.calls().await;
        for zone in ZONES {
            for query in questions(&stage, zone) {
                all_sides_are_right(&stage, &calls, &query, zone).await;
            }
        }
    }
}

pub fn reports(stage: &Stage) -> Reports {
    Reports::new(stage.database.clone(), Arc::new(stage.clock.clone()))
}

pub fn admin() -> Actor {
    Actor {
        id: UserId::from_uuid(uuid::Uuid::now_v7()),
        role: Role::Admin,
        name: "Ada".to_owned(),
        email: None,
    }
}

/// All of it, some days of it, and some quarters.
fn questions(stage: &Stage, zone: Tz) -> Vec<AnalyticsQuery> {
    let date = |days: i64| {
        let at = stage.now() - TimeDelta::days(days);
        Some(at.with_timezone(&zone).date_naive().to_string())
    };
    let at = |hours: i64| Some((stage.now() - TimeDelta::hours(hours)).to_rfc3339());
    let ranges = [
        (None, None),
        (date(3), date(2)),
        (date(1), None),
        (at(40), at(11)),
    ];
    let campaign = Some(stage.campaign.to_string());
    let query = |(index, (from_date, to_date))| AnalyticsQuery {
        user: Param::Absent,
        campaign: campaign
            .clone()
            .filter(|_| index % 2 == 1)
            .unwrap_or_default()
            .into(),
        range: RangeQuery {
            from_date: Option::<String>::unwrap_or_default(from_date).into(),
            to_date: Option::<String>::unwrap_or_default(to_date).into(),
        },
        timezone: zone.name().into(),
    };
    ranges.into_iter().enumerate().map(query).collect()
}

/// The calls begun in the range.
struct Rows<'a> {
    begun: Vec<&'a call::Model>,
    zone: Tz,
}

impl<'a> Rows<'a> {
    fn of(calls: &'a [call::Model], covered: Covered) -> Self {
        let is_in =
            |call: &&call::Model| covered.from <= call.begun_at && call.begun_at < covered.to;
        Self {
            begun: calls.iter().filter(is_in).collect(),
            zone: covered.zone,
        }
    }

    fn n(&self, is: impl Fn(&call::Model) -> bool) -> i64 {
        self.begun.iter().filter(|call| is(call)).count() as i64
    }

    fn shown(&self, call: &call::Model) -> DateTime<Tz> {
        call.begun_at.with_timezone(&self.zone)
    }
}

fn placed(call: &call::Model) -> bool {
    call.placed_at.is_some()
}

fn ended(call: &call::Model, word: &str) -> bool {
    placed(call) && call.settled_at.is_some() && call.ending.as_deref() == Some(word)
}

fn came_to(call: &call::Model, word: &str) -> bool {
    placed(call) && call.settled_at.is_some() && call.outcome.as_deref() == Some(word)
}

fn good(call: &call::Model) -> bool {
    call.is_successful == Some(true)
}

fn share(part: i64, whole: i64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        (part.min(whole) as f64 * 1_000.0 / whole as f64).round() / 10.0
    }
}

async fn all_sides_are_right(
    stage: &Stage,
    calls: &[call::Model],
    query: &AnalyticsQuery,
    zone: Tz,
) {
    let (reports, admin) = (reports(stage), admin());
    let found = reports.dashboard(&admin, query).await.expect("figures");
    assert_eq!(found.covered.zone, zone);
    let rows = Rows::of(calls, found.covered);
    glance_is_right(stage, &found, &rows).await;
    let what = reports
        .call_analytics(&admin, query)
        .await
        .expect("figures");
    assert_eq!(what.dashboard, found);
    let outcomes = what.outcomes;
    assert_eq!(outcomes.answered, rows.n(|call| came_to(call, "answered")));
    assert_eq!(
        outcomes.voicemail,
        rows.n(|call| came_to(call, "voicemail"))
    );
    let mute = |call: &call::Model| ended(call, "completed") && came_to(call, "failed");
    assert_eq!(outcomes.without_agent, rows.n(mute));
    for hour in &what.by_hour {
        let then = |call: &call::Model| placed(call) && rows.shown(call).hour() == hour.hour;
        assert_eq!(hour.calls, rows.n(then));
        assert_eq!(
            hour.voicemails,
            rows.n(|call| then(call) && came_to(call, "voicemail"))
        );
    }
    let machines = reports
        .voicemail_analytics(&admin, query)
        .await
        .expect("figures");
    assert_eq!(machines.rate, share(outcomes.voicemail, found.completed));
    assert_eq!(machines.by_hour, what.by_hour);
    attempts_are_right(&reports, query, &rows, &found).await;
    times_are_right(&reports, query, &rows, &found).await;
    performance_is_right(&reports, query, &rows).await;
    cost_is_right(&reports, query, &rows).await;
    let days = reports
        .trend_analytics(&admin, query)
        .await
        .expect("figures");
    let by_day: Vec<(NaiveDate, i64)> = days
        .days
        .iter()
        .map(|day| (day.date, day.calls.count))
        .collect();
    assert_eq!(by_day, found.by_day);
}

async fn attempts_are_right(
    reports: &Reports,
    query: &AnalyticsQuery,
    rows: &Rows<'_>,
    found: &Dashboard,
) {
    let again = reports
        .retry_analytics(&admin(), query)
        .await
        .expect("figures");
    assert_eq!(again.dashboard, *found);
    for attempt in &again.by_attempt {
        let nth = |call: &call::Model| {
            placed(call) && i64::from(call.attempt) == i64::from(attempt.number)
        };
        let needed =
            |call: &call::Model| nth(call) && came_to(call, "answered") && !call.is_callback;
        assert_eq!(attempt.calls, rows.n(nth));
        assert_eq!(attempt.needed, rows.n(needed));
    }
    assert_eq!(
        again
            .by_attempt
            .iter()
            .map(|entry| entry.calls)
            .sum::<i64>(),
        found.total
    );
}

async fn times_are_right(
    reports: &Reports,
    query: &AnalyticsQuery,
    rows: &Rows<'_>,
    found: &Dashboard,
) {
    let when = reports
        .scheduling_analytics(&admin(), query)
        .await
        .expect("figures");
    for (weekday, hour) in &when.by_weekday {
        let then = |call: &call::Model| {
            let shown = rows.shown(call);
            placed(call)
                && shown.hour() == hour.hour
                && shown.weekday().number_from_monday() == u32::from(*weekday)
        };
        assert_eq!(hour.calls, rows.n(then));
    }
    assert_eq!(when.openings[0].calls, found.total);
    assert_eq!(
        when.openings[0].inside_windows,
        share(found.total, found.total),
        "it is always open"
    );
}

async fn glance_is_right(stage: &Stage, found: &Dashboard, rows: &Rows<'_>) {
    assert_eq!(found.total, rows.n(placed));
    assert_eq!(found.completed, rows.n(|call| ended(call, "completed")));
    assert_eq!(found.by_status.completed, found.completed);
    assert_eq!(found.by_status.busy, rows.n(|call| ended(call, "busy")));
    assert_eq!(
        found.by_status.no_answer,
        rows.n(|call| ended(call, "no_answer"))
    );
    let failed = ["failed", "canceled", "rejected", "lost"];
    let has_failed = |call: &call::Model| failed.iter().any(|word| ended(call, word));
    assert_eq!(found.by_status.failed, rows.n(has_failed));
    let all_failed = found.by_status.failed + found.by_status.busy + found.by_status.no_answer;
    assert_eq!(found.failed, all_failed);
    assert_eq!(found.in_progress, stage.live_calls().await.len() as i64);
    assert_eq!(found.success_rate, share(rows.n(good), found.total));
    let talked = rows.begun.iter().filter(|call| ended(call, "completed"));
    let talk_s: i64 = talked
        .filter_map(|call| call.duration_s)
        .map(i64::from)
        .sum();
    assert_eq!(found.total_duration_s, talk_s);
    assert_eq!((found.inbound, found.outbound), (0, found.total));
    for (hour, calls) in (0..).zip(found.by_hour) {
        assert_eq!(
            calls,
            rows.n(|call| placed(call) && rows.shown(call).hour() == hour)
        );
    }
    for (day, calls) in &found.by_day {
        let on = |call: &call::Model| placed(call) && rows.shown(call).date_naive() == *day;
        assert_eq!(*calls, rows.n(on), "{day}");
    }
}

async fn performance_is_right(reports: &Reports, query: &AnalyticsQuery, rows: &Rows<'_>) {
    let found = reports
        .performance_analytics(&admin(), query)
        .await
        .expect("figures");
    assert_eq!(found.all.calls, rows.n(placed));
    assert_eq!(found.all.reached, rows.n(|call| came_to(call, "answered")));
    for agent in &found.by_agent {
        let by = |call: &call::Model| placed(call) && call.agent_id.as_deref() == Some(&*agent.key);
        assert_eq!(agent.calls, rows.n(by), "{}", agent.key);
        assert_eq!(
            agent.completed,
            rows.n(|call| by(call) && ended(call, "completed"))
        );
    }
    for number in &found.by_number {
        let from = |call: &call::Model| placed(call) && call.from_number == number.key;
        assert_eq!(number.calls, rows.n(from), "{}", number.key);
    }
    for list in [&found.by_agent, &found.by_number] {
        assert_eq!(
            list.iter().map(|entry| entry.calls).sum::<i64>(),
            found.all.calls
        );
        assert!(list.is_sorted_by(|a, b| a.calls >= b.calls));
    }
    let mut talks: Vec<i32> = rows
        .begun
        .iter()
        .filter(|call| ended(call, "completed"))
        .map(|call| call.duration_s.unwrap_or(0))
        .collect();
    talks.sort_unstable();
    let Some(told) = found.duration_s else {
        return assert!(talks.is_empty());
    };
    // No talk of the history is longer than 300 s, and no step below that is wider than 120 s.
    for (percent, told) in [
        (50, told.p50),
        (90, told.p90),
        (95, told.p95),
        (99, told.p99),
    ] {
        let exact = talks[(talks.len() * percent).div_ceil(100) - 1];
        assert!(
            (told - f64::from(exact)).abs() <= 120.0,
            "p{percent}: {told}, really {exact}"
        );
    }
}

async fn cost_is_right(reports: &Reports, query: &AnalyticsQuery, rows: &Rows<'_>) {
    let found = reports
        .cost_analytics(&admin(), query)
        .await
        .expect("figures");
    let mut by_unit = BTreeMap::<String, (i64, i64)>::new();
    let mut by_day = BTreeMap::<(NaiveDate, String), (i64, i64)>::new();
    for call in &rows.begun {
        let (Some(micros), Some(unit)) = (call.price_micros, call.price_unit.clone()) else {
            continue;
        };
        for sums in [
            by_unit.entry(unit.clone()).or_default(),
            by_day
                .entry((rows.shown(call).date_naive(), unit))
                .or_default(),
        ] {
            *sums = (sums.0 + micros, sums.1 + 1);
        }
    }
    let by_unit: BTreeMap<String, (i64, i64)> = by_unit;
    let told = |cost: &engine::reports::analytics::cost::Cost| {
        (cost.currency.clone(), (cost.micros, cost.calls))
    };
    assert_eq!(
        found.totals.iter().map(told).collect::<BTreeMap<_, _>>(),
        by_unit
    );
    assert_eq!(
        found
            .by_carrier
            .iter()
            .map(|(_, cost)| told(cost))
            .collect::<BTreeMap<_, _>>(),
        by_unit
    );
    assert!(
        found
            .by_carrier
            .iter()
            .all(|(carrier, _)| carrier == "signalwire")
    );
    assert_eq!(
        found
            .by_campaign
            .iter()
            .map(|(_, cost)| told(cost))
            .collect::<BTreeMap<_, _>>(),
        by_unit
    );
    for (campaign, _) in &found.by_campaign {
        let campaign = campaign.as_ref().expect("a campaign");
        assert_eq!(campaign.name.as_deref(), Some("On stage"));
    }
    let days: Vec<_> = found
        .by_day
        .iter()
        .map(|(day, cost)| ((*day, cost.currency.clone()), (cost.micros, cost.calls)))
        .collect();
    assert_eq!(days, by_day.into_iter().collect::<Vec<_>>());
    let credits: i64 = rows.begun.iter().filter_map(|call| call.credits).sum();
    assert_eq!(found.credits, credits);
    assert_eq!(
        found.credits_by_day.iter().map(|day| day.1).sum::<i64>(),
        credits
    );
    assert_eq!(found.successful, rows.n(good));
}
