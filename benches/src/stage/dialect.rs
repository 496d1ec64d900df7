//! What Postgres and SQLite call by different names, where rows are made.

use chrono::{DateTime, SecondsFormat, Utc};

/// Whose words they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Postgres'.
    Postgres,
    /// SQLite's: ids are sixteen bytes, instants are texts of one form, so that they are ordered as texts. Whole seconds have
    /// no fraction in it.
    Sqlite,
}

/// That form.
const INSTANT: &str = "'%Y-%m-%dT%H:%M:%S+00:00'";

impl Dialect {
    /// A row for each number from 1 to `count`, in the column `n`.
    pub fn series(self, count: usize) -> String {
        match self {
            Self::Postgres => format!("generate_series(1, {count}) n"),
            Self::Sqlite => format!(
                "(WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) \
                 SELECT n FROM numbers)"
            ),
        }
    }

    /// The number of the contact at place `n`, as [`super::contacts::number`] has it.
    pub fn number(self) -> &'static str {
        match self {
            Self::Postgres => {
                "'+1' || (200 + (n - 1) / 10000) || '555' || lpad(((n - 1) % 10000)::text, 4, '0')"
            }
            Self::Sqlite => "printf('+1%03d555%04d', 200 + (n - 1) / 10000, (n - 1) % 10000)",
        }
    }

    /// An id that is written out.
    pub fn id(self, id: &str) -> String {
        match self {
            Self::Postgres => format!("'{id}'"),
            Self::Sqlite => format!("X'{}'", id.replace('-', "")),
        }
    }

    /// A new id.
    pub fn new_id(self) -> &'static str {
        match self {
            Self::Postgres => "gen_random_uuid()",
            Self::Sqlite => "randomblob(16)",
        }
    }

    /// A new id that grows with the instant `at`, as the dialer's do.
    pub fn new_id_at(self, at: &str) -> String {
        match self {
            Self::Postgres => format!(
                "(lpad(to_hex((extract(epoch from {at}) * 1000)::bigint), 12, '0') || '7' || \
                 substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid"
            ),
            Self::Sqlite => format!(
                "unhex(printf('%012x', CAST(unixepoch({at}, 'subsec') * 1000 AS INTEGER)) || '7' || \
                 substr(hex(randomblob(2)), 1, 3) || '8' || substr(hex(randomblob(8)), 1, 15))"
            ),
        }
    }

    /// The 32 digits of an id.
    pub fn digits(self, id: &str) -> String {
        match self {
            Self::Postgres => format!("replace({id}::text, '-', '')"),
            Self::Sqlite => format!("lower(hex({id}))"),
        }
    }

    /// This instant.
    pub fn now(self) -> String {
        match self {
            Self::Postgres => "now()".to_owned(),
            Self::Sqlite => format!("strftime({INSTANT}, 'now')"),
        }
    }

    /// An instant that is written out.
    pub fn instant(self, at: DateTime<Utc>) -> String {
        match self {
            Self::Postgres => format!("'{}'::timestamptz", at.to_rfc3339()),
            Self::Sqlite => format!("'{}'", at.to_rfc3339_opts(SecondsFormat::AutoSi, false)),
        }
    }

    /// The instant that is `seconds` after `at`, both expressions.
    pub fn after(self, at: &str, seconds: &str) -> String {
        match self {
            Self::Postgres => format!("{at} + ({seconds}) * interval '1 second'"),
            Self::Sqlite => format!("strftime({INSTANT}, {at}, ({seconds}) || ' seconds')"),
        }
    }

    /// The begin of the day, in UTC.
    pub fn today(self) -> String {
        match self {
            Self::Postgres => "date_trunc('day', now(), 'UTC')".to_owned(),
            Self::Sqlite => format!("strftime({INSTANT}, 'now', 'start of day')"),
        }
    }

    /// Has the planner look at `tables`, all where none is named, and clears away what is left of rows from before.
    pub fn tidy(self, tables: &str) -> String {
        match self {
            Self::Postgres => format!("VACUUM ANALYZE {tables}"),
            Self::Sqlite => "ANALYZE".to_owned(),
        }
    }
}
