//! Lists of numbers that must not be called: whose they are, and what becomes of what is sent.

use std::collections::BTreeSet;

use engine::access::NewUser;
use engine::field::Field;
use engine::import::ImportReport;
use engine::page::{PageRequest, PageSize};
use engine::query::Param;
use engine::suppressions::{
    Added, ImportQuery, ListedSuppression, NewSuppression, SuppressionKey, SuppressionQuery,
};
use engine::{Actor, EngineError, Role};
use futures::StreamExt;
use futures::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::bench::{Bench, someone, wrong_fields};

const NUMBER: &str = "+12025550100";

fn text(text: &str) -> Field<String> {
    Field::Given(text.to_owned())
}

fn of(user: &Actor) -> Param {
    Param::Given(user.id.to_string())
}

fn page(number: &str, size: &str) -> PageRequest {
    PageRequest {
        number: number.into(),
        size: size.into(),
        allowed: PageSize {
            default: 10_000,
            max: 10_000,
        },
    }
}

async fn add(bench: &Bench, actor: &Actor, number: &str) -> Result<Added, EngineError> {
    let new = NewSuppression {
        phone_number: text(number),
        reason: text("  asked by letter "),
        ..NewSuppression::default()
    };
    let list = &bench.engine.suppressions;
    list.add(actor, new, &Param::Absent).await
}

async fn import(bench: &Bench, rows: Value) -> ImportReport {
    let body = json!({ "suppressions": rows }).to_string();
    let list = &bench.engine.suppressions;
    let query = ImportQuery::default();
    let report = list.import_json(&bench.user, query, body.as_bytes()).await;
    report.unwrap()
}

async fn listed(bench: &Bench, actor: &Actor, query: SuppressionQuery) -> Vec<ListedSuppression> {
    let list = &bench.engine.suppressions;
    let found = list.list(actor, query, page("", "")).await.unwrap();
    assert_eq!(found.total, found.items.len() as u64);
    found.items
}

async fn numbers(bench: &Bench, actor: &Actor, query: SuppressionQuery) -> Vec<String> {
    let found = listed(bench, actor, query).await.into_iter();
    found.map(|listed| listed.row.phone_number).collect()
}

async fn file(bench: &Bench, query: SuppressionQuery, page: PageRequest) -> Vec<String> {
    let list = &bench.engine.suppressions;
    let pieces = list.export(&bench.user, query, page).await.unwrap();
    pieces
        .map(|piece| String::from_utf8(piece.unwrap()).unwrap())
        .collect()
        .await
}

async fn a_number_is_added_once_and_stays_as_it_was(bench: Bench) {
    let first = add(&bench, &bench.user, "+1 (202) 555-0100").await.unwrap();
    assert!(first.is_new);
    let row = &first.suppression.row;
    assert_eq!(
        (row.phone_number.as_str(), row.source.as_str()),
        (NUMBER, "api")
    );
    assert_eq!(row.reason.as_deref(), Some("asked by letter"));
    assert_eq!(row.created_at, bench.engine.clock.now());
    let by = first.suppression.added_by.as_ref().expect("somebody");
    assert_eq!(by.id, bench.user.id.into_uuid());
    let again = NewSuppression {
        phone_number: text("2025550100"),
        region: text("us"),
        reason: text("another reason"),
    };
    let list = &bench.engine.suppressions;
    let again = list.add(&bench.user, again, &Param::Absent).await.unwrap();
    assert!(!again.is_new);
    assert_eq!(again.suppression.row, *row);
    // Of many at once one is new.
    let at_once = (0..8).map(|_| add(&bench, &bench.user, "+12025550101"));
    let added = join_all(at_once).await;
    let new = added.iter().filter(|added| added.as_ref().unwrap().is_new);
    assert_eq!(new.count(), 1);
}

async fn everything_wrong_with_a_number_is_named_at_once_and_nothing_added(bench: Bench) {
    let list = &bench.engine.suppressions;
    let wrong = NewSuppression {
        phone_number: text("call me"),
        region: text("Mars"),
        reason: text("\0"),
    };
    let nobody = Param::Given("nobody".to_owned());
    let errors = wrong_fields(list.add(&bench.admin, wrong, &nobody).await);
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["region", "phoneNumber", "reason", "userId"]);
    let nothing = list.add(&bench.user, NewSuppression::default(), &Param::Absent);
    assert_eq!(wrong_fields(nothing.await)[0].message, "is required");
    let long = NewSuppression {
        phone_number: text(NUMBER),
        reason: text(&"x".repeat(1_001)),
        ..NewSuppression::default()
    };
    let errors = wrong_fields(list.add(&bench.user, long, &Param::Absent).await);
    assert_eq!(errors[0].field, "reason");
    let everything = SuppressionQuery::default();
    assert!(listed(&bench, &bench.admin, everything).await.is_empty());
}

async fn good_rows_are_kept_bad_ones_reported_and_known_ones_counted(bench: Bench) {
    add(&bench, &bench.user, NUMBER).await.unwrap();
    let report = import(
        &bench,
        json!([
            { "phoneNumber": "+1 202 555 0101", "reason": "by post", "colour": "blue" },
            { "phone": 12025550102_u64, "region": "US" },
            { "Phone Number": "+12025550101" },
            { "number": NUMBER, "reason": "again" },
            { "phoneNumber": "2025550103" },
            { "reason": "nobody" },
            { "phoneNumber": "+12025550104", "reason": 5, "region": "Mars" },
            { "phoneNumber": "+12025550105", "reason": "a\0b" },
            "+12025550106",
        ]),
    )
    .await;
    assert_eq!((report.added, report.duplicates, report.refused), (2, 2, 5));
    let errors: Vec<(u64, &str)> = report
        .errors
        .iter()
        .map(|error| (error.row, error.field.as_str()))
        .collect();
    let expected = [
        (5, "phoneNumber"),
        (6, "phoneNumber"),
        (7, "region"),
        (8, "reason"),
        (9, ""),
    ];
    // A number is taken for a text, and one of another region is refused for that only.
    assert_eq!(errors, expected);
    let kept = listed(&bench, &bench.user, SuppressionQuery::default()).await;
    let of = |number: &str| {
        let mut kept = kept.iter();
        let found = kept.find(|listed| listed.row.phone_number == number);
        let row = &found.expect("it is kept").row;
        (row.source.clone(), row.reason.clone())
    };
    assert_eq!(kept.len(), 3);
    let words = |text: &str| Some(text.to_owned());
    assert_eq!(of("+12025550101"), ("import".to_owned(), words("by post")));
    assert_eq!(of("+12025550102"), ("import".to_owned(), None));
    assert_eq!(of(NUMBER), ("api".to_owned(), words("asked by letter")));
}

async fn a_table_is_read_in_the_region_that_the_query_names(bench: Bench) {
    let list = &bench.engine.suppressions;
    let table = "Phone;Reason\r\n098123 45678;moved\r\n+442079460001;\r\n12;\r\n";
    let query = ImportQuery {
        region: "in".into(),
        ..ImportQuery::default()
    };
    let report = list.import_csv(&bench.user, query, table.as_bytes()).await;
    let report = report.unwrap();
    assert_eq!((report.added, report.refused), (2, 1));
    assert_eq!(report.errors[0].row, 4);
    let wrong = ImportQuery {
        region: "Mars".into(),
        user: "nobody".into(),
    };
    let refused = list.import_csv(&bench.admin, wrong, table.as_bytes()).await;
    let fields = wrong_fields(refused);
    let fields: Vec<&str> = fields.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["region", "userId"]);
    let headless = list.import_csv(&bench.user, ImportQuery::default(), b"a,b\n1,2\n");
    assert_eq!(wrong_fields(headless.await)[0].field, "phoneNumber");
    let no_list = list.import_json(&bench.user, ImportQuery::default(), b"{}");
    assert_eq!(wrong_fields(no_list.await)[0].field, "suppressions");
}

async fn of_several_columns_that_may_be_the_number_the_closest_name_is_kept(bench: Bench) {
    let rows = json!([
        { "number": "+12025550191", "phone": "+12025550192", "phoneNumber": NUMBER },
        { "number": "+12025550193", "phone": "+12025550101" },
    ]);
    let report = import(&bench, rows).await;
    assert_eq!((report.added, report.refused), (2, 0), "{report:?}");
    let kept = numbers(&bench, &bench.user, SuppressionQuery::default()).await;
    assert_eq!(kept, ["+12025550101", NUMBER]);
}

async fn the_newest_come_first_and_are_found_by_digits_and_source(bench: Bench) {
    for number in ["+12025550100", "+12025550101"] {
        add(&bench, &bench.user, number).await.unwrap();
    }
    import(&bench, json!([{ "phone": "+442079460001" }])).await;
    let find = |search: &str, source: &str| SuppressionQuery {
        search: search.into(),
        source: source.into(),
        ..SuppressionQuery::default()
    };
    for (search, source, expected) in [
        (
            "",
            "",
            &["+442079460001", "+12025550101", "+12025550100"][..],
        ),
        ("202-555", "", &["+12025550101", "+12025550100"]),
        (" 44 20", "", &["+442079460001"]),
        ("0100", "", &["+12025550100"]),
        ("9999", "", &[]),
        ("", "import", &["+442079460001"]),
        ("", "api", &["+12025550101", "+12025550100"]),
        ("", "conversation", &[]),
    ] {
        let found = numbers(&bench, &bench.user, find(search, source)).await;
        assert_eq!(found, expected, "{search} {source}");
    }
    let list = &bench.engine.suppressions;
    let query = SuppressionQuery::default();
    let second = list.list(&bench.user, query, page("2", "2")).await.unwrap();
    assert_eq!(
        (second.items.len(), second.total, second.pages()),
        (1, 3, 2)
    );
    let wrong = list.list(&bench.user, find("x", "rumour"), page("0", "10001"));
    let fields = wrong_fields(wrong.await);
    let fields: Vec<&str> = fields.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["page", "limit", "source", "search"]);
}

async fn everybody_keeps_a_list_of_its_own_and_administrators_see_all(bench: Bench) {
    let other = someone(&bench.engine, "Uma", Role::User).await;
    let list = &bench.engine.suppressions;
    let own = add(&bench, &bench.user, NUMBER).await.unwrap();
    let hers = add(&bench, &other, NUMBER).await.unwrap();
    assert!(own.is_new && hers.is_new, "the same number, on two lists");
    let all = SuppressionQuery::default;
    for (actor, expected) in [(&bench.user, 1), (&other, 1), (&bench.admin, 2)] {
        assert_eq!(listed(&bench, actor, all()).await.len(), expected);
    }
    let key = |added: &Added| SuppressionKey::Id(id_of(added));
    let by_number: SuppressionKey = NUMBER.parse().unwrap();
    let not_found = list.get(&other, &key(&own), &Param::Absent).await;
    assert!(matches!(
        not_found,
        Err(EngineError::NotFound {
            what: "suppression"
        })
    ));
    let not_found = list.remove(&other, &key(&own), &Param::Absent).await;
    assert!(matches!(not_found, Err(EngineError::NotFound { .. })));
    let found = list.get(&other, &by_number, &Param::Absent).await.unwrap();
    assert_eq!(found.row, hers.suppression.row);
    // Nobody else's by name; administrators name whose.
    let forbidden = list.get(&other, &by_number, &of(&bench.user)).await;
    assert!(matches!(forbidden, Err(EngineError::Forbidden(_))));
    let admin = &bench.admin;
    let found = list.get(admin, &by_number, &of(&bench.user)).await.unwrap();
    assert_eq!(found.row, own.suppression.row);
    let none = list.get(admin, &by_number, &Param::Absent).await;
    assert!(none.is_err(), "the administrator's own list is empty");
    let new = NewSuppression {
        phone_number: text("+12025550199"),
        ..NewSuppression::default()
    };
    let added = list.add(admin, new.clone(), &of(&other)).await.unwrap();
    assert_eq!(added.suppression.row.owner_id, other.id.into_uuid());
    let by = added.suppression.added_by.expect("somebody");
    assert_eq!(by.id, admin.id.into_uuid());
    let forbidden = list.add(&bench.user, new, &of(&other)).await;
    assert!(matches!(forbidden, Err(EngineError::Forbidden(_))));
    list.remove(admin, &key(&own), &Param::Absent)
        .await
        .unwrap();
    let again = list.remove(admin, &key(&own), &Param::Absent).await;
    assert!(matches!(again, Err(EngineError::NotFound { .. })));
    list.remove(&other, &by_number, &Param::Absent)
        .await
        .unwrap();
    let left = numbers(&bench, admin, all()).await;
    assert_eq!(left, ["+12025550199"]);
}

fn id_of(added: &Added) -> domain::SuppressionId {
    domain::SuppressionId::from_uuid(added.suppression.row.id)
}

async fn a_large_list_is_carried_out_whole_and_comes_back_as_it_was(bench: Bench) {
    let row = |n: usize| {
        let number = format!("+1202{:07}", 5_550_000 + n);
        json!({ "phoneNumber": number, "reason": format!("=reason {n}") })
    };
    let rows: Vec<Value> = (0..1_250).map(row).collect();
    assert_eq!(import(&bench, rows.into()).await.added, 1_250);
    let pieces = file(&bench, SuppressionQuery::default(), page("", "")).await;
    let lines: Vec<usize> = pieces.iter().map(|piece| piece.lines().count()).collect();
    assert_eq!(lines, [1, 500, 500, 250]);
    assert_eq!(
        pieces[0],
        "phoneNumber,reason,source,addedBy,userId,createdAt,id\r\n"
    );
    assert!(pieces[1].contains(",'=reason "), "no cell is a formula");
    let whole = pieces.concat();
    let numbers: BTreeSet<&str> = whole.lines().skip(1).filter_map(|l| l.get(..12)).collect();
    assert_eq!(numbers.len(), 1_250);
    let second = file(&bench, SuppressionQuery::default(), page("2", "550")).await;
    assert_eq!(second.concat().lines().count(), 551);

    let writer = bench.engine.database.writer();
    let empty = "DELETE FROM suppressions";
    writer.execute_unprepared(empty).await.unwrap();
    let list = &bench.engine.suppressions;
    let query = ImportQuery::default();
    let report = list.import_csv(&bench.user, query, whole.as_bytes()).await;
    assert_eq!(report.unwrap().added, 1_250);
    let last = SuppressionQuery {
        search: "5551249".into(),
        ..SuppressionQuery::default()
    };
    let found = listed(&bench, &bench.user, last).await;
    assert_eq!(found[0].row.reason.as_deref(), Some("=reason 1249"));
}

async fn a_row_that_nobody_added_by_hand_is_listed_without_a_name(bench: Bench) {
    // As an older release has written it.
    let user = NewUser {
        name: "Old".to_owned(),
        email: None,
        role: Role::User,
    };
    let owner = bench.engine.access.create_token(user).await.unwrap().user;
    let number = domain::PhoneNumber::parse(NUMBER, None).unwrap();
    let wish = engine::store::suppressions::Suppression {
        owner,
        number,
        source: engine::suppressions::Source::Conversation,
        reason: None,
        added_by: None,
    };
    let writer = bench.engine.database.writer();
    let now = bench.engine.clock.now();
    let wishes = vec![wish];
    let added = engine::store::suppressions::insert(writer, wishes, now).await;
    assert_eq!(added.unwrap(), 1);
    let found = listed(&bench, &bench.admin, SuppressionQuery::default()).await;
    assert_eq!(found[0].row.source, "conversation");
    assert!(found[0].added_by.is_none());
}

on_both![
    a_number_is_added_once_and_stays_as_it_was,
    everything_wrong_with_a_number_is_named_at_once_and_nothing_added,
    good_rows_are_kept_bad_ones_reported_and_known_ones_counted,
    a_table_is_read_in_the_region_that_the_query_names,
    of_several_columns_that_may_be_the_number_the_closest_name_is_kept,
    the_newest_come_first_and_are_found_by_digits_and_source,
    everybody_keeps_a_list_of_its_own_and_administrators_see_all,
    a_large_list_is_carried_out_whole_and_comes_back_as_it_was,
    a_row_that_nobody_added_by_hand_is_listed_without_a_name,
];
