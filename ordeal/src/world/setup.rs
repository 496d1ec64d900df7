//! What there is before anything happens.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use domain::{CampaignId, UserId};
use engine::campaigns::Limits;
use engine::dialing::{Carriers, Parts};
use engine::directory::Directory;
use engine::field::Field;
use engine::live::Announcer;
use engine::{Actor, Campaigns, Clock, Contacts, Dialing, DialingConfig, Role};
use entity::user;
use parking_lot::Mutex;
use sea_orm::{ActiveModelTrait, Set};
use tokio::runtime::Runtime;

use super::{Counts, Seat, World};
use crate::books::Books;
use crate::chance::Chance;
use crate::clock::VirtualClock;
use crate::gate::Gate;
use crate::model::Model;
use crate::network::{Network, VirtualAgents, VirtualCarrier, VirtualQueue};
use crate::plan::{Person, Plan};
use crate::process::Process;
use crate::rest::Rest;
use crate::store::{Store, Template};
use crate::trace::Trace;
use crate::violation::Violation;

impl World {
    pub(super) fn set_up(
        plan: Plan,
        template: &Template,
        runtime: &Arc<Runtime>,
        is_printed: bool,
    ) -> anyhow::Result<Self> {
        let clock = VirtualClock::at(plan.begins_at);
        let gate = Gate::default();
        let store = runtime.block_on(Store::copy(template, gate.clone()))?;
        let network = Network::new(plan.seed, clock.clone(), plan.faults.clone());
        let config = config(&plan)?;
        let agents = Arc::new(VirtualAgents::new(&network, &gate));
        let parts = Parts {
            database: store.database.clone(),
            queue: Arc::new(VirtualQueue::new(&network, &gate)),
            carriers: Carriers::of(Arc::new(VirtualCarrier::new(&network, &gate))),
            agents: agents.clone(),
            calling_agents: agents,
            clock: Arc::new(clock.clone()),
            config,
            live: Announcer::silent(),
        };
        let owner = clock.new_id();
        let row = user::ActiveModel {
            id: Set(owner),
            name: Set("Owner".to_owned()),
            role: Set("admin".to_owned()),
            created_at: Set(plan.begins_at),
            ..Default::default()
        };
        runtime.block_on(row.insert(store.database.writer()))?;
        let seats = (0..plan.processes).map(|_| Seat {
            process: None,
            starts: 0,
            stopped_until: None,
            has_connection: false,
            ticked_at: [None; 4],
            starts_at: plan.begins_at,
        });
        let changes = plan.changes.iter();
        let changes: VecDeque<_> = changes
            .map(|(after, change)| (plan.begins_at + *after, change.clone()))
            .collect();
        Ok(Self {
            chance: Chance::of(plan.seed, "order"),
            model: Model::new(clock.clone()),
            books: Books::default(),
            rest: Rest::default(),
            seats: seats.collect(),
            tasks: BTreeMap::new(),
            tasks_begun: 0,
            answers: Arc::new(Mutex::new(Vec::new())),
            changes,
            campaigns: Vec::new(),
            actor: Actor {
                id: UserId::from_uuid(owner),
                role: Role::Admin,
                name: "Owner".to_owned(),
                email: None,
            },
            trace: Trace::printed(is_printed),
            counts: Counts::default(),
            overdue: (chrono::DateTime::UNIX_EPOCH, 0),
            is_ending: false,
            runtime: Arc::clone(runtime),
            plan,
            clock,
            gate,
            store,
            network,
            parts,
        })
    }

    /// Makes the campaigns, in peace, and starts the processes.
    pub(super) fn begin(&mut self) -> Result<(), Violation> {
        let runtime = Arc::clone(&self.runtime);
        runtime.block_on(self.make_campaigns())?;
        runtime.block_on(self.store.settle());
        for seat in 0..self.seats.len() {
            self.start(seat)?;
        }
        Ok(())
    }

    async fn make_campaigns(&mut self) -> Result<(), Violation> {
        let broken =
            |error: engine::EngineError| Violation::of("error", format!("setting up: {error:?}"));
        let dialing = Dialing::by_hand(self.parts.clone(), "setup".to_owned());
        let campaigns = campaigns(&self.parts, &dialing);
        let contacts = contacts(&self.parts, &dialing);
        for (index, planned) in self.plan.campaigns.clone().into_iter().enumerate() {
            let caller = format!("+120255501{index:02}");
            let mut new = planned.spec.change();
            new.name = Field::Given(format!("Campaign {index}"));
            new.phone_number = Field::Given(caller.clone());
            new.voice_agent_id = Field::Given("agent".to_owned());
            let made = campaigns.create(&self.actor, new).await.map_err(broken)?;
            let id = CampaignId::from_uuid(made.row.id);
            self.campaigns.push(id);
            self.model.add(caller, planned.spec);
            let known = &mut self.model.campaigns[index];
            known.people = planned
                .people
                .iter()
                .map(|p| (p.number.clone(), vec![p.zone]))
                .collect();
            let text = json_of(&planned.people);
            let imported = contacts
                .import_json(&self.actor, id, text.as_bytes())
                .await
                .map_err(broken)?;
            if imported.report.refused > 0 {
                return Err(Violation::of(
                    "error",
                    format!("contacts refused: {:?}", imported.report),
                ));
            }
            let start = domain::lifecycle::Command::Start;
            // Refused where the calendar never opens: then it stays a draft.
            let started = campaigns.command(&self.actor, id, start, None).await;
            self.note(&format!(
                "campaign {index}: {} people, {:?}",
                planned.people.len(),
                started.map(|_| ()).map_err(|error| error.to_string())
            ));
        }
        Ok(())
    }

    /// Starts a process at `seat`, under a name of its own.
    pub(super) fn start(&mut self, seat: usize) -> Result<(), Violation> {
        let place = &mut self.seats[seat];
        place.starts += 1;
        place.stopped_until = None;
        place.has_connection = false;
        place.ticked_at = [None; 4];
        let name = format!("process-{seat}-{}", place.starts);
        let now = self.clock.now();
        let process = Process::start(self.parts.clone(), name.clone(), now, &self.store)
            .map_err(|error| Violation::of("error", format!("no process: {error}")))?;
        self.seats[seat].process = Some(process);
        self.note(&format!("{name} starts"));
        Ok(())
    }
}

fn config(plan: &Plan) -> anyhow::Result<DialingConfig> {
    Ok(DialingConfig {
        carrier_calls_per_second: plan.calls_per_second,
        transcribes: false,
        breaker: plan.breaker,
        placed_patience_ms: 0,
        gather_ms: 0,
        keeps_webhooks_from: Some(1),
        ..DialingConfig::new("https://dialer.example".parse()?)
    })
}

/// The use cases of campaigns in a process. Made anew each time: what it remembers of the providers it forgets by the
/// machine's clock.
pub(super) fn campaigns(parts: &Parts, dialing: &Arc<Dialing>) -> Campaigns {
    let directory = Directory::new(
        parts.database.clone(),
        Arc::clone(&parts.clock),
        parts.carriers.clone(),
        Arc::clone(&parts.agents),
    );
    Campaigns::new(
        parts.database.clone(),
        Arc::clone(&parts.clock),
        Arc::clone(dialing),
        directory,
        Limits::default(),
    )
}

/// The use cases of contacts.
pub(super) fn contacts(parts: &Parts, dialing: &Arc<Dialing>) -> Contacts {
    Contacts::new(
        parts.database.clone(),
        Arc::clone(&parts.clock),
        Arc::clone(dialing),
    )
}

/// People as an import has them.
pub(super) fn json_of(people: &[Person]) -> String {
    let rows: Vec<_> = people
        .iter()
        .map(|person| {
            serde_json::json!({
                "phoneNumber": person.number, "timezone": person.zone.map(|zone| zone.name()),
            })
        })
        .collect();
    serde_json::json!({ "contacts": rows }).to_string()
}
