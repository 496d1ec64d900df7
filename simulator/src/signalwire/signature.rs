//! `X-SignalWire-Signature` for cXML requests (scheme B): what we sign them with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// `base64(HMAC-SHA1(key, url + Σ name + value))`, the parameters sorted by name; names that occur
/// more than once keep their order and all their values.
pub(crate) fn scheme_b(key: &str, url: &str, form: &[(&str, String)]) -> String {
    let mut sorted: Vec<&(&str, String)> = form.iter().collect();
    sorted.sort_by_key(|(name, _)| *name); // stable
    let mut mac = keyed(key);
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

fn keyed(key: &str) -> Hmac<Sha1> {
    Hmac::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";

    fn form<'a>(pairs: &[(&'a str, &str)]) -> Vec<(&'a str, String)> {
        pairs
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect()
    }

    fn caller() -> Vec<(&'static str, String)> {
        form(&[
            ("To", "+18005551212"),
            ("From", "+14158675309"),
            ("Digits", "1234"),
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
        ])
    }

    #[test]
    fn b1_the_vector_of_the_sdk_tests() {
        assert_eq!(
            scheme_b("12345", URL, &caller()),
            "RSOYDt4T1cUTdK1PDd93/VVr8B8="
        );
    }

    #[test]
    fn b2_and_b3_with_the_default_port_written_out() {
        let https = "https://mycompany.com:443/myapp.php?foo=1&bar=2";
        assert_eq!(
            scheme_b("12345", https, &caller()),
            "kvajT1Ptam85bY51eRf/AJRuM3w="
        );
        let http = "http://mycompany.com:80/myapp.php?foo=1&bar=2";
        assert_eq!(
            scheme_b("12345", http, &caller()),
            "0ZXoZLH/DfblKGATFgpif+LLRf4="
        );
    }

    #[test]
    fn b4_repeated_names_keep_their_order_and_their_duplicates() {
        let repeated = form(&[
            ("Sid", "CA123"),
            ("SidAccount", "AC123"),
            ("Digits", "5678"),
            ("Digits", "1234"),
            ("Digits", "1234"),
        ]);
        assert_eq!(
            scheme_b("12345", URL, &repeated),
            "eMV0TTCyejiqoUSkV7IwWuk0CRc="
        );
    }

    #[test]
    fn b5_a_status_callback() {
        let status = form(&[
            ("AccountSid", "b3877c40-da60-4998-90ad-b792e98472af"),
            ("CallDuration", "94"),
            ("CallSid", "b3877c40-da60-4998-90ad-b792e98472ca"),
            ("CallStatus", "completed"),
            ("From", "+15551234567"),
            ("SequenceNumber", "3"),
            ("Timestamp", "Thu, 04 Apr 2024 18:32:15 +0000"),
            ("To", "+15559876543"),
        ]);
        let url = "http://127.0.0.1:8080/webhooks/signalwire/status?attempt=7";
        assert_eq!(
            scheme_b("12345", url, &status),
            "wSAl5nsifNin3xdx/rHCKEcB9GI="
        );
    }

    #[test]
    fn c1_without_parameters_the_url_alone_is_signed() {
        let url = "https://example.ngrok.io/webhook?bodySHA256=\
                   69f3cbfc18e386ef8236cb7008cd5a54b7fed637a8cb3373b5a1591d7f0fd5f4";
        assert_eq!(
            scheme_b("PSKtest1234567890abcdef", url, &[]),
            "dfO9ek8mxyFtn2nMz24plPmPfIY="
        );
    }
}
