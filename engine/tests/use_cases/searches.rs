//! Searches among many contacts go by an index that is filled after them (Postgres).

use std::future::ready;

use domain::{CampaignId, ContactId};
use engine::contacts::{ContactChange, ContactQuery, make_searchable};
use engine::page::{PageRequest, PageSize};
use engine::store::contact_texts::{Followed, candidates, follow_some};
use entity::contact_text;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, PaginatorTrait, Statement,
};
use serde_json::{Value, json};

use crate::bench::{Bench, id_of};

/// More than are just looked at one by one.
const MANY: u64 = 10_050;

fn page() -> PageRequest {
    PageRequest {
        number: "".into(),
        size: "".into(),
        allowed: PageSize {
            default: 100,
            max: 100,
        },
    }
}

/// A campaign with `contacts`.
async fn campaign_of(bench: &Bench, contacts: Value) -> CampaignId {
    let id = id_of(&bench.draft(json!({})).await);
    bench.import(id, contacts).await;
    id
}

/// Those who may have `text`; `None`: all are to be looked at.
async fn may_have(bench: &Bench, id: CampaignId, text: &str) -> Option<Vec<i64>> {
    let db = bench.engine.database.reader();
    let mut found = candidates(db, id, text, 10).await.unwrap()?;
    found.sort_unstable();
    Some(found)
}

/// How many notes were followed.
async fn learn(bench: &Bench) -> u64 {
    let done = make_searchable(&bench.engine.database, ready(false));
    done.await.unwrap()
}

/// Lets the index know everybody.
async fn learn_all(bench: &Bench) {
    while learn(bench).await > 0 {}
}

/// Whom one step told the index of.
async fn step(txn: &DatabaseTransaction) -> Option<u64> {
    let followed = follow_some(txn).await.unwrap();
    followed.map(|Followed { contacts, .. }| contacts)
}

async fn rename(bench: &Bench, campaign: CampaignId, id: i64, name: &str) {
    let change = ContactChange {
        name: json!(name).into(),
        ..ContactChange::default()
    };
    let contacts = &bench.engine.contacts;
    let renamed = contacts.update(&bench.user, campaign, ContactId::from_i64(id), change);
    renamed.await.unwrap();
}

/// The numbers and the total that a search for `text` comes to.
async fn found(bench: &Bench, id: CampaignId, text: &str) -> (Vec<String>, u64) {
    let query = ContactQuery {
        search: text.into(),
        ..ContactQuery::default()
    };
    let listed = bench.engine.contacts.list(&bench.user, id, query, page());
    let listed = listed.await.unwrap();
    let numbers = listed.items.into_iter().map(|contact| contact.phone_number);
    (numbers.collect(), listed.total)
}

async fn among_many_a_search_finds_the_same_before_and_after_the_index_knows(bench: Bench) {
    let id = campaign_of(
        &bench,
        json!([
            { "phoneNumber": "+12025550201", "name": "Zoë Šafářová", "email": "zoe@example.com" },
            { "phoneNumber": "+12025550202", "firstName": "Jean-Luc", "lastName": "O'Neil", "name": "The captain" },
            { "phoneNumber": "+12025550203", "name": "100% sure_thing! C:\\home" },
        ]),
    )
    .await;
    let many: Vec<Value> = (0..MANY)
        .map(|n| json!({ "phoneNumber": format!("+4930{:07}", 1_000_000 + n), "name": format!("Guest {n}") }))
        .collect();
    for rows in many.chunks(5_000) {
        bench.import(id, json!(rows)).await;
    }
    let searches = [
        "ŠAFÁŘ",
        "zoë š",
        "luc o'n",
        "captain",
        "example.COM",
        "0% sure_",
        "e_t",
        "thing! c",
        r"c:\home",
        "5550202",
        "guest 9999",
        "30100999",
        "guest",
        "nobody",
        "a",
        "\u{1f600}",
    ];
    let mut before = Vec::new();
    for text in searches {
        before.push(found(&bench, id, text).await);
    }
    let counts: Vec<u64> = before.iter().map(|(_, total)| *total).collect();
    let expected = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 10, MANY, 0, 2, 0];
    assert_eq!(counts, expected);
    learn_all(&bench).await;
    for (text, before) in searches.into_iter().zip(before) {
        assert_eq!(found(&bench, id, text).await, before, "{text}");
    }
}

async fn who_was_added_renamed_or_removed_is_looked_at_until_the_index_knows(bench: Bench) {
    let rows = json!([
        { "phoneNumber": "+12025550201", "name": "Anna" },
        { "phoneNumber": "+12025550202", "name": "Bert" },
        { "phoneNumber": "+12025550203", "name": "Cleo" },
    ]);
    let id = campaign_of(&bench, rows).await;
    let all = may_have(&bench, id, "anna").await.unwrap();
    let [anna, bert, cleo] = all[..] else {
        panic!("three: {all:?}")
    };
    learn_all(&bench).await;
    assert_eq!(may_have(&bench, id, "ANNA").await, Some(vec![anna]));

    rename(&bench, id, bert, "Annabel").await;
    assert_eq!(may_have(&bench, id, "nabel").await, Some(vec![bert]));
    assert_eq!(learn(&bench).await, 1);
    assert_eq!(may_have(&bench, id, "anna").await, Some(vec![anna, bert]));
    assert_eq!(may_have(&bench, id, "bert").await, Some(vec![]));

    let removed = bench
        .engine
        .contacts
        .delete(&bench.user, id, ContactId::from_i64(cleo));
    removed.await.unwrap();
    assert_eq!(learn(&bench).await, 1);
    let texts = contact_text::Entity::find().count(bench.engine.database.reader());
    assert_eq!(texts.await.unwrap(), 2);
}

async fn contacts_of_others_are_no_candidates(bench: Bench) {
    let rows = json!([{ "phoneNumber": "+12025550201", "name": "Anna" }]);
    let (ours, theirs) = (
        campaign_of(&bench, rows.clone()).await,
        campaign_of(&bench, rows).await,
    );
    let at_first = may_have(&bench, ours, "anna").await;
    assert_ne!(at_first, may_have(&bench, theirs, "anna").await);
    learn_all(&bench).await;
    assert_eq!(may_have(&bench, ours, "anna").await, at_first);
}

async fn too_many_candidates_are_none(bench: Bench) {
    let rows =
        (0..11).map(|n| json!({ "phoneNumber": format!("+120255502{n:02}"), "name": "Anna" }));
    let id = campaign_of(&bench, rows.collect()).await;
    assert_eq!(may_have(&bench, id, "anna").await, None);
    learn_all(&bench).await;
    assert_eq!(may_have(&bench, id, "anna").await, None);
    let one = may_have(&bench, id, "5550205").await;
    assert_eq!(one.map(|found| found.len()), Some(1));
}

async fn many_who_came_at_once_are_learnt_step_by_step_by_one_at_a_time(bench: Bench) {
    let rows = "INSERT INTO contacts (campaign_id, phone_number, status, created_at, updated_at) \
        SELECT id, '+1202' || (5550000 + n), 'pending', now(), now() FROM campaigns, generate_series(1, 2001) AS n";
    bench.draft(json!({})).await;
    let database = &bench.engine.database;
    database.writer().execute_unprepared(rows).await.unwrap();
    let (txn, other) = (
        database.begin().await.unwrap(),
        database.begin().await.unwrap(),
    );
    assert_eq!(step(&txn).await, Some(2_000));
    assert_eq!(step(&other).await, None);
    txn.commit().await.unwrap();
    assert_eq!(step(&other).await, Some(1));
    other.commit().await.unwrap();
    assert_eq!(learn(&bench).await, 0);
}

/// Also where all of them are of one campaign, so that Postgres expects each note to be about most of them.
async fn a_step_reads_the_contacts_that_it_is_about_and_no_others(bench: Bench) {
    let rows = "INSERT INTO contacts (campaign_id, phone_number, status, created_at, updated_at) \
        SELECT id, '+1202' || (5000000 + n), 'pending', now(), now() FROM campaigns, generate_series(1, 40000) AS n; \
        ANALYZE contacts";
    bench.draft(json!({})).await;
    let database = &bench.engine.database;
    database.writer().execute_unprepared(rows).await.unwrap();
    for _ in 0..3 {
        let txn = database.begin().await.unwrap();
        assert_eq!(step(&txn).await, Some(2_000));
        let read = "SELECT sum(seq_tup_read + idx_tup_fetch)::bigint AS read FROM pg_stat_xact_user_tables \
            WHERE relname IN ('contacts', 'contact_texts')";
        let statement = Statement::from_string(DbBackend::Postgres, read);
        let read = txn.query_one_raw(statement).await.unwrap().unwrap();
        let read: i64 = read.try_get("", "read").unwrap();
        assert!(read <= 3 * 2_000, "{read}");
        txn.commit().await.unwrap();
    }
}

async fn many_small_notes_are_followed_at_once(bench: Bench) {
    let id = campaign_of(
        &bench,
        json!([{ "phoneNumber": "+12025550200", "name": "Anna" }]),
    )
    .await;
    let [anna] = may_have(&bench, id, "anna").await.unwrap()[..] else {
        panic!("one");
    };
    for n in 0..50 {
        rename(&bench, id, anna, &format!("Anna {n}")).await;
    }
    campaign_of(
        &bench,
        json!([{ "phoneNumber": "+12025550200", "name": "Anna 49" }]),
    )
    .await;
    assert_eq!(learn(&bench).await, 52);
    assert_eq!(may_have(&bench, id, "anna 49").await, Some(vec![anna]));
    assert_eq!(may_have(&bench, id, "anna 48").await, Some(vec![]));
}

async fn a_rename_counts_once_it_is_committed_and_not_before(bench: Bench) {
    let id = campaign_of(
        &bench,
        json!([{ "phoneNumber": "+12025550201", "name": "Anna" }]),
    )
    .await;
    learn_all(&bench).await;
    let txn = bench.engine.database.begin().await.unwrap();
    let rename = "UPDATE contacts SET name = 'Bert'";
    txn.execute_unprepared(rename).await.unwrap();
    assert_eq!(learn(&bench).await, 0);
    let count = async |text| may_have(&bench, id, text).await.unwrap().len();
    assert_eq!((count("anna").await, count("bert").await), (1, 0));
    txn.commit().await.unwrap();
    assert_eq!(count("bert").await, 1);
    learn_all(&bench).await;
    assert_eq!((count("anna").await, count("bert").await), (0, 1));
}

async fn nothing_is_learnt_while_there_is_more_important_work(bench: Bench) {
    campaign_of(&bench, json!([{ "phoneNumber": "+12025550201" }])).await;
    let busy = make_searchable(&bench.engine.database, ready(true));
    assert_eq!(busy.await.unwrap(), 0);
    assert_eq!(learn(&bench).await, 1);
}

/// Whoever restores rows has no path, so that nothing is found by its bare name.
async fn rows_that_are_restored_leave_notes_as_well(bench: Bench) {
    bench.draft(json!({})).await;
    let txn = bench.engine.database.begin().await.unwrap();
    let restore = "SET LOCAL search_path = ''; \
        INSERT INTO public.contacts (campaign_id, phone_number, status, created_at, updated_at) \
        SELECT id, '+12025550201', 'pending', now(), now() FROM public.campaigns";
    txn.execute_unprepared(restore).await.unwrap();
    txn.commit().await.unwrap();
    assert_eq!(learn(&bench).await, 1);
}

async fn a_step_that_is_not_finished_is_taken_again(bench: Bench) {
    let id = campaign_of(
        &bench,
        json!([{ "phoneNumber": "+12025550201", "name": "Anna" }]),
    )
    .await;
    let txn = bench.engine.database.begin().await.unwrap();
    assert_eq!(step(&txn).await, Some(1));
    txn.rollback().await.unwrap();
    assert_eq!(learn(&bench).await, 1);
    assert_eq!(
        may_have(&bench, id, "anna").await.map(|found| found.len()),
        Some(1)
    );
}

async fn what_dialing_changes_of_a_contact_leaves_no_note(bench: Bench) {
    campaign_of(&bench, json!([{ "phoneNumber": "+12025550201" }])).await;
    learn_all(&bench).await;
    let database = &bench.engine.database;
    let mut called = entity::contact::Entity::find()
        .all(database.reader())
        .await
        .unwrap();
    called[0].attempts += 1;
    engine::store::contacts::save_all(database.writer(), &called)
        .await
        .unwrap();
    let due = engine::store::contact_texts::is_any_due(database.reader());
    assert!(!due.await.unwrap());
}

on_both! {
    among_many_a_search_finds_the_same_before_and_after_the_index_knows,
}

// SQLite has no such index.
on_postgres! {
    who_was_added_renamed_or_removed_is_looked_at_until_the_index_knows,
    contacts_of_others_are_no_candidates,
    too_many_candidates_are_none,
    many_who_came_at_once_are_learnt_step_by_step_by_one_at_a_time,
    a_step_reads_the_contacts_that_it_is_about_and_no_others,
    many_small_notes_are_followed_at_once,
    a_rename_counts_once_it_is_committed_and_not_before,
    nothing_is_learnt_while_there_is_more_important_work,
    rows_that_are_restored_leave_notes_as_well,
    a_step_that_is_not_finished_is_taken_again,
    what_dialing_changes_of_a_contact_leaves_no_note,
}
