//! When nobody can go on, time does: to the next instant at which something may happen.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use engine::Clock;
use engine::store::workers;
use entity::worker;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::World;
use super::tasks::{Answer, Kind};
use crate::violation::Violation;

/// When something falls due by itself.
const NEXT_DUE: &str = "SELECT \
    (SELECT MIN(wake_at) FROM campaign_counters WHERE wake_at > $1) AS wake, \
    (SELECT MIN(due) FROM (SELECT MAX(check_at, COALESCE(ask_at, check_at)) AS due FROM calls) WHERE due > $1) AS look, \
    (SELECT MIN(price_check_at) FROM calls WHERE price_check_at > $1) AS price, \
    (SELECT MIN(queued_at) FROM contacts WHERE status = 'queued' AND queued_at > $1) AS queued, \
    (SELECT MIN(open_until) FROM carrier_breakers WHERE open_until > $1) AS probe, \
    (SELECT MIN(probe_until) FROM carrier_breakers WHERE probe_until > $1) AS given_up, \
    (SELECT MIN(busy_until) FROM carrier_breakers WHERE busy_until > $1) AS patience";
/// What is overdue and was waited for so often is nobody's business, such as a draft's contacts: time goes on.
const WAITED_MAX: u32 = 60;
/// Beats that are left out, of one: what is done every second is done soon enough, and a run is shorter.
const SKIPPED: f64 = 0.75;
/// How far time goes where nothing is due at all: everybody waits for people to do something.
const NOTHING: TimeDelta = TimeDelta::hours(1);
/// A job is pushed again after so long.
const REQUEUE: TimeDelta = TimeDelta::seconds(5);

impl World {
    /// Moves the clock, and lets everybody do what the clock asks for.
    pub(super) fn pass_time(&mut self) -> Result<(), Violation> {
        let now = self.clock.now();
        let next = self.next_moment(now)?;
        self.clock.move_to(next);
        self.network.lock().happen();
        for seat in 0..self.seats.len() {
            let place = &self.seats[seat];
            if place.process.is_none() && (place.starts_at <= next || self.is_ending) {
                self.start(seat)?;
            }
        }
        let mut order: Vec<usize> = (0..self.seats.len()).collect();
        while !order.is_empty() {
            let seat = order.swap_remove(self.chance.index(order.len()));
            let place = &self.seats[seat];
            let is_frozen = place.stopped_until.is_some_and(|until| until > next);
            if place.process.is_none() || is_frozen {
                continue;
            }
            if place.stopped_until.is_none() {
                self.tick(seat);
            }
            // Those that sleep may wake.
            if self.tasks.values().any(|task| task.seat == seat) {
                self.run(seat)?;
            }
        }
        Ok(())
    }

    fn next_moment(&mut self, now: DateTime<Utc>) -> Result<DateTime<Utc>, Violation> {
        let soon = now + TimeDelta::milliseconds(self.chance.between(40, 2_000));
        let mut moments = Vec::new();
        // Somebody may sleep, and does not say until when.
        if self
            .tasks
            .values()
            .any(|task| !matches!(task.kind, Kind::Tick(_)))
        {
            moments.push(soon);
        }
        for seat in &self.seats {
            moments.extend(seat.stopped_until);
            moments.extend(seat.process.is_none().then_some(seat.starts_at));
        }
        moments.extend(self.network.lock().next());
        moments.extend(self.changes.front().map(|(at, _)| *at));
        let due = self.next_due()?;
        if let Some(due) = due.filter(|due| *due <= now) {
            self.wait_for(due);
        }
        moments.extend(due.map(|due| if due <= now { soon } else { due }));
        let next = moments.into_iter().min().unwrap_or(now + NOTHING);
        Ok(next.max(now + TimeDelta::milliseconds(1)))
    }

    /// Waits a little for what is overdue since `due`; not for ever.
    fn wait_for(&mut self, due: DateTime<Utc>) {
        let (ignored, waited) = self.overdue;
        self.overdue = if waited < WAITED_MAX {
            (ignored, waited + 1)
        } else {
            (due, 0)
        };
    }

    /// When the dialer's own books say that something is to be done.
    fn next_due(&self) -> Result<Option<DateTime<Utc>>, Violation> {
        let after = self.overdue.0;
        let statement = Statement::from_sql_and_values(DbBackend::Sqlite, NEXT_DUE, [after.into()]);
        let row = self
            .runtime
            .block_on(self.store.eye.query_one_raw(statement));
        let read = || -> Result<_, sea_orm::DbErr> {
            let Some(row) = row? else { return Ok(None) };
            let mut due: Vec<DateTime<Utc>> = Vec::new();
            for name in ["wake", "look", "price", "probe", "given_up", "patience"] {
                due.extend(row.try_get::<Option<DateTime<Utc>>>("", name)?);
            }
            let queued: Option<DateTime<Utc>> = row.try_get("", "queued")?;
            due.extend(queued.map(|at| at + REQUEUE));
            Ok(due.into_iter().min())
        };
        read().map_err(|error| Violation::of("error", format!("when is something due: {error}")))
    }

    /// What a process does once a second, each at its own beat.
    fn tick(&mut self, seat: usize) {
        let now = self.clock.now();
        for which in 0..4 {
            let is_under_way = self.tasks.values().any(|task| {
                task.seat == seat && matches!(task.kind, Kind::Tick(under) if under == which)
            });
            let last = self.seats[seat].ticked_at[which];
            let is_due = last.is_none_or(|last| now >= last + TimeDelta::seconds(1));
            if is_under_way || !is_due || self.chance.happens(SKIPPED) {
                continue;
            }
            self.seats[seat].ticked_at[which] = Some(now);
            let Some(process) = self.seats[seat].process.as_ref() else {
                return;
            };
            let (dialing, parts) = (Arc::clone(&process.dialing), self.parts.clone());
            self.spawn(seat, Kind::Tick(which), async move {
                match which {
                    0 => Answer::of(dialing.reconcile().await, |done| format!("{done:?}")),
                    1 => Answer::of(dialing.check().await, |count| count.to_string()),
                    2 => Answer::of(dialing.ask_prices().await, |count| count.to_string()),
                    _ => Answer::of(heartbeat(&parts, &dialing).await, |count| count.to_string()),
                }
            });
        }
    }
}

/// Says that a process is alive, and shares the rates out among those that are.
async fn heartbeat(
    parts: &engine::dialing::Parts,
    dialing: &engine::Dialing,
) -> Result<u64, engine::EngineError> {
    let now = parts.clock.now();
    let me = worker::Model {
        id: dialing.process().to_owned(),
        host: "here".to_owned(),
        pid: 1,
        version: "1".to_owned(),
        concurrency: 8,
        started_at: now,
        heartbeat_at: now,
        transcribing: None,
        transcribing_max: None,
        transcriber_status: None,
    };
    workers::heartbeat(parts.database.writer(), me).await?;
    let alive = workers::count_alive(parts.database.reader(), now - TimeDelta::seconds(10)).await?;
    dialing
        .pace()
        .share_among(u32::try_from(alive).unwrap_or(u32::MAX));
    dialing.watch_carrier().await?;
    Ok(alive)
}
