//! `GET …/Calls`: calls are looked for.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use url::form_urlencoded;
use uuid::Uuid;

use super::auth::Authorized;
use super::carrier::{Filter, Span};
use super::error::ApiError;
use super::fields::Fields;
use super::wire::{self, PREFIX};
use crate::faults::Fault;
use crate::network::Network;

const PAGE_SIZE: usize = 50;
const PAGE_SIZE_MAX: usize = 1_000;

/// The fields that narrow a list; they come back in the URIs of further pages.
const FILTERS: [&str; 10] = [
    "To",
    "From",
    "Status",
    "ParentCallSid",
    "StartTime",
    "StartTime<",
    "StartTime>",
    "EndTime",
    "EndTime<",
    "EndTime>",
];

/// One page of calls, newest first.
pub(crate) async fn list(
    State(network): State<Arc<Network>>,
    _: Authorized,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    if network.faults.strikes(Fault::LookupUnavailable) {
        return Err(ApiError::unavailable());
    }
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let asked = Asked::read(&fields)?;
    let project = &network.config.project_id;
    let found = network
        .carrier
        .list(&filter(&fields)?, asked.size, asked.start);
    let calls: Vec<Value> = found
        .calls
        .iter()
        .map(|call| wire::call_object(&network, call))
        .collect();
    let path = format!("{PREFIX}/Accounts/{project}/Calls");
    let next = found
        .next
        .map(|start| asked.uri(&path, &fields, asked.page + 1, Some(start)));
    Ok(Json(json!({
        "uri": asked.uri(&path, &fields, asked.page, asked.start),
        "first_page_uri": asked.uri(&path, &fields, 0, None),
        "next_page_uri": next,
        "previous_page_uri": null,
        "page": asked.page,
        "page_size": asked.size,
        "calls": calls,
    })))
}

/// Which page was asked for.
pub(crate) struct Asked {
    pub page: usize,
    pub size: usize,
    /// What the token says: where the page begins.
    pub start: Option<u32>,
}

impl Asked {
    /// # Errors
    /// 21481 for a token that is not one, or a page beyond the first without one.
    pub fn read(fields: &Fields) -> Result<Self, ApiError> {
        let number = |name, default| match fields.get(name) {
            None => Ok(default),
            Some(text) => text
                .parse::<usize>()
                .map_err(|_| ApiError::invalid(10000, format!("{name} is not a number: {text}"))),
        };
        let page = number("Page", 0)?;
        let size = number("PageSize", PAGE_SIZE)?.clamp(1, PAGE_SIZE_MAX);
        let start = fields.get("PageToken").map(|token| {
            token
                .strip_prefix("PA")
                .and_then(|hex| u32::from_str_radix(hex, 16).ok())
        });
        match (page, start) {
            (_, Some(None)) | (1.., None) => Err(ApiError::invalid(
                21481,
                "PageToken is missing or not valid",
            )),
            (page, start) => Ok(Self {
                page,
                size,
                start: start.flatten(),
            }),
        }
    }

    fn uri(&self, path: &str, fields: &Fields, page: usize, start: Option<u32>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for name in FILTERS {
            if let Some(value) = fields.get(name) {
                query.append_pair(name, value);
            }
        }
        query.append_pair("Page", &page.to_string());
        query.append_pair("PageSize", &self.size.to_string());
        if let Some(start) = start {
            query.append_pair("PageToken", &format!("PA{start:08x}"));
        }
        format!("{path}?{}", query.finish())
    }
}

fn filter(fields: &Fields) -> Result<Filter, ApiError> {
    let text = |name| fields.get(name).map(str::to_owned);
    let parent_sid = fields.get("ParentCallSid").map(Uuid::try_parse).transpose();
    Ok(Filter {
        to: text("To"),
        from: text("From"),
        status: text("Status"),
        parent_sid: parent_sid
            .map_err(|_| ApiError::invalid(10000, "ParentCallSid is not valid"))?,
        started: span(fields, "StartTime", ["StartTime<", "StartTime>"])?,
        ended: span(fields, "EndTime", ["EndTime<", "EndTime>"])?,
    })
}

fn span(fields: &Fields, on: &str, [before, after]: [&str; 2]) -> Result<Span, ApiError> {
    let read = |name: &str| match fields.get(name) {
        None => Ok(None),
        Some(text) => instant(text)
            .map(Some)
            .ok_or_else(|| ApiError::invalid(10000, format!("{name} is not a time: {text}"))),
    };
    let mut span = Span {
        after: read(after)?.map(|(first, _)| first),
        before: read(before)?.map(|(_, last)| last),
    };
    if let Some((first, last)) = read(on)? {
        span = Span {
            after: Some(first),
            before: Some(last),
        };
    }
    Ok(span)
}

/// The first and the last second of what `text` names: a day, or an instant.
fn instant(text: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        let first = day.and_hms_opt(0, 0, 0)?.and_utc();
        return Some((first, first + TimeDelta::seconds(86_399)));
    }
    let at = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_rfc2822(text))
        .map(|at| at.to_utc())
        .or_else(|_| {
            NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").map(|at| at.and_utc())
        })
        .ok()?;
    Some((at, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_form_clients_send() {
        let at = "2026-03-08T07:00:00Z".parse::<DateTime<Utc>>().unwrap();
        for text in [
            "2026-03-08T07:00:00Z",
            "Sun, 08 Mar 2026 07:00:00 +0000",
            "2026-03-08 07:00:00",
        ] {
            assert_eq!(instant(text), Some((at, at)), "{text}");
        }
        let day = instant("2026-03-08").unwrap();
        assert_eq!(day.1 - day.0, TimeDelta::seconds(86_399));
        assert_eq!(instant("yesterday"), None);
    }

    #[test]
    fn a_page_beyond_the_first_needs_a_good_token() {
        let code = |query: &str| {
            Asked::read(&Fields::parse(query.as_bytes())).map_or_else(|e| e.code, |_| 0)
        };
        assert_eq!(code("Page=1&PageToken=PA0000000f"), 0);
        assert_eq!(code("Page=1"), 21481);
        assert_eq!(code("PageToken=nonsense"), 21481);
    }
}
