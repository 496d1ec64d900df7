//! What a campaign may do next: one table. Nothing else asks "may it be paused now?".

use crate::outcome::words;

words! {
    /// Where a campaign stands.
    Status {
        /// Being put together; nothing is called.
        Draft = "draft",
        /// Submitted; somebody must approve it before it calls.
        WaitingForApproval = "waiting_for_approval",
        /// Calls whenever its calendar is open.
        Active = "active",
        /// Stopped by a person or by a fault of its carrier; can go on.
        Paused = "paused",
        /// Every contact is done, its end date has passed, or a person ended it. Final.
        Completed = "completed",
        /// Called off. Final.
        Canceled = "canceled",
    }
}

impl Status {
    /// The status of a campaign that was just created.
    pub const INITIAL: Self = Self::Draft;

    /// True where the campaign never calls again.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled)
    }
}

words! {
    /// What somebody, or the system, wants of a campaign.
    Command {
        /// Hand it in for approval.
        Submit = "submit",
        /// Approve it; it begins to call.
        Approve = "approve",
        /// Begin to call.
        Start = "start",
        /// Stop calling for now.
        Pause = "pause",
        /// Go on after a pause.
        Resume = "resume",
        /// A person declares it done.
        End = "end",
        /// Call it off.
        Cancel = "cancel",
        /// The system finds that nobody is left to call, or that the end date has passed.
        Finish = "finish",
    }
}

/// A command that does not exist for a campaign in its status. Its `Display` names both and says what would work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IllegalTransition {
    /// The status does not allow the command.
    Refused {
        /// Where the campaign stands.
        status: Status,
        /// What was wanted.
        command: Command,
    },
    /// Nothing turns a campaign into a draft again.
    NoWayBack {
        /// Where the campaign stands.
        status: Status,
    },
}

impl std::error::Error for IllegalTransition {}

impl std::fmt::Display for IllegalTransition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Refused { status, command } => write!(
                f,
                "{} cannot be {}; {}",
                described(status),
                participle(command),
                advice(status, command)
            ),
            Self::NoWayBack { status } => {
                write!(
                    f,
                    "{} cannot become a draft again; create a new one",
                    described(status)
                )
            }
        }
    }
}

/// What `command` makes of a campaign in `status`.
///
/// # Errors
/// [`IllegalTransition::Refused`] where the status does not allow the command. Repeating a command that was carried out
/// is refused too; whoever wants a status rather than a command asks [`command_for`] first.
pub const fn apply(status: Status, command: Command) -> Result<Status, IllegalTransition> {
    use {Command as C, Status as S};
    match (status, command) {
        (S::Draft, C::Submit) => Ok(S::WaitingForApproval),
        (S::Draft, C::Start) | (S::WaitingForApproval, C::Approve) | (S::Paused, C::Resume) => {
            Ok(S::Active)
        }
        (S::Active, C::Pause) => Ok(S::Paused),
        (S::Active | S::Paused, C::End | C::Finish) => Ok(S::Completed),
        (S::Draft | S::WaitingForApproval | S::Active | S::Paused, C::Cancel) => Ok(S::Canceled),
        (status, command) => Err(IllegalTransition::Refused { status, command }),
    }
}

/// The command that the request "set the status to `target`" means for a campaign that is `from`; `None`: it is there
/// already. Whether the command is allowed is for [`apply`] to say.
///
/// # Errors
/// [`IllegalTransition::NoWayBack`] where `target` is a draft and `from` is not: no command leads there.
pub fn command_for(target: Status, from: Status) -> Result<Option<Command>, IllegalTransition> {
    if target == from {
        return Ok(None);
    }
    Ok(Some(match target {
        Status::Draft => return Err(IllegalTransition::NoWayBack { status: from }),
        Status::WaitingForApproval => Command::Submit,
        Status::Active => match from {
            Status::WaitingForApproval => Command::Approve,
            Status::Paused => Command::Resume,
            Status::Draft | Status::Active | Status::Completed | Status::Canceled => Command::Start,
        },
        Status::Paused => Command::Pause,
        Status::Completed => Command::End,
        Status::Canceled => Command::Cancel,
    }))
}

const fn described(status: Status) -> &'static str {
    match status {
        Status::Draft => "a draft campaign",
        Status::WaitingForApproval => "a campaign waiting for approval",
        Status::Active => "an active campaign",
        Status::Paused => "a paused campaign",
        Status::Completed => "a completed campaign",
        Status::Canceled => "a canceled campaign",
    }
}

const fn participle(command: Command) -> &'static str {
    match command {
        Command::Submit => "submitted",
        Command::Approve => "approved",
        Command::Start => "started",
        Command::Pause => "paused",
        Command::Resume => "resumed",
        Command::End => "ended",
        Command::Cancel => "canceled",
        Command::Finish => "finished",
    }
}

/// What the person may do instead.
const fn advice(status: Status, command: Command) -> &'static str {
    match (status, command) {
        (Status::Completed | Status::Canceled, _) => "it is over, create a new one",
        (Status::Draft, Command::Approve) => "submit it first",
        (Status::Draft, Command::End | Command::Finish) => "cancel or delete it",
        (Status::Draft, Command::Resume) => "start it",
        (Status::WaitingForApproval, Command::Submit) => "it was submitted already",
        (Status::WaitingForApproval, Command::End | Command::Finish) => "cancel it",
        (Status::WaitingForApproval, Command::Start | Command::Resume) => "approve it",
        (Status::Draft | Status::WaitingForApproval, _) => "it does not call yet",
        (Status::Active, _) => "it is running already",
        (Status::Paused, Command::Pause) => "it is paused already",
        (Status::Paused, _) => "resume it",
    }
}

#[cfg(test)]
mod tests;
