//! Who has which number in a campaign, however many they are.

use domain::CampaignId;
use futures::stream::{Stream, try_unfold};

use super::Contacts;
use crate::error::EngineError;
use crate::export::STRETCH_ROWS_MAX;
use crate::store::contact_names::{self, NamedNumber};

impl Contacts {
    /// The numbers and names of the campaign's contacts in the order of import, in pieces of at most 500, none empty, each
    /// read when it is asked for. Who may see the campaign is for the caller to know.
    ///
    /// # Errors
    /// The stream ends with the first error of the database: what came until then is not everybody.
    pub fn names(
        &self,
        campaign: CampaignId,
    ) -> impl Stream<Item = Result<Vec<NamedNumber>, EngineError>> + Send + 'static + use<> {
        let database = self.database.clone();
        try_unfold(
            (database, campaign, 0),
            async |(database, campaign, after)| {
                let db = database.reader();
                let found = contact_names::after(db, campaign, after, STRETCH_ROWS_MAX).await?;
                let last = found.last().map(|contact| contact.id);
                Ok(last.map(|last| (found, (database, campaign, last))))
            },
        )
    }
}
