//! The schema's history, one file per step, for SQLite and Postgres alike.
//!
//! A released step is never edited. Names are the strings of the day they were written, so that a step means the same
//! for ever. Old code may run while a step is applied: add first, remove a release later.

pub use sea_orm_migration::prelude::{MigrationTrait, MigratorTrait, SchemaManager};

pub mod big_index;
mod m20261101_000001_create_users;
mod m20261101_000002_create_campaigns;
mod m20261101_000003_create_contacts;
mod m20261101_000004_create_calls;
mod m20261101_000005_create_operations;
mod m20261121_000006_learn_in_calls;
mod m20261121_000007_sum_calls_in_detail;
mod m20261121_000008_single_calls;
mod m20261121_000009_extend_users_and_directory;
mod m20261121_000010_index_calls;
mod m20261121_000011_learn_after_calls;
mod m20261121_000012_fill_in_older_calls;
mod m20261121_000013_list_suppressions;
mod m20261121_000014_create_carrier_breakers;
mod m20261121_000015_choose_route;
mod m20261121_000016_index_price_checks;
mod m20261121_000017_index_suppressions;
mod m20261121_000018_transcribe_recordings;
mod m20261122_000019_index_live_calls;
mod m20261122_000020_search_contacts;
mod m20261122_000021_put_off_questions;
mod m20261123_000022_keep_webhooks;

/// Applies the steps in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261101_000001_create_users::Migration),
            Box::new(m20261101_000002_create_campaigns::Migration),
            Box::new(m20261101_000003_create_contacts::Migration),
            Box::new(m20261101_000004_create_calls::Migration),
            Box::new(m20261101_000005_create_operations::Migration),
            Box::new(m20261121_000006_learn_in_calls::Migration),
            Box::new(m20261121_000008_single_calls::Migration),
            Box::new(m20261121_000009_extend_users_and_directory::Migration),
            Box::new(m20261121_000007_sum_calls_in_detail::Migration),
            Box::new(m20261121_000010_index_calls::Migration),
            Box::new(m20261121_000011_learn_after_calls::Migration),
            Box::new(m20261121_000012_fill_in_older_calls::Migration),
            Box::new(m20261121_000013_list_suppressions::Migration),
            Box::new(m20261121_000014_create_carrier_breakers::Migration),
            Box::new(m20261121_000015_choose_route::Migration),
            Box::new(m20261121_000016_index_price_checks::Migration),
            Box::new(m20261121_000017_index_suppressions::Migration),
            Box::new(m20261121_000018_transcribe_recordings::Migration),
            Box::new(m20261122_000019_index_live_calls::Migration),
            Box::new(m20261122_000020_search_contacts::Migration),
            Box::new(m20261122_000021_put_off_questions::Migration),
            Box::new(m20261123_000022_keep_webhooks::Migration),
        ]
    }
}
