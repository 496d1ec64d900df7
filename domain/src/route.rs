//! The ways in which a call and its agent find each other.

use crate::outcome::words;

words! {
    /// How a call reaches its agent.
    CallRoute {
        /// The carrier calls; the agent's provider takes the answered call over as a media stream.
        Stream = "stream",
        /// The carrier calls, and dials the agent over SIP once somebody picks up.
        Sip = "sip",
        /// The agent's provider calls by itself, over a line that it was told of.
        Agent = "agent",
    }
}
