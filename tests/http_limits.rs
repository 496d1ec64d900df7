//! How much a request may be, and what every answer has.

use reqwest::{Method, RequestBuilder, Response};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::api::refusal;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    bodies_beyond_their_limits_are_refused,
    every_answer_carries_a_request_id_and_long_ones_are_compressed,
);

async fn bodies_beyond_their_limits_are_refused(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let mebibyte = 1 << 20;
    let body = |bytes: usize| format!(r#"{{"name": "x", "unknown": "{}"}}"#, "y".repeat(bytes));
    let post = |path: &str, bytes: usize| {
        let request = api.request(Method::POST, path);
        request
            .header("content-type", "application/json")
            .body(body(bytes))
    };
    let under = post("/api/campaigns", mebibyte - 100)
        .send()
        .await
        .expect("an answer");
    assert_eq!(under.status(), 201);
    refusal(post("/api/campaigns", mebibyte), 413, "too_large").await;
    refusal(post("/api/v1/campaigns", 3 * mebibyte), 413, "too_large").await;
    refusal(
        post(&format!("/api/campaigns/{id}/pause"), mebibyte),
        413,
        "too_large",
    )
    .await;
    let import = format!("/api/v1/campaigns/{id}/contacts");
    refusal(post(&import, 32 * mebibyte), 413, "too_large").await;
    let first = format!("/api/campaigns/{id}/contacts");
    refusal(post(&first, 32 * mebibyte), 413, "too_large").await;
    let one = format!("{first}/1");
    let change = api.request(Method::PUT, &one).body(body(mebibyte));
    let change = change.header("content-type", "application/json");
    refusal(change, 413, "too_large").await;
    // Nobody has to say beforehand how long a body is.
    let unknown = chunked(&dialer, "/api/campaigns", body(2 * mebibyte).as_bytes()).await;
    assert!(unknown.starts_with("HTTP/1.1 413"), "{unknown}");
    assert!(unknown.contains(r#""code":"too_large""#), "{unknown}");
    // However long it is, and whatever it is refused for: the answer is heard, and the connection stays good.
    for _ in 0..3 {
        refusal(post("/api/campaigns", 12 * mebibyte), 413, "too_large").await;
        let plain = api
            .request(Method::POST, "/api/campaigns")
            .body(body(12 * mebibyte));
        refusal(plain, 415, "unsupported_media_type").await;
        let nowhere = api
            .request(Method::POST, "/api/nowhere")
            .body(body(12 * mebibyte));
        refusal(nowhere, 404, "route_not_found").await;
        let stranger = dialer.api_as(None).request(Method::POST, &import);
        refusal(stranger.body(body(12 * mebibyte)), 401, "unauthenticated").await;
    }
    let total = api.get("/api/campaigns").await.ok();
    assert_eq!(total["total"], 2);
}

/// Sends `body` in chunks; what comes back until the dialer has no more to say.
async fn chunked(dialer: &Dialer, path: &str, body: &[u8]) -> String {
    let authority = dialer.base().trim_start_matches("http://");
    let mut socket = TcpStream::connect(authority).await.expect("a connection");
    let token = crate::support::dialer::ADMIN_TOKEN;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {authority}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    socket
        .write_all(head.as_bytes())
        .await
        .expect("a head is sent");
    for chunk in body.chunks(64 * 1024) {
        let framed = [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat();
        if socket.write_all(&framed).await.is_err() {
            // It has heard enough.
            break;
        }
    }
    let _ = socket.write_all(b"0\r\n\r\n").await;
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn every_answer_carries_a_request_id_and_long_ones_are_compressed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    for path in [
        "/api/campaigns",
        "/healthz",
        "/no/such/path",
        "/api/campaigns?limit=0",
    ] {
        let given = api
            .request(Method::GET, path)
            .header("x-request-id", "asked-by-a-test-7");
        assert_eq!(
            header(&send(given).await, "x-request-id").as_deref(),
            Some("asked-by-a-test-7")
        );
        let (one, two) = (
            send(api.request(Method::GET, path)).await,
            send(api.request(Method::GET, path)).await,
        );
        let (one, two) = (header(&one, "x-request-id"), header(&two, "x-request-id"));
        assert!(one.as_ref().is_some_and(|id| id.len() == 36), "{one:?}");
        assert_ne!(one, two);
    }
    // One that is no plain word, or has no end, is not repeated.
    for odd in ["x".repeat(200), "two words".to_owned(), String::new()] {
        let given = api
            .request(Method::GET, "/healthz")
            .header("x-request-id", &odd);
        let id = header(&send(given).await, "x-request-id");
        assert!(
            id.as_ref().is_some_and(|id| id.len() == 36),
            "{odd}: {id:?}"
        );
    }
    // With it a request is found in the log.
    assert!(dialer.output().contains("asked-by-a-test-7"));

    let document = api.request(Method::GET, "/api/openapi.json");
    let compressed = send(document.header("accept-encoding", "gzip")).await;
    assert_eq!(
        header(&compressed, "content-encoding").as_deref(),
        Some("gzip")
    );
    let compressed = compressed.bytes().await.expect("a body");
    let plain = send(api.request(Method::GET, "/api/openapi.json")).await;
    assert_eq!(header(&plain, "content-encoding"), None);
    let plain = plain.bytes().await.expect("a body");
    assert_eq!(compressed[..2], [0x1f, 0x8b], "gzip begins like this");
    assert!(
        compressed.len() * 4 < plain.len(),
        "{} of {}",
        compressed.len(),
        plain.len()
    );

    // Nobody's page may call where none is configured.
    let foreign = api
        .request(Method::GET, "/api/campaigns")
        .header("origin", "https://example.com");
    assert_eq!(
        header(&send(foreign).await, "access-control-allow-origin"),
        None
    );
}

async fn send(request: RequestBuilder) -> Response {
    request.send().await.expect("an answer")
}

fn header(response: &Response, name: &str) -> Option<String> {
    Some(response.headers().get(name)?.to_str().ok()?.to_owned())
}
