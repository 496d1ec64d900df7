//! What the metadata says about the countries, in a form that a million numbers can be held against.

use std::sync::LazyLock;

use phonenumber::Metadata;
use phonenumber::metadata::{DATABASE, Descriptor};

/// The fewest digits of an international number: three for Niue, four for a telephone there.
const DIGITS_MIN: usize = 7;

/// The most digits of an international number, by E.164.
const DIGITS_MAX: usize = 15;

/// The numbers of one country code.
pub(super) struct Country {
    /// The code, 1 to 999.
    pub(super) code: u16,
    /// Bit n is set where national numbers of n digits exist, and fit into an international one.
    lengths: u32,
    metadata: &'static Metadata,
}

/// All countries by their code; built at the first use, which loads the metadata (about 50 ms).
static BY_CODE: LazyLock<Vec<Option<Country>>> =
    LazyLock::new(|| (0..1_000).map(Country::load).collect());

impl Country {
    fn load(code: u16) -> Option<Self> {
        // Where several regions share a code, the metadata puts the main one first. The others have the same lengths,
        // apart from numbers that cannot be dialled from abroad (310 1234 in Canada).
        let metadata = DATABASE.by_code(&code)?.into_iter().next()?;
        let code_digits = code.to_string().len();
        let lengths = descriptors(metadata)
            .flat_map(Descriptor::possible_length)
            .map(|length| usize::from(*length))
            .filter(|length| (DIGITS_MIN..=DIGITS_MAX).contains(&(code_digits + length)))
            .fold(0, |bits, length| bits | 1 << length);
        Some(Self {
            code,
            lengths,
            metadata,
        })
    }

    /// Builds all of them, unless they are built.
    pub(super) fn load_all() {
        LazyLock::force(&BY_CODE);
    }

    pub(super) fn by_code(code: u16) -> Option<&'static Self> {
        BY_CODE.get(usize::from(code))?.as_ref()
    }

    /// Splits `digits` into its country and the national number. No code begins another, so there is at most one way.
    pub(super) fn of(digits: &str) -> Option<(&'static Self, &str)> {
        if digits.starts_with('0') {
            return None;
        }
        (1..=3).find_map(|length| {
            let (code, national) = digits.split_at_checked(length)?;
            Some((Self::by_code(code.parse().ok()?)?, national))
        })
    }

    /// True where national numbers of this many digits exist.
    pub(super) fn has_length(&self, digits: usize) -> bool {
        digits <= DIGITS_MAX && self.lengths & (1 << digits) != 0
    }

    /// The fewest digits a national number has.
    pub(super) const fn shortest(&self) -> usize {
        self.lengths.trailing_zeros() as usize
    }

    /// The most digits a national number has.
    pub(super) fn longest(&self) -> usize {
        self.lengths.checked_ilog2().unwrap_or(0) as usize
    }

    /// What is dialled before a national number inside the country, e.g. 0.
    pub(super) fn trunk_prefix(&self) -> Option<&'static str> {
        self.metadata.national_prefix()
    }

    /// True where `national` is a number of the country as far as the metadata knows.
    pub(super) fn assigns(&self, national: &str) -> bool {
        assigns(self.metadata, national)
    }
}

/// True where `national` lies in a range that the region assigned, as far as the metadata knows. Good to choose between
/// two ways to read a text, not to refuse a number.
pub(super) fn assigns(metadata: &Metadata, national: &str) -> bool {
    let matches_whole = |descriptor: &Descriptor| {
        let found = descriptor.national_number().find(national);
        found.is_some_and(|found| found.start() == 0 && found.end() == national.len())
    };
    // A pattern finds its first alternative that matches, which may be a short one; the narrower patterns of the kinds
    // of numbers make up for what the general one misses by that.
    let kinds = || {
        descriptors(metadata).filter(|kind| {
            kind.possible_length()
                .iter()
                .any(|n| usize::from(*n) == national.len())
        })
    };
    kinds().next().is_some()
        && (matches_whole(metadata.descriptors().general()) || kinds().any(matches_whole))
}

/// The kinds of numbers that can be called from abroad.
pub(super) fn descriptors(metadata: &Metadata) -> impl Iterator<Item = &Descriptor> {
    let all = metadata.descriptors();
    [
        all.mobile(),
        all.fixed_line(),
        all.voip(),
        all.toll_free(),
        all.premium_rate(),
        all.shared_cost(),
        all.personal_number(),
        all.pager(),
        all.uan(),
        all.voicemail(),
    ]
    .into_iter()
    .flatten()
}
