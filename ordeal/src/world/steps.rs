//! One step: somebody runs, until nothing can go on, or is stopped on the way.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::CampaignId;
use engine::Clock;
use entity::campaign;
use sea_orm::EntityTrait;

use super::World;
use super::tasks::{Answer, Kind, Task};
use crate::model::Spec;
use crate::network::{Seen, Told};
use crate::process::Ran;
use crate::violation::Violation;

/// Statements after which a process may be stopped.
const STATEMENTS_MAX: i64 = 25;
/// How long somebody may be frozen in the middle of a transaction: a database ends one that is idle for longer.
const FROZEN_MS_MAX: i64 = 2_500;
/// How long elsewhere: with the way of a request and the age of a look-up, less than the grace for calls that nobody knows.
const FROZEN_FREE_MS_MAX: i64 = 10_000;
/// How long a killed process is away.
const AWAY_MS_MAX: i64 = 8_000;

impl World {
    /// Takes in what the world outside did since.
    pub(super) fn take_in(&mut self) -> Result<(), Violation> {
        self.do_what_is_planned();
        let (seen, posts, jobs) = {
            let mut network = self.network.lock();
            network.happen();
            let network = &mut *network;
            (
                std::mem::take(&mut network.seen),
                std::mem::take(&mut network.posts),
                std::mem::take(&mut network.jobs),
            )
        };
        self.judge(seen)?;
        for post in posts {
            let Some(seat) = self.any_seat() else {
                // Nobody answers: whoever sends it tries again a little later.
                self.network.lock().posts.push(post);
                continue;
            };
            self.counts.posts += 1;
            let Some(process) = self.seats[seat].process.as_ref() else {
                continue;
            };
            let (dialing, report) = (Arc::clone(&process.dialing), post.report(self.clock.now()));
            if matches!(post.told, Told::WhatNow) {
                let (dialing, call) = (Arc::clone(&dialing), post.call);
                self.spawn(seat, Kind::Answer(call), async move {
                    match dialing.answer(call).await {
                        Ok(document) => Answer::Document(document),
                        Err(error) => Answer::of::<()>(Err(error), |()| String::new()),
                    }
                });
            }
            self.spawn(seat, Kind::Post(post), async move {
                Answer::of(dialing.learn_soon(report).await, |()| "taken in".to_owned())
            });
        }
        for job in jobs {
            let Some(seat) = self.any_seat() else {
                self.network.lock().jobs.push(job);
                continue;
            };
            self.counts.jobs += 1;
            let Some(process) = self.seats[seat].process.as_ref() else {
                continue;
            };
            let dialing = Arc::clone(&process.dialing);
            let asked = job.clone();
            self.spawn(seat, Kind::Job(job), async move {
                Answer::of(dialing.place(&asked).await, |placed| {
                    placed.as_str().to_owned()
                })
            });
        }
        Ok(())
    }

    /// Lets somebody run who can go on; false where nobody can.
    pub(super) fn step(&mut self) -> Result<bool, Violation> {
        let now = self.clock.now();
        let ready: Vec<usize> = (0..self.seats.len())
            .filter(|seat| {
                let seat = &self.seats[*seat];
                let is_frozen = seat.stopped_until.is_some_and(|until| until > now);
                let has_work = seat
                    .process
                    .as_ref()
                    .is_some_and(|process| process.has_work());
                has_work && !is_frozen
            })
            .collect();
        if ready.is_empty() {
            return Ok(false);
        }
        let seat = self.chance.pick(&ready);
        self.run(seat)?;
        Ok(true)
    }

    /// Lets the process at `seat` run.
    pub(super) fn run(&mut self, seat: usize) -> Result<(), Violation> {
        let now = self.clock.now();
        let is_blocked = self
            .seats
            .iter()
            .enumerate()
            .any(|(other, place)| other != seat && place.has_connection);
        let faults = self.network.lock().faults.clone();
        let is_cut_short = self.chance.happens(faults.stopped);
        let allowed = is_cut_short.then(|| self.chance.between(1, STATEMENTS_MAX).unsigned_abs());
        let place = &mut self.seats[seat];
        let Some(process) = place.process.as_mut() else {
            return Ok(());
        };
        place.stopped_until = None;
        place.has_connection = false;
        let ran = process.run(now, is_blocked, (&self.gate, allowed));
        if ran == Ran::Stopped {
            self.stop(seat, faults.killed);
        }
        self.hear_answers()?;
        self.take_in_seen()?;
        let (runtime, store) = (Arc::clone(&self.runtime), &self.store);
        runtime.block_on(self.books.check(&store.eye))
    }

    fn stop(&mut self, seat: usize, killed: f64) {
        self.counts.stops += 1;
        if self.chance.happens(killed) {
            self.kill(seat);
            return;
        }
        let has_connection = !self.store.is_quiet();
        let most = match (self.chance.happens(0.8), has_connection) {
            (true, _) => 0,
            (false, true) => FROZEN_MS_MAX,
            (false, false) => FROZEN_FREE_MS_MAX,
        };
        let wait = TimeDelta::milliseconds(self.chance.between(0, most));
        let place = &mut self.seats[seat];
        place.stopped_until = Some(self.clock.now() + wait);
        place.has_connection = has_connection;
        self.note(&format!("process {seat} is stopped"));
    }

    fn take_in_seen(&mut self) -> Result<(), Violation> {
        let seen = std::mem::take(&mut self.network.lock().seen);
        self.judge(seen)
    }

    /// Judges what the carrier saw.
    fn judge(&mut self, seen: Vec<Seen>) -> Result<(), Violation> {
        for seen in seen {
            self.note(&format!("carrier {seen:?}"));
            if let Seen::Asked { id, at, .. } = seen
                && let Some(number) = self.clock.number_of(id.into_uuid())
            {
                let runtime = Arc::clone(&self.runtime);
                let (eye, made) = (&self.store.eye, self.clock.ids_made());
                runtime.block_on(self.rest.judge(eye, (id, number), at, made))?;
            }
            self.model.judge(seen, &self.network.lock())?;
        }
        Ok(())
    }

    /// Ends the process at `seat` wherever it is; another takes its place in a moment.
    pub(super) fn kill(&mut self, seat: usize) {
        let Some(process) = self.seats[seat].process.take() else {
            return;
        };
        self.counts.kills += 1;
        self.note(&format!("{} is killed", process.name));
        drop(process);
        let away = TimeDelta::milliseconds(self.chance.between(0, AWAY_MS_MAX));
        let place = &mut self.seats[seat];
        place.stopped_until = None;
        place.has_connection = false;
        place.starts_at = self.clock.now() + away;
        // What it had answered before counts.
        let answered: Vec<u64> = self.answers.lock().iter().map(|(id, _)| *id).collect();
        let lost: Vec<u64> = self
            .tasks
            .iter()
            .filter(|(id, task)| task.seat == seat && !answered.contains(id))
            .map(|(id, _)| *id)
            .collect();
        for id in lost {
            if let Some(Task { kind, .. }) = self.tasks.remove(&id) {
                self.bury(kind);
            }
        }
    }

    /// What becomes of something that a killed process was doing.
    fn bury(&mut self, kind: Kind) {
        match kind {
            Kind::Job(job) => self.network.lock().deliver_again(&job),
            Kind::Answer(call) => self.network.lock().connect(call, None),
            Kind::Order(Some(index), _) => {
                let is_done = self.was_done(index);
                let made = self.clock.ids_made();
                self.model.campaigns[index].eras.answer(is_done, made);
            }
            Kind::Order(None, _) | Kind::Suppress(_) | Kind::Post(_) | Kind::Tick(_) => {}
        }
    }

    /// Nobody answered: whether it was done stands in the campaign's row.
    fn was_done(&self, index: usize) -> bool {
        let id = self.campaigns[index];
        let row = self.runtime.block_on(find(&self.store.eye, id));
        row.is_some_and(|row| agrees(self.model.campaigns[index].eras.last(), &row))
    }
}

async fn find(db: &sea_orm::DatabaseConnection, id: CampaignId) -> Option<campaign::Model> {
    let found = campaign::Entity::find_by_id(id.into_uuid()).one(db).await;
    found.ok().flatten()
}

/// True where `row` says what `spec` says, as far as it can be told.
fn agrees(spec: &Spec, row: &campaign::Model) -> bool {
    let is_active = row.status == "active" && row.deleted_at.is_none();
    let time = |text: &Option<String>| text.clone();
    let hours = spec.hours.map(|(from, to)| {
        (
            from.format("%H:%M").to_string(),
            to.format("%H:%M").to_string(),
        )
    });
    // A campaign that the system paused or completed is not active, whatever people asked for.
    (!is_active || spec.is_active)
        && (is_active || !spec.is_active || row.status != "paused")
        && i64::from(row.max_concurrent_calls) == spec.limit
        && i64::from(row.call_attempts_per_contact) == spec.attempts
        && i64::from(row.retry_delay_minutes) == spec.retry_minutes
        && row.timezone == spec.zone.name()
        && row.end_date == spec.end_date
        && time(&row.daily_start_time).zip(time(&row.daily_end_time)) == hours
}
