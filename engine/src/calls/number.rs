//! The number that a question about calls names.

use domain::PhoneNumber;

/// A number in E.164 form, with or without its `+`: an address may have swallowed that.
pub(crate) fn international(text: &str) -> Result<PhoneNumber, String> {
    let text = text.trim();
    let read = if text.starts_with('+') {
        PhoneNumber::parse(text, None)
    } else {
        PhoneNumber::parse(&format!("+{text}"), None)
    };
    read.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::international;

    #[test]
    fn a_plus_that_got_lost_is_put_back() {
        for text in [
            "+12025550100",
            "12025550100",
            " 12025550100",
            "+1 202 555 0100",
        ] {
            let number = international(text).expect("a number");
            assert_eq!(number.expose(), "+12025550100");
        }
        for text in ["", "+", "call me", "123", "\0", "0012025550100"] {
            assert!(international(text).is_err(), "{text}");
        }
    }
}
