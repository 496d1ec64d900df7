//! Finding campaigns.

use chrono::TimeDelta;
use engine::EngineError;
use engine::campaigns::CampaignQuery;
use engine::field::Sieve;
use engine::page::{Page, PageRequest, PageSize};
use engine::query::Param;
use serde_json::json;

use crate::bench::{Bench, wrong_fields};

const SIZES: PageSize = PageSize {
    default: 20,
    max: 100,
};

/// `page` and `limit` as they stand in a query.
fn page(number: &str, size: &str) -> PageRequest {
    PageRequest {
        number: number.into(),
        size: size.into(),
        allowed: SIZES,
    }
}

fn first() -> PageRequest {
    page("", "")
}

async fn names(bench: &Bench, query: CampaignQuery, page: PageRequest) -> Vec<String> {
    let found = bench
        .engine
        .campaigns
        .list(&bench.user, query, page)
        .await
        .unwrap();
    found
        .items
        .into_iter()
        .map(|detail| detail.row.name)
        .collect()
}

async fn the_newest_come_first_page_by_page(bench: Bench) {
    for name in ["a", "b", "c", "d", "e"] {
        bench.clock.advance(TimeDelta::seconds(1));
        bench.draft(json!({ "name": name })).await;
    }
    let second = || page("2", "2");
    assert_eq!(
        names(&bench, CampaignQuery::default(), second()).await,
        ["c", "b"]
    );
    let found = bench
        .engine
        .campaigns
        .list(&bench.user, CampaignQuery::default(), second())
        .await
        .unwrap();
    assert_eq!((found.total, found.pages()), (5, 3));
    let by_name = CampaignQuery {
        sort_by: "name".into(),
        sort_dir: "asc".into(),
        ..CampaignQuery::default()
    };
    assert_eq!(
        names(&bench, by_name, first()).await,
        ["a", "b", "c", "d", "e"]
    );
}

async fn equal_ones_follow_by_id_so_that_no_page_repeats_one(bench: Bench) {
    for _ in 0..7 {
        bench.draft(json!({})).await;
    }
    let by_status = || CampaignQuery {
        sort_by: "status".into(),
        ..CampaignQuery::default()
    };
    let mut seen = Vec::new();
    for number in 1..=4 {
        let page = page(&number.to_string(), "2");
        let found = bench
            .engine
            .campaigns
            .list(&bench.user, by_status(), page)
            .await
            .unwrap();
        seen.extend(found.items.into_iter().map(|detail| detail.row.id));
    }
    let mut unique = seen.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!((seen.len(), unique.len()), (7, 7));
}

async fn a_search_looks_into_name_and_description_and_means_what_it_says(bench: Bench) {
    bench.draft(json!({ "name": "Half price: 50% off" })).await;
    bench
        .draft(json!({ "name": "500 calls", "description": "SPRING_sale" }))
        .await;
    bench.draft(json!({ "name": "Springtime! sale" })).await;
    let search = async |text: &str| {
        let query = CampaignQuery {
            search: text.into(),
            ..CampaignQuery::default()
        };
        names(&bench, query, first()).await
    };
    assert_eq!(search("50%").await, ["Half price: 50% off"]);
    assert_eq!(search("spring_").await, ["500 calls"]);
    assert_eq!(search("time!").await, ["Springtime! sale"]);
    assert_eq!(search("nothing").await, [""; 0]);
}

async fn a_query_that_makes_no_sense_names_every_part_that_does_not(bench: Bench) {
    let query = CampaignQuery {
        user: "nobody\0".into(),
        status: "running".into(),
        search: Param::Repeated,
        tag: "\0".into(),
        sort_by: "owner".into(),
        sort_dir: "up".into(),
    };
    let page = page("0", "101");
    let errors = wrong_fields(bench.engine.campaigns.list(&bench.user, query, page).await);
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    let expected = [
        "page", "limit", "status", "search", "tag", "sortBy", "sortDir", "userId",
    ];
    assert_eq!(fields, expected);
}

async fn a_user_sees_its_own_and_an_administrator_whose_it_names(bench: Bench) {
    bench.draft(json!({ "name": "the user's" })).await;
    let own = crate::bench::change(json!({ "name": "the administrator's" }));
    bench
        .engine
        .campaigns
        .create(&bench.admin, own)
        .await
        .unwrap();
    let of = |user: &engine::Actor| CampaignQuery {
        user: user.id.to_string().into(),
        ..CampaignQuery::default()
    };
    assert_eq!(
        names(&bench, CampaignQuery::default(), first()).await,
        ["the user's"]
    );
    assert_eq!(
        names(&bench, of(&bench.user), first()).await,
        ["the user's"]
    );
    let list = async |query| {
        bench
            .engine
            .campaigns
            .list(&bench.admin, query, first())
            .await
    };
    assert_eq!(list(CampaignQuery::default()).await.unwrap().total, 2);
    assert_eq!(list(of(&bench.user)).await.unwrap().total, 1);
    let refused = bench
        .engine
        .campaigns
        .list(&bench.user, of(&bench.admin), first())
        .await;
    assert!(matches!(refused, Err(EngineError::Forbidden(_))));
}

#[test]
fn pages_that_cannot_be_are_refused_and_not_bent() {
    let read = |number, size| {
        let mut sieve = Sieve::default();
        let page = page(number, size).read(&mut sieve);
        sieve.done(page)
    };
    let first = Page {
        number: 1,
        size: 20,
    };
    assert_eq!(read("", ""), Ok(first));
    let last = Page {
        number: 3,
        size: 100,
    };
    assert_eq!(read("3", "100"), Ok(last));
    for (number, size, wrong) in [
        ("0", "1", 1),
        ("x", "101", 2),
        ("-1", "0", 2),
        ("1", "1.5", 1),
    ] {
        let errors = read(number, size).unwrap_err();
        assert_eq!(errors.len(), wrong, "{number} {size}");
    }
}

on_both![
    the_newest_come_first_page_by_page,
    equal_ones_follow_by_id_so_that_no_page_repeats_one,
    a_search_looks_into_name_and_description_and_means_what_it_says,
    a_query_that_makes_no_sense_names_every_part_that_does_not,
    a_user_sees_its_own_and_an_administrator_whose_it_names,
];
