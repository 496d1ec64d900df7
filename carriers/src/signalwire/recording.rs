//! SignalWire's news of recordings.

use url::Url;

use super::fields::Fields;
use crate::event::EventError;

/// Longest address of a recording, in bytes. Genuine ones have about two hundred.
const URL_MAX: usize = 2_000;

/// A call was recorded, or was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingCallback {
    /// SignalWire's name of the call.
    pub call_sid: String,
    /// SignalWire's name of the recording.
    pub recording_sid: String,
    /// SignalWire's word for where it stands.
    pub status: String,
    /// What there is to hear; none unless it is complete.
    pub recording: Option<Recording>,
}

/// A recording that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Where it is; SignalWire asks whoever wants to hear it for the project's credentials.
    pub url: String,
    /// How long it is, in seconds.
    pub duration_s: Option<u32>,
}

impl RecordingCallback {
    /// The same for every delivery of this event, different for every other event.
    #[must_use]
    pub fn event_key(&self) -> String {
        let Self {
            call_sid,
            recording_sid,
            status,
            ..
        } = self;
        format!("{call_sid}:recording:{status}:{recording_sid}")
    }
}

/// Reads the callback of a recording: `in-progress`, `completed` or `absent` (SignalWire, Compatibility API, "Create a
/// Call").
///
/// # Errors
/// As [`parse_status_callback`](super::status::parse_status_callback); [`EventError::Field`] without `CallSid`,
/// `RecordingSid` or `RecordingStatus`, and where a complete recording has no address of the web.
pub fn parse_recording(
    content_type: Option<&str>,
    body: &[u8],
) -> Result<RecordingCallback, EventError> {
    let fields = Fields::read(content_type, body)?;
    let field = "RecordingStatus";
    let status = fields.word(field).ok_or(EventError::Field { field })?;
    let is_complete = status.eq_ignore_ascii_case("completed");
    Ok(RecordingCallback {
        call_sid: fields.id("CallSid")?,
        recording_sid: fields.id("RecordingSid")?,
        recording: is_complete.then(|| recording(&fields)).transpose()?,
        status,
    })
}

/// The recording that a callback tells of.
pub(super) fn recording(fields: &Fields) -> Result<Recording, EventError> {
    let field = "RecordingUrl";
    let is_address = |text: &&str| {
        let url = Url::parse(text).ok();
        text.len() <= URL_MAX
            && !text.contains(char::is_control)
            && url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
    };
    let url = fields.text(field).filter(is_address);
    Ok(Recording {
        url: url.ok_or(EventError::Field { field })?.to_owned(),
        duration_s: fields.whole("RecordingDuration"),
    })
}
