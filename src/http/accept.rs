//! What kind of answer is asked for (RFC 9110, section 12.5.1).

use std::cmp::Ordering;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// How much a kind of answer is wanted: the weight, and how exactly the kind is named.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Wish {
    weight: f32,
    exactness: u8,
}

/// True where CSV is wanted more than JSON. Of two equal wishes the one that names its kind more exactly goes first;
/// JSON is what everybody gets who does not say, or wants neither.
pub fn is_csv_preferred(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT).iter();
    let ranges: Vec<&str> = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .collect();
    let csv = wish(&ranges, "text", "csv");
    let json = wish(&ranges, "application", "json");
    csv.weight > 0.0 && csv.partial_cmp(&json) == Some(Ordering::Greater)
}

/// What the most exact of `ranges` that cover the kind say of it; not wanted where none does.
fn wish(ranges: &[&str], family: &str, kind: &str) -> Wish {
    let mut most_exact = Wish {
        weight: 0.0,
        exactness: 0,
    };
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let Some((named_family, named_kind)) = parts.next().and_then(|named| named.split_once('/'))
        else {
            continue;
        };
        let is_family = named_family.eq_ignore_ascii_case(family);
        let exactness = match (named_family, named_kind) {
            (_, named) if is_family && named.eq_ignore_ascii_case(kind) => 3,
            (_, "*") if is_family => 2,
            ("*", "*") => 1,
            _ => continue,
        };
        if exactness > most_exact.exactness {
            let weight = weight(parts);
            most_exact = Wish { weight, exactness };
        }
    }
    most_exact
}

/// The `q` among the parameters of a range; 1 where there is none, or none that can be read.
fn weight<'a>(mut parameters: impl Iterator<Item = &'a str>) -> f32 {
    let named = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    named
        .and_then(|value| value.parse::<f32>().ok())
        .filter(|weight| (0.0..=1.0).contains(weight))
        .unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use axum::http::header::ACCEPT;
    use axum::http::{HeaderMap, HeaderValue};

    use super::is_csv_preferred;

    fn is_csv(lines: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT, HeaderValue::from_static(line));
        }
        is_csv_preferred(&headers)
    }

    #[test]
    fn whoever_asks_for_csv_gets_it() {
        for line in [
            "text/csv",
            "TEXT/CSV; charset=utf-8",
            "text/*",
            "text/csv, */*",
            "text/csv, */*;q=0.1",
            "application/json;q=0.5, text/csv;q=0.6",
            "application/json ; q=0 , */*",
            "text/csv;q=0.2, application/json;q=0.1",
        ] {
            assert!(is_csv(&[line]), "{line}");
        }
        assert!(is_csv(&["application/json;q=0.3", "text/csv"]));
    }

    #[test]
    fn everybody_else_gets_json() {
        for line in [
            "",
            "*/*",
            "application/json",
            "application/json, text/plain, */*",
            "text/csv, application/json",
            "text/csv;q=0",
            "text/csv;q=0.1, application/json;q=0.2",
            "text/csv;q=0.1, */*",
            "text/html, application/xhtml+xml, */*;q=0.8",
            "image/png",
            "nonsense",
        ] {
            assert!(!is_csv(&[line]), "{line}");
        }
        assert!(!is_csv(&[]));
    }
}
