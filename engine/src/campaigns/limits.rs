//! How far a campaign may go.

/// Bounds that an operator sets.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The highest `maxConcurrentCalls` a campaign may ask for.
    pub max_concurrent_calls: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_concurrent_calls: 10_000,
        }
    }
}

/// `maxConcurrentCalls` where nobody says.
pub const CONCURRENT_CALLS_DEFAULT: i32 = 10;
/// `callAttemptsPerContact` where nobody says.
pub const ATTEMPTS_DEFAULT: i32 = 3;
/// `callAttemptsPerContact` at most.
pub const ATTEMPTS_MAX: i32 = 50;
/// `retryDelay` where nobody says, in minutes.
pub const RETRY_DELAY_MINUTES_DEFAULT: i32 = 60;
/// `retryDelay` and `delayMinutes` at most: a week, in minutes.
pub const DELAY_MINUTES_MAX: i32 = 10_080;
/// Characters of a name.
pub const NAME_CHARS_MAX: usize = 255;
/// Characters of a description.
pub const DESCRIPTION_CHARS_MAX: usize = 10_000;
/// Characters of a provider's id.
pub const PROVIDER_ID_CHARS_MAX: usize = 255;
/// Characters of a reason.
pub const REASON_CHARS_MAX: usize = 1_000;
/// Tags of a campaign.
pub const TAGS_MAX: usize = 100;
/// Characters of a tag.
pub const TAG_CHARS_MAX: usize = 100;
/// Targets a call may be handed to.
pub const TRANSFER_TARGETS_MAX: usize = 50;
/// Characters of what an agent says first.
pub const FIRST_MESSAGE_CHARS_MAX: usize = 2_000;
/// Characters of what an agent is told to be and do.
pub const PROMPT_CHARS_MAX: usize = 20_000;
/// Seconds of the shortest talk that a campaign may ask for.
pub const TALK_S_MIN: i32 = 10;
/// Seconds of the longest.
pub const TALK_S_MAX: i32 = 14_400;
