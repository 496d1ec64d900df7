//! Everything the dialer can do, put together.

use std::sync::Arc;

use carriers::ConversationReport;
use domain::CallId;
use secrecy::SecretString;

use crate::access::Access;
use crate::calls::{Calls, OutboundDefaults};
use crate::campaigns::{Campaigns, Limits};
use crate::clock::Clock;
use crate::contacts::Contacts;
use crate::conversations::Conversations;
use crate::database::Database;
use crate::dialing::Dialing;
use crate::directory::Directory;
use crate::error::EngineError;
use crate::live::{Live, LiveLimits};
use crate::queue::CallQueue;
use crate::recordings::Recordings;
use crate::reports::Reports;
use crate::store;
use crate::suppressions::Suppressions;

/// The use cases, over one database, one queue, some carriers and one agent's provider. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    /// The truth.
    pub database: Database,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Carries permission to dial.
    pub queue: Arc<dyn CallQueue>,
    /// The life of a call.
    pub dialing: Arc<Dialing>,
    /// Campaigns.
    pub campaigns: Campaigns,
    /// Their contacts.
    pub contacts: Contacts,
    /// Numbers that must not be called.
    pub suppressions: Suppressions,
    /// What they come to.
    pub reports: Reports,
    /// The log of calls.
    pub calls: Calls,
    /// What was said in them.
    pub conversations: Conversations,
    /// How it sounded.
    pub recordings: Recordings,
    /// What the providers offer.
    pub directory: Directory,
    /// Who asks.
    pub access: Access,
    /// What goes on now.
    pub live: Live,
}

/// What the use cases are told beside what dialing works with.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What the dashboard signs its tokens with, where there is one.
    pub jwt_secret: Option<SecretString>,
    /// How far a campaign may go.
    pub limits: Limits,
    /// How far watching may go.
    pub live: LiveLimits,
    /// What single calls have where nobody says.
    pub outbound: OutboundDefaults,
}

impl Engine {
    /// The use cases of the process that `dialing` is the dialing engine of. Must be called within a tokio runtime.
    #[must_use]
    pub fn over(
        database: Database,
        clock: Arc<dyn Clock>,
        dialing: Arc<Dialing>,
        settings: &Settings,
    ) -> Self {
        let (carriers, agents) = (dialing.carriers(), dialing.agents());
        let directory = Directory::new(
            database.clone(),
            Arc::clone(&clock),
            carriers.clone(),
            Arc::clone(agents),
        );
        let campaigns = Campaigns::new(
            database.clone(),
            Arc::clone(&clock),
            Arc::clone(&dialing),
            directory.clone(),
            settings.limits,
        );
        let calls = Calls::new(
            database.clone(),
            Arc::clone(&clock),
            Arc::clone(&dialing),
            directory.clone(),
            settings.outbound.clone(),
        );
        let contacts = Contacts::new(database.clone(), Arc::clone(&clock), Arc::clone(&dialing));
        let reports = Reports::new(database.clone(), Arc::clone(&clock));
        let secret = settings.jwt_secret.as_ref();
        let access = Access::new(database.clone(), Arc::clone(&clock), secret);
        let live = Live::start(
            database.clone(),
            Arc::clone(&clock),
            access.clone(),
            &dialing,
            settings.live,
        );
        let suppressions = Suppressions::new(database.clone(), Arc::clone(&clock));
        Self {
            calls,
            conversations: Conversations::new(database.clone()),
            recordings: Recordings::new(database.clone(), Arc::clone(&clock), Arc::clone(&dialing)),
            database,
            clock,
            queue: Arc::clone(dialing.queue()),
            dialing,
            campaigns,
            contacts,
            suppressions,
            reports,
            directory,
            access,
            live,
        }
    }

    /// The call that a conversation belongs to: the one its report names, else the one that we know it by.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn call_of(
        &self,
        report: &ConversationReport,
    ) -> Result<Option<CallId>, EngineError> {
        if let Some(call) = report.call_id {
            return Ok(Some(call));
        }
        self.call_in(&report.conversation_id).await
    }

    /// The call that we know a conversation of.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn call_in(&self, conversation_id: &str) -> Result<Option<CallId>, EngineError> {
        let db = self.database.reader();
        let call = store::calls::find_by_conversation(db, conversation_id).await?;
        Ok(call.map(|call| CallId::from_uuid(call.id)))
    }
}
