//! A create request, read and judged.

use url::Url;
use uuid::Uuid;

use super::error::ApiError;
use super::fields::Fields;
use super::recording::Wanted;
use crate::config::SimulatorConfig;
use crate::courier::Target;
use crate::recorder::CallbackKind;

/// Default and bounds of `Timeout`, in seconds.
const TIMEOUT_S: u64 = 60;
const TIMEOUT_S_MAX: u64 = 600;

/// What the dialer wants done with a call.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Where the answer document is.
    pub document: Target,
    /// Where it is when that fails.
    pub fallback: Option<Target>,
    pub status_callback: Option<Target>,
    /// The status events asked for.
    pub events: Vec<CallbackKind>,
    /// How long it may ring, in simulated seconds.
    pub timeout_s: u64,
    pub detection: Option<Detection>,
    pub recording: Option<Wanted>,
}

/// Machine detection, if asked for.
#[derive(Clone, Debug)]
pub(crate) enum Detection {
    /// The answer document is fetched after the verdict, and told.
    Synchronous,
    /// The verdict is called back whenever it is known.
    Asynchronous(Target),
}

/// A create request that can be carried out.
#[derive(Debug)]
pub(crate) struct CreateRequest {
    pub to: String,
    pub from: String,
    pub settings: Settings,
}

impl CreateRequest {
    /// # Errors
    /// SignalWire's error of the first thing that is wrong.
    pub fn read(fields: &Fields, config: &SimulatorConfig) -> Result<Self, ApiError> {
        let to = called_number(fields)?;
        let from = caller_number(fields, config)?;
        let document = target(fields, "Url", "Method", 21402)?
            .ok_or_else(|| ApiError::invalid(21205, "Url parameter is required"))?;
        let settings = Settings {
            document,
            fallback: target(fields, "FallbackUrl", "FallbackMethod", 21402)?,
            status_callback: target(fields, "StatusCallback", "StatusCallbackMethod", 21456)?,
            events: events(fields)?,
            timeout_s: timeout_s(fields)?,
            detection: detection(fields)?,
            recording: Wanted::read(fields)?,
        };
        Ok(Self { to, from, settings })
    }
}

fn called_number(fields: &Fields) -> Result<String, ApiError> {
    let to = fields.get("To").unwrap_or_default();
    if to.starts_with("sip:") {
        return Ok(to.into());
    }
    let digits = to.strip_prefix('+').unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ApiError::invalid(
            21211,
            format!("The 'To' number {to} is not valid"),
        ));
    }
    if !(8..=15).contains(&digits.len()) || digits.starts_with('0') {
        let message = format!("The 'To' number {to} does not appear to be a phone number");
        return Err(ApiError::invalid(21217, message));
    }
    Ok(to.into())
}

fn caller_number(fields: &Fields, config: &SimulatorConfig) -> Result<String, ApiError> {
    let from = fields
        .get("From")
        .ok_or_else(|| ApiError::invalid(21213, "From is required"))?;
    if !from.starts_with('+') {
        return Err(ApiError::invalid(
            21212,
            format!("The 'From' number {from} is not valid"),
        ));
    }
    if !config
        .numbers
        .iter()
        .any(|owned| owned.phone_number == from)
    {
        let message = format!("The 'From' number {from} is neither purchased nor verified");
        return Err(ApiError::invalid(21210, message));
    }
    Ok(from.into())
}

/// The URL in field `url`, if there is one; `bad_code` where it is no http address.
pub(crate) fn target(
    fields: &Fields,
    url: &str,
    method: &str,
    bad_code: u32,
) -> Result<Option<Target>, ApiError> {
    let Some(text) = fields.get(url) else {
        return Ok(None);
    };
    if !is_http(text) {
        return Err(ApiError::invalid(
            bad_code,
            format!("{url} is not a valid URL: {text}"),
        ));
    }
    let is_get = match fields.get(method) {
        None | Some("POST") => false,
        Some("GET") => true,
        Some(other) => {
            return Err(ApiError::invalid(
                21209,
                format!("{method} must be GET or POST: {other}"),
            ));
        }
    };
    Ok(Some(Target {
        url: text.into(),
        is_get,
    }))
}

pub(crate) fn is_http(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn events(fields: &Fields) -> Result<Vec<CallbackKind>, ApiError> {
    let mut events = Vec::new();
    // The field is repeated; some clients send one value with spaces instead.
    for word in fields
        .all("StatusCallbackEvent")
        .flat_map(str::split_whitespace)
    {
        events.push(match word {
            "initiated" => CallbackKind::Initiated,
            "ringing" => CallbackKind::Ringing,
            "answered" => CallbackKind::Answered,
            "completed" => CallbackKind::Completed,
            "ringing_forwarded" | "ringing_queued" => continue, // Neither happens here.
            _ => {
                let message = format!("StatusCallbackEvent {word} is unknown");
                return Err(ApiError::invalid(21456, message));
            }
        });
    }
    if events.is_empty() {
        events.push(CallbackKind::Completed);
    }
    Ok(events)
}

fn timeout_s(fields: &Fields) -> Result<u64, ApiError> {
    let Some(text) = fields.get("Timeout") else {
        return Ok(TIMEOUT_S);
    };
    match text.parse() {
        Ok(seconds) if (1..=TIMEOUT_S_MAX).contains(&seconds) => Ok(seconds),
        _ => Err(ApiError::invalid(
            21208,
            format!("Timeout is not valid: {text}"),
        )),
    }
}

fn detection(fields: &Fields) -> Result<Option<Detection>, ApiError> {
    match fields.get("MachineDetection") {
        None | Some("none") => return Ok(None),
        Some("Enable" | "DetectMessageEnd") => {}
        Some(other) => {
            return Err(ApiError::invalid(
                21234,
                format!("MachineDetection is not valid: {other}"),
            ));
        }
    }
    if !fields.is_true("AsyncAmd") {
        return Ok(Some(Detection::Synchronous));
    }
    target(
        fields,
        "AsyncAmdStatusCallback",
        "AsyncAmdStatusCallbackMethod",
        21262,
    )?
    .map(|target| Some(Detection::Asynchronous(target)))
    .ok_or_else(|| ApiError::invalid(21262, "AsyncAmdStatusCallback is required"))
}

/// The dialer's own id of the call: the UUID after a path segment `calls`.
pub(crate) fn call_id(fields: &Fields) -> Option<Uuid> {
    ["Url", "StatusCallback"].into_iter().find_map(|name| {
        let url = Url::parse(fields.get(name)?).ok()?;
        let mut segments = url.path_segments()?;
        segments.by_ref().find(|segment| *segment == "calls")?;
        Uuid::try_parse(segments.next()?).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "To=%2B12025550123&From=%2B12025550100&Url=http%3A%2F%2Fd%2Fanswer";

    fn code(form: &str) -> u32 {
        let fields = Fields::parse(form.as_bytes());
        CreateRequest::read(&fields, &SimulatorConfig::default()).map_or_else(|e| e.code, |_| 0)
    }

    #[test]
    fn what_is_wrong_gets_the_documented_code() {
        assert_eq!(code(GOOD), 0);
        let to = |to: &str| code(&GOOD.replace("%2B12025550123", to));
        assert_eq!(
            (to(""), to("12025550123"), to("%2B1202x")),
            (21211, 21211, 21211)
        );
        assert_eq!((to("%2B123"), to("%2B0202555012345")), (21217, 21217));
        let from = |from: &str| code(&GOOD.replace("%2B12025550100", from));
        assert_eq!(
            (from(""), from("x"), from("%2B13335550100")),
            (21213, 21212, 21210)
        );
        assert_eq!(code("To=%2B12025550123&From=%2B12025550100"), 21205);
        for (more, expected) in [
            ("Method=PUT", 21209),
            ("Timeout=soon", 21208),
            ("StatusCallback=nowhere", 21456),
            ("StatusCallbackEvent=hiccup", 21456),
            ("MachineDetection=Maybe", 21234),
            ("MachineDetection=Enable&AsyncAmd=true", 21262),
            ("MachineDetection=Enable", 0),
            ("Record=true&RecordingStatusCallback=nowhere", 21456),
            ("Record=false&RecordingStatusCallback=nowhere", 0),
            ("NeverHeardOf=this", 0),
        ] {
            assert_eq!(code(&format!("{GOOD}&{more}")), expected, "{more}");
        }
    }

    #[test]
    fn the_dialers_id_is_found_in_the_path() {
        let id = Uuid::from_u128(7);
        let url = format!("Url=http://d/webhooks/signalwire/calls/{id}/answer?x=1");
        assert_eq!(call_id(&Fields::parse(url.as_bytes())), Some(id));
        assert_eq!(
            call_id(&Fields::parse(b"Url=http://d/calls/seven/answer")),
            None
        );
    }
}
