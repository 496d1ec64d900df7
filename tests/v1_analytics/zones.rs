//! Whose clock tells the hours at which calls are made.

use std::collections::BTreeMap;

use chrono::{Datelike, FixedOffset, Timelike};
use serde_json::{Value, json};
use simulator::Behaviour;

use super::analytics;
use crate::support::people::{Person, alike};
use crate::support::promises::begun_at;
use crate::support::{Dialer, Options, PATIENCE, Stack, on_both_stacks};

on_both_stacks!(hours_are_told_by_one_clock_whatever_the_campaigns_have);

/// Zones that are on different days for most of the day, and how many minutes they are ahead of UTC.
const EAST: (&str, i32) = ("Pacific/Kiritimati", 14 * 60);
const WEST: (&str, i32) = ("America/Phoenix", -7 * 60);
const NEITHER: (&str, i32) = ("Asia/Kathmandu", 5 * 60 + 45);
const UTC: (&str, i32) = ("UTC", 0);

/// Has `people` called once each by a campaign in `zone`; its id.
async fn ran(dialer: &Dialer, zone: &str, people: &[Person]) -> String {
    let fields = json!({ "timezone": zone, "callAttemptsPerContact": 1 });
    let campaign = dialer.api.create_campaign(fields).await;
    dialer.rehearse(people);
    dialer.api.add(&campaign, people).await;
    dialer.api.command(&campaign, "start").await.ok();
    dialer.api.reaches(&campaign, "completed", PATIENCE).await;
    campaign
}

/// Weekday, hour and calls, as the clock of a zone told them when the carrier was asked to call `people`.
fn seen(dialer: &Dialer, people: &[&Person], minutes_ahead: i32) -> Value {
    let clock = FixedOffset::east_opt(minutes_ahead * 60).expect("an offset");
    let mut hours = BTreeMap::new();
    for person in people {
        let call = dialer
            .simulator
            .recorder()
            .calls_to(&person.number)
            .remove(0);
        let at = begun_at(&call).with_timezone(&clock);
        let hour = (at.weekday().number_from_monday(), at.hour());
        *hours.entry(hour).or_insert(0) += 1;
    }
    let hours = hours.into_iter();
    hours
        .map(|((weekday, hour), calls)| json!([weekday, hour, calls]))
        .collect()
}

async fn hours_are_told_by_one_clock_whatever_the_campaigns_have(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let people = alike(331, 5, &Behaviour::Busy);
    let (eastern, western) = people.split_at(2);
    let east = ran(&dialer, EAST.0, eastern).await;
    let west = ran(&dialer, WEST.0, western).await;
    let all: Vec<&Person> = people.iter().collect();
    let (in_east, in_west) = (&all[..2], &all[2..]);
    for (query, called, (zone, minutes_ahead)) in [
        (&[("campaignId", &*east)][..], in_east, EAST),
        (&[("campaignId", &west)], in_west, WEST),
        (&[], &all, UTC),
        (&[("timezone", NEITHER.0)], &all, NEITHER),
        (
            &[("campaignId", &west), ("timezone", NEITHER.0)],
            in_west,
            NEITHER,
        ),
    ] {
        let told = analytics(&dialer.api, "scheduling", query).await;
        assert_eq!(told["timezone"], zone, "{query:?}");
        let hours = told["byWeekdayAndHour"].as_array().expect("a list").iter();
        let hours = hours.map(|told| json!([told["weekday"], told["hour"], told["calls"]]));
        let expected = seen(&dialer, called, minutes_ahead);
        assert_eq!(hours.collect::<Value>(), expected, "{query:?}");
    }
}
