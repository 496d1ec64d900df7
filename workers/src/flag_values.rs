//! Flags whose values are more than numbers and texts.

/// Part of an address in a document: nothing in it may end the address, or begin something else.
pub(crate) fn sip_host(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_:;=[]".contains(c);
    if text.chars().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err("must be a host such as sip.example.com:5060;transport=tcp".to_owned())
    }
}

/// A share of a whole.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "is not a number".to_owned())?;
    if number > 0.0 && number <= 1.0 {
        Ok(number)
    } else {
        Err("must be above 0 and at most 1".to_owned())
    }
}

/// A rate.
pub(crate) fn positive(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "is not a number".to_owned())?;
    if number > 0.0 && number <= 100_000.0 {
        Ok(number)
    } else {
        Err("must be above 0 and at most 100000".to_owned())
    }
}
