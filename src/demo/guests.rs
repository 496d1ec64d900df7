//! Who is called: the file that comes with the project, cut or made longer.

use std::fmt::Write;

/// Two hundred made-up people, some with time zones, some twice, some with broken numbers.
const FILE: &str = include_str!("../../demo/contacts.csv");

/// The file's header and its first `count` people; beyond the file, people are made up.
///
/// Made-up numbers are of the exchange 555, which nobody has, in area codes that the file does not use.
pub(super) fn csv(count: u32) -> String {
    let rows = usize::try_from(count).unwrap_or(usize::MAX);
    let mut text = String::new();
    for line in FILE.lines().take(rows.saturating_add(1)) {
        text.push_str(line);
        text.push('\n');
    }
    let known = FILE.lines().count().saturating_sub(1);
    for index in known..rows {
        let (area, line) = (230 + index / 10_000, index % 10_000);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "Guest,Number {index},+1{area}555{line:04},,,");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::csv;

    #[test]
    fn as_many_people_as_asked_for_come() {
        for count in [1, 200, 450] {
            assert_eq!(csv(count).lines().count(), count as usize + 1);
        }
    }
}
