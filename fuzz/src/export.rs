//! What a file of ours looks like.

#[path = "../../engine/src/export/sheet.rs"]
#[allow(dead_code, reason = "some of it is for writing")]
mod sheet;

pub(crate) use sheet::Sheet;
