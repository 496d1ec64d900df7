//! Carrying rows out as CSV files, whatever they are rows of and however many.

mod file;
mod sheet;
mod stretch;

pub(crate) use file::{Piece, file};
pub(crate) use sheet::Sheet;
pub(crate) use stretch::STRETCH_ROWS_MAX;
pub use stretch::Stretch;
