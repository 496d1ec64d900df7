//! One number that must not be called from now on.

use domain::{PhoneNumber, Region};
use tracing::info;

use super::{ListedSuppression, Source, Suppressions};
use crate::actor::Actor;
use crate::error::EngineError;
use crate::fail_point;
use crate::field::{Field, Sieve, text_up_to};
use crate::query::Param;
use crate::store::people::outwait_decisions;
use crate::store::suppression_list;
use crate::store::suppressions::{self, Suppression};

/// Characters of a reason.
pub(super) const REASON_CHARS_MAX: usize = 1_000;
/// How often a number is added that somebody removes at the same moment.
const TRIES_MAX: usize = 3;

/// A suppression as a request describes it. Nothing is checked yet.
#[derive(Clone, Debug, Default)]
pub struct NewSuppression {
    /// Whom not to call: E.164, or as written in `region`; required.
    pub phone_number: Field<String>,
    /// Where a number without `+` belongs to: two letters of ISO 3166.
    pub region: Field<String>,
    /// Why, in words; at most 1,000 characters.
    pub reason: Field<String>,
}

/// A number that is on the list now.
#[derive(Clone, Debug)]
pub struct Added {
    /// As it stands there.
    pub suppression: ListedSuppression,
    /// False where it was there already: then it stays as it was.
    pub is_new: bool,
}

struct Wanted {
    number: PhoneNumber,
    reason: Option<String>,
}

impl Suppressions {
    /// Puts a number onto the list of `user`, or onto the actor's own. Once this has answered, no campaign of the owner
    /// begins a call to it; calls that go on are left alone. Running it twice changes nothing.
    ///
    /// # Errors
    /// `Invalid` with everything that is wrong; `Forbidden` where `user` is somebody else. `Unavailable` may come after the
    /// number was added: then try again.
    pub async fn add(
        &self,
        actor: &Actor,
        new: NewSuppression,
        user: &Param,
    ) -> Result<Added, EngineError> {
        let mut sieve = Sieve::default();
        let wanted = read(&mut sieve, new);
        let owner = self.owner(&mut sieve, actor, user).await?;
        let wanted = sieve.done(wanted).map_err(EngineError::Invalid)?;
        let wanted = wanted.ok_or_else(|| EngineError::invalid("phoneNumber", "is required"))?;
        let wish = Suppression {
            owner,
            number: wanted.number,
            source: Source::Api,
            reason: wanted.reason,
            added_by: Some(actor.id),
        };
        let added = self.insert(&wish).await?;
        fail_point!("suppression.committed");
        outwait_decisions(self.database.begin().await?, owner).await?;
        if added.is_new {
            let id = added.suppression.row.id;
            info!(suppression.id = %id, owner.id = %owner, by = %actor.id, "added suppression {id}");
        }
        Ok(added)
    }

    async fn insert(&self, wish: &Suppression) -> Result<Added, EngineError> {
        for _ in 0..TRIES_MAX {
            let now = self.clock.now();
            let txn = self.database.begin().await?;
            let count = suppressions::insert(&txn, vec![wish.clone()], now).await?;
            let found = suppression_list::find_number(&txn, wish.owner, &wish.number).await?;
            txn.commit().await?;
            if let Some(row) = found {
                return Ok(Added {
                    suppression: row.into(),
                    is_new: count == 1,
                });
            }
        }
        let message = "the number is being removed at the same moment, again and again";
        Err(EngineError::unavailable(anyhow::anyhow!(message)))
    }
}

fn read(sieve: &mut Sieve, new: NewSuppression) -> Option<Wanted> {
    let parsed = |text: String| text.parse::<Region>().map_err(|error| error.to_string());
    let region = sieve.optional("region", new.region, parsed).flatten();
    let number = new.phone_number.asked_for();
    let parsed = |text: String| PhoneNumber::parse(&text, region).map_err(|e| e.to_string());
    let number = sieve.required("phoneNumber", number, parsed);
    let bounded = |text: String| text_up_to(&text, REASON_CHARS_MAX);
    let reason = sieve.optional("reason", new.reason, bounded).flatten();
    Some(Wanted {
        number: number?,
        reason: reason.filter(|words| !words.is_empty()),
    })
}
