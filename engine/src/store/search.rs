//! Looking for a text anywhere in some columns.

use sea_orm::Condition;
use sea_orm::sea_query::{BinOper, Expr, ExprTrait, Func};

/// Marks a `%` or `_` that means itself.
const ESCAPE: char = '!';

/// True where one of `columns` contains `text`, whatever the case of its letters; `%` and `_` mean themselves.
///
/// Case is folded by the database on both sides: SQLite does that for ASCII letters only.
pub(super) fn contains(columns: impl IntoIterator<Item = Expr>, text: &str) -> Condition {
    let pattern = format!("%{}%", escaped(text));
    columns.into_iter().fold(Condition::any(), |any, column| {
        let pattern = Expr::from(Func::lower(Expr::val(pattern.clone())));
        let escaped = pattern.binary(BinOper::Escape, Expr::Constant(ESCAPE.into()));
        any.add(Expr::from(Func::lower(column)).binary(BinOper::Like, escaped))
    })
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
