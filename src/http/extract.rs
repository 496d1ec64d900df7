//! Reading requests. Like axum's own extractors, but what cannot be read is answered as every other error is.

use std::error::Error;
use std::iter::successors;
use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use domain::{ApiKeyId, CallId, CampaignId, ContactId, UserId};
use engine::EngineError;
use engine::calls::CallKey;
use engine::conversations::ConversationKey;
use engine::suppressions::SuppressionKey;
use serde::de::DeserializeOwned;

use super::body_within::TooSlow;
use super::error::ApiError;
use super::query;

/// A JSON body. 415 for another content type, 400 for what is no JSON, 422 for JSON of another shape.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(unsupported(
                "send JSON, with Content-Type: application/json",
            ));
        }
        let Body(bytes) = Body::from_request(request, state).await?;
        parse(&bytes).map(Self)
    }
}

/// A JSON body that may be left out, whatever the content type then says; `null` is as good as none.
#[derive(Clone, Copy, Debug)]
pub struct OptionalJson<T>(pub T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let is_json = is_json(request.headers());
        let Body(bytes) = Body::from_request(request, state).await?;
        if bytes.trim_ascii().is_empty() {
            return Ok(Self(T::default()));
        }
        if !is_json {
            return Err(unsupported(
                "send JSON, with Content-Type: application/json, or nothing",
            ));
        }
        let body: Option<T> = parse(&bytes)?;
        Ok(Self(body.unwrap_or_default()))
    }
}

/// The body as it came. 413 where it is longer than the route allows, 408 where it takes longer.
#[derive(Clone, Debug)]
pub struct Body(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        Bytes::from_request(request, state)
            .await
            .map(Self)
            .map_err(|rejection: BytesRejection| {
                if is_too_slow(&rejection) {
                    return ApiError::Refused {
                        status: StatusCode::REQUEST_TIMEOUT,
                        code: "too_slow",
                        message: "the body did not come in time".to_owned(),
                    };
                }
                if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                    return ApiError::Refused {
                        status: StatusCode::PAYLOAD_TOO_LARGE,
                        code: "too_large",
                        message: "the body is larger than is allowed here".to_owned(),
                    };
                }
                ApiError::unreadable("the body broke off")
            })
    }
}

fn is_too_slow(rejection: &BytesRejection) -> bool {
    let mut causes = successors(Some(rejection as &dyn Error), |error| (*error).source());
    causes.any(<dyn Error>::is::<TooSlow>)
}

/// A query, into a `T` whose fields are texts: [`engine::query::Param`]s, so that the engine tells everything wrong with a
/// query at once, repeated keys included. Keys that `T` does not know are ignored. 400 where it is no UTF-8.
///
/// Fields that are plain texts are taken as well; of those a repeated key is a 422 by itself.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let said = query::read(parts.uri.query().unwrap_or_default())
            .ok_or_else(|| ApiError::unreadable("the query is no UTF-8"))?;
        serde_path_to_error::deserialize(said)
            .map(Self)
            .map_err(|error| {
                let message = "must be one text, and not be given more than once";
                EngineError::invalid(error.path().to_string(), message).into()
            })
    }
}

/// The id in the path, whatever the route calls it. 404 where it is no id: then there is no such thing either.
#[derive(Clone, Copy, Debug)]
pub struct Id<T>(pub T);

/// An id that a path can hold.
pub trait PathId: FromStr + Send {
    /// What it is the id of.
    const WHAT: &'static str;
}

impl PathId for CampaignId {
    const WHAT: &'static str = "campaign";
}

impl PathId for ContactId {
    const WHAT: &'static str = "contact";
}

impl PathId for SuppressionKey {
    const WHAT: &'static str = "suppression";
}

impl PathId for CallKey {
    const WHAT: &'static str = "call";
}

impl PathId for CallId {
    const WHAT: &'static str = "call";
}

impl PathId for UserId {
    const WHAT: &'static str = "user";
}

impl PathId for ApiKeyId {
    const WHAT: &'static str = "API key";
}

impl PathId for ConversationKey {
    const WHAT: &'static str = "conversation";
}

impl<T: PathId, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| not_found::<T>())?;
        let text = params.iter().next().map(|(_, text)| text);
        path_id(text).map(Self)
    }
}

/// The text in the path, as it stands there. 400 where it is no UTF-8.
#[derive(Clone, Debug)]
pub struct Text(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Text {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::unreadable("the path is no UTF-8"))?;
        let text = params.iter().next().map(|(_, text)| text.to_owned());
        Ok(Self(text.unwrap_or_default()))
    }
}

/// The two ids in the path, in its order: of a thing, and of something that belongs to it. 404 as for [`Id`], about the
/// first that is no id; about the second where the path is no UTF-8.
#[derive(Clone, Copy, Debug)]
pub struct Ids<A, B>(pub A, pub B);

impl<A: PathId, B: PathId, S: Send + Sync> FromRequestParts<S> for Ids<A, B> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| not_found::<B>())?;
        let mut texts = params.iter().map(|(_, text)| text);
        Ok(Self(path_id(texts.next())?, path_id(texts.next())?))
    }
}

fn path_id<T: PathId>(text: Option<&str>) -> Result<T, ApiError> {
    text.and_then(|text| text.parse().ok())
        .ok_or_else(not_found::<T>)
}

fn not_found<T: PathId>() -> ApiError {
    EngineError::not_found(T::WHAT).into()
}

/// The content type without its parameters, in lower case.
pub(super) fn content_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next()?.trim().to_ascii_lowercase())
}

/// 415.
pub(super) fn unsupported(message: impl Into<String>) -> ApiError {
    ApiError::Refused {
        status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
        code: "unsupported_media_type",
        message: message.into(),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    content_type(headers)
        .is_some_and(|essence| essence == "application/json" || essence.ends_with("+json"))
}

/// Where something is wrong with all of a body rather than with a field of it.
const WHOLE_BODY: &str = "body";

/// Every body that handlers take is an object; serde would fill a struct from a list as well.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let first = bytes.trim_ascii_start().first();
    let no_object = || EngineError::invalid(WHOLE_BODY, "must be an object").into();
    if first == Some(&b'[') {
        return Err(no_object());
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        if error.inner().is_data() && first != Some(&b'{') {
            // Serde would repeat all of a text.
            return no_object();
        }
        if error.inner().is_data() {
            let field = match error.path().to_string() {
                path if path == "." => WHOLE_BODY.to_owned(),
                path => path,
            };
            return ApiError::from(EngineError::invalid(field, error.inner().to_string()));
        }
        unreadable(error.inner())
    })?;
    reader.end().map_err(|error| unreadable(&error))?;
    Ok(value)
}

fn unreadable(error: &serde_json::Error) -> ApiError {
    ApiError::unreadable(format!("the body is no JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use axum::extract::FromRequestParts;
    use axum::http::Request;
    use engine::EngineError;
    use serde::Deserialize;

    use super::Query;
    use crate::http::error::ApiError;

    #[derive(Debug, Deserialize)]
    struct Plain {
        name: Option<String>,
    }

    async fn plain(uri: &str) -> Result<Option<String>, ApiError> {
        let request = Request::get(uri).body(()).expect("a request");
        let (mut parts, ()) = request.into_parts();
        let read = Query::<Plain>::from_request_parts(&mut parts, &()).await;
        read.map(|Query(plain)| plain.name)
    }

    #[tokio::test]
    async fn a_plain_text_is_read_once_and_refused_by_name_where_it_is_repeated() {
        let name = plain("/?name=a%20b&other=1&other=2").await.expect("a text");
        assert_eq!(name.as_deref(), Some("a b"));
        assert_eq!(plain("/").await.expect("no text"), None);
        match plain("/?name=a&name=b").await {
            Err(ApiError::Engine(EngineError::Invalid(errors))) => {
                assert_eq!(errors[0].field, "name");
            }
            other => panic!("should name the key: {other:?}"),
        }
    }
}
