//! What people do, and what happens to processes, at the instants the plan says.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::PhoneNumber;
use domain::lifecycle::Command;
use engine::dialing::SingleCall;
use engine::field::Field;
use engine::query::Param;
use engine::suppressions::NewSuppression;
use engine::{Clock, Suppressions};

use super::World;
use super::setup::{campaigns, contacts, json_of};
use super::tasks::{Answer, Kind};
use crate::model::Spec;
use crate::plan::{Change, Person};

impl World {
    /// Does what is due by the plan; true where something was.
    pub(super) fn do_what_is_planned(&mut self) -> bool {
        let now = self.clock.now();
        let mut is_any = false;
        let mut later = Vec::new();
        while self.changes.front().is_some_and(|(at, _)| *at <= now) {
            let Some((at, change)) = self.changes.pop_front() else {
                break;
            };
            if self.is_busy(&change) {
                later.push((at, change));
                continue;
            }
            self.note(&format!("planned {change:?}"));
            self.carry_out(change);
            is_any = true;
        }
        for waiting in later.into_iter().rev() {
            self.changes.push_front(waiting);
        }
        is_any
    }

    /// One question at a time about each campaign, and somebody must be there to ask.
    fn is_busy(&self, change: &Change) -> bool {
        let index = match change {
            Change::Pause(index)
            | Change::Resume(index)
            | Change::End(index)
            | Change::Cancel(index)
            | Change::Delete(index)
            | Change::Update(index, _)
            | Change::Import(index, _) => Some(*index),
            Change::Suppress(_) | Change::Single(_) => None,
            _ => return false,
        };
        let is_asked = |index: usize| self.model.campaigns[index].eras.is_asked_for();
        index.is_some_and(is_asked)
            || self
                .seats
                .iter()
                .all(|seat| seat.process.is_none() || seat.stopped_until.is_some())
    }

    fn carry_out(&mut self, change: Change) {
        let until = |seconds| Some(self.clock.now() + TimeDelta::seconds(seconds));
        match change {
            Change::Kill(seat) => self.kill(seat),
            Change::EmptyQueue => self.network.lock().empty_queue(),
            Change::QueueDown(seconds) => self.network.lock().queue_down_until = until(seconds),
            Change::CarrierDown(seconds) => self.network.lock().carrier_down_until = until(seconds),
            Change::AccountRefused(seconds) => {
                self.network.lock().account_refused_until = until(seconds);
            }
            Change::Pause(index) => self.command(index, Command::Pause),
            Change::Resume(index) => self.command(index, Command::Resume),
            Change::End(index) => self.command(index, Command::End),
            Change::Cancel(index) => self.command(index, Command::Cancel),
            Change::Delete(index) => self.delete(index),
            Change::Update(index, spec) => self.update(index, *spec),
            Change::Import(index, people) => self.import(index, &people),
            Change::Suppress(number) => self.suppress(number),
            Change::Single(number) => self.call_by_hand(number),
        }
    }

    /// Asks for `command` of the campaign at `index`.
    pub(super) fn command(&mut self, index: usize, command: Command) {
        let is_active = matches!(command, Command::Resume | Command::Start);
        let Some((seat, dialing)) = self.ask(index, |spec| spec.is_active = is_active) else {
            return;
        };
        let (parts, actor, id) = (
            self.parts.clone(),
            self.actor.clone(),
            self.campaigns[index],
        );
        let kind = Kind::Order(Some(index), format!("{} {index}", command.as_str()));
        self.spawn(seat, kind, async move {
            let done = campaigns(&parts, &dialing)
                .command(&actor, id, command, None)
                .await;
            Answer::of(done, |done| done.row.status)
        });
    }

    fn delete(&mut self, index: usize) {
        let Some((seat, dialing)) = self.ask(index, |spec| spec.is_active = false) else {
            return;
        };
        let (parts, actor, id) = (
            self.parts.clone(),
            self.actor.clone(),
            self.campaigns[index],
        );
        let kind = Kind::Order(Some(index), format!("delete {index}"));
        self.spawn(seat, kind, async move {
            let done = campaigns(&parts, &dialing).delete(&actor, id).await;
            Answer::of(done, |()| "deleted".to_owned())
        });
    }

    fn update(&mut self, index: usize, wanted: Spec) {
        let change = wanted.change();
        let settle = |spec: &mut Spec| {
            let is_active = spec.is_active;
            *spec = Spec {
                is_active,
                ..wanted
            };
        };
        let Some((seat, dialing)) = self.ask(index, settle) else {
            return;
        };
        let (parts, actor, id) = (
            self.parts.clone(),
            self.actor.clone(),
            self.campaigns[index],
        );
        let kind = Kind::Order(Some(index), format!("update {index}"));
        self.spawn(seat, kind, async move {
            let done = campaigns(&parts, &dialing).update(&actor, id, change).await;
            Answer::of(done, |done| done.row.status)
        });
    }

    /// The model hears of what is asked for before the dialer does.
    fn ask(
        &mut self,
        index: usize,
        settle: impl FnOnce(&mut Spec),
    ) -> Option<(usize, Arc<engine::Dialing>)> {
        let seat = self.any_seat()?;
        let made = self.clock.ids_made();
        let eras = &mut self.model.campaigns[index].eras;
        let mut spec = eras.last().clone();
        settle(&mut spec);
        eras.ask(spec, made);
        self.counts.orders += 1;
        let process = self.seats[seat].process.as_ref()?;
        Some((seat, Arc::clone(&process.dialing)))
    }

    fn import(&mut self, index: usize, people: &[Person]) {
        let Some((seat, dialing)) = self.somebody() else {
            return;
        };
        for person in people {
            let known = &mut self.model.campaigns[index].people;
            known
                .entry(person.number.clone())
                .or_default()
                .push(person.zone);
        }
        let (parts, actor, id) = (
            self.parts.clone(),
            self.actor.clone(),
            self.campaigns[index],
        );
        let text = json_of(people);
        let kind = Kind::Order(None, format!("import {index}"));
        self.spawn(seat, kind, async move {
            let done = contacts(&parts, &dialing)
                .import_json(&actor, id, text.as_bytes())
                .await;
            Answer::of(done, |done| format!("{} added", done.report.added))
        });
    }

    fn suppress(&mut self, number: String) {
        let Some((seat, _)) = self.somebody() else {
            return;
        };
        let (parts, actor) = (self.parts.clone(), self.actor.clone());
        let new = NewSuppression {
            phone_number: Field::Given(number.clone()),
            ..NewSuppression::default()
        };
        self.spawn(seat, Kind::Suppress(number), async move {
            let list = Suppressions::new(parts.database.clone(), Arc::clone(&parts.clock));
            let done = list.add(&actor, new, &Param::Absent).await;
            Answer::of(done, |_| "suppressed".to_owned())
        });
    }

    fn call_by_hand(&mut self, number: String) {
        let Some((seat, dialing)) = self.somebody() else {
            return;
        };
        let wanted = SingleCall {
            owner: self.actor.id,
            to: PhoneNumber::from_stored(number.clone()),
            from: PhoneNumber::from_stored("+12025550199".to_owned()),
            agent_id: "agent".to_owned(),
            parameters: serde_json::Map::new(),
            record: None,
        };
        let kind = Kind::Order(None, format!("call {number}"));
        self.spawn(seat, kind, async move {
            let done = dialing.call_once(wanted).await;
            Answer::of(done, |call| call.status)
        });
    }

    fn somebody(&mut self) -> Option<(usize, Arc<engine::Dialing>)> {
        let seat = self.any_seat()?;
        self.counts.orders += 1;
        let process = self.seats[seat].process.as_ref()?;
        Some((seat, Arc::clone(&process.dialing)))
    }
}
