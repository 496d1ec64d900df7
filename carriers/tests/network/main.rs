//! The clients against the pretend phone network, which was written from the providers' documents and knows nothing of us.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod deepgram;
mod elevenlabs;
mod exotel;
mod exotel_stage;
mod stage;
