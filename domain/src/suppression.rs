//! Why a number must not be called: the words for where it is known from.

use crate::outcome::words;

words! {
    /// How a number came onto the list of those that must not be called.
    SuppressionSource {
        /// The person said so in a call: to the agent, or by what was heard out of the talk.
        Conversation = "conversation",
        /// Somebody added it, or set a contact to `do_not_call`.
        Api = "api",
        /// It came with many others.
        Import = "import",
    }
}
