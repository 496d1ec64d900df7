//! Every route there is, by the router's own account.

use std::collections::BTreeMap;

use ::dialer::http::body_within::BodyTimes;

/// `METHOD path` of each route, in order. `HEAD` goes with `GET` and is left out.
pub fn routes() -> Vec<String> {
    // There is no other way to ask a router than to have it print itself: which methods a route has, and where it lies.
    let printed = format!("{:?}", ::dialer::http::router::routes(BodyTimes::default()));
    let (routes, _fallback) = printed
        .split_once(" fallback_router: ")
        .expect("a router prints its routes, then its fallback");
    let (routes, paths) = routes
        .split_once(" node: Node { paths: {")
        .expect("a router prints its handlers, then their paths");
    let methods: BTreeMap<&str, &str> = entries(routes).collect();
    let mut found = Vec::new();
    for (id, path) in entries(paths) {
        let path = path.split('"').nth(1).expect("a path");
        let allowed = methods[id].split_once("allow_header: Bytes(b\"");
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{path} does not say its methods"));
        let (allowed, _) = allowed.split_once('"').expect("a list of methods");
        let methods = allowed.split(',').filter(|method| *method != "HEAD");
        found.extend(methods.map(|method| format!("{method} {path}")));
    }
    assert_eq!(methods.len(), paths.matches("RouteId(").count());
    found.sort();
    found
}

/// What is printed behind each `RouteId(`, by its number.
fn entries(printed: &str) -> impl Iterator<Item = (&str, &str)> {
    let entries = printed.split("RouteId(").skip(1);
    entries.map(|entry| entry.split_once("): ").expect("a number"))
}
