//! The texts of one statement for lists of different lengths, each made once.

use std::sync::OnceLock;

/// Lists of 1, 2, 4, …, 512 items: [`padded`](super::padded::padded) ones have no other lengths.
const SIZES: usize = 10;

/// For SQLite, which has no arrays: the statement that updates 512 rows names twenty thousand values.
#[derive(Debug)]
pub struct TextsBySize([OnceLock<String>; SIZES]);

impl TextsBySize {
    /// None is made yet.
    pub const fn new() -> Self {
        Self([const { OnceLock::new() }; SIZES])
    }

    /// The text for a padded list of `len` items, which `make` makes the first time; that for a longer one is not kept.
    pub fn get(&self, len: usize, make: impl Fn() -> String) -> String {
        let size = len.checked_ilog2().map_or(SIZES, |size| size as usize);
        match self.0.get(size) {
            Some(text) => text.get_or_init(make).clone(),
            None => make(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TextsBySize;

    #[test]
    fn each_length_has_a_text_of_its_own_that_is_made_once() {
        let texts = TextsBySize::new();
        let lengths = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
        for len in lengths {
            assert_eq!(texts.get(len, || len.to_string()), len.to_string());
        }
        for len in lengths {
            let kept = texts.get(len, || "made again".to_owned());
            assert_eq!(kept, len.to_string());
        }
        for len in [0, 1_024] {
            assert_eq!(texts.get(len, || "first".to_owned()), "first");
            assert_eq!(texts.get(len, || "second".to_owned()), "second");
        }
    }
}
