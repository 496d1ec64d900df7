//! The account at Exotel.

use crate::config::{NumberProvider, OwnedNumber};

/// What there is at Exotel.
#[derive(Clone, Debug)]
pub struct ExotelAccount {
    /// The account in every path.
    pub account_sid: String,
    /// The Basic user. Old accounts use their SID.
    pub api_key: String,
    /// The Basic password.
    pub api_token: String,
    /// The account's ExoPhones.
    pub numbers: Vec<OwnedNumber>,
    /// The country of numbers in national form, without `+`.
    pub country_code: String,
    /// How many requests a minute are answered, counted in real time; `None`: any number. Exotel's own limit is 200.
    pub requests_per_minute: Option<u32>,
    /// How far the clock behind the dates is ahead of UTC, in seconds.
    pub utc_offset_s: i32,
    /// How long after its end a call has neither `Duration` nor `Price`, in simulated milliseconds.
    pub settle_ms: u64,
    /// True where lists are filtered by numbers in the form in which they come back; else by E.164, as documented.
    pub lists_by_national: bool,
    /// The agent at ElevenLabs that every flow leads to; `None`: flows lead to nobody.
    pub agent_id: Option<String>,
}

impl Default for ExotelAccount {
    fn default() -> Self {
        let exophone = |number: &str| OwnedNumber {
            provider: NumberProvider::Exotel,
            ..OwnedNumber::new(number)
        };
        Self {
            account_sid: "simulator1".into(),
            api_key: "key-simulator".into(),
            api_token: "token-simulator".into(),
            numbers: ["+918047112200", "+918047112201"].map(exophone).into(),
            country_code: "91".into(),
            requests_per_minute: None,
            utc_offset_s: 19_800,
            settle_ms: 120_000,
            lists_by_national: false,
            agent_id: None,
        }
    }
}

impl ExotelAccount {
    /// `+…`, of a number in either form; `None` where it is none.
    pub(crate) fn e164(&self, written: &str) -> Option<String> {
        let (is_international, digits) = match written.strip_prefix('+') {
            Some(digits) => (true, digits.to_owned()),
            None => {
                let local = written.strip_prefix('0').unwrap_or(written);
                (false, format!("{}{local}", self.country_code))
            }
        };
        let is_number = digits.bytes().all(|b| b.is_ascii_digit())
            && (8..=15).contains(&digits.len())
            && !digits.starts_with('0');
        // National numbers here have ten digits.
        let is_whole = is_international || digits.len() == self.country_code.len() + 10;
        (is_number && is_whole).then(|| format!("+{digits}"))
    }

    /// `0…` for a number of the country, others as they are.
    pub(crate) fn national(&self, e164: &str) -> String {
        let local = e164
            .strip_prefix('+')
            .and_then(|digits| digits.strip_prefix(self.country_code.as_str()));
        local.map_or_else(|| e164.to_owned(), |local| format!("0{local}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_known_in_both_forms_and_come_back_in_the_national_one() {
        let account = ExotelAccount::default();
        for written in ["+919876543210", "09876543210", "9876543210"] {
            let e164 = account.e164(written).unwrap();
            assert_eq!(e164, "+919876543210");
            assert_eq!(account.national(&e164), "09876543210");
        }
        assert_eq!(account.national("+6561234567"), "+6561234567");
        for written in ["", "0123", "+0123456789", "sip:x", "00919876543210"] {
            assert_eq!(account.e164(written), None, "{written}");
        }
    }
}
