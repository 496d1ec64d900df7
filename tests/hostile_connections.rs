//! Connections that are too large, too slow, too many, or say what is no request.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::Method;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use tokio::time::timeout;

use crate::support::raw::{Raw, head};
use crate::support::{Dialer, Options, Stack, eventually, on_both_stacks};

on_both_stacks!(
    heads_that_are_too_large_or_no_heads_are_refused,
    who_takes_too_long_over_a_head_is_dropped,
    who_takes_too_long_over_a_body_is_told_and_changes_nothing,
    who_takes_nothing_of_an_answer_is_left,
    who_takes_an_answer_slowly_gets_all_of_it,
    who_has_closed_their_own_side_is_still_answered,
    requests_that_come_one_behind_the_other_are_answered_in_their_order,
    who_comes_when_all_places_are_taken_waits_for_one,
);

/// How long the dialer of these tests waits for a head, and for a body.
const WAIT_S: u64 = 2;
/// What a busy machine may take on top of that.
const GRACE: Duration = Duration::from_secs(60);
const DROP: Duration = Duration::from_millis(200);

async fn impatient(stack: Stack, env: &[(&'static str, &str)]) -> Dialer {
    let mut all = BTreeMap::from([
        ("HTTP_HEAD_S", WAIT_S.to_string()),
        ("HTTP_BODY_S", WAIT_S.to_string()),
        ("HTTP_ANSWER_S", WAIT_S.to_string()),
        ("HTTP_HEAD_BYTES", "8192".to_owned()),
    ]);
    all.extend(env.iter().map(|(key, value)| (*key, (*value).to_owned())));
    let options = Options {
        env: all,
        ..Options::default()
    };
    Dialer::start(stack, options).await
}

/// Not at once, and not much later than after [`WAIT_S`].
#[track_caller]
fn assert_waited(waited: Duration, what: &str) {
    let least = Duration::from_secs(WAIT_S) - Duration::from_millis(500);
    let most = Duration::from_secs(WAIT_S) + GRACE;
    assert!((least..most).contains(&waited), "{what}: {waited:?}");
}

async fn heads_that_are_too_large_or_no_heads_are_refused(stack: Stack) {
    let dialer = impatient(stack, &[]).await;
    let fine = head(&dialer, "GET /api/campaigns");
    let many: String = (0..200).map(|n| format!("x-{n}: y\r\n")).collect();
    for (said, statuses) in [
        (
            format!("{fine}x: {}\r\n\r\n", "y".repeat(100_000)),
            &[431][..],
        ),
        (format!("{fine}{many}\r\n"), &[431]),
        (
            format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "y".repeat(70_000)),
            &[414, 431],
        ),
        (
            format!("{fine}content-length: 3\r\ncontent-length: 4\r\n\r\nabcd"),
            &[400],
        ),
        (format!("{fine}content-length: -1\r\n\r\n"), &[400]),
        (format!("{fine}transfer-encoding: gzip\r\n\r\n"), &[400]),
        (format!("{fine}a header without a colon\r\n\r\n"), &[400]),
        ("\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}".repeat(20), &[400]),
        ("GET / HTTP/9.9\r\n\r\n".to_owned(), &[400, 505]),
    ] {
        let mut raw = Raw::connect(&dialer).await;
        raw.say(&said).await;
        let (answer, _) = raw.rest(GRACE).await;
        let begin: String = said.chars().take(200).collect();
        let status = answer
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse::<u16>().ok());
        // Who is cut off in the middle of their words may hear nothing.
        assert!(
            status.is_none_or(|status| statuses.contains(&status)),
            "{begin:?}: {answer}"
        );
        assert!(
            status.is_some() || said.len() > 8_192,
            "{begin:?}: no answer"
        );
    }
    dialer.api.get("/api/campaigns").await.ok();
}

async fn who_takes_too_long_over_a_head_is_dropped(stack: Stack) {
    let dialer = impatient(stack, &[]).await;
    let half = head(&dialer, "GET /api/campaigns");
    let silent = async {
        let raw = Raw::connect(&dialer).await;
        ("says nothing", raw.rest(GRACE).await)
    };
    let half_way = async {
        let mut raw = Raw::connect(&dialer).await;
        raw.say(&half).await;
        ("says half", raw.rest(GRACE).await)
    };
    let dripping = async {
        let mut raw = Raw::connect(&dialer).await;
        raw.say(&format!("{half}x: ")).await;
        raw.drip("y", DROP, GRACE).await;
        ("drips", raw.rest(GRACE).await)
    };
    let idle = async {
        let mut raw = Raw::connect(&dialer).await;
        raw.say(&format!("{half}\r\n")).await;
        ("was answered before", raw.rest(GRACE).await)
    };
    let (a, b, c, d) = tokio::join!(silent, half_way, dripping, idle);
    for (what, (heard, waited)) in [a, b, c, d] {
        assert_waited(waited, what);
        let answers = heard.matches("HTTP/1.1 200").count();
        assert_eq!(
            answers,
            usize::from(what == "was answered before"),
            "{what}: {heard}"
        );
    }
    dialer.api.get("/api/campaigns").await.ok();
}

async fn who_takes_too_long_over_a_body_is_told_and_changes_nothing(stack: Stack) {
    let dialer = impatient(stack, &[]).await;
    let begin = head(&dialer, "POST /api/campaigns");
    let hook = head(&dialer, "POST /webhooks/signalwire/inbound");
    let body = r#"{"name": "slow", "tags": ["#;
    let sized = format!("content-length: 9999\r\n\r\n{body}");
    let chunked = format!("transfer-encoding: chunked\r\n\r\n1000\r\n{body}");
    let slow = [
        (format!("{begin}{sized}"), " "),
        (format!("{begin}{sized}"), ""),
        (format!("{begin}{chunked}"), " "),
        (format!("{hook}{sized}"), "a"),
    ];
    let told = slow.map(|(said, drops)| {
        let dialer = &dialer;
        async move {
            let mut raw = Raw::connect(dialer).await;
            raw.say(&said).await;
            raw.drip(drops, DROP, GRACE).await;
            raw.rest(GRACE).await
        }
    });
    for (heard, waited) in join_all(told).await {
        assert!(heard.starts_with("HTTP/1.1 408"), "{heard}");
        assert!(heard.contains(r#""code":"too_slow""#), "{heard}");
        assert!(heard.contains("connection: close"), "{heard}");
        assert_waited(waited, &heard);
    }
    let all = dialer.api.get("/api/campaigns").await.ok();
    assert_eq!(all["total"], 0, "{all}");
}

/// Answers of which each is large: more, all together, than systems keep for a connection.
const LARGE: usize = 100;

async fn ask_for_much(dialer: &Dialer) -> Raw {
    let mut raw = Raw::connect(dialer).await;
    let one = format!("{}\r\n", head(dialer, "GET /api/openapi.json"));
    assert!(raw.say(&one.repeat(LARGE)).await, "somebody listens");
    raw
}

async fn who_takes_nothing_of_an_answer_is_left(stack: Stack) {
    const PLACES: usize = 3;
    let dialer = impatient(stack, &[("HTTP_CONNECTIONS_MAX", "3")]).await;
    let mut taken = Vec::new();
    for _ in 0..PLACES {
        taken.push(ask_for_much(&dialer).await);
    }
    // Somebody gets one of their places though they do not let go of them.
    let mut late = Raw::connect(&dialer).await;
    late.say(&format!(
        "{}connection: close\r\n\r\n",
        head(&dialer, "GET /healthz")
    ))
    .await;
    let (heard, _) = late.rest(GRACE).await;
    assert!(heard.starts_with("HTTP/1.1 200"), "{heard}");
    let heard = join_all(taken.into_iter().map(|raw| raw.rest(GRACE))).await;
    let answers = heard
        .iter()
        .map(|(heard, _)| heard.matches("HTTP/1.1 200").count());
    assert!(answers.min() < Some(LARGE), "one of them was left");
}

async fn who_takes_an_answer_slowly_gets_all_of_it(stack: Stack) {
    let dialer = impatient(stack, &[]).await;
    let mut raw = ask_for_much(&dialer).await;
    raw.sip(512 << 10, DROP, Duration::from_secs(2 * WAIT_S))
        .await;
    let (heard, _) = raw.rest(GRACE).await;
    assert_eq!(heard.matches("HTTP/1.1 200").count(), LARGE);
}

async fn who_has_closed_their_own_side_is_still_answered(stack: Stack) {
    let dialer = impatient(stack, &[]).await;
    let body = r#"{"name": "said and done"}"#;
    let begin = head(&dialer, "POST /api/campaigns");
    let mut raw = Raw::connect(&dialer).await;
    raw.say(&format!(
        "{begin}content-length: {}\r\n\r\n{body}",
        body.len()
    ))
    .await;
    raw.close_own_side().await;
    let (heard, _) = raw.rest(GRACE).await;
    assert!(heard.starts_with("HTTP/1.1 201"), "{heard}");
    assert!(heard.contains("said and done"), "{heard}");
    // Who closes it in the middle has said nothing that could be done.
    for cut in [format!("{begin}content-length: 9999\r\n\r\n{body}"), begin] {
        let mut raw = Raw::connect(&dialer).await;
        raw.say(&cut).await;
        raw.close_own_side().await;
        let (heard, _) = raw.rest(GRACE).await;
        assert!(
            heard.is_empty() || heard.starts_with("HTTP/1.1 400"),
            "{heard}"
        );
    }
    let all = dialer.api.get("/api/campaigns").await.ok();
    assert_eq!(all["total"], 1, "{all}");
}

async fn requests_that_come_one_behind_the_other_are_answered_in_their_order(stack: Stack) {
    const REQUESTS: usize = 60;
    let dialer = impatient(stack, &[]).await;
    let mut said = String::new();
    for number in 0..REQUESTS {
        let (request, body) = match number % 3 {
            // Slow and quick ones take turns.
            0 => (
                "POST /api/campaigns",
                format!(r#"{{"name": "number {number}"}}"#),
            ),
            1 => ("GET /healthz", String::new()),
            _ => ("GET /api/no/such/path", String::new()),
        };
        let begin = head(&dialer, request);
        let length = body.len();
        said +=
            &format!("{begin}x-request-id: n-{number}-\r\ncontent-length: {length}\r\n\r\n{body}");
    }
    let mut raw = Raw::connect(&dialer).await;
    raw.say(&said).await;
    let (heard, _) = raw.rest(GRACE).await;
    let answers: Vec<&str> = heard.split("HTTP/1.1 ").skip(1).collect();
    assert_eq!(answers.len(), REQUESTS, "{heard}");
    for (number, answer) in answers.iter().enumerate() {
        let status = ["201", "200", "404"][number % 3];
        assert!(answer.starts_with(status), "{number}: {answer}");
        assert!(
            answer.contains(&format!("x-request-id: n-{number}-\r\n")),
            "{answer}"
        );
    }
    let all = dialer.api.get("/api/campaigns").await.ok();
    assert_eq!(all["total"], REQUESTS.div_ceil(3), "{all}");
}

async fn who_comes_when_all_places_are_taken_waits_for_one(stack: Stack) {
    const PLACES: usize = 20;
    let dialer = impatient(stack, &[("HTTP_CONNECTIONS_MAX", "20")]).await;
    let taken = join_all((0..PLACES).map(|_| Raw::connect(&dialer))).await;
    let begun = Instant::now();
    let late = dialer.api_as(None).request(Method::GET, "/healthz");
    let answer = timeout(GRACE, late.send()).await.expect("in time");
    assert_eq!(answer.expect("an answer").status(), 200);
    // One connection of the client itself is among them, idle for as long.
    assert!(
        begun.elapsed() > Duration::from_millis(500),
        "{:?}",
        begun.elapsed()
    );
    drop(taken);
}

/// Most systems let a process have few files at first, and more if it asks.
fn allow_files(wanted: u64) -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, all).expect("what may be had can be had");
    let room = limit.maximum.unwrap_or(u64::MAX);
    // As many again are for what else goes on in this process.
    wanted.min(room / 2)
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_idle_connections_keep_nobody_out() {
    const WANTED: u64 = 10_000;
    const ANSWERED_WITHIN: Duration = Duration::from_secs(20);
    /// Bytes that a connection may cost while nothing is said.
    const BYTES_MAX: u64 = 32 * 1024;
    let count = allow_files(WANTED);
    let patient = [("HTTP_HEAD_S", "300")];
    let dialer = impatient(Stack::Embedded, &patient).await;
    dialer.api.create_campaign(json!({})).await;
    let web = dialer.web.as_ref().expect("an API");
    let before = web.resident_bytes();
    let mut idle = Vec::new();

    while (idle.len() as u64) < count {
        idle.extend(join_all((0..50).map(|_| Raw::connect(&dialer))).await);
    }
    // Some have said something; nobody goes on.
    for raw in idle.iter_mut().step_by(2) {
        raw.say("GET /api/campaigns HTTP/1.1\r\nhost: ").await;
    }
    eventually("all are taken in", Duration::from_secs(60), async || {
        (web.open_files() as u64 >= count).then_some(())
    })
    .await;
    for _ in 0..20 {
        let begun = Instant::now();
        dialer.api.create_campaign(json!({})).await;
        let all = dialer.api_as(Some(crate::support::dialer::ADMIN_TOKEN));
        all.get("/api/campaigns").await.ok();
        assert!(begun.elapsed() < ANSWERED_WITHIN, "{:?}", begun.elapsed());
    }
    let grown = web.resident_bytes().saturating_sub(before);
    println!("{count} idle connections cost {} KiB", grown / 1024);
    assert!(grown < count * BYTES_MAX, "{grown} bytes for {count}");
    drop(idle);
    eventually("all are let go", Duration::from_secs(60), async || {
        (web.open_files() < 200).then_some(())
    })
    .await;
}
