//! A call's news in every order.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::{End, News, Progress};
use crate::outcome::{AnsweredBy, CallStatus, Outcome};

const NOON: DateTime<Utc> = DateTime::<Utc>::UNIX_EPOCH;

fn ended(end: End, duration_s: Option<u32>) -> News {
    News::Ended { end, duration_s }
}

fn agent_failed() -> News {
    News::AgentFailed {
        reason: "no credit".to_owned(),
    }
}

/// What is known after `news`, one a second from noon on.
fn after<'a>(news: impl IntoIterator<Item = &'a News>) -> Progress {
    let mut progress = Progress::default();
    for (second, news) in (0..).zip(news) {
        progress.learn(news, NOON + TimeDelta::seconds(second));
    }
    progress
}

#[test]
fn an_ordinary_call_rings_is_answered_and_ends() {
    let accepted = News::Accepted {
        carrier_call_id: "CA1".to_owned(),
    };
    let mut progress = Progress::default();
    assert_eq!(progress.status(), CallStatus::Initiated);
    assert!(progress.learn(&accepted, NOON));
    assert!(progress.learn(&News::Ringing, NOON));
    assert_eq!(
        (progress.status(), progress.outcome()),
        (CallStatus::Initiated, None)
    );
    assert!(progress.learn(&News::Answered, NOON));
    assert_eq!(
        (progress.status(), progress.outcome()),
        (CallStatus::InProgress, None)
    );
    assert!(progress.learn(&News::Detected(AnsweredBy::Human), NOON));
    assert!(progress.learn(&ended(End::Completed, Some(42)), NOON));
    assert_eq!(progress.status(), CallStatus::Completed);
    assert_eq!(progress.outcome(), Some(Outcome::Answered));
    assert_eq!(progress.duration_s, Some(42));
}

#[test]
fn news_known_already_teach_nothing() {
    let news = [
        News::Ringing,
        News::Answered,
        agent_failed(),
        ended(End::Completed, Some(1)),
    ];
    let mut progress = after(&news);
    let before = progress.clone();
    for again in &news {
        assert!(
            !progress.learn(again, NOON + TimeDelta::hours(1)),
            "{again:?}"
        );
    }
    assert_eq!(progress, before);
}

#[test]
fn a_ringing_after_the_end_changes_nothing() {
    let progress = after(&[ended(End::Busy, None), News::Ringing, News::Answered]);
    assert_eq!((progress.ringing_at, progress.answered_at), (None, None));
    assert_eq!(progress.status(), CallStatus::Busy);
}

#[test]
fn a_completed_call_whose_answer_got_lost_was_answered_when_the_talk_began() {
    let mut progress = Progress::default();
    progress.learn(&ended(End::Completed, Some(90)), NOON);
    assert_eq!(progress.answered_at, Some(NOON - TimeDelta::seconds(90)));

    let mut untold = Progress::default();
    untold.learn(&ended(End::Completed, None), NOON);
    assert_eq!(untold.answered_at, Some(NOON));
}

#[test]
fn an_answer_that_was_told_is_not_reckoned() {
    let progress = after(&[News::Answered, ended(End::Completed, Some(90))]);
    assert_eq!(progress.answered_at, Some(NOON));
}

#[test]
fn a_call_that_was_not_completed_is_not_answered_by_its_end() {
    for end in End::ALL.iter().filter(|end| **end != End::Completed) {
        assert_eq!(after(&[ended(*end, Some(0))]).answered_at, None, "{end}");
    }
}

#[test]
fn a_machine_makes_a_completed_call_a_voicemail() {
    for (by, outcome) in [
        (AnsweredBy::Human, Outcome::Answered),
        (AnsweredBy::Unknown, Outcome::Answered),
        (AnsweredBy::Machine, Outcome::Voicemail),
        (AnsweredBy::Fax, Outcome::Voicemail),
    ] {
        let detected_late = after(&[ended(End::Completed, None), News::Detected(by)]);
        assert_eq!(detected_late.outcome(), Some(outcome), "{by}");
    }
}

#[test]
fn a_machine_once_heard_is_not_taken_for_a_person_again() {
    let both = [
        News::Detected(AnsweredBy::Machine),
        News::Detected(AnsweredBy::Human),
    ];
    assert_eq!(after(&both).answered_by, Some(AnsweredBy::Machine));
    assert_eq!(
        after(both.iter().rev()).answered_by,
        Some(AnsweredBy::Machine)
    );
    let told_at_last = [
        News::Detected(AnsweredBy::Unknown),
        News::Detected(AnsweredBy::Human),
    ];
    assert_eq!(after(&told_at_last).answered_by, Some(AnsweredBy::Human));
}

#[test]
fn a_completed_call_without_an_agent_to_speak_has_failed() {
    for by in AnsweredBy::ALL {
        let news = [
            agent_failed(),
            News::Detected(*by),
            ended(End::Completed, Some(3)),
        ];
        let progress = after(&news);
        assert_eq!(progress.outcome(), Some(Outcome::Failed), "{by}");
        assert_eq!(progress.status(), CallStatus::Completed);
        assert_eq!(progress.agent_error.as_deref(), Some("no credit"));
    }
    let busy = after(&[agent_failed(), ended(End::Busy, None)]);
    assert_eq!(busy.outcome(), Some(Outcome::Busy));
}

fn news() -> impl Strategy<Value = News> {
    prop_oneof![
        "CA[0-2]".prop_map(|carrier_call_id| News::Accepted { carrier_call_id }),
        Just(News::Ringing),
        Just(News::Answered),
        prop::sample::select(AnsweredBy::ALL).prop_map(News::Detected),
        "[a-c]".prop_map(|reason| News::AgentFailed { reason }),
    ]
}

fn end() -> impl Strategy<Value = News> {
    (
        prop::sample::select(End::ALL),
        prop::option::of(0u32..10_000),
    )
        .prop_map(|(end, duration_s)| News::Ended { end, duration_s })
}

/// A set of news with one end, and the same set in another order with some of it repeated.
fn two_tellings() -> impl Strategy<Value = (Vec<News>, Vec<News>)> {
    (prop::collection::vec(news(), 0..8), end()).prop_flat_map(|(mut told, end)| {
        told.push(end);
        let repeated = prop::sample::subsequence(told.clone(), 0..=told.len());
        let again = repeated.prop_map({
            let told = told.clone();
            move |repeated| told.iter().cloned().chain(repeated).collect::<Vec<_>>()
        });
        (Just(told).prop_shuffle(), again.prop_shuffle())
    })
}

proptest! {
    #[test]
    fn every_order_and_repetition_of_the_same_news_comes_to_the_same((one, other) in two_tellings()) {
        let (one, other) = (after(&one), after(&other));
        prop_assert_eq!(one.outcome(), other.outcome());
        prop_assert_eq!(one.status(), other.status());
        prop_assert_eq!(one.end, other.end);
        prop_assert_eq!(one.duration_s, other.duration_s);
        prop_assert_eq!(one.answered_by, other.answered_by);
        prop_assert_eq!(one.agent_error.is_some(), other.agent_error.is_some());
        prop_assert_eq!(one.carrier_call_id.is_some(), other.carrier_call_id.is_some());
    }

    #[test]
    fn an_end_is_never_taken_back(
        told in prop::collection::vec(prop_oneof![3 => news(), 1 => end()], 0..20),
    ) {
        let mut progress = Progress::default();
        for news in &told {
            let before = progress.clone();
            let learned = progress.learn(news, NOON);
            prop_assert_eq!(learned, progress != before);
            if before.end.is_some() {
                prop_assert_eq!(progress.end, before.end);
                prop_assert_eq!(progress.ended_at, before.ended_at);
                prop_assert_eq!(progress.duration_s, before.duration_s);
                prop_assert!(progress.status().is_final());
            }
            prop_assert_eq!(progress.outcome().is_some(), progress.status().is_final());
        }
    }
}
