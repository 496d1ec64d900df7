//! Every pair of status and command, against a table of its own.

use super::Command::{Approve, Cancel, End, Finish, Pause, Resume, Start, Submit};
use super::Status::{Active, Canceled, Completed, Draft, Paused, WaitingForApproval};
use super::{Command, IllegalTransition, Status, apply, command_for};

/// All that is legal; whatever is not here is not.
const LEGAL: &[(Status, Command, Status)] = &[
    (Draft, Submit, WaitingForApproval),
    (Draft, Start, Active),
    (Draft, Cancel, Canceled),
    (WaitingForApproval, Approve, Active),
    (WaitingForApproval, Cancel, Canceled),
    (Active, Pause, Paused),
    (Active, End, Completed),
    (Active, Finish, Completed),
    (Active, Cancel, Canceled),
    (Paused, Resume, Active),
    (Paused, End, Completed),
    (Paused, Finish, Completed),
    (Paused, Cancel, Canceled),
];

fn pairs() -> impl Iterator<Item = (Status, Command)> {
    let commands_of = |status: &Status| {
        let status = *status;
        Command::ALL.iter().map(move |command| (status, *command))
    };
    Status::ALL.iter().flat_map(commands_of)
}

#[test]
fn every_pair_does_what_the_table_says() {
    for (status, command) in pairs() {
        let legal = LEGAL.iter().find(|row| (row.0, row.1) == (status, command));
        let expected = legal
            .map(|row| row.2)
            .ok_or(IllegalTransition::Refused { status, command });
        assert_eq!(apply(status, command), expected, "{status} and {command}");
    }
}

#[test]
fn nothing_leads_out_of_a_final_status() {
    for (status, command) in pairs().filter(|(status, _)| status.is_final()) {
        assert!(apply(status, command).is_err(), "{status} and {command}");
    }
}

#[test]
fn a_campaign_begins_as_a_draft_and_can_reach_every_status() {
    let mut reached = vec![Status::INITIAL];
    for _ in Status::ALL {
        let next = LEGAL
            .iter()
            .filter(|row| reached.contains(&row.0))
            .map(|row| row.2);
        reached.extend(next.collect::<Vec<_>>());
    }
    assert_eq!(Status::INITIAL, Draft);
    assert!(Status::ALL.iter().all(|status| reached.contains(status)));
}

#[test]
fn a_refusal_names_both_and_says_what_would_work() {
    let refused = |status, command| apply(status, command).unwrap_err().to_string();
    assert_eq!(
        refused(Paused, Start),
        "a paused campaign cannot be started; resume it"
    );
    assert_eq!(
        refused(WaitingForApproval, Start),
        "a campaign waiting for approval cannot be started; approve it"
    );
    assert_eq!(
        refused(Completed, Cancel),
        "a completed campaign cannot be canceled; it is over, create a new one"
    );
    assert_eq!(
        refused(Active, Start),
        "an active campaign cannot be started; it is running already"
    );
    for (status, command) in pairs().filter(|(status, command)| apply(*status, *command).is_err()) {
        let sentence = refused(status, command);
        let (what, advice) = sentence.split_once("; ").unwrap();
        assert!(
            what.contains("campaign") && !advice.is_empty(),
            "{sentence}"
        );
    }
}

#[test]
fn a_status_wanted_is_reached_by_its_command_wherever_one_leads_there() {
    for &target in Status::ALL {
        for &from in Status::ALL.iter().filter(|from| **from != target) {
            let leads_there = |row: &&(Status, Command, Status)| {
                (row.0, row.2) == (from, target) && row.1 != Finish
            };
            let Some((_, command, _)) = LEGAL.iter().find(leads_there) else {
                continue;
            };
            assert_eq!(
                command_for(target, from),
                Ok(Some(*command)),
                "{from} to {target}"
            );
        }
    }
}

#[test]
fn a_status_that_no_command_reaches_is_refused_one_way_or_the_other() {
    for &target in Status::ALL {
        for &from in Status::ALL {
            let becomes = match command_for(target, from) {
                Ok(Some(command)) => apply(from, command),
                Ok(None) => Ok(from),
                Err(refused) => Err(refused),
            };
            let is_reachable =
                from == target || LEGAL.iter().any(|row| (row.0, row.2) == (from, target));
            assert_eq!(becomes.is_ok(), is_reachable, "{from} to {target}");
            assert!(
                becomes.is_err() || becomes == Ok(target),
                "{from} to {target}"
            );
        }
    }
}

#[test]
fn the_status_it_has_needs_no_command() {
    for &status in Status::ALL {
        assert_eq!(command_for(status, status), Ok(None));
    }
}

#[test]
fn nothing_becomes_a_draft_again() {
    let refused = command_for(Draft, Paused).unwrap_err();
    assert_eq!(refused, IllegalTransition::NoWayBack { status: Paused });
    assert_eq!(
        refused.to_string(),
        "a paused campaign cannot become a draft again; create a new one"
    );
}

#[test]
fn the_words_are_read_as_they_are_written() {
    for status in Status::ALL {
        assert_eq!(status.as_str().parse(), Ok(*status));
    }
    let error = "running".parse::<Status>().unwrap_err().to_string();
    assert_eq!(
        error,
        "\"running\" is not one of draft, waiting_for_approval, active, paused, completed, canceled"
    );
}

proptest::proptest! {
    #[test]
    fn whatever_is_commanded_a_campaign_that_is_over_stays_over(
        commands in proptest::collection::vec(proptest::sample::select(Command::ALL), 0..12),
    ) {
        let mut status = Status::INITIAL;
        for command in commands {
            let before = status;
            status = apply(status, command).unwrap_or(status);
            proptest::prop_assert!(!before.is_final() || status == before);
        }
    }

    #[test]
    fn a_wish_for_a_status_is_a_command_that_leads_there_or_a_refusal(
        from in proptest::sample::select(Status::ALL), target in proptest::sample::select(Status::ALL),
    ) {
        if let Ok(Some(command)) = command_for(target, from) && let Ok(after) = apply(from, command) {
            proptest::prop_assert_eq!(after, target);
        }
    }
}
