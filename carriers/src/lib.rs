//! Clients of the voice providers: who carries the call ([`Carrier`]), which agent speaks ([`VoiceAgents`]), and who writes
//! down what a recording says ([`Transcriber`]).
//!
//! Knows HTTP and the providers' JSON, forms, signatures and documents; knows no database and no queue. One folder per
//! provider: its client in `mod.rs`, its wire format in `wire`, the meaning of its errors in `errors`, what it tells us
//! unasked in the files named after that. Nothing in here retries: an error says what the caller must do.

pub mod agent;
pub mod carrier;
mod carrier_http;
pub mod carrier_kind;
pub mod deepgram;
pub mod elevenlabs;
pub mod event;
pub mod exotel;
mod http;
pub mod outbound;
mod redact;
pub mod signalwire;
pub mod sound;
pub mod transcriber;
mod word;

pub use agent::{
    AgentError, ConversationQuery, ConversationReport, ConversationStatus, ConversationWish,
    PlatformAgent, PlatformNumber, RegisterCall, Speaker, Turn, VoiceAgents,
};
pub use carrier::{
    CallKey, CampaignFault, Carrier, CarrierError, CarrierNumber, FoundCall, ListedCall, LookedUp,
    PlaceCall, PlaceError, Placed, Price,
};
pub use carrier_kind::{CarrierKind, UnknownCarrier};
pub use deepgram::{Deepgram, DeepgramConfig};
pub use elevenlabs::{ElevenLabs, ElevenLabsConfig};
pub use event::{ConfigError, EventError, SignatureError};
pub use exotel::{Exotel, ExotelConfig};
pub use outbound::{
    AgentCall, AgentLine, AgentOverrides, CallingAgents, OutboundError, PlacedByAgent,
};
pub use signalwire::{SignalWire, SignalWireConfig};
pub use sound::{KeptRecording, Sound};
pub use transcriber::{Recording, TranscribeError, Transcriber, Transcription};
