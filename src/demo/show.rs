//! What the person at the terminal sees: a bar with live figures, then a table.

use std::time::Duration;

use anyhow::Context;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use domain::CampaignId;
use entity::campaign_counters::{Entity, Model};
use indicatif::{ProgressBar, ProgressStyle};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::stage::Stage;

/// How often the figures are fetched.
const REFRESH: Duration = Duration::from_millis(100);
/// Longer than any demo that works.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// Bad rows that are named.
const ERRORS_SHOWN_MAX: usize = 4;

/// The demo as seen from outside: everything comes over the API or from the carrier's record.
pub(super) struct Show<'a> {
    stage: &'a Stage,
    campaign: &'a str,
    bar: ProgressBar,
    took: Duration,
}

#[expect(
    clippy::print_stdout,
    reason = "a demo talks to the person at the terminal"
)]
impl<'a> Show<'a> {
    pub(super) fn open(stage: &'a Stage, campaign: &'a str) -> Self {
        println!("\n  API          {}/api/docs", stage.base);
        println!(
            "  Carrier      a pretend phone network at {}",
            stage.simulator.base_url()
        );
        Self {
            stage,
            campaign,
            bar: ProgressBar::no_length(),
            took: Duration::ZERO,
        }
    }

    /// What became of the file's rows.
    pub(super) fn tell_import(&self, imported: &Value) {
        let errors = imported["errors"].as_array().map_or(&[][..], Vec::as_slice);
        println!(
            "  Contacts     {} added, {} duplicates, {} rows refused",
            imported["added"],
            imported["duplicates"],
            errors.len()
        );
        for error in errors.iter().take(ERRORS_SHOWN_MAX) {
            let message = error["message"].as_str().unwrap_or_default();
            let field = error["field"].as_str().unwrap_or_default();
            println!("               row {}, {field}: {message}", error["row"]);
        }
        if errors.len() > ERRORS_SHOWN_MAX {
            println!(
                "               … and {} more",
                errors.len() - ERRORS_SHOWN_MAX
            );
        }
        println!();
    }

    /// Shows the campaign until it has completed by itself.
    pub(super) async fn watch(&mut self) -> anyhow::Result<()> {
        let style = ProgressStyle::with_template(
            "  {bar:32.cyan/blue} {pos:>4}/{len} done  {elapsed:>4}  {msg}",
        )?;
        self.bar.set_style(style);
        let start = Instant::now();
        loop {
            let figures = self.stage.figures(self.campaign).await?;
            let number = |name: &str| figures[name].as_u64().unwrap_or(0);
            self.bar.set_length(number("totalNumbers"));
            self.bar.set_position(number("processedNumbers"));
            let calls: usize = self
                .stage
                .simulator
                .recorder()
                .attempts_per_number()
                .values()
                .sum();
            self.bar.set_message(format!(
                "{} live · {} queued · {calls} calls · {} answered · {} not",
                number("activeCallsCount"),
                number("queueLength"),
                number("completedCalls"),
                number("failedCalls"),
            ));
            let campaign = self.stage.campaign(self.campaign).await?;
            if campaign["status"] == "completed" {
                break;
            }
            anyhow::ensure!(
                start.elapsed() < PATIENCE,
                "the campaign does not end: {campaign}"
            );
            sleep(REFRESH).await;
        }
        self.took = start.elapsed();
        self.bar.finish_and_clear();
        Ok(())
    }

    /// The campaign in figures: the dialer's own, and beside them what the carrier saw.
    pub(super) async fn sum_up(&self) -> anyhow::Result<()> {
        let counters = self.counters().await?;
        let recorder = self.stage.simulator.recorder();
        let attempts = recorder.attempts_per_number();
        let calls: usize = attempts.values().sum();
        let limit = self.stage.args.max_concurrent_calls;
        let seconds = self.took.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let rate = calls as f64 / seconds;
        let answered = counters.calls_completed - counters.calls_voicemail;
        let callbacks = self.callbacks().await?;
        let retries = calls - attempts.len() - callbacks;
        let refused = recorder.len() - calls;
        let rows = [
            ("Contacts", counters.total.to_string()),
            ("  reached", counters.completed.to_string()),
            ("  given up", counters.failed.to_string()),
            ("  do not call again", counters.do_not_call.to_string()),
            ("  asked for a callback", counters.callbacks.to_string()),
            ("Calls", counters.calls_placed.to_string()),
            ("  answered by a person", answered.to_string()),
            ("  voicemail", counters.calls_voicemail.to_string()),
            ("  busy", counters.calls_busy.to_string()),
            ("  no answer", counters.calls_no_answer.to_string()),
            ("  failed", counters.calls_failed.to_string()),
            (
                "  reached their goal",
                counters.calls_successful.to_string(),
            ),
            ("Attempts", calls.to_string()),
            ("  retries", retries.to_string()),
            ("  callbacks", callbacks.to_string()),
            (
                "  refused by the carrier: no such number",
                refused.to_string(),
            ),
            (
                "Most attempts to one contact",
                attempts.values().max().unwrap_or(&0).to_string(),
            ),
            ("Time", format!("{seconds:.1} s")),
            ("Calls per second", format!("{rate:.1}")),
            (
                "Most calls at once, by the carrier's record",
                format!("{} of {limit} allowed", recorder.max_concurrent()),
            ),
            (
                "Contacts called twice at once",
                recorder.overlaps().len().to_string(),
            ),
        ];
        let mut table = Table::new();
        table
            .load_style(UTF8_FULL_CONDENSED)
            .add_rows(rows.map(|(name, value)| vec![name.to_owned(), value]));
        if let Some(column) = table.column_mut(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        println!("{table}\n");
        Ok(())
    }

    /// How to look around in a server that stays.
    pub(super) fn tell_keep(&self) {
        let Stage { base, token, .. } = self.stage;
        println!("  The server stays until ctrl-c. Look around:\n");
        println!("    open {base}/api/docs");
        println!(
            "    curl -H 'Authorization: Bearer {token}' {base}/api/campaigns/{}",
            self.campaign
        );
        println!(
            "    curl -H 'Authorization: Bearer {token}' '{base}/api/campaigns/{}/contacts?limit=5'",
            self.campaign
        );
        println!("    curl {base}/metrics\n");
    }

    /// How to go on.
    pub(super) fn tell_more(&self) {
        const ADVICE: [(&str, &str); 4] = [
            ("demo --keep", "leaves the server running, to look around"),
            (
                "demo --contacts 2000 --max-concurrent-calls 100",
                "calls more people at once",
            ),
            ("serve", "the API on SQLite, calls into the simulator"),
            ("doctor", "what is missing before real calls"),
        ];
        println!("  Go on:\n");
        for (command, why) in ADVICE {
            println!("    cargo run --release -- {command:<48} {why}");
        }
        println!();
    }

    /// How many calls were made because somebody had asked for them.
    async fn callbacks(&self) -> anyhow::Result<usize> {
        let found = entity::call::Entity::find()
            .filter(entity::call::Column::IsCallback.eq(true))
            .filter(entity::call::Column::PlacedAt.is_not_null())
            .count(self.stage.database.reader())
            .await?;
        Ok(usize::try_from(found)?)
    }

    async fn counters(&self) -> anyhow::Result<Model> {
        let id: CampaignId = self.campaign.parse()?;
        let found = Entity::find_by_id(id.into_uuid())
            .one(self.stage.database.reader())
            .await?;
        found.context("the campaign has no counters")
    }
}
