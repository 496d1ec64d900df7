//! Free ports.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Context, Result};

/// A port that is free, and that nobody else takes before it is used: below those that outgoing connections get, and
/// never the same one twice.
pub fn free() -> Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 10_000 + u16::try_from(std::process::id() % 100)? * 40;
    let mut tried = (0..1_000).map(|_| first + NEXT.fetch_add(1, Ordering::Relaxed) % 2_000);
    tried
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .context("no port is free")
}
