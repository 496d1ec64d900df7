//! Phone numbers as people write them: what is read is E.164, reads as itself, and is never shown whole.
#![no_main]

use domain::PhoneNumber;
use domain::phone::{Region, mask};
use libfuzzer_sys::fuzz_target;

const REGIONS: [&str; 5] = ["IN", "US", "GB", "DE", "AR"];

fuzz_target!(|input: (u8, &str)| {
    let (which, text) = input;
    let region = REGIONS
        .get(usize::from(which))
        .map(|name| name.parse().expect("a region"));
    read(text, region);
    let masked = mask(text);
    assert_eq!(masked.chars().count(), text.chars().count());
    let mut digits = 0;
    for (before, after) in text.chars().zip(masked.chars()) {
        assert!(before == after || (before.is_numeric() && after == '*'));
        digits = match after {
            _ if after.is_alphabetic() => 0,
            _ if after.is_numeric() => digits + 1,
            _ => digits,
        };
        assert!(digits <= 4, "{masked:?}");
    }
});

fn read(text: &str, region: Option<Region>) {
    match PhoneNumber::parse(text, region) {
        Ok(number) => {
            let digits = number
                .expose()
                .strip_prefix('+')
                .expect("it is international");
            assert!((4..=15).contains(&digits.len()), "{digits}");
            assert!(digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0'));
            // Whatever region somebody is in, it is the same number.
            for again in [None, region] {
                assert_eq!(
                    PhoneNumber::parse(number.expose(), again).as_ref(),
                    Ok(&number)
                );
            }
            for shown in [number.to_string(), format!("{number:?}")] {
                assert!(!shown.contains(&digits[2..]), "{shown}");
                assert!(
                    shown.bytes().filter(u8::is_ascii_digit).count() <= 4,
                    "{shown}"
                );
            }
            // Written as an account may write it, it is the same.
            let spaced: String = number.expose().chars().flat_map(|c| [c, ' ']).collect();
            assert_eq!(PhoneNumber::parse(&spaced, region).as_ref(), Ok(&number));
        }
        Err(error) => {
            let said = error.to_string();
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            assert!(digits.len() < 7 || !said.contains(&digits), "{said}");
            assert!(said.len() < 300, "{said}");
        }
    }
}
