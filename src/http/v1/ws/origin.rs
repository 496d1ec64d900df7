//! Which pages may watch: those that may call the API.

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use url::{Origin, Url};

use crate::http::error::ApiError;

/// Whose pages may open a WebSocket. Browsers ask nobody before they open one, so it is decided here.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    is_any: bool,
    allowed: Vec<Origin>,
}

impl Origins {
    /// The pages of `CORS_ORIGINS` (`*`: all), and those of the API's own address.
    #[must_use]
    pub fn new(cors_origins: &[String], own: Option<&Url>) -> Self {
        let texts = cors_origins.iter().map(|text| text.trim());
        let allowed = texts.clone().filter_map(|text| Url::parse(text).ok());
        Self {
            is_any: texts.into_iter().any(|text| text == "*"),
            allowed: allowed
                .chain(own.cloned())
                .map(|url| url.origin())
                .collect(),
        }
    }

    /// Whoever is no page says no origin, and is let in.
    ///
    /// # Errors
    /// `Forbidden` for a page of another origin.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let Some(origin) = headers.get(ORIGIN) else {
            return Ok(());
        };
        let page = origin.to_str().ok().and_then(|text| Url::parse(text).ok());
        let is_welcome = page
            .is_some_and(|page| self.allowed.contains(&page.origin()) || is_same(&page, headers));
        if self.is_any || is_welcome {
            return Ok(());
        }
        Err(ApiError::Forbidden(
            "pages of this origin may not watch; CORS_ORIGINS says which may",
        ))
    }
}

/// True where the page comes from the very address that it calls.
fn is_same(page: &Url, headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let own = host.and_then(|host| Url::parse(&format!("{}://{host}", page.scheme())).ok());
    own.is_some_and(|own| own.origin() == page.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_let_in(cors: &[&str], own: &str, origin: Option<&str>) -> bool {
        let cors: Vec<String> = cors.iter().map(|origin| (*origin).to_owned()).collect();
        let origins = Origins::new(&cors, Some(&own.parse().unwrap()));
        let mut headers = HeaderMap::new();
        headers.insert(HOST, "10.0.0.7:3000".parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        origins.check(&headers).is_ok()
    }

    #[test]
    fn a_page_may_watch_where_it_may_call() {
        let own = "https://dialer.example.com/base";
        let ui = ["https://ui.example.com"];
        for (cors, origin, is_welcome) in [
            (&[][..], None, true),
            (&[], Some("https://dialer.example.com"), true),
            (&[], Some("https://dialer.example.com:443"), true),
            (&[], Some("http://10.0.0.7:3000"), true),
            (&[], Some("http://dialer.example.com"), false),
            (&[], Some("https://ui.example.com"), false),
            (&[], Some("null"), false),
            (&ui, Some("https://ui.example.com"), true),
            (&ui, Some("https://evil.example.com"), false),
            (&ui, Some("https://ui.example.com.evil.example"), false),
            (&["*"], Some("https://evil.example.com"), true),
            (&["*"], Some("null"), true),
        ] {
            assert_eq!(
                is_let_in(cors, own, origin),
                is_welcome,
                "{cors:?} {origin:?}"
            );
        }
    }
}
