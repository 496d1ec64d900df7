//! The table `workers`.

use sea_orm::entity::prelude::*;

/// A worker that is, or lately was, alive.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "workers")]
pub struct Model {
    /// Its name, unique per start.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Where it runs.
    pub host: String,
    /// Its process.
    pub pid: i32,
    /// What it runs.
    pub version: String,
    /// Calls it places at once.
    pub concurrency: i32,
    /// Since when.
    pub started_at: DateTimeUtc,
    /// When it last said so.
    pub heartbeat_at: DateTimeUtc,
    /// Recordings that it had listened to just then; none: it does not.
    pub transcribing: Option<i32>,
    /// How many all workers may have listened to at once.
    pub transcribing_max: Option<i32>,
    /// How the transcription service is: `healthy`, `warning` or `critical`.
    pub transcriber_status: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
