//! By what name the agents' platform knows the numbers that it calls with.

use std::sync::Arc;
use std::time::Duration;

use carriers::{AgentError, AgentLine, CallingAgents};
use domain::PhoneNumber;
use moka::future::Cache;

/// How long a name is believed. The platform is asked for all of its numbers to learn one, which takes its time.
const KEPT_FOR: Duration = Duration::from_secs(300);
/// Numbers whose names are kept.
const NUMBERS_MAX: u64 = 10_000;

/// The platform's names of numbers. Of several who ask for one at once one does, and all wait for it.
pub(super) struct CallerIds {
    agents: Arc<dyn CallingAgents>,
    known: Cache<(AgentLine, PhoneNumber), String>,
}

/// Why there is no name; never kept.
#[derive(Debug)]
pub(super) enum Nameless {
    /// The platform was not told of the number, or may not call with it.
    Unknown,
    /// It did not say.
    Unsaid(AgentError),
}

impl CallerIds {
    /// Asks `agents`.
    pub fn new(agents: Arc<dyn CallingAgents>) -> Self {
        let known = Cache::builder()
            .max_capacity(NUMBERS_MAX)
            .time_to_live(KEPT_FOR)
            .build();
        Self { agents, known }
    }

    /// The platform's name of `number` on `line`.
    ///
    /// # Errors
    /// [`Nameless`], the same for all who asked together.
    pub async fn find(
        &self,
        line: AgentLine,
        number: &PhoneNumber,
    ) -> Result<String, Arc<Nameless>> {
        let ask = async {
            match self.agents.number_id(line, number).await {
                Ok(Some(name)) => Ok(name),
                Ok(None) => Err(Nameless::Unknown),
                Err(error) => Err(Nameless::Unsaid(error)),
            }
        };
        let key = (line, number.clone());
        self.known.try_get_with(key, ask).await
    }

    /// The name of `number` may be another by now: the next who asks for it asks the platform.
    pub async fn forget(&self, line: AgentLine, number: &PhoneNumber) {
        self.known.invalidate(&(line, number.clone())).await;
    }
}
