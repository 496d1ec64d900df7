//! Bringing contacts in, and finding them.

use domain::lifecycle::Command;
use engine::EngineError;
use engine::contacts::ContactQuery;
use engine::field::Field;
use engine::page::{PageRequest, PageSize};
use engine::query::Param;
use engine::store;
use engine::suppressions::NewSuppression;
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::{Value, json};

use crate::bench::{Bench, conflict, id_of, wrong_fields};

pub fn first() -> PageRequest {
    let all = 10_000;
    PageRequest {
        number: "".into(),
        size: "".into(),
        allowed: PageSize {
            default: all,
            max: all,
        },
    }
}

pub async fn listed(
    bench: &Bench,
    id: domain::CampaignId,
    query: ContactQuery,
) -> Vec<entity::contact::Model> {
    bench
        .engine
        .contacts
        .list(&bench.user, id, query, first())
        .await
        .unwrap()
        .items
}

/// Whoever takes reports in changes a contact, and may take long.
async fn who_is_known_and_being_changed_holds_no_import_up(bench: Bench) {
    let id = id_of(&bench.draft(json!({})).await);
    let rows = json!([{ "phoneNumber": "+12025550201" }]);
    bench.import(id, rows.clone()).await;
    let database = &bench.engine.database;
    let mut changing = None;
    // SQLite has one writer.
    if database.backend() == DbBackend::Postgres {
        let txn = database.begin().await.unwrap();
        let change = "UPDATE contacts SET updated_at = updated_at";
        txn.execute_unprepared(change).await.unwrap();
        changing = Some(txn);
    }
    let report = bench.import(id, rows).await;
    assert_eq!((report.added, report.duplicates), (0, 1));
    drop(changing);
}

async fn good_rows_are_kept_bad_ones_reported_and_known_ones_counted(bench: Bench) {
    let id = id_of(&bench.draft(json!({})).await);
    let report = bench
        .import(
            id,
            json!([
                { "phoneNumber": "+1 (202) 555-0201", "name": "John Doe", "metadata": { "plan": "gold" }, "city": "Pune" },
                { "phoneNumber": "+12025550201" },
                { "phoneNumber": "9812345678" },
                { "name": "nobody" },
                "not a contact",
                { "phone": 12025550202_u64 },
                { "phone_number": "+12025550203", "email": "a@b", "timezone": "Asia/Kolkata" },
                { "number": "+12025550204", "email": "x y", "timezone": "Nowhere", "metadata": 5 },
            ]),
        )
        .await;
    assert_eq!((report.added, report.duplicates, report.refused), (2, 1, 5));
    let errors: Vec<(u64, &str)> = report
        .errors
        .iter()
        .map(|e| (e.row, e.field.as_str()))
        .collect();
    let expected = [
        (3, "phoneNumber"),
        (4, "phoneNumber"),
        (5, ""),
        (6, "phoneNumber"),
        (8, "email"),
        (8, "timezone"),
        (8, "metadata"),
    ];
    assert_eq!(errors, expected);
    let contacts = listed(&bench, id, ContactQuery::default()).await;
    assert_eq!(
        contacts[0].metadata,
        Some(json!({ "plan": "gold", "city": "Pune" }))
    );
    assert_eq!(contacts[0].next_attempt_at, Some(bench.engine.clock.now()));
    assert_eq!(contacts[1].timezone, "Asia/Kolkata");
    let zones = store::campaigns::zones(bench.engine.database.reader(), id)
        .await
        .unwrap();
    assert_eq!(zones, ["", "Asia/Kolkata"]);
    let counters = bench
        .engine
        .campaigns
        .get(&bench.user, id)
        .await
        .unwrap()
        .counters;
    assert_eq!((counters.total, counters.pending), (2, 2));
}

/// Exports of other systems have a `number` of an account, or a `phone` at the desk, beside the number to call.
async fn of_several_columns_that_may_be_the_number_the_closest_name_is_called(bench: Bench) {
    let id = id_of(&bench.draft(json!({})).await);
    let report = bench
        .import(
            id,
            json!([
                { "phoneNumber": "+12025550201", "phone": "+12025550291", "number": 42, "Phone Number": "+12025550292" },
                { "number": "+12025550293", "phone": "+12025550202", "fullName": "Ann B. Lee", "name": "Ann" },
                { "phoneNumber": " ", "number": "+12025550203", "name": "", "fullName": "Bob" },
            ]),
        )
        .await;
    assert_eq!((report.added, report.refused), (3, 0), "{report:?}");
    let file = "Number,Phone Number,phone\n7,+12025550204,+12025550294\n+12025550205,,\n";
    let import = bench
        .engine
        .contacts
        .import_csv(&bench.user, id, file.as_bytes());
    let report = import.await.unwrap().report;
    assert_eq!((report.added, report.refused), (2, 0), "{report:?}");
    let contacts = listed(&bench, id, ContactQuery::default()).await;
    let numbers: Vec<&str> = contacts
        .iter()
        .map(|row| row.phone_number.as_str())
        .collect();
    let called: Vec<String> = (1..=5).map(|n| format!("+1202555020{n}")).collect();
    assert_eq!(numbers, called);
    let names: Vec<Option<&str>> = contacts.iter().map(|row| row.name.as_deref()).collect();
    assert_eq!(names, [None, Some("Ann"), Some("Bob"), None, None]);
    let others = json!({ "phone": "+12025550291", "number": 42, "Phone Number": "+12025550292" });
    assert_eq!(contacts[0].metadata, Some(others), "nothing is lost");
    let others = json!({ "number": "+12025550293", "fullName": "Ann B. Lee" });
    assert_eq!(contacts[1].metadata, Some(others));
}

async fn national_numbers_are_read_in_the_campaigns_region(bench: Bench) {
    let id = id_of(&bench.draft(json!({ "region": "IN" })).await);
    let report = bench
        .import(
            id,
            json!([{ "phoneNumber": "098123 45678" }, { "phoneNumber": "+919812345678" }]),
        )
        .await;
    assert_eq!((report.added, report.duplicates), (1, 1));
}

async fn errors_are_all_counted_and_the_first_thousand_listed(bench: Bench) {
    let id = id_of(&bench.draft(json!({})).await);
    let mut rows: Vec<Value> = vec![json!({}); 1_700];
    rows.push(json!({ "phoneNumber": "+12025550201" }));
    let report = bench.import(id, rows.into()).await;
    assert_eq!(
        (report.added, report.refused, report.errors.len()),
        (1, 1_700, 1_000)
    );
}

async fn more_than_a_request_may_bring_changes_nothing(bench: Bench) {
    let id = id_of(&bench.draft(json!({})).await);
    let mut json = String::from("{\"contacts\":[");
    let mut csv = String::from("phone\n");
    for n in 0..=100_000 {
        json.push_str(&format!(
            "{}{{\"phoneNumber\":\"+1202{n:07}\"}}",
            if n == 0 { "" } else { "," }
        ));
        csv.push_str(&format!("+1202{n:07}\n"));
    }
    json.push_str("]}");
    let contacts = &bench.engine.contacts;
    let refused = contacts.import_json(&bench.user, id, json.as_bytes()).await;
    assert!(matches!(refused, Err(EngineError::TooLarge(_))));
    let refused = contacts.import_csv(&bench.user, id, csv.as_bytes()).await;
    assert!(matches!(refused, Err(EngineError::TooLarge(_))));
    assert_eq!(
        bench.engine.campaigns.live_figures(id).await.unwrap().total,
        0
    );
}

async fn a_text_that_breaks_off_changes_nothing(bench: Bench) {
    let id = id_of(&bench.draft(json!({})).await);
    let contacts = &bench.engine.contacts;
    let torn = br#"{"contacts":[{"phoneNumber":"+12025550201"},{"phoneNu"#;
    let refused = contacts.import_json(&bench.user, id, torn).await;
    assert!(
        matches!(refused, Err(EngineError::Unreadable(_))),
        "{refused:?}"
    );
    let errors = wrong_fields(
        contacts
            .import_json(&bench.user, id, br#"{"contacts":{}}"#)
            .await,
    );
    assert_eq!(errors[0].field, "contacts");
    assert_eq!(
        bench.engine.campaigns.live_figures(id).await.unwrap().total,
        0
    );
}

async fn csv_columns_are_known_by_their_names_and_rows_by_their_lines(bench: Bench) {
    let id = id_of(&bench.draft(json!({})).await);
    let csv = "\u{feff}First Name;last_name;Phone Number;E-mail;plan;\r\n\
               Ada;Lovelace;+12025550201;ada@example.com;\"gold; yearly\";\r\n\
               \r\n\
               Bob;;12;;;\r\n\
               Cy;;+12025550203\r\n\
               Di;;+12025550204;;;;;too many\r\n";
    let report = bench
        .engine
        .contacts
        .import_csv(&bench.user, id, csv.as_bytes())
        .await
        .unwrap()
        .report;
    assert_eq!(
        (report.added, report.refused),
        (2, 2),
        "{:?}",
        report.errors
    );
    let lines: Vec<u64> = report.errors.iter().map(|error| error.row).collect();
    assert_eq!(lines, [4, 6]);
    let ada = &listed(&bench, id, ContactQuery::default()).await[0];
    assert_eq!(ada.name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(ada.email.as_deref(), Some("ada@example.com"));
    assert_eq!(ada.metadata, Some(json!({ "plan": "gold; yearly" })));
    let errors = wrong_fields(
        bench
            .engine
            .contacts
            .import_csv(&bench.user, id, b"a,b\n1,2\n")
            .await,
    );
    assert_eq!(errors[0].field, "phoneNumber");
}

async fn a_campaign_that_is_over_takes_no_contacts(bench: Bench) {
    let campaign = bench.draft(json!({})).await;
    let id = id_of(&campaign);
    bench
        .engine
        .campaigns
        .command(&bench.user, id, Command::Cancel, None)
        .await
        .unwrap();
    let body = br#"{"contacts":[{"phoneNumber":"+12025550201"}]}"#;
    let (code, _) = conflict(
        bench
            .engine
            .contacts
            .import_json(&bench.user, id, body)
            .await,
    );
    assert_eq!(code, "campaign_is_over");
    bench
        .engine
        .campaigns
        .delete(&bench.user, id)
        .await
        .unwrap();
    let gone = bench
        .engine
        .contacts
        .import_json(&bench.user, id, body)
        .await;
    assert!(matches!(gone, Err(EngineError::NotFound { .. })));
}

async fn contacts_are_found_by_any_part_of_name_email_or_number(bench: Bench) {
    let id = id_of(&bench.draft(json!({})).await);
    let people = json!([
        { "phoneNumber": "+12025550201", "name": "John Doe" },
        { "phoneNumber": "+12025550302", "firstName": "Jane", "email": "jane_doe@example.com" },
    ]);
    bench.import(id, people).await;
    let count = async |search: &str, status: &str| {
        let query = ContactQuery {
            status: status.into(),
            search: search.into(),
        };
        listed(&bench, id, query).await.len()
    };
    assert_eq!(count("DOE", "").await, 2);
    assert_eq!(count("ohn", "pending").await, 1);
    assert_eq!(count("5503", "").await, 1);
    assert_eq!(count("jane_", "").await, 1);
    assert_eq!(count("", "completed").await, 0);
    let query = ContactQuery {
        status: "asleep".into(),
        search: "".into(),
    };
    let errors = wrong_fields(
        bench
            .engine
            .contacts
            .list(&bench.user, id, query, first())
            .await,
    );
    assert_eq!(errors[0].field, "status");
}

async fn an_import_tells_how_many_of_the_people_must_not_be_called(bench: Bench) {
    let list = &bench.engine.suppressions;
    for (keeper, number) in [
        (&bench.user, "+12025550201"),
        (&bench.user, "+12025550202"),
        (&bench.admin, "+12025550203"),
    ] {
        let new = NewSuppression {
            phone_number: Field::Given(number.to_owned()),
            ..NewSuppression::default()
        };
        list.add(keeper, new, &Param::Absent).await.unwrap();
    }
    let id = id_of(&bench.draft(json!({})).await);
    let table = "phone\n+12025550201\n+12025550203\n+1 202 555 0204\n";
    let contacts = &bench.engine.contacts;
    let first = contacts.import_csv(&bench.user, id, table.as_bytes()).await;
    let first = first.unwrap();
    assert_eq!((first.report.added, first.suppressed), (3, 1));
    // On the owner's list, whoever brings them in; known ones are told of as well.
    let rows = json!({ "contacts": [
        { "phoneNumber": "+12025550201" }, { "phoneNumber": "+12025550202" }, { "phoneNumber": "+12025550205" },
        { "phoneNumber": "12" },
    ] });
    let rows = rows.to_string();
    let more = contacts.import_json(&bench.admin, id, rows.as_bytes());
    let more = more.await.unwrap();
    assert_eq!((more.report.added, more.report.duplicates), (2, 1));
    assert_eq!(more.suppressed, 2);
    let kept = listed(&bench, id, ContactQuery::default()).await;
    assert!(kept.iter().all(|contact| contact.status == "pending"));
}

on_both![
    who_is_known_and_being_changed_holds_no_import_up,
    an_import_tells_how_many_of_the_people_must_not_be_called,
    good_rows_are_kept_bad_ones_reported_and_known_ones_counted,
    of_several_columns_that_may_be_the_number_the_closest_name_is_called,
    national_numbers_are_read_in_the_campaigns_region,
    errors_are_all_counted_and_the_first_thousand_listed,
    more_than_a_request_may_bring_changes_nothing,
    a_text_that_breaks_off_changes_nothing,
    csv_columns_are_known_by_their_names_and_rows_by_their_lines,
    a_campaign_that_is_over_takes_no_contacts,
    contacts_are_found_by_any_part_of_name_email_or_number,
];
