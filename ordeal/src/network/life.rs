//! What happens in a call by itself, at the carrier.

use chrono::TimeDelta;
use domain::AnsweredBy;
use domain::progress::{End, News};
use engine::dialing::PersonWish;

use super::Network;
use super::call::{Seen, Talk};
use super::person::{Takes, Wish, takes};
use super::post::{Post, Told, conversation};
use crate::clock::millis;

impl Network {
    /// The call at `index` was taken on: its life begins.
    pub(super) fn live(&mut self, index: usize) {
        let number = self.calls[index].to.clone();
        let count = self.talked_to.entry(number.clone()).or_insert(0);
        *count += 1;
        match takes(self.seed, &number, *count) {
            Takes::Nothing(end, after) => {
                if end == End::NoAnswer {
                    self.after(millis(1_500), move |network| network.ring(index));
                }
                self.after(after, move |network| network.end(index, end));
            }
            call @ Takes::Call { rings, .. } => {
                self.after(millis(500), move |network| network.ring(index));
                self.after(rings, move |network| network.pick_up(index, call));
            }
        }
    }

    fn ring(&mut self, index: usize) {
        let now = self.now();
        if self.calls[index].ended.is_none() {
            self.calls[index].ringing_at = Some(now);
            self.tell(index, News::Ringing, "ringing");
        }
    }

    fn pick_up(&mut self, index: usize, takes: Takes) {
        let Takes::Call {
            talks,
            is_machine,
            is_detected,
            wish,
            ..
        } = takes
        else {
            return;
        };
        let now = self.now();
        if self.calls[index].ended.is_some() {
            return;
        }
        self.calls[index].answered_at = Some(now);
        self.tell(index, News::Answered, "in-progress");
        if is_detected {
            let by = if is_machine {
                AnsweredBy::Machine
            } else {
                AnsweredBy::Human
            };
            self.after(TimeDelta::seconds(4), move |network| {
                network.detect(index, by)
            });
        }
        let call = &mut self.calls[index];
        // What the agent will have made of it, if it gets to speak.
        call.talk = None;
        let post = Post {
            call: call.id,
            key: format!("signalwire:{}:answer", call.name),
            told: Told::WhatNow,
        };
        self.after(millis(50), move |network| network.posts.push(post));
        self.calls[index].talk = Some(Talk {
            name: String::new(),
            begun_at: now,
            ended_at: None,
            wish,
            is_voicemail: is_machine,
        });
        self.after(talks, move |network| network.end(index, End::Completed));
    }

    fn detect(&mut self, index: usize, by: AnsweredBy) {
        let now = self.now();
        if self.calls[index].ended.is_none() {
            self.calls[index].detected = Some((now, by));
            self.tell(index, News::Detected(by), "amd");
        }
    }

    /// The dialer's answer to "what now?": `document`, or nothing where it gave none.
    pub fn connect(&mut self, call: domain::CallId, document: Option<&str>) {
        let now = self.now();
        let Some(index) = self.calls.iter().position(|known| known.id == call) else {
            return;
        };
        if self.calls[index].ended.is_some() {
            return;
        }
        let is_agent = document.is_some_and(|document| document.contains("<Connect/>"));
        if !is_agent {
            // Nothing to play: the carrier hangs up.
            self.after(millis(300), move |network| {
                network.end(index, End::Completed)
            });
            return;
        }
        let call = &mut self.calls[index];
        let name = format!("conversation-{}", call.name);
        if let Some(talk) = call.talk.as_mut().filter(|talk| talk.name.is_empty()) {
            talk.name = name;
            talk.begun_at = now;
            let wish = talk.wish;
            self.speak_up(index, wish);
        }
    }

    /// A wish may be told at once, during the talk.
    fn speak_up(&mut self, index: usize, wish: Wish) {
        if wish == Wish::default() || !self.chance.happens(0.4) {
            return;
        }
        let call = self.calls[index].id;
        let told = Told::Wish(PersonWish {
            callback_requested: wish.callback.is_some(),
            callback_at: None,
            do_not_call: wish.do_not_call,
        });
        let wait = millis(self.chance.between(100, 5_000));
        self.after(wait, move |network| {
            if network.calls[index].ended.is_none() {
                let key = String::new();
                network.posts.push(Post { call, key, told });
            }
        });
    }

    /// The call at `index` is over.
    pub(super) fn end(&mut self, index: usize, end: End) {
        let now = self.now();
        let call = &mut self.calls[index];
        if call.ended.is_some() {
            return;
        }
        call.ended = Some((now, end));
        let id = call.id;
        if end == End::Completed {
            let wait = millis(self.chance.between(1_000, 7_200_000));
            let micros = u64::try_from(self.chance.between(1, 90_000)).unwrap_or(1);
            self.calls[index].price = Some((now + wait, micros));
        }
        self.seen.push(Seen::Ended { id, at: now, end });
        let duration_s = self.calls[index].talked_s();
        self.tell(index, News::Ended { end, duration_s }, end.as_str());
        self.close(index);
    }

    fn close(&mut self, index: usize) {
        let now = self.now();
        let call = &mut self.calls[index];
        let Some(talk) = call.talk.as_mut().filter(|talk| !talk.name.is_empty()) else {
            return;
        };
        talk.ended_at = Some(now);
        let talk = talk.clone();
        let report = conversation(call, &talk, now);
        let post = Post {
            call: call.id,
            key: format!("elevenlabs:{}", talk.name),
            told: Told::Conversation(Box::new(report)),
        };
        self.post(post);
    }
}
