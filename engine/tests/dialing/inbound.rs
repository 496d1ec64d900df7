//! Calls to our numbers: logged, counted, and otherwise left alone (P4, P5).

use std::time::Duration;

use carriers::{CarrierKind, FoundCall, LookedUp, PlaceError};
use chrono::{DateTime, TimeDelta, Utc};
use domain::progress::{End, News};
use domain::{AnsweredBy, PhoneNumber};
use engine::dialing::{CarrierSays, InboundNews};
use engine::store::inbox::Receipt;
use entity::{call_rollup, campaign, user};
use futures::future::join_all;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use tokio::time::sleep;
use uuid::Uuid;

use crate::on_both;
use crate::stage::Stage;

const NAME: &str = "sid-of-a-stranger";

fn accepted() -> News {
    News::Accepted {
        carrier_call_id: NAME.to_owned(),
    }
}

const fn ended() -> News {
    News::Ended {
        end: End::Completed,
        duration_s: Some(30),
    }
}

async fn hear(stage: &Stage, key: &str, news: News, begun_at: Option<DateTime<Utc>>) {
    hear_of(stage, NAME, (key, news), begun_at).await;
}

async fn hear_of(
    stage: &Stage,
    name: &str,
    (key, news): (&str, News),
    begun_at: Option<DateTime<Utc>>,
) {
    let news = told(stage, name, (key, news), begun_at);
    stage.dialing.hear_inbound(news).await.expect("taken in");
}

/// Somebody rings from `from`; `None`: they do not show.
pub async fn hear_from(stage: &Stage, name: &str, from: Option<&str>) {
    let number = |text: &str| PhoneNumber::parse(text, None).expect("a number");
    let news = InboundNews {
        from: from.map(number),
        ..told(stage, name, (name, News::Ringing), None)
    };
    stage.dialing.hear_inbound(news).await.expect("taken in");
}

fn told(
    stage: &Stage,
    name: &str,
    (key, news): (&str, News),
    begun_at: Option<DateTime<Utc>>,
) -> InboundNews {
    let number = |text: &str| PhoneNumber::parse(text, None).expect("a number");
    let says = CarrierSays {
        news: vec![accepted(), news],
        ..CarrierSays::default()
    };
    InboundNews {
        carrier: CarrierKind::SignalWire,
        carrier_call_id: name.to_owned(),
        from: Some(number("+12025559000")),
        to: number("+12025550100"),
        begun_at,
        says,
        receipt: Receipt {
            key: key.to_owned(),
            provider: "signalwire".into(),
            kind: "inbound".into(),
            received_at: stage.now(),
        },
    }
}

async fn sums(stage: &Stage) -> Vec<(bool, i64, i64, i64)> {
    let rows = call_rollup::Entity::find()
        .all(stage.database.reader())
        .await;
    let rows = rows.expect("sums").into_iter();
    rows.map(|row| {
        (
            row.campaign_id.is_nil(),
            row.calls,
            row.completed,
            row.talk_s,
        )
    })
    .collect()
}

/// Enough for one's second news to come at every moment of the first one's taking in.
const STRANGERS: usize = 60;

on_both! {
    async fn news_that_come_while_another_is_taken_in_are_taken_in_too(stage: Stage) {
        // Of each stranger two news, the second a little later than the first, by ever more.
        let news = (0..STRANGERS).map(|nth| {
            let (stage, name) = (&stage, format!("sid-{nth}"));
            let both = [(0, "ringing", News::Ringing), (nth, "ended", ended())];
            join_all(both.map(|(later, what, news)| {
                let key = format!("{name}:{what}");
                let mut told = told(stage, &name, (&key, news), None);
                told.says.news.remove(0);
                async move {
                    sleep(Duration::from_micros(100 * later as u64)).await;
                    stage.dialing.hear_inbound(told).await
                }
            }))
        });
        for heard in news {
            let heard = heard.await;
            assert!(heard.iter().all(Result::is_ok), "{heard:?}");
        }
        let calls = stage.calls().await;
        assert_eq!(calls.len(), STRANGERS);
        let open = calls.iter().filter(|call| call.status != "completed");
        let open: Vec<_> = open.map(|call| (&call.carrier_call_id, &call.status)).collect();
        assert!(open.is_empty(), "{open:?}");
    }

    async fn news_of_an_inbound_call_are_counted_once_in_any_order(stage: Stage) {
        for (key, news) in [("2", ended()), ("0", News::Ringing), ("2", ended()), ("1", News::Answered)] {
            hear(&stage, key, news, None).await;
        }
        let call = stage.calls().await.remove(0);
        assert_eq!((call.direction.as_str(), call.status.as_str()), ("inbound", "completed"));
        assert_eq!((call.campaign_id, call.contact_id, call.agent_id), (None, None, None));
        assert_eq!(call.owner_id, stage.campaign().await.owner_id);
        assert!(call.decided_at.is_some());
        assert_eq!(call.check_at, None, "nobody looks at it any more");
        assert_eq!(sums(&stage).await, [(true, 1, 1, 30)]);
        stage.counters_are_right().await;
    }

    async fn an_inbound_call_began_when_its_first_news_says_so(stage: Stage) {
        let told = stage.now() - TimeDelta::minutes(7);
        hear(&stage, "0", ended(), Some(told)).await;
        hear(&stage, "1", ended(), Some(stage.now())).await;
        assert_eq!(stage.calls().await.remove(0).begun_at, told);
    }

    async fn a_begin_that_nobody_can_mean_is_not_believed(stage: Stage) {
        let told = stage.now() + TimeDelta::days(400);
        hear(&stage, "0", News::Ringing, Some(told)).await;
        assert_eq!(stage.calls().await.remove(0).begun_at, stage.now());
    }

    async fn who_calls_us_is_never_hung_up_on(stage: Stage) {
        hear(&stage, "0", News::Answered, None).await;
        hear(&stage, "1", News::Detected(AnsweredBy::Machine), None).await;
        // Longer than any talk of ours may last.
        stage.pass(24 * 60);
        let found = FoundCall {
            carrier_call_id: NAME.to_owned(),
            created_at: None,
            status: "in-progress".to_owned(),
            news: vec![accepted(), News::Answered, News::Detected(AnsweredBy::Machine)],
            duration_s: None,
            price: None,
        };
        stage.carrier.look_ups.lock().push_back(LookedUp::Found(vec![found]));
        assert_eq!(stage.repair().await, 1);
        assert_eq!(stage.live_calls().await.len(), 1);
        assert!(stage.carrier.hung_up.lock().is_empty());
    }

    async fn calls_that_came_in_are_summed_under_our_number(stage: Stage) {
        hear(&stage, "0", News::Answered, None).await;
        hear(&stage, "1", ended(), None).await;
        let sums = entity::call_detail_rollup::Entity::find().all(stage.database.reader()).await.expect("sums");
        assert_eq!(sums.len(), 2, "a quarter and a day");
        let call = stage.calls().await.remove(0);
        assert!(sums.iter().all(|row| row.from_number == call.to_number && row.completed == 1), "{sums:?}");
    }

    async fn a_call_that_we_placed_is_not_taken_for_an_inbound_one(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        let name = call.carrier_call_id.clone().expect("a name");
        let known = stage.calls().await;
        hear_of(&stage, &name, ("0", ended()), None).await;
        assert_eq!(stage.calls().await, known);
    }

    async fn who_calls_back_is_heard_by_whoever_called_them_last(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.dial().await;
        let called = stage.live_calls().await.remove(0);
        stage.hear(&called, vec![ended()]).await;
        // Somebody else starts a campaign from the same number afterwards.
        let other = another_owner_starts(&stage).await;
        let ours = stage.campaign().await.owner_id;
        for (name, from, owner) in [
            ("sid-back", Some(called.to_number.as_str()), ours),
            ("sid-new", Some("+12025559001"), other),
            ("sid-hidden", None, other),
        ] {
            hear_from(&stage, name, from).await;
            let calls = stage.calls().await;
            let call = calls.iter().find(|call| call.carrier_call_id.as_deref() == Some(name));
            assert_eq!(call.expect("a call").owner_id, owner, "{name}");
        }
    }

    async fn a_call_that_the_carrier_never_took_on_called_nobody(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let doubt = PlaceError::Ambiguous(anyhow::anyhow!("timed out"));
        stage.carrier.answers.lock().push_back(Err(doubt));
        stage.dial().await;
        let called = stage.live_calls().await.remove(0);
        let other = another_owner_starts(&stage).await;
        hear_from(&stage, NAME, Some(&called.to_number)).await;
        let calls = stage.calls().await;
        let call = calls.iter().find(|call| call.direction == "inbound");
        assert_eq!(call.expect("a call").owner_id, other);
    }
}

/// Another user starts a campaign from the stage's number; who.
async fn another_owner_starts(stage: &Stage) -> Uuid {
    let owner = user::ActiveModel {
        id: Set(Uuid::now_v7()),
        name: Set("Other".to_owned()),
        role: Set("user".to_owned()),
        created_at: Set(stage.now()),
        ..Default::default()
    };
    let owner = owner.insert(stage.database.writer()).await.expect("a user");
    let campaign = campaign::ActiveModel {
        id: Set(Uuid::now_v7()),
        owner_id: Set(owner.id),
        started_at: Set(Some(stage.now())),
        ..stage.campaign().await.into_active_model().reset_all()
    };
    campaign
        .insert(stage.database.writer())
        .await
        .expect("a campaign");
    owner.id
}
