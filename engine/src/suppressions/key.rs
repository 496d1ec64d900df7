//! What a suppression may be called by.

use std::str::FromStr;

use domain::{PhoneNumber, SuppressionId};

use crate::calls::number::international;

/// Our id of a suppression, or its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SuppressionKey {
    /// Our id.
    Id(SuppressionId),
    /// The number, of one owner's list.
    Number(PhoneNumber),
}

impl FromStr for SuppressionKey {
    type Err = String;

    /// An id, or a number in E.164 form, with or without its `+`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(id) => Ok(Self::Id(id)),
            Err(_) => international(text).map(Self::Number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SuppressionKey;

    #[test]
    fn a_suppression_goes_by_its_id_and_by_its_number() {
        let id = "01899c1e-5f0a-7c3d-9b2a-3f6d2e8a4b10";
        assert!(matches!(id.parse(), Ok(SuppressionKey::Id(_))));
        for number in ["+12025550100", "12025550100"] {
            match number.parse() {
                Ok(SuppressionKey::Number(read)) => assert_eq!(read.expose(), "+12025550100"),
                other => panic!("{number} is a number: {other:?}"),
            }
        }
        for neither in ["", "import", "12", "\0", "+"] {
            assert!(neither.parse::<SuppressionKey>().is_err(), "{neither:?}");
        }
    }
}
