//! The dialer, its carrier and its Redis.

use std::collections::BTreeMap;

use crate::plan::Args;
use crate::support::redis_server::RedisServer;
use crate::support::{Dialer, Options, Stack};

/// Everything that runs.
pub struct Stage {
    pub dialer: Dialer,
    /// A Redis of its own, to be stopped and measured.
    pub redis: RedisServer,
}

impl Stage {
    /// Starts it all.
    pub async fn set(args: &Args) -> Self {
        let redis = RedisServer::start().await;
        let env = BTreeMap::from([
            ("RETRY_MINUTE_MS", args.minute().as_millis().to_string()),
            ("OUTBOUND_PHONE_NUMBER", "+12025550100".to_owned()),
            ("OUTBOUND_AGENT_ID", "agent_demo".to_owned()),
            // Every call of the run has been asked about by its end.
            ("CALL_PRICE_AFTER_S", "2".to_owned()),
        ]);
        let options = Options {
            time_scale: f64::from(args.scale()),
            env,
            redis_url: Some(redis.url()),
            ..Options::default()
        };
        let workers = usize::from(args.workers);
        let dialer = Dialer::start(Stack::Production { workers }, options).await;
        Self { dialer, redis }
    }
}
