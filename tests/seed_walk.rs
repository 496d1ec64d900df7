//! The whole document of the second generation, in the order in which a user interface asks for it.

mod calls;
mod campaigns;
mod fields;
mod figures;
mod walker;

use chrono::{Days, Utc};
use simulator::Behaviour;

use crate::support::dialer::User;
use crate::support::people::{Person, TALK_MS, number};
use crate::support::providers::ENDLESS_MS;
use crate::support::{Dialer, Stack, on_both_stacks, single};
use walker::Walker;

on_both_stacks!(a_user_interface_finds_all_that_the_document_names);

/// Who is called. As the user interface does, an Indian number is written with its country's code.
struct People {
    answers: String,
    busy: String,
    machine: String,
    talks: String,
    alone: String,
}

impl People {
    fn rehearsed(dialer: &Dialer) -> Self {
        let people = Self {
            answers: "+919812345600".to_owned(),
            busy: number(330, 1),
            machine: number(330, 2),
            talks: number(330, 3),
            alone: number(330, 4),
        };
        let picks_up = |talk_ms| Behaviour::Answer { talk_ms };
        for (number, script) in [
            (&people.answers, vec![picks_up(TALK_MS)]),
            (&people.busy, vec![Behaviour::Busy]),
            (
                &people.machine,
                vec![Behaviour::Voicemail, picks_up(TALK_MS)],
            ),
            (&people.talks, vec![picks_up(ENDLESS_MS)]),
            (&people.alone, vec![picks_up(TALK_MS)]),
        ] {
            let number = number.clone();
            dialer.rehearse(&[Person { number, script }]);
        }
        people
    }
}

async fn a_user_interface_finds_all_that_the_document_names(stack: Stack) {
    let dialer = single::start(stack).await;
    let user = dialer.create_user("meera", "user");
    let people = People::rehearsed(&dialer);
    let mut walker = Walker::new(user.api.clone());
    let me = signed_in(&dialer, &user).await;
    let campaign = campaigns::made(&mut walker, &user, &people).await;
    campaigns::watched(&dialer, &mut walker, &user, &campaign).await;
    campaigns::shown(&mut walker, &campaign, &people).await;
    campaigns::buttons_pressed(&dialer, &mut walker, &campaign).await;
    let single = calls::called_by_hand(&dialer, &mut walker, &people).await;
    calls::everybody_was_called(&mut walker, &people).await;
    calls::shown(&mut walker, &people, &single, &me).await;
    calls::machines_shown(&mut walker, &people, &me).await;
    calls::log_shown(&mut walker, &people, &me).await;
    figures::shown(&mut walker, &me).await;
    campaigns::names_shown(&mut walker, &campaign, &people, &me).await;
    campaigns::over(&mut walker, &campaign).await;
    walker.assert_been_everywhere();
}

/// Who asks; nobody else is let in.
async fn signed_in(dialer: &Dialer, user: &User) -> String {
    let path = "/api/v1/users/me";
    dialer.api_as(Some("a guess")).get(path).await.with(401);
    let me = user.api.get(path).await.ok()["data"].take();
    assert_eq!(me["email"], "meera@example.com");
    me["_id"].as_str().expect("an id").to_owned()
}

/// Yesterday and tomorrow, whatever zone a date means.
fn around_today() -> (String, String) {
    let today = Utc::now().date_naive();
    let (day, before) = (Days::new(1), today - Days::new(1));
    (before.to_string(), (today + day).to_string())
}
