//! Looking for a text anywhere in some columns.

use sea_orm::sea_query::{BinOper, Expr, ExprTrait, Func};
use sea_orm::{Condition, DbBackend};

/// Marks a `%` or `_` that means itself.
pub(super) const ESCAPE: char = '!';

/// True where one of `columns` contains `text`, whatever the case of its letters; `%` and `_` mean themselves.
///
/// Postgres folds the case of all letters that the database's locale knows. SQLite by itself folds ASCII letters only, so
/// it is given a regular expression instead, which folds those of every alphabet.
pub(super) fn contains(
    backend: DbBackend,
    columns: impl IntoIterator<Item = Expr>,
    text: &str,
) -> Condition {
    let matches: &dyn Fn(Expr) -> Expr = match backend {
        DbBackend::Sqlite => &|column| matches_regex(column, text),
        _ => &|column| is_like(column, text),
    };
    columns
        .into_iter()
        .fold(Condition::any(), |any, column| any.add(matches(column)))
}

fn matches_regex(column: Expr, text: &str) -> Expr {
    let pattern = format!("(?i){}", regex::escape(text));
    Func::cust("regexp")
        .args([Expr::val(pattern), column])
        .into()
}

fn is_like(column: Expr, text: &str) -> Expr {
    let pattern = Expr::from(Func::lower(Expr::val(pattern(text))));
    let pattern = pattern.binary(BinOper::Escape, Expr::Constant(ESCAPE.into()));
    Expr::from(Func::lower(column)).binary(BinOper::Like, pattern)
}

/// What a text with `text` in it is `LIKE`, once both are in small letters.
pub(super) fn pattern(text: &str) -> String {
    format!("%{}%", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | ESCAPE) {
            escaped.push(ESCAPE);
        }
        escaped.push(letter);
    }
    escaped
}
