//! Batches in few sizes, so that their statements are few, and few are planned anew.
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

/// What Postgres takes for the length of an array that it does not know yet (`estimate_array_length`).
const PLANNED_LEN: usize = 10;

/// `items`, with the last of them repeated until there are ten at least; none stay none.
///
/// For arrays of which it does not matter that something is in them twice. Postgres keeps a plan for all arrays once it
/// costs no more than one for the array at hand. For an array that is shorter than it guesses such a plan always costs
/// more, and each statement would be planned anew, which takes longer than to run it. An index is looked through once
/// for each value, however often it is there.
pub fn planned<T: Clone>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    if let Some(last) = items.last().cloned() {
        items.resize(items.len().max(PLANNED_LEN), last);
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

    #[test]
    fn an_array_is_as_long_as_it_is_planned_for_or_longer() {
        assert!(planned(Vec::<u8>::new()).is_empty());
        assert_eq!(planned([1, 2]), [1, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
        assert_eq!(planned(0..11).len(), 11);
    }
}
