//! How a number came onto the list.

use domain::outcome::UnknownWord;

/// How a number came onto the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The person said so in a call: to the agent, or by what was heard out of the talk.
    Conversation,
    /// Somebody added it, or set a contact to `do_not_call`.
    Api,
    /// It came with many others.
    Import,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Conversation, Self::Api, Self::Import];

    /// The word in tables and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conversation => "conversation",
            Self::Api => "api",
            Self::Import => "import",
        }
    }
}

impl std::str::FromStr for Source {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|known| known.as_str() == text);
        known.ok_or_else(|| UnknownWord {
            text: text.to_owned(),
            allowed: Self::ALL.map(Self::as_str).join(", "),
        })
    }
}
