//! What processes are asked to do, and what they answer.

use std::future::Future;

use domain::CallId;
use engine::EngineError;
use engine::queue::CallJob;

use super::World;
use crate::network::Post;
use crate::violation::Violation;

/// Something that a process does.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// Which process.
    pub seat: usize,
    /// What.
    pub kind: Kind,
}

/// What there is to do.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Place a call.
    Job(CallJob),
    /// Take in a webhook.
    Post(Post),
    /// What the clock asks for.
    Tick(usize),
    /// What people ask for; of the campaign at the index.
    Order(Option<usize>, String),
    /// Put a number on the list.
    Suppress(String),
    /// Say what an answered call shall do.
    Answer(CallId),
}

/// What came of it.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// It was done; the word is for the trace.
    Done(String),
    /// A document for the carrier.
    Document(String),
    /// It may not be done.
    Refused(String),
    /// Something that is needed does not answer.
    Failed(String),
    /// The engine says that something is wrong in itself.
    Broken(String),
}

impl Answer {
    /// For the trace.
    fn text(&self) -> String {
        match self {
            Self::Done(word) => word.clone(),
            Self::Document(_) => "a document".to_owned(),
            Self::Refused(why) => format!("refused: {why}"),
            Self::Failed(why) => format!("failed: {why}"),
            Self::Broken(how) => format!("broken: {how}"),
        }
    }

    /// From what the engine says.
    pub(super) fn of<T>(result: Result<T, EngineError>, word: impl FnOnce(T) -> String) -> Self {
        match result {
            Ok(done) => Self::Done(word(done)),
            Err(error @ EngineError::Internal(_)) => Self::Broken(format!("{error:?}")),
            Err(error) if error.is_transient() => Self::Failed(error.to_string()),
            Err(error) => Self::Refused(error.to_string()),
        }
    }
}

impl World {
    /// Lets the process at `seat` begin `work`.
    pub(super) fn spawn(
        &mut self,
        seat: usize,
        kind: Kind,
        work: impl Future<Output = Answer> + Send + 'static,
    ) {
        let Some(process) = self.seats[seat].process.as_ref() else {
            return;
        };
        self.tasks_begun += 1;
        let (id, answers) = (self.tasks_begun, std::sync::Arc::clone(&self.answers));
        process.spawn(async move {
            let answer = work.await;
            answers.lock().push((id, answer));
        });
        self.tasks.insert(id, Task { seat, kind });
    }

    /// A process that is alive and not frozen, by chance.
    pub(super) fn any_seat(&mut self) -> Option<usize> {
        let free: Vec<usize> = (0..self.seats.len())
            .filter(|seat| {
                let seat = &self.seats[*seat];
                seat.process.is_some() && seat.stopped_until.is_none()
            })
            .collect();
        (!free.is_empty()).then(|| self.chance.pick(&free))
    }

    /// Draws the consequences of what was answered.
    pub(super) fn hear_answers(&mut self) -> Result<(), Violation> {
        let answers = std::mem::take(&mut *self.answers.lock());
        for (id, answer) in answers {
            let Some(task) = self.tasks.remove(&id) else {
                continue;
            };
            self.note(&format!("{} {}", task.kind.name(), answer.text()));
            if let Answer::Broken(how) = &answer {
                return Err(Violation::of(
                    "error",
                    format!("{}: {how}", task.kind.name()),
                ));
            }
            self.hear(task.kind, &answer);
        }
        Ok(())
    }

    fn hear(&mut self, kind: Kind, answer: &Answer) {
        let is_done = matches!(answer, Answer::Done(_));
        match kind {
            Kind::Job(job) => self.network.lock().acknowledge(&job),
            Kind::Post(post) if is_done => self.hear_wish(&post),
            Kind::Answer(call) => {
                let document = match answer {
                    Answer::Document(document) => Some(document.as_str()),
                    _ => None,
                };
                self.network.lock().connect(call, document);
            }
            Kind::Order(Some(index), _) => {
                let made = self.clock.ids_made();
                self.model.campaigns[index].eras.answer(is_done, made);
            }
            Kind::Suppress(number) if is_done => self.model.suppress(&number),
            Kind::Order(None, _) | Kind::Suppress(_) | Kind::Post(_) | Kind::Tick(_) => {}
        }
    }

    /// A wish never to be called that was taken in is a promise.
    fn hear_wish(&mut self, post: &Post) {
        use crate::network::Told;
        let is_wish = match &post.told {
            Told::Conversation(report) => report.wish.do_not_call,
            Told::Wish(wish) => wish.do_not_call,
            Told::News(..) | Told::WhatNow => false,
        };
        let number = self
            .network
            .lock()
            .call(post.call)
            .map(|call| call.to.clone());
        if let Some(number) = number.filter(|_| is_wish) {
            self.model.suppress(&number);
        }
    }
}

impl Kind {
    /// For the trace.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Job(job) => format!("job {}/{}", job.contact_id, job.ticket),
            Self::Post(post) => format!("post {}", post.key),
            Self::Tick(which) => ["reconcile", "check", "prices", "heartbeat"][*which].to_owned(),
            Self::Order(_, what) => what.clone(),
            Self::Suppress(number) => format!("suppress {number}"),
            Self::Answer(_) => "answer".to_owned(),
        }
    }
}
