//! Users, as administrators make and see them.

use std::str::FromStr;

use domain::UserId;
use email_address::{EmailAddress, Options};
use entity::user::Model;
use tracing::info;

use super::{Access, NewUser};
use crate::actor::{Actor, Role};
use crate::error::EngineError;
use crate::field::{Field, Sieve, words_up_to};
use crate::page::{Page, Paged};
use crate::store;

/// Characters of a name.
pub(super) const NAME_CHARS_MAX: usize = 255;
/// Characters of an e-mail, as the table keeps it.
const EMAIL_CHARS_MAX: usize = 320;

/// A user as a request describes it. Nothing is checked yet.
#[derive(Clone, Debug, Default)]
pub struct UserFields {
    /// What to call it; required, 1 to 255 characters.
    pub name: Field<String>,
    /// Where to write to it; required, nobody else's.
    pub email: Field<String>,
    /// `admin`, or `user` where nobody says.
    pub role: Field<String>,
}

impl Access {
    /// Makes a user, who cannot sign in before it has a key.
    ///
    /// # Errors
    /// `Forbidden` for everybody but administrators; `Invalid` with everything that is wrong; `Conflict` with the code
    /// `email_taken` where somebody has the e-mail already, whatever its case.
    pub async fn create_user(
        &self,
        actor: &Actor,
        fields: UserFields,
    ) -> Result<Model, EngineError> {
        administrators_only(actor, "make users")?;
        let new = read(fields)?;
        let email_key = new.email.as_deref().map(str::to_lowercase);
        let user = Model {
            email_key: email_key.clone(),
            ..self.row(new)
        };
        let key = email_key.unwrap_or_default();
        let writer = self.database.writer();
        if store::users::has_email(writer, &key).await?
            || !store::users::insert_once(writer, user.clone()).await?
        {
            let message = "there is a user with this email already";
            return Err(EngineError::conflict("email_taken", message));
        }
        info!(user.id = %user.id, by = %actor.id, "made a user");
        Ok(user)
    }

    /// One page of all users, in the order in which they were made.
    ///
    /// # Errors
    /// `Forbidden` for everybody but administrators.
    pub async fn list_users(&self, actor: &Actor, page: Page) -> Result<Paged<Model>, EngineError> {
        administrators_only(actor, "see the users")?;
        let (items, total) = store::users::list(self.database.reader(), page).await?;
        Ok(Paged { items, total, page })
    }

    /// Who asks, with the role in which it asks: a dashboard's token may name another than our table.
    ///
    /// # Errors
    /// `NotFound` where the user is gone.
    pub async fn me(&self, actor: &Actor) -> Result<Model, EngineError> {
        let user = self.user(actor.id).await?;
        Ok(Model {
            role: actor.role.as_str().to_owned(),
            ..user
        })
    }

    pub(super) async fn user(&self, id: UserId) -> Result<Model, EngineError> {
        store::users::find(self.database.reader(), id)
            .await?
            .ok_or_else(|| EngineError::not_found("user"))
    }
}

fn administrators_only(actor: &Actor, what: &str) -> Result<(), EngineError> {
    if actor.is_admin() {
        return Ok(());
    }
    Err(EngineError::Forbidden(format!(
        "only administrators {what}"
    )))
}

fn read(fields: UserFields) -> Result<NewUser, EngineError> {
    let mut sieve = Sieve::default();
    let read = |text: String| words_up_to(&text, NAME_CHARS_MAX);
    let name = sieve.required("name", fields.name.asked_for(), read);
    let email = sieve.required("email", fields.email.asked_for(), |text| read_email(&text));
    let read = |text: String| Role::from_str(&text).map_err(|error| error.to_string());
    let role = sieve.optional("role", fields.role, read).flatten();
    match (name, email) {
        (Some(name), Some(email)) if sieve.errors.is_empty() => Ok(NewUser {
            name,
            email: Some(email),
            role: role.unwrap_or(Role::User),
        }),
        _ => Err(EngineError::Invalid(sieve.errors)),
    }
}

/// An address and nothing else: no name around it.
fn read_email(text: &str) -> Result<String, String> {
    let text = words_up_to(text, EMAIL_CHARS_MAX)?;
    let options = Options::default()
        .without_display_text()
        .without_domain_literal();
    let email = EmailAddress::parse_with_options(&text, options)
        .map_err(|error| format!("is no e-mail address: {error}"))?;
    if text.to_lowercase().chars().count() > EMAIL_CHARS_MAX {
        return Err("is too long".to_owned());
    }
    Ok(email.to_string())
}
