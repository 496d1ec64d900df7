//! What a seed stands for: campaigns, people, and everything that is done to them.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::breaker::BreakerRules;

use crate::chance::Chance;
use crate::faults::Faults;
use crate::model::Spec;

/// Zones with half hours, changes by half an hour, changes at midnight, and none.
const ZONES: [Tz; 11] = [
    Tz::UTC,
    Tz::America__New_York,
    Tz::America__Los_Angeles,
    Tz::America__St_Johns,
    Tz::Europe__Berlin,
    Tz::Africa__Cairo,
    Tz::Asia__Kolkata,
    Tz::Asia__Kathmandu,
    Tz::Australia__Adelaide,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Chatham,
];
/// Days around which clocks change, or years end.
const DAYS: [&str; 9] = [
    "2026-03-08T00:00:00Z",
    "2026-03-29T00:00:00Z",
    "2026-04-05T00:00:00Z",
    "2026-04-24T00:00:00Z",
    "2026-06-10T00:00:00Z",
    "2026-10-04T00:00:00Z",
    "2026-10-25T00:00:00Z",
    "2026-11-01T00:00:00Z",
    "2026-12-31T00:00:00Z",
];

/// A person in a campaign.
#[derive(Clone, Debug)]
pub struct Person {
    /// E.164.
    pub number: String,
    /// Their own zone.
    pub zone: Option<Tz>,
}

/// A campaign and those who are in it from the start.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Its settings; active, as it is started at once.
    pub spec: Spec,
    /// Its people.
    pub people: Vec<Person>,
}

/// Something that is done.
#[derive(Clone, Debug)]
pub enum Change {
    /// Kill a process, in the middle of whatever it does.
    Kill(usize),
    /// Let the queue forget everything.
    EmptyQueue,
    /// The queue does not answer for so many seconds.
    QueueDown(i64),
    /// The carrier takes nothing on for so many seconds, and answers no look-up.
    CarrierDown(i64),
    /// The carrier refuses the account for so many seconds.
    AccountRefused(i64),
    /// Pause a campaign.
    Pause(usize),
    /// Resume it.
    Resume(usize),
    /// End it.
    End(usize),
    /// Cancel it.
    Cancel(usize),
    /// Delete it.
    Delete(usize),
    /// Give it other settings.
    Update(usize, Box<Spec>),
    /// Bring more people in.
    Import(usize, Vec<Person>),
    /// Put a number on the list of those who must not be called.
    Suppress(String),
    /// Call somebody by hand.
    Single(String),
}

/// A run, before it happens.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it comes from, and what decides everything it does not say.
    pub seed: u64,
    /// When it begins.
    pub begins_at: DateTime<Utc>,
    /// The campaigns.
    pub campaigns: Vec<Planned>,
    /// How much goes wrong by itself.
    pub faults: Faults,
    /// What is done, so long after the begin; in this order.
    pub changes: Vec<(TimeDelta, Change)>,
    /// Calls per second that the account takes.
    pub calls_per_second: f64,
    /// When the carrier is left alone, and for how long.
    pub breaker: BreakerRules,
    /// Processes.
    pub processes: usize,
}

impl Plan {
    /// What `seed` stands for.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut chance = Chance::of(seed, "plan");
        let day: DateTime<Utc> = chance.pick(&DAYS).parse().unwrap_or_default();
        let mut begins_at = day - TimeDelta::seconds(chance.between(0, 48 * 3_600));
        let faults = Faults::by(&mut Chance::of(seed, "faults"));
        let count = chance.between(1, 2);
        let campaigns: Vec<Planned> = (0..count)
            .map(|_| Planned {
                spec: spec(&mut chance, begins_at),
                people: people(&mut chance, 8),
            })
            .collect();
        if chance.happens(0.4) {
            let most_ms = 1_000 * chance.pick(&[5, 30, 600]);
            let lead = TimeDelta::milliseconds(chance.between(0, most_ms));
            begins_at = closing(&campaigns[0].spec, begins_at).map_or(begins_at, |at| at - lead);
        }
        let mut changes: Vec<(TimeDelta, Change)> = (0..chance.between(0, 14))
            .map(|_| {
                (
                    moment(&mut chance),
                    change(&mut chance, &campaigns, begins_at),
                )
            })
            .collect();
        // Whoever pauses means to go on.
        let resumed: Vec<_> = changes
            .iter()
            .filter_map(|(at, change)| match change {
                Change::Pause(index) => Some((*at, *index)),
                _ => None,
            })
            .collect();
        for (at, index) in resumed {
            let later = TimeDelta::seconds(chance.between(5, 7_200));
            changes.push((at + later, Change::Resume(index)));
        }
        changes.sort_by_key(|(at, _)| *at);
        Self {
            seed,
            begins_at,
            campaigns,
            faults,
            changes,
            calls_per_second: chance.pick(&[1.0, 5.0, 50.0]),
            breaker: breaker(&mut Chance::of(seed, "breaker")),
            processes: 3,
        }
    }
}

/// When the window of the day of `around` closes. Calls that are on their way then are few in a run that begins at any hour:
/// the wait for a turn at the carrier is short.
fn closing(spec: &Spec, around: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let (_, to) = spec.hours?;
    let day = around.with_timezone(&spec.zone).date_naive();
    let closes = day.and_time(to).and_local_timezone(spec.zone).earliest()?;
    Some(closes.with_timezone(&Utc))
}

/// Few people are called in a run: left as it is a carrier would hardly ever be left alone.
fn breaker(chance: &mut Chance) -> BreakerRules {
    BreakerRules {
        window: TimeDelta::seconds(chance.pick(&[10, 60, 600])),
        faults_min: chance.pick(&[1, 2, 5]),
        fault_share: chance.pick(&[0.1, 0.5, 1.0]),
        open_for: TimeDelta::seconds(chance.pick(&[5, 30, 300])),
    }
}

fn moment(chance: &mut Chance) -> TimeDelta {
    let most = chance.pick(&[60, 600, 3_600, 20_000, 300_000, 3_000_000]);
    TimeDelta::milliseconds(chance.between(0, most * 1_000))
}

fn change(chance: &mut Chance, campaigns: &[Planned], begins_at: DateTime<Utc>) -> Change {
    let index = chance.index(campaigns.len());
    let seconds = chance.between(1, 120);
    match chance.between(1, 100) {
        1..=15 => Change::Kill(chance.index(3)),
        16..=22 => Change::EmptyQueue,
        23..=26 => Change::QueueDown(seconds),
        27..=32 => Change::CarrierDown(seconds),
        33..=35 => Change::AccountRefused(seconds),
        36..=50 => Change::Pause(index),
        51..=53 => Change::End(index),
        54..=55 => Change::Cancel(index),
        56..=57 => Change::Delete(index),
        58..=77 => Change::Update(
            index,
            Box::new(other(chance, &campaigns[index].spec, begins_at)),
        ),
        78..=86 => Change::Import(index, people(chance, 4)),
        87..=95 => Change::Suppress(number(chance)),
        _ => Change::Single(number(chance)),
    }
}

fn spec(chance: &mut Chance, begins_at: DateTime<Utc>) -> Spec {
    let hours = hours(chance);
    let lasts = TimeDelta::hours(chance.between(30, 1_500));
    Spec {
        is_active: true,
        limit: chance.between(1, 4),
        attempts: chance.between(1, 4),
        retry_minutes: chance.pick(&[0, 1, 5, 60, 600, 1_500, 4_320, 10_080]),
        callbacks: chance
            .happens(0.6)
            .then(|| (chance.between(0, 2), chance.pick(&[0, 30, 1_440, 10_080]))),
        zone: chance.pick(&ZONES),
        uses_contact_zone: chance.happens(0.8),
        hours,
        days: chance
            .happens(0.3)
            .then(|| chance.pick(&[vec![1, 2, 3, 4, 5], vec![6, 0], vec![0, 2, 4]])),
        without: if chance.happens(0.2) {
            vec![begins_at.date_naive() + TimeDelta::days(chance.between(0, 3))]
        } else {
            Vec::new()
        },
        start_date: chance
            .happens(0.2)
            .then(|| begins_at + TimeDelta::minutes(chance.between(1, 2_000))),
        end_date: chance.happens(0.2).then(|| begins_at + lasts),
    }
}

/// The settings of a campaign, some of them changed.
fn other(chance: &mut Chance, spec: &Spec, begins_at: DateTime<Utc>) -> Spec {
    let anew = self::spec(chance, begins_at);
    let mut spec = spec.clone();
    match chance.between(1, 6) {
        1 | 2 => spec.limit = anew.limit,
        3 => spec.attempts = anew.attempts,
        4 => spec.retry_minutes = anew.retry_minutes,
        5 => {
            spec.hours = anew.hours;
            spec.zone = anew.zone;
        }
        _ => {
            spec = Spec {
                start_date: spec.start_date,
                ..anew
            }
        }
    }
    spec
}

fn hours(chance: &mut Chance) -> Option<(NaiveTime, NaiveTime)> {
    let (from, to) = chance.pick(&[
        ("00:00", "00:00"),
        ("09:00", "17:00"),
        ("08:30", "12:15"),
        ("22:00", "02:30"),
        ("01:30", "03:30"),
        ("02:10", "02:50"),
        ("23:45", "00:15"),
        ("00:00", "06:00"),
    ]);
    let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok();
    time(from).zip(time(to)).filter(|(from, to)| from != to)
}

fn people(chance: &mut Chance, most: i64) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    for _ in 0..chance.between(1, most) {
        let number = number(chance);
        let zone = chance.happens(0.4).then(|| chance.pick(&ZONES));
        if people.iter().all(|known| known.number != number) {
            people.push(Person { number, zone });
        }
    }
    people
}

/// One of few, so that campaigns share people.
fn number(chance: &mut Chance) -> String {
    format!("+120255501{:02}", chance.between(10, 29))
}
