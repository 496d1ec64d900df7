//! What a top-up can come to.

/// What a top-up did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToppedUp {
    /// So many contacts were queued; 0 where nobody is due or no slot is free.
    Queued(usize),
    /// The campaign has nobody left to call: it is completed now.
    Finished,
    /// The campaign had ended: so many of its contacts were canceled.
    Swept(u64),
    /// There is nothing to do for a campaign that stands like this.
    Idle,
}

impl ToppedUp {
    /// True where those who watch see a difference.
    #[must_use]
    pub const fn is_change(self) -> bool {
        !matches!(self, Self::Queued(0) | Self::Swept(0) | Self::Idle)
    }
}
