//! The sentences that stand in the code, to see that the tables forget none.

use std::fs;
use std::path::{Path, PathBuf};

use super::campaign_fields::wrong_campaigns;
use super::contact_changes::wrong_changes;
use super::contact_fields::{wrong_contacts, wrong_tables};
use super::query_fields::wrong_queries;
use super::suppression_fields::{
    wrong_suppression_queries, wrong_suppression_rows, wrong_suppressions,
};
use super::tool_fields::wrong_tools;
use super::v1_fields::{
    wrong_calls, wrong_calls_unanswered, wrong_calls_unconfigured, wrong_campaigns_v1, wrong_keys,
    wrong_users, wrong_verdicts,
};
use super::v1_messages::wrong_messages;
use super::v1_queries::wrong_queries_v1;

/// Where sentences about fields stand, and hardly others: of campaigns, contacts, suppressions, tools, calls and queries.
const FILES: [&str; 26] = [
    "domain/src/calendar/error.rs",
    "domain/src/calendar/wall_clock.rs",
    "domain/src/outcome.rs",
    "domain/src/phone/error.rs",
    "engine/src/calls/cursor.rs",
    "engine/src/calls/history.rs",
    "engine/src/calls/list.rs",
    "engine/src/calls/log.rs",
    "engine/src/calls/outbound.rs",
    "engine/src/calls/retriable.rs",
    "engine/src/campaigns/configs.rs",
    "engine/src/campaigns/list.rs",
    "engine/src/campaigns/reading.rs",
    "engine/src/contacts/change.rs",
    "engine/src/contacts/reading.rs",
    "engine/src/conversations/list.rs",
    "engine/src/field.rs",
    "engine/src/import/cell.rs",
    "engine/src/instant.rs",
    "engine/src/page.rs",
    "engine/src/period.rs",
    "engine/src/query.rs",
    "engine/src/reports/analytics/query.rs",
    "engine/src/suppressions/list.rs",
    "engine/src/suppressions/reading.rs",
    "src/http/agent_tools/request.rs",
];

/// Where they stand among others: these begin like this.
const FOLDERS: [&str; 6] = [
    "engine/src/access",
    "engine/src/calls",
    "engine/src/conversations",
    "engine/src/live",
    "engine/src/reports",
    "src/http/v1",
];
const BEGINNINGS: [&str; 4] = ["must ", "is ", "cannot be ", "there is no "];

/// Sentences that no request meets: because another one comes first, or because they are for us.
const UNMET: [&str; 5] = [
    "a field is missing and nobody said so",
    "is too long",
    "{0} is not a day of the week; use 1 for Monday to 6 for Saturday, 0 or 7 for Sunday",
    "a change within {within} may hide another",
    "{count} excluded dates are too many; at most {EXCLUDED_DATES_MAX} are allowed",
];

#[test]
fn every_sentence_about_a_field_stands_in_the_tables() {
    let met = told_by_the_tables();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = FILES.map(|file| root.join(file)).into_iter();
    let whole: Vec<PathBuf> = files.collect();
    let mixed: Vec<PathBuf> = FOLDERS
        .iter()
        .flat_map(|folder| code_in(&root.join(folder)))
        .collect();
    assert!(mixed.len() > 60, "only {} files were found", mixed.len());
    let mut sentences = 0;
    let whole = whole.iter().map(|path| (path, false));
    for (path, is_mixed) in whole.chain(mixed.iter().map(|path| (path, true))) {
        let code = fs::read_to_string(path).expect("the code is there");
        let code = code.split("#[cfg(test)]").next().expect("some code");
        for sentence in literals(code) {
            let is_about_a_field =
                !is_mixed || BEGINNINGS.iter().any(|words| sentence.starts_with(words));
            let is_sentence = sentence.split_whitespace().count() > 2 && is_about_a_field;
            if !is_sentence || UNMET.contains(&sentence.as_str()) {
                continue;
            }
            sentences += 1;
            let is_met = met.iter().any(|message| fits(message, &sentence));
            let file = path.display();
            assert!(is_met, "{file}: nobody provokes {sentence:?}");
        }
    }
    assert!(sentences > 60, "only {sentences} sentences were found");
}

/// Every sentence that some case of the tables is answered with.
fn told_by_the_tables() -> Vec<String> {
    let bodies = [
        wrong_campaigns(),
        wrong_contacts(),
        wrong_changes(),
        wrong_campaigns_v1(),
        wrong_users(),
        wrong_keys(),
        wrong_calls(),
        wrong_calls_unconfigured(),
        wrong_calls_unanswered(),
        wrong_verdicts(),
        wrong_suppressions(),
        wrong_suppression_rows(),
    ];
    let bodies = bodies.into_iter().flatten().map(|case| case.message);
    let tools = wrong_tools().into_iter().map(|(_, case)| case.message);
    let queries = wrong_queries().into_iter().map(|case| case.message);
    let second = wrong_queries_v1().into_iter().map(|case| case.message);
    let messages = wrong_messages().into_iter().map(|(_, case)| case.message);
    let suppressed = wrong_suppression_queries().into_iter();
    let suppressed = suppressed.map(|(_, _, _, told)| told.to_owned());
    let tables = wrong_tables().into_iter();
    let tables = tables.map(|(_, _, told)| told.to_owned());
    bodies
        .chain(tools)
        .chain(queries)
        .chain(second)
        .chain(messages)
        .chain(tables)
        .chain(suppressed)
        .collect()
}

/// The code in `folder` and the folders in it, tests aside.
fn code_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            found.extend(code_in(&path));
        } else if !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
    found
}

/// The string literals of `code`, but for those that say why a lint is off. Comments are left out.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let (before, here) = rest.split_at(at);
        if here.starts_with("//") {
            rest = here.split_once('\n').map_or("", |(_, next)| next);
        } else if let Some(after) = here.strip_prefix("'\"'") {
            rest = after;
        } else if let Some(inside) = here.strip_prefix('"') {
            let (literal, after) = literal(inside);
            if !before.ends_with("reason = ") {
                found.push(literal);
            }
            rest = after;
        } else {
            rest = &here[1..];
        }
    }
    found
}

/// The literal that `text` begins with, and what follows it.
fn literal(text: &str) -> (String, &str) {
    let mut read = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (read, &text[at + 1..]),
            '\\' => match letters.next() {
                // The line goes on below.
                Some((_, '\n')) => {
                    let after = letters.as_str();
                    let skipped = after.len() - after.trim_start().len();
                    letters
                        .by_ref()
                        .take(after[..skipped].chars().count())
                        .for_each(drop);
                }
                Some((_, escaped)) => read.push(escaped),
                None => break,
            },
            letter => read.push(letter),
        }
    }
    (read, "")
}

/// True where `message` is `sentence` with something in the place of each `{…}`.
fn fits(message: &str, sentence: &str) -> bool {
    let mut rest = message;
    let mut parts = sentence.split('{');
    let fixed = std::iter::once(parts.next().unwrap_or_default())
        .chain(parts.map(|part| part.split_once('}').map_or(part, |(_, fixed)| fixed)));
    for part in fixed {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}
