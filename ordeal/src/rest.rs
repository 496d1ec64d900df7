//! While a carrier fails or asks for patience it is left alone, but for one call at a time that finds out whether it is
//! well: what the dialer's books say of the carrier, held against what the carrier is asked.

use chrono::{DateTime, Utc};
use domain::CallId;
use entity::carrier_breaker;
use sea_orm::{DatabaseConnection, DbErr, EntityTrait};

use crate::violation::Violation;

/// What the books said of the carrier when it was last asked for a call.
#[derive(Debug, Default)]
pub struct Rest {
    failing: Option<Since>,
    patient: Option<Since>,
}

/// Something that the books say.
#[derive(Clone, Copy, Debug)]
struct Since {
    /// Since when it fails, or until when it wants to be left alone: of two times each has its own.
    at: DateTime<Utc>,
    /// The last id that was made when the books were first seen to say so: calls beyond were begun knowing it.
    made: u64,
}

impl Rest {
    /// Judges that the carrier was asked for the call `id`, the `number`th id, at `at`; `made` were made by now.
    ///
    /// # Errors
    /// Where the call was begun although the carrier is left alone.
    pub async fn judge(
        &mut self,
        eye: &DatabaseConnection,
        (id, number): (CallId, u64),
        at: DateTime<Utc>,
        made: u64,
    ) -> Result<(), Violation> {
        let found = carrier_breaker::Entity::find().one(eye).await;
        let Some(row) = found.map_err(|error| unreadable(&error))? else {
            return Ok(());
        };
        let is_probe = row.probe_call == Some(id.into_uuid());
        let knew = |since: &Option<Since>| since.is_some_and(|since| number > since.made);
        self.failing = told(self.failing, row.opened_at, made);
        self.patient = told(self.patient, row.busy_until, made);
        if knew(&self.failing) && !is_probe {
            let how =
                format!("call {number}, though the carrier fails and it is no probe: {row:?}");
            return Err(Violation::of("P4", how));
        }
        let is_asleep = self.patient.is_some_and(|until| at < until.at);
        if knew(&self.patient) && is_asleep {
            let how =
                format!("call {number} at {at}, though the carrier asked for patience: {row:?}");
            return Err(Violation::of("P6", how));
        }
        Ok(())
    }
}

/// What the books say now, and since when they do.
fn told(before: Option<Since>, now: Option<DateTime<Utc>>, made: u64) -> Option<Since> {
    let at = now?;
    let same = before.filter(|before| before.at == at);
    Some(same.unwrap_or(Since { at, made }))
}

fn unreadable(error: &DbErr) -> Violation {
    Violation::of("error", format!("what is known of the carrier: {error}"))
}
