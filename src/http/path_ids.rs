//! The two ids of a thing that belongs to another.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use domain::ContactId;
use engine::EngineError;

use super::error::ApiError;
use super::extract::PathId;

/// The ids in the path, in their order, whatever the route calls them. 404 for what is no id, as [`super::extract::Id`].
#[derive(Clone, Copy, Debug)]
pub struct Ids<A, B>(pub A, pub B);

impl PathId for ContactId {
    const WHAT: &'static str = "contact";
}

impl<A: PathId, B: PathId, S: Send + Sync> FromRequestParts<S> for Ids<A, B> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| EngineError::not_found(A::WHAT))?;
        let mut texts = params.iter().map(|(_, text)| text);
        Ok(Self(read(texts.next())?, read(texts.next())?))
    }
}

fn read<T: PathId>(text: Option<&str>) -> Result<T, ApiError> {
    text.and_then(|text| text.parse().ok())
        .ok_or_else(|| EngineError::not_found(T::WHAT).into())
}
