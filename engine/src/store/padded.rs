//! Batches in few sizes, so that their statements are few.
//!
//! A statement is prepared once for each connection and each number of values in it. Were that any number up to 500, nearly
//! every batch would be parsed and planned anew, and each connection would keep a hundred large statements.

/// `items`, with the last of them repeated until there are 1, 2, 4, 8, … of them; none stay none.
///
/// For lists of which it does not matter that something is in them twice: `IN (…)`, rows to be set to the same values.
pub fn padded<T: Clone>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    if let Some(last) = items.last().cloned() {
        items.resize(items.len().next_power_of_two(), last);
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_a_power_of_two_of_items_and_no_others() {
        assert!(padded(Vec::<u8>::new()).is_empty());
        assert_eq!(padded([1]), [1]);
        assert_eq!(padded([1, 2]), [1, 2]);
        assert_eq!(padded([1, 2, 3]), [1, 2, 3, 3]);
        assert_eq!(padded(0..500).len(), 512);
    }
}
