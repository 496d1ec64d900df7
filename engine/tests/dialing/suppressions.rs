//! Who must not be called, and when that is known (P2, P3, P5).

use std::sync::Arc;
use std::time::Duration;

use carriers::ConversationStatus;
use domain::gate::Why;
use domain::progress::{End, News};
use domain::{CallId, ContactId, PhoneNumber, UserId};
use engine::contacts::ContactChange;
use engine::dialing::Placed;
use engine::field::Field;
use engine::import::ImportReport;
use engine::query::Param;
use engine::store::people::decide_alone;
use engine::suppressions::{Added, ImportQuery, NewSuppression, SuppressionKey};
use engine::{Actor, Contacts, EngineError, Role, Suppressions};
use sea_orm::{DbBackend, Set};
use serde_json::Value;

use crate::on_both;
use crate::stage::Stage;
use crate::told_agents::conversation;

/// The first number of a stage.
const FIRST: &str = "+12025550000";
/// Long enough for whatever does not wait for anybody.
const A_WHILE: Duration = Duration::from_millis(300);
/// So long that who is not done yet does wait for somebody, however busy the machine is.
const FOR_SURE: Duration = Duration::from_secs(10);

/// Somebody who keeps the list of the campaign's owner.
#[derive(Clone)]
struct Keeper {
    list: Suppressions,
    actor: Actor,
}

impl Keeper {
    async fn of(stage: &Stage) -> Self {
        Self {
            list: Suppressions::new(stage.database.clone(), Arc::new(stage.clock.clone())),
            actor: Actor {
                id: UserId::from_uuid(stage.campaign().await.owner_id),
                role: Role::User,
                name: "Owner".to_owned(),
                email: None,
            },
        }
    }

    async fn add(&self, number: &str) -> Result<Added, EngineError> {
        let new = NewSuppression {
            phone_number: Field::Given(number.to_owned()),
            ..NewSuppression::default()
        };
        self.list.add(&self.actor, new, &Param::Absent).await
    }

    async fn import(&self, numbers: &[&str]) -> Result<ImportReport, EngineError> {
        let table = format!("phone\n{}\n", numbers.join("\n"));
        let query = ImportQuery::default();
        self.list
            .import_csv(&self.actor, query, table.as_bytes())
            .await
    }

    async fn remove(&self, number: &str) {
        let number = PhoneNumber::from_stored(number.to_owned());
        let key = SuppressionKey::Number(number);
        let removed = self.list.remove(&self.actor, &key, &Param::Absent);
        removed.await.expect("removed");
    }
}

/// Holds the owner's lock for `patience`, as whoever decides to dial does, and says whether `change` waits for it; what
/// came of it.
async fn waits_for_a_decision<T: Send + 'static>(
    stage: &Stage,
    patience: Duration,
    change: impl Future<Output = Result<T, EngineError>> + Send + 'static,
) -> (bool, T) {
    let deciding = stage.database.begin().await.expect("a transaction");
    let owner = UserId::from_uuid(stage.campaign().await.owner_id);
    decide_alone(&deciding, [owner]).await.expect("the lock");
    let mut change = tokio::spawn(change);
    let is_done = tokio::time::timeout(patience, &mut change).await;
    deciding.commit().await.expect("commit");
    match is_done {
        Ok(done) => (false, done.expect("no panic").expect("changed")),
        Err(_) => (true, change.await.expect("no panic").expect("changed")),
    }
}

on_both! {
    async fn a_job_that_is_queued_already_is_dropped_by_the_gate(stage: Stage) {
        let mut stage = stage;
        let keeper = Keeper::of(&stage).await;
        stage.people(2, "").await;
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        assert_eq!(stage.contact().await.status, "queued");
        keeper.add(FIRST).await.expect("added");
        let done = stage.work().await;
        assert!(matches!(done[..], [Placed::Dropped(Why::Suppressed), Placed::Dialled(_)]), "{done:?}");
        let asked: Vec<String> = stage.carrier.placed.lock().iter().map(|call| call.to.expose().to_owned()).collect();
        assert_eq!(asked, ["+12025550001"]);
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts, contact.next_attempt_at), ("do_not_call", 0, None));
        assert_eq!(contact.last_error.as_deref(), Some("the number must not be called"));
        stage.counters_are_right().await;
    }

    async fn a_callback_that_was_agreed_on_is_not_made(stage: Stage) {
        let mut stage = stage;
        let keeper = Keeper::of(&stage).await;
        let callbacks = serde_json::json!({ "enabled": true, "maxAttempts": 1, "delayMinutes": 30 });
        stage.change(|row| {
            row.voice_agent_id = Set(Some("agent_demo".to_owned()));
            row.callback_config = Set(Some(callbacks));
        }).await;
        stage.people(1, "").await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        stage.hear(&call, vec![News::Answered]).await;
        stage.all_end(End::Completed).await;
        let mut said = conversation(&call, ConversationStatus::Done);
        said.wish.callback_requested = true;
        stage.report(&call, said).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.priority), ("contacted", 0), "a callback is due");
        keeper.add(FIRST).await.expect("added");
        assert_eq!(stage.contact().await.status, "contacted", "its turn did not come yet");
        stage.pass(31);
        assert_eq!(stage.dial().await, [Placed::Dropped(Why::Suppressed)]);
        assert_eq!(stage.contact().await.status, "do_not_call");
        assert_eq!(stage.carrier.placed.lock().len(), 1);
        stage.counters_are_right().await;
    }

    async fn whoever_is_off_the_list_again_is_called_if_its_turn_did_not_come(stage: Stage) {
        let mut stage = stage;
        let keeper = Keeper::of(&stage).await;
        stage.people(2, "").await;
        keeper.import(&[FIRST, "+12025550001"]).await.expect("imported");
        keeper.remove("+12025550001").await;
        let done = stage.dial().await;
        assert!(matches!(done[..], [Placed::Dropped(Why::Suppressed), Placed::Dialled(_)]), "{done:?}");
        // What the gate decided stays.
        keeper.remove(FIRST).await;
        stage.pass(120);
        stage.wake().await;
        assert!(stage.dial().await.is_empty());
        assert_eq!(stage.contact().await.status, "do_not_call");
        stage.counters_are_right().await;
    }

    async fn once_a_number_was_added_no_decision_is_under_way_without_it(stage: Stage) {
        stage.people(1, "").await;
        let keeper = Keeper::of(&stage).await;
        let (adding, importing, again) = (keeper.clone(), keeper.clone(), keeper.clone());
        let add = async move { adding.add(FIRST).await };
        let (has_waited, added) = waits_for_a_decision(&stage, A_WHILE, add).await;
        assert!(has_waited && added.is_new);
        let import = async move { importing.import(&["+12025559000"]).await };
        let (has_waited, report) = waits_for_a_decision(&stage, A_WHILE, import).await;
        assert!(has_waited, "somebody may be called whom the rows name");
        assert_eq!(report.added, 1);
        // Also where the first request had no answer, and is sent again.
        let (has_waited, added) = waits_for_a_decision(&stage, A_WHILE, async move { again.add(FIRST).await }).await;
        assert!(has_waited && !added.is_new);
    }

    async fn once_an_agent_noted_never_again_no_decision_is_under_way_without_it(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.dial().await;
        let call = CallId::from_uuid(stage.live_calls().await.remove(0).id);
        for _ in 0..2 {
            let dialing = Arc::clone(&stage.dialing);
            let note = async move { dialing.do_not_call(call).await };
            let (has_waited, answer) = waits_for_a_decision(&stage, A_WHILE, note).await;
            assert!(has_waited && answer.is_done, "another campaign may be about to call the person");
        }
    }

    async fn of_what_is_changed_in_a_contact_only_do_not_call_waits_for_a_decision(stage: Stage) {
        stage.people(1, "").await;
        let actor = Keeper::of(&stage).await.actor;
        let contacts = Contacts::new(stage.database.clone(), Arc::new(stage.clock.clone()), stage.dialing.clone());
        let (campaign, id) = (stage.campaign, ContactId::from_i64(stage.contact().await.id));
        let change = |change: ContactChange| {
            let (contacts, actor) = (contacts.clone(), actor.clone());
            async move { contacts.update(&actor, campaign, id, change).await }
        };
        let moved = ContactChange {
            email: Field::from(Value::from("ada@example.com")),
            timezone: Field::from(Value::from("Europe/Berlin")),
            ..ContactChange::default()
        };
        // SQLite has one writer, for whom everybody waits.
        let has_one_writer = stage.database.backend() == DbBackend::Sqlite;
        let patience = if has_one_writer { A_WHILE } else { FOR_SURE };
        let (has_waited, row) = waits_for_a_decision(&stage, patience, change(moved)).await;
        assert_eq!(has_waited, has_one_writer);
        assert_eq!((row.email.as_deref(), row.timezone.as_str()), (Some("ada@example.com"), "Europe/Berlin"));
        let never = ContactChange { status: Field::Given("do_not_call".to_owned()), ..ContactChange::default() };
        let (has_waited, row) = waits_for_a_decision(&stage, A_WHILE, change(never)).await;
        assert!(has_waited, "somebody may be about to call the person for another campaign of the owner");
        assert_eq!(row.status, "do_not_call");
    }
}
