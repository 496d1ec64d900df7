//! The table `carrier_breakers`.

use sea_orm::entity::prelude::*;

/// What is known of one carrier's account: whether it is left alone, and what was counted lately. A carrier without a row
/// is well.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "carrier_breakers")]
pub struct Model {
    /// Which carrier.
    #[sea_orm(primary_key, auto_increment = false)]
    pub carrier: String,
    /// When the breaker opened; none: it is closed.
    pub opened_at: Option<DateTimeUtc>,
    /// When the next probe may be placed; with `opened_at`.
    pub open_until: Option<DateTimeUtc>,
    /// The call that tries the carrier, while one does.
    pub probe_call: Option<Uuid>,
    /// When that is given up; with `probe_call`.
    pub probe_until: Option<DateTimeUtc>,
    /// Which half of the window was counted last: how many of them went by since 1970.
    pub window_half: i64,
    /// Answers in it that were well.
    pub well: i32,
    /// Faults in it.
    pub faults: i32,
    /// Answers in the half before that were well.
    pub well_before: i32,
    /// Faults in the half before.
    pub faults_before: i32,
    /// Until when the carrier asked for patience, if it did.
    pub busy_until: Option<DateTimeUtc>,
    /// How often in a row it asked for patience.
    pub refusals: i32,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
