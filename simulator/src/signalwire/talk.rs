//! An answered call: the machine detection, the dialer's documents, and the hang-up.

use std::future::pending;
use std::sync::Arc;

use chrono::Utc;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep, sleep_until};
use url::Url;

use super::call::{AnsweredBy, Call, Ending, Live};
use super::callback::Callback;
use super::document::{self, Verb};
use super::request::Detection;
use super::signature::scheme_b;
use super::wire::{self, Form};
use crate::courier::Target;
use crate::elevenlabs::use_tool;
use crate::network::Network;
use crate::person::Behaviour;
use crate::recorder::{CallbackKind, Delivery, EndStatus, RecordedCallback};

/// How many documents one call may fetch without being redirected from outside.
const DOCUMENTS_MAX: usize = 50;

/// A call somebody picked up.
#[derive(Clone, Copy)]
pub(crate) struct Talk<'a> {
    pub network: &'a Arc<Network>,
    pub call: &'a Arc<Call>,
    pub live: &'a Arc<Live>,
}

/// A request for a document.
pub(crate) struct Ask {
    pub target: Target,
    pub kind: CallbackKind,
    /// What it says beyond the usual.
    pub more: Form,
}

/// What follows a verb.
pub(crate) enum Step {
    /// The verb after it.
    Next,
    /// Another document.
    Goto(Ask),
    /// Nothing: the call is over.
    Over,
}

impl Talk<'_> {
    /// Holds the call until it has ended.
    pub async fn hold(self, mut redirected: UnboundedReceiver<Target>) {
        let asynchronous = match &self.live.settings.detection {
            None => None,
            Some(Detection::Asynchronous(target)) => Some(target),
            Some(Detection::Synchronous) => {
                self.detect().await;
                None
            }
        };
        let detection = async {
            if let Some(target) = asynchronous {
                self.report_detection(target).await;
            }
            pending::<()>().await;
        };
        let documents = async {
            let mut target = self.live.settings.document.clone();
            loop {
                tokio::select! {
                    biased;
                    Some(next) = redirected.recv() => {
                        self.leave_agent();
                        target = next;
                    }
                    () = self.follow(target.clone()) => return,
                }
            }
        };
        tokio::select! {
            () = detection => {}
            () = documents => {}
        }
        self.call
            .end(self.network, EndStatus::Completed, Ending::CutShort);
    }

    /// Waits for the carrier's verdict on who picked up.
    async fn detect(self) -> AnsweredBy {
        sleep(self.network.pace.real(self.live.person.detection_ms)).await;
        let verdict = match self.live.person.behaviour {
            Behaviour::Voicemail => AnsweredBy::Machine,
            _ => AnsweredBy::Human,
        };
        self.call.detected(verdict);
        verdict
    }

    async fn report_detection(self, target: &Target) {
        let verdict = self.detect().await;
        let project = &self.network.config.project_id;
        let took_ms = self.live.person.detection_ms;
        self.live.outbox.push_unnumbered(Callback {
            kind: CallbackKind::MachineDetection,
            sequence: None,
            target: target.clone(),
            form: wire::detection_callback(project, self.call, verdict, took_ms),
        });
        self.live.outbox.pump(self.network);
    }

    /// Does what the document at `target` says, and the documents it leads to.
    async fn follow(self, target: Target) {
        let mut ask = Ask {
            target,
            kind: CallbackKind::Document,
            more: Form::new(),
        };
        for _ in 0..DOCUMENTS_MAX {
            let verbs = match self.fetch(&ask).await {
                Ok(verbs) => verbs,
                Err(why) => match self.fall_back(&ask, why).await {
                    Some(verbs) => verbs,
                    None => return,
                },
            };
            match self.perform(verbs, &ask.target).await {
                Step::Goto(next) => ask = next,
                Step::Next | Step::Over => return,
            }
        }
        self.fail("12100 documents lead to documents without end");
    }

    async fn fall_back(self, ask: &Ask, why: String) -> Option<Vec<Verb>> {
        self.fail(&why);
        let fallback = self
            .live
            .settings
            .fallback
            .clone()
            .filter(|url| *url != ask.target)?;
        let ask = Ask {
            target: fallback,
            kind: ask.kind,
            more: ask.more.clone(),
        };
        self.fetch(&ask)
            .await
            .inspect_err(|why| self.fail(why))
            .ok()
    }

    fn fail(self, why: &str) {
        tracing::warn!(call.sid = %self.call.sid, "answer document of {}: {why}", self.call.sid);
        if let Some(recorded) = self.call.recorded {
            self.network.recorder.document_failed(recorded, why);
        }
    }

    /// Asks the dialer for a document. Never repeated, as documented.
    pub async fn fetch(self, ask: &Ask) -> Result<Vec<Verb>, String> {
        let config = &self.network.config;
        let facts = self.call.facts();
        let mut form = wire::request_form(&config.project_id, self.call, &facts);
        if let (Some(Detection::Synchronous), Some(by)) =
            (&self.live.settings.detection, facts.answered_by)
        {
            form.push(("AnsweredBy", wire::detection_word(by).to_owned()));
        }
        form.extend(ask.more.iter().cloned());
        let sign = |url: &str, form: &[(&str, String)]| scheme_b(&config.signing_key, url, form);
        let reply = self
            .network
            .courier
            .send_form(&ask.target, &form, sign)
            .await;
        let delivery = reply
            .as_ref()
            .map_or_else(|e| *e, |reply| Delivery::Answered(reply.status));
        if let Some(recorded) = self.call.recorded {
            let settled_at = Utc::now();
            let (kind, sequence, attempts) = (ask.kind, None, 1);
            let callback = RecordedCallback {
                kind,
                sequence,
                attempts,
                settled_at,
                delivery,
            };
            self.network.recorder.callback(recorded, callback);
        }
        let reply = reply.map_err(|e| format!("11200 no answer: {e:?}"))?;
        if reply.status != 200 {
            return Err(format!("11217 HTTP status {}", reply.status));
        }
        if !reply.content_type.contains("xml") {
            return Err(format!(
                "12300 content type {:?} is not XML",
                reply.content_type
            ));
        }
        document::parse(&reply.body)
    }

    /// Performs `verbs`, which came from `source`.
    async fn perform(self, verbs: Vec<Verb>, source: &Target) -> Step {
        for verb in verbs {
            let step = match verb {
                Verb::Hangup => Step::Over,
                Verb::Pause { seconds } => self.pause(seconds).await,
                Verb::Connect(stream) => self.connect(&stream).await,
                Verb::Dial(dial) => self.dial(&dial, source).await,
                Verb::Redirect { url, is_get } => match absolute(source, &url, is_get) {
                    Some(target) => {
                        let (kind, more) = (CallbackKind::Document, Form::new());
                        Step::Goto(Ask { target, kind, more })
                    }
                    None => Step::Over,
                },
                Verb::Other => Step::Next,
            };
            if !matches!(step, Step::Next) {
                return step;
            }
        }
        Step::Over
    }

    async fn pause(self, seconds: u64) -> Step {
        let pause = self.network.pace.real(seconds.saturating_mul(1_000));
        tokio::select! {
            () = sleep(pause) => Step::Next,
            () = self.until_the_person_hangs_up() => Step::Over,
        }
    }

    /// Connects the call to whoever owns the stream's address, until the person hangs up.
    async fn connect(self, stream: &document::Stream) -> Step {
        if let Some(conversation) = self.network.platform.take_stream(stream, self.call.sid) {
            self.connect_agent(conversation);
        }
        self.until_the_person_hangs_up().await;
        Step::Over
    }

    /// Lets the agent of `conversation` talk with the person.
    pub fn connect_agent(self, conversation: Arc<str>) {
        let (person, over) = (&self.live.person, self.live.over.clone());
        use_tool(self.network, &conversation, person, over);
        self.live.connect_agent(conversation);
    }

    /// Waits for the person's hang-up, and ends the call with it.
    pub async fn until_the_person_hangs_up(self) {
        let person = &self.live.person;
        let talked_ms = person
            .behaviour
            .talk_ms()
            .unwrap_or(person.voicemail_max_ms);
        let picked_up_at = self.call.picked_up_at().unwrap_or_else(Instant::now);
        sleep_until(picked_up_at + self.network.pace.real(talked_ms)).await;
        self.call.end(
            self.network,
            EndStatus::Completed,
            Ending::Natural { talked_ms },
        );
    }

    /// Takes the call away from the agent it talks to.
    pub fn leave_agent(self) {
        let talked = self
            .call
            .picked_up_at()
            .map(|at| at.elapsed())
            .unwrap_or_default();
        let talked_ms = self.network.pace.simulated_ms(talked);
        self.live.disconnect_agent(self.network, talked_ms, true);
    }
}

/// `url` as seen from the document at `source`.
pub(crate) fn absolute(source: &Target, url: &str, is_get: bool) -> Option<Target> {
    let url = Url::parse(&source.url).ok()?.join(url).ok()?;
    Some(Target {
        url: String::from(url).into(),
        is_get,
    })
}
