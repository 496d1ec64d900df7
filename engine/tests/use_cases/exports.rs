//! Contacts as a file: complete, bounded, or visibly broken.

use std::collections::BTreeSet;

use domain::CampaignId;
use engine::contacts::ContactQuery;
use engine::page::{PageRequest, PageSize};
use engine::{Actor, EngineError};
use futures::StreamExt;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::bench::{Bench, id_of, wrong_fields};

/// A campaign of `count` people.
async fn campaign_of(bench: &Bench, count: usize) -> CampaignId {
    let id = id_of(&bench.draft(json!({})).await);
    let people: Vec<Value> = (0..count)
        .map(|n| json!({ "phoneNumber": format!("+1202{:07}", 5_550_000 + n), "name": format!("Person {n}") }))
        .collect();
    assert_eq!(bench.import(id, people.into()).await.added, count as u64);
    id
}

fn page(number: &str, size: &str) -> PageRequest {
    PageRequest {
        number: number.into(),
        size: size.into(),
        allowed: PageSize {
            default: 20,
            max: 10_000,
        },
    }
}

fn everybody() -> PageRequest {
    page("", "")
}

/// The pieces of the file, as they come.
async fn pieces(
    bench: &Bench,
    id: CampaignId,
    query: ContactQuery,
    page: PageRequest,
) -> Vec<Result<String, EngineError>> {
    let contacts = &bench.engine.contacts;
    let file = contacts.export(&bench.user, id, query, page).await.unwrap();
    file.map(|piece| piece.map(|bytes| String::from_utf8(bytes).unwrap()))
        .collect()
        .await
}

/// The numbers in the lines after the first.
fn numbers(pieces: Vec<Result<String, EngineError>>) -> Vec<String> {
    let text: String = pieces.into_iter().map(Result::unwrap).collect();
    let lines = text.lines().skip(1);
    lines
        .map(|line| line.split(',').next().unwrap().to_owned())
        .collect()
}

async fn a_large_file_comes_in_pieces_and_has_everybody_once_in_order(bench: Bench) {
    let id = campaign_of(&bench, 1_250).await;
    let pieces = pieces(&bench, id, ContactQuery::default(), everybody()).await;
    let lines: Vec<usize> = pieces
        .iter()
        .map(|piece| piece.as_ref().unwrap().lines().count())
        .collect();
    assert_eq!(lines, [1, 500, 500, 250]);
    assert_eq!(
        pieces[0].as_ref().unwrap(),
        "phoneNumber,firstName,lastName,name,email,status,attempts,lastOutcome,lastError,nextAttemptAt,\
         lastAttemptAt,timezone,metadata,createdAt,updatedAt,id\r\n"
    );
    let numbers = numbers(pieces);
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), 1_250);
    assert!(numbers.is_sorted());
}

async fn a_file_of_a_page_has_that_page_only(bench: Bench) {
    let id = campaign_of(&bench, 4_500).await;
    let named = page("2", "2100");
    let second = numbers(pieces(&bench, id, ContactQuery::default(), named).await);
    assert_eq!(second.len(), 2_100);
    assert_eq!(
        (second[0].as_str(), second[2_099].as_str()),
        ("+12025552100", "+12025554199")
    );
    let beyond = page("4", "2100");
    let nobody = pieces(&bench, id, ContactQuery::default(), beyond).await;
    assert_eq!(nobody.len(), 1, "the first line alone");
    let query = ContactQuery {
        status: "pending".into(),
        search: "person 449".into(),
    };
    let found = numbers(pieces(&bench, id, query, everybody()).await);
    assert_eq!(found.len(), 11, "449, and 4490 to 4499");
}

async fn a_file_ends_with_the_first_error(bench: Bench) {
    let id = campaign_of(&bench, 10).await;
    let contacts = &bench.engine.contacts;
    let query = ContactQuery::default();
    let file = contacts
        .export(&bench.user, id, query, everybody())
        .await
        .unwrap();
    let mut file = std::pin::pin!(file);
    assert!(file.next().await.unwrap().is_ok());
    let writer = bench.engine.database.writer();
    let gone = "ALTER TABLE contacts RENAME TO contacts_gone";
    writer.execute_unprepared(gone).await.unwrap();
    assert!(file.next().await.unwrap().is_err());
    assert!(file.next().await.is_none());
}

async fn what_makes_no_sense_is_refused_before_the_file_begins(bench: Bench) {
    let id = campaign_of(&bench, 1).await;
    let contacts = &bench.engine.contacts;
    let query = ContactQuery {
        status: "asleep".into(),
        search: "\0".into(),
    };
    let refused = contacts.export(&bench.user, id, query, everybody()).await;
    let errors = wrong_fields(refused.map(|_| ()));
    assert_eq!(errors.len(), 2);
    let stranger: Actor = crate::bench::someone(&bench.engine, "Sam", engine::Role::User).await;
    let query = ContactQuery::default();
    let hidden = contacts.export(&stranger, id, query, everybody()).await;
    assert!(matches!(
        hidden.map(|_| ()),
        Err(EngineError::NotFound { what: "campaign" })
    ));
}

on_both![
    a_large_file_comes_in_pieces_and_has_everybody_once_in_order,
    a_file_of_a_page_has_that_page_only,
    a_file_ends_with_the_first_error,
    what_makes_no_sense_is_refused_before_the_file_begins,
];
