//! How long it lasts, and when things go wrong.

use std::time::Duration;

use clap::Parser;

use crate::verdict::Bounds;

/// What a short run lasts, in minutes of campaign life.
const SHORT_MINUTES: u32 = 30;
/// What a whole run lasts.
const WHOLE_MINUTES: u32 = 120;
/// The part of a run that nobody judges: pools fill, caches warm up.
const WARM_UP: f64 = 0.1;

/// Lets campaigns live with a dialer of real processes, with faults switched on and off, and judges what stays flat
#[derive(Parser)]
#[command(name = "soak", no_binary_name = false)]
pub struct Args {
    /// Minutes of campaign life; 120, or 30 where it is short
    #[arg(long, value_parser = clap::value_parser!(u32).range(10..=10_000))]
    minutes: Option<u32>,
    /// How much faster than real the phone network and the dialer's minutes go by; 10, or 20 where it is short
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=60))]
    scale: Option<u32>,
    /// How often faults are switched on and off; 3, or once where it is short
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=50))]
    rounds: Option<u32>,
    /// Campaigns that run at once
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=16))]
    pub campaigns: u32,
    /// Worker processes; the first lives from begin to end, the last is killed and replaced
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(2..=8))]
    pub workers: u8,
    /// The form for every change: two minutes, and bounds for programs that are not optimised
    #[arg(long)]
    short: bool,
}

impl Args {
    /// Minutes of campaign life.
    pub fn minutes(&self) -> u32 {
        let default = if self.short {
            SHORT_MINUTES
        } else {
            WHOLE_MINUTES
        };
        self.minutes.unwrap_or(default)
    }

    /// How much faster than real everything goes by.
    pub fn scale(&self) -> u32 {
        self.scale.unwrap_or(if self.short { 20 } else { 10 })
    }

    /// What a minute of campaign life lasts.
    pub fn minute(&self) -> Duration {
        Duration::from_secs(60) / self.scale()
    }

    /// What is still flat.
    pub fn bounds(&self) -> Bounds {
        if self.short {
            Bounds::SHORT
        } else {
            Bounds::WHOLE
        }
    }

    /// The phases in their order: after the warm-up calm and faults by turns, calm at both ends.
    pub fn phases(&self) -> Vec<Phase> {
        let rounds = self.rounds.unwrap_or(if self.short { 1 } else { 3 });
        let whole = self.minute() * self.minutes();
        let each = whole.mul_f64((1.0 - WARM_UP) / f64::from(2 * rounds + 1));
        let mut phases = vec![Phase::new(Kind::WarmUp, 1, whole.mul_f64(WARM_UP))];
        for round in 1..=rounds {
            phases.push(Phase::new(Kind::Calm, round, each));
            phases.push(Phase::new(Kind::Faults, round, each));
        }
        phases.push(Phase::new(Kind::Calm, rounds + 1, each));
        phases
    }
}

/// What a phase is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing goes wrong, and nothing is judged.
    WarmUp,
    /// Nothing goes wrong.
    Calm,
    /// Everything goes wrong that [`crate::faults`] knows.
    Faults,
    /// Nothing goes wrong any more, nothing new is begun, and everybody comes to an end.
    End,
}

/// A part of the run.
#[derive(Clone, Debug)]
pub struct Phase {
    pub name: String,
    pub kind: Kind,
    /// Counted from 1 among those of its kind.
    pub round: u32,
    pub lasts: Duration,
}

impl Phase {
    fn new(kind: Kind, round: u32, lasts: Duration) -> Self {
        let name = match kind {
            Kind::WarmUp => "warm-up".to_owned(),
            Kind::Calm => format!("calm {round}"),
            Kind::Faults => format!("faults {round}"),
            Kind::End => "end".to_owned(),
        };
        Self {
            name,
            kind,
            round,
            lasts,
        }
    }

    /// What comes after the others: as long as it takes.
    pub fn end() -> Self {
        Self::new(Kind::End, 1, Duration::ZERO)
    }
}
