//! Everybody who uses the dialer meanwhile: those who lead campaigns, who call by hand, who read, who watch.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use futures::future::join_all;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::campaign::{Lane, Life};
use crate::dashboard::{self, Heard, Reading};
use crate::single::{self, Answers};
use crate::stage::Stage;
use crate::support::dialer::ADMIN_TOKEN;

/// WebSockets that are open all the time.
const WATCHERS: usize = 2;

/// All of them at work.
pub struct Crowd {
    /// No further campaign, and no further call by hand.
    is_closing: CancellationToken,
    is_over: CancellationToken,
    lanes: Vec<JoinHandle<Vec<Life>>>,
    single: JoinHandle<Answers>,
    reader: JoinHandle<Vec<Reading>>,
    watchers: Vec<JoinHandle<Heard>>,
}

/// What they know afterwards.
pub struct Seen {
    pub lives: Vec<Life>,
    pub single_calls: Answers,
    pub readings: Vec<Reading>,
    pub heard: Vec<Heard>,
    /// What went wrong with them, in words.
    pub wrong: Vec<String>,
}

impl Crowd {
    /// Sets them to work; `campaigns` run at once.
    pub fn gather(stage: &Stage, campaigns: u32) -> Self {
        let (is_closing, is_over) = (CancellationToken::new(), CancellationToken::new());
        let dialer = &stage.dialer;
        let lane = Lane {
            api: dialer.api.clone(),
            people: dialer.simulator.people(),
            recorder: dialer.simulator.recorder(),
            count: Arc::default(),
            is_closing: is_closing.clone(),
        };
        let single = single::run(
            dialer.api.clone(),
            dialer.simulator.people(),
            is_closing.clone(),
        );
        let reader = dashboard::read(dialer.api.clone(), is_over.clone());
        let watch = || dashboard::watch(dialer.base().to_owned(), ADMIN_TOKEN, is_over.clone());
        Self {
            lanes: (0..campaigns)
                .map(|_| tokio::spawn(lane.clone().run()))
                .collect(),
            single: tokio::spawn(single),
            reader: tokio::spawn(reader),
            watchers: (0..WATCHERS).map(|_| tokio::spawn(watch())).collect(),
            is_closing,
            is_over,
        }
    }

    /// From now on nothing new is begun.
    pub fn begin_nothing_new(&self) {
        self.is_closing.cancel();
    }

    /// Whether all campaigns are over, or given up.
    pub fn has_ended(&self) -> bool {
        self.lanes.iter().all(JoinHandle::is_finished) && self.single.is_finished()
    }

    /// Ends their work. Those who lead a campaign that does not end are not waited for.
    pub async fn go(self) -> Seen {
        self.is_over.cancel();
        self.lanes.iter().for_each(JoinHandle::abort);
        let mut wrong = Vec::new();
        let lives = join_all(self.lanes).await;
        let lives = lives
            .into_iter()
            .filter_map(|lane| kept(lane, &mut wrong))
            .flatten()
            .collect();
        let heard = join_all(self.watchers).await;
        let heard = heard
            .into_iter()
            .filter_map(|one| kept(one, &mut wrong))
            .collect();
        let mut seen = Seen {
            lives,
            heard,
            single_calls: kept(self.single.await, &mut wrong).unwrap_or_default(),
            readings: kept(self.reader.await, &mut wrong).unwrap_or_default(),
            wrong,
        };
        seen.judge();
        seen
    }
}

impl Seen {
    /// What the API owes to them at all times.
    fn judge(&mut self) {
        let mut failed: BTreeMap<(&str, u16), usize> = BTreeMap::new();
        for reading in self.readings.iter().filter(|one| one.status != 200) {
            *failed
                .entry((reading.question, reading.status))
                .or_default() += 1;
        }
        for ((question, status), count) in failed {
            self.wrong
                .push(format!("{question} was answered {status}, {count} times"));
        }
        // 503 says that the carrier is not well.
        let others = self
            .single_calls
            .iter()
            .filter(|(status, _)| !matches!(status, 201 | 503));
        for (status, count) in others {
            self.wrong
                .push(format!("{count} calls by hand were answered {status}"));
        }
        if !self.single_calls.contains_key(&201) {
            self.wrong.push("nobody could be called by hand".to_owned());
        }
        for heard in &self.heard {
            if heard.losses > 0 || heard.messages == 0 {
                self.wrong.push(format!("somebody who watched: {heard:?}"));
            }
        }
    }
}

fn kept<T>(done: Result<T, impl Display>, wrong: &mut Vec<String>) -> Option<T> {
    done.inspect_err(|error| wrong.push(format!("somebody gave up: {error}")))
        .ok()
}
