//! On whose behalf something is done.

use domain::UserId;
use domain::outcome::UnknownWord;

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sees and changes everything.
    Admin,
    /// Sees and changes what it owns.
    User,
}

impl Role {
    /// The word in tokens and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "admin" => Ok(Self::Admin),
            "user" => Ok(Self::User),
            _ => Err(UnknownWord {
                text: text.to_owned(),
                allowed: "admin, user".to_owned(),
            }),
        }
    }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub id: UserId,
    /// What it may do.
    pub role: Role,
    /// What to call it.
    pub name: String,
    /// Where to write to it.
    pub email: Option<String>,
}

impl Actor {
    /// Whose rows the actor may touch: `None` means everybody's.
    #[must_use]
    pub const fn scope(&self) -> Option<UserId> {
        match self.role {
            Role::Admin => None,
            Role::User => Some(self.id),
        }
    }

    /// True for administrators.
    #[must_use]
    pub const fn is_admin(&self) -> bool {
        matches!(self.role, Role::Admin)
    }
}
