//! The words for how a call and a contact stand: one list each, with the spelling the wire and the tables share.

/// A text that is none of the words of its list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not one of {allowed}")]
pub struct UnknownWord {
    /// What was given, shortened.
    pub text: String,
    /// The words that exist, separated by commas.
    pub allowed: String,
}

/// Declares an enum whose variants are words: `as_str`, `Display`, `FromStr`, serde and `ALL` agree by construction.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
        )]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// Every word, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as the wire and the tables spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::outcome::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::outcome::UnknownWord {
                        text: text.chars().take(40).collect(),
                        allowed: [$($word),+].join(", "),
                    }),
                }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Where a contact stands.
    ContactStatus {
        /// Never called.
        Pending = "pending",
        /// A job that permits the next call waits in the queue.
        Queued = "queued",
        /// A call is under way.
        Calling = "calling",
        /// Called at least once; another attempt, a callback or the conversation's verdict is due.
        Contacted = "contacted",
        /// Reached. Final.
        Completed = "completed",
        /// Not reached, and nothing more will be tried. Final.
        Failed = "failed",
        /// Asked not to be called, or is on the suppression list. Final.
        DoNotCall = "do_not_call",
        /// Taken out of the campaign, or it ended, before the contact was done. Final.
        Canceled = "canceled",
    }
}

impl ContactStatus {
    /// True where nothing more will happen to the contact by itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Completed | Self::Failed | Self::DoNotCall | Self::Canceled
        )
    }
}

words! {
    /// Where a call stands, in the words of both generations of the API.
    CallStatus {
        /// Begun by us, queued or ringing at the carrier.
        Initiated = "initiated",
        /// Answered and going on.
        InProgress = "in-progress",
        /// Answered and ended. Final.
        Completed = "completed",
        /// Neither answered nor busy nor unanswered: could not be carried. Final.
        Failed = "failed",
        /// Rang out. Final.
        NoAnswer = "no-answer",
        /// The line was busy. Final.
        Busy = "busy",
    }
}

impl CallStatus {
    /// True once the call is over.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Initiated | Self::InProgress)
    }
}

words! {
    /// Who called whom.
    Direction {
        /// We called.
        Outbound = "outbound",
        /// We were called.
        Inbound = "inbound",
    }
}

words! {
    /// What came of a call that is over: the input of the retry policy.
    Outcome {
        /// A person, or nobody knows better, spoke with the agent.
        Answered = "answered",
        /// A machine or a fax answered.
        Voicemail = "voicemail",
        /// The line was busy.
        Busy = "busy",
        /// It rang out.
        NoAnswer = "no_answer",
        /// It could not be carried this time.
        Failed = "failed",
        /// The carrier refuses this number for good.
        Rejected = "rejected",
        /// We or the carrier called it off before an answer.
        Canceled = "canceled",
        /// The carrier does not know it: it never took place.
        Lost = "lost",
    }
}

impl Outcome {
    /// False where the contact must not pay for it with an attempt.
    #[must_use]
    pub const fn is_charged(self) -> bool {
        !matches!(self, Self::Lost)
    }
}

words! {
    /// Who or what picked up, as far as anybody knows.
    AnsweredBy {
        /// A person.
        Human = "human",
        /// An answering machine or voicemail.
        Machine = "machine",
        /// A fax.
        Fax = "fax",
        /// It was looked at, and could not be told.
        Unknown = "unknown",
    }
}

impl AnsweredBy {
    /// True where no person heard the agent.
    #[must_use]
    pub const fn is_machine(self) -> bool {
        matches!(self, Self::Machine | Self::Fax)
    }
}

words! {
    /// What became of handing a call on to somebody else. Later words outrank earlier ones, in whatever order the news
    /// of them come.
    TransferStatus {
        /// Asked for; the carrier has not begun.
        Requested = "requested",
        /// The carrier dials the target.
        Initiated = "initiated",
        /// Nobody took it.
        Failed = "failed",
        /// Somebody took it.
        Completed = "completed",
    }
}

#[cfg(test)]
mod tests {
    use super::{AnsweredBy, CallStatus, ContactStatus, Outcome};

    #[test]
    fn every_word_reads_back_as_written() {
        for word in ContactStatus::ALL {
            assert_eq!(word.as_str().parse(), Ok(*word));
        }
        for word in CallStatus::ALL {
            assert_eq!(word.as_str().parse(), Ok(*word));
        }
        for word in Outcome::ALL {
            assert_eq!(word.as_str().parse(), Ok(*word));
        }
        for word in AnsweredBy::ALL {
            assert_eq!(word.as_str().parse(), Ok(*word));
        }
    }

    proptest::proptest! {
        #[test]
        fn a_text_is_a_word_only_if_it_is_spelled_like_one(text in ".{0,20}") {
            let is_word = ContactStatus::ALL.iter().any(|word| word.as_str() == text);
            proptest::prop_assert_eq!(text.parse::<ContactStatus>().is_ok(), is_word);
        }
    }
}
