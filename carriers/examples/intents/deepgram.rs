//! What is asked of Deepgram.

use anyhow::Context as _;
use carriers::{Deepgram, DeepgramConfig, Recording, Transcriber as _};
use simulator::DeepgramAccount;

use crate::Intent;

/// Does what is asked for, with the recording at the address that the intent names; `false`: that is none of Deepgram's.
pub(crate) async fn fulfil(intent: &Intent) -> anyhow::Result<bool> {
    let (language, person_channel) = match intent.name.as_str() {
        "transcribe" => (None, None),
        "transcribe-channels" => (Some("en".to_owned()), Some(0)),
        _ => return Ok(false),
    };
    let recording = Recording {
        url: intent.id()?.parse().context("ID is no address")?,
        language,
        person_channel,
    };
    client(intent)?.transcribe(&recording).await?;
    Ok(true)
}

fn client(intent: &Intent) -> anyhow::Result<Deepgram> {
    Deepgram::new(DeepgramConfig {
        base_url: intent.base.clone(),
        api_key: DeepgramAccount::default().api_key.into(),
        model: DeepgramConfig::MODEL.to_owned(),
        timeout: DeepgramConfig::TIMEOUT,
    })
    .context("the client of Deepgram")
}
