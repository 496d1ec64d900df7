//! The clients against a scripted server on loopback, and the readers against recorded bodies.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod deepgram;
mod documents;
mod elevenlabs_catalogue;
mod elevenlabs_client;
mod elevenlabs_events;
mod elevenlabs_outbound;
mod exotel_calls;
mod exotel_events;
mod exotel_place;
mod hostile_input;
mod recordings;
mod samples;
mod signalwire_calls;
mod signalwire_codes;
mod signalwire_events;
mod signalwire_place;
mod signatures;
mod stub;
