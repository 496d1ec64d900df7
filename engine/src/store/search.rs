//! Looking for a text anywhere in some columns.

use sea_orm::Condition;
use sea_orm::sea_query::Expr;

/// Marks a `%` or `_` that means itself.
const ESCAPE: char = '!';

/// True where one of `columns` contains `text`, whatever the case of its letters; `%` and `_` mean themselves.
///
/// Case is folded by the database: SQLite does that for ASCII letters only.
pub(super) fn contains(columns: impl IntoIterator<Item = Expr>, text: &str) -> Condition {
    let pattern = format!("%{}%", escaped(text));
    columns.into_iter().fold(Condition::any(), |any, column| {
        let parts = [column, Expr::val(pattern.clone())];
        any.add(Expr::cust_with_exprs("LOWER($1) LIKE LOWER($2) ESCAPE '!'", parts))
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
