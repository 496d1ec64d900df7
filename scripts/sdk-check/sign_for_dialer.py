"""Proof 3: our running server believes webhooks that the vendors' own SDKs signed, and refuses them when they were changed."""

import json
import os
import time
import uuid
from urllib.parse import urlencode
from xml.etree import ElementTree

import requests

import network
from claims import claim, same
from network import AGENT, ELEVENLABS_SECRET, FROM, PROJECT, SIGNING_KEY, eventually
from signatures import ANOTHER_KEY, Form, event_by_elevenlabs, header_of_elevenlabs
from signatures import signed_by_signalwire, signed_by_twilio

DIALER = os.environ["SDK_CHECK_DIALER"]
OURS = requests.Session()
OURS.headers["Authorization"] = f"Bearer {os.environ['SDK_CHECK_TOKEN']}"
SIGNERS = {"twilio": signed_by_twilio, "SignalWire's SDK": signed_by_signalwire}
HEADERS = {"twilio": "X-Twilio-Signature", "SignalWire's SDK": "X-SignalWire-Signature"}
HALF_AN_HOUR_S = 30 * 60


def sign():
    # Nobody picks up and nothing is told: whatever becomes of these calls, we have told.
    network.people(dial_ms=network.NEVER)
    network.faults("callback_dropped")
    for number, signer in enumerate(SIGNERS):
        by_signalwire(number, signer)
    by_elevenlabs()
    network.faults()


class Call:
    """A call of the dialer's."""

    def __init__(self, to):
        self.to = to
        answer = OURS.post(f"{DIALER}/api/v1/calls/outbound", json={"phoneNumber": to}, timeout=30)
        assert answer.status_code == 201, answer.text
        self.id, self.sid = (answer.json()["data"][name] for name in ("_id", "callSid"))

    def books(self):
        answer = OURS.get(f"{DIALER}/api/v1/calls/{self.id}", timeout=30)
        assert answer.ok, answer.text
        return answer.json()["data"]

    def becomes(self, **wanted):
        return eventually(f"{wanted}", lambda: (b := self.books()) and all(b[k] == v for k, v in wanted.items()) and b)

    def form(self, signer, purpose, **fields):
        """A request of SignalWire about this call, signed by an SDK."""
        url = f"{DIALER}/webhooks/signalwire/calls/{self.id}/{purpose}"
        params = {"AccountSid": PROJECT, "ApiVersion": "2010-04-01", "CallSid": self.sid, "From": FROM, "To": self.to}
        params |= {"Direction": "outbound-api"} | fields
        return Form(url, params, SIGNERS[signer](SIGNING_KEY, url, params), SIGNING_KEY)

    def status(self, signer, status, sequence, **more):
        told = {"CallStatus": status, "SequenceNumber": str(sequence), "CallbackSource": "call-progress-events"}
        # A comma, a plus and blanks: what a signer may write in another way.
        told |= {"Timestamp": "Thu, 04 Apr 2024 18:32:15 +0000"}
        return self.form(signer, "status", **told, **more)


def post(form, header="X-SignalWire-Signature"):
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | ({header: form.signature} if header else {})
    return requests.post(form.url, data=urlencode(form.params), headers=headers, timeout=30)


def believed(form, signer):
    answer = post(form, HEADERS[signer])
    same(answer.status_code, 200)
    return answer.text


def refused(about, words, send):
    """Fails unless the webhook is refused and nothing is learned from it."""
    before = about.books()
    answer = send()
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), f"{words}: {answer.status_code} {answer.text}"
    assert about.books() == before, f"{words}: something was learned"


def changed(call, form, signer, other=None):
    """Sends the form with one thing changed after the other, and to another call."""
    for words, flipped in form.flips():
        if words == "the key":
            other_key = SIGNERS[signer](ANOTHER_KEY, form.url, form.params)
            flipped = Form(form.url, form.params, other_key, ANOTHER_KEY)
        refused(call, words, lambda f=flipped: post(f, HEADERS[signer]))
    if other:
        elsewhere = Form(form.url.replace(call.id, other.id), form.params, form.signature, form.key)
        refused(other, "the call", lambda: post(elsewhere, HEADERS[signer]))
    refused(call, "no signature", lambda: post(form, None))


class Caller:
    """Somebody who calls one of our numbers."""

    def __init__(self, number):
        self.number = number
        # The carrier's name of the call.
        self.sid = str(uuid.uuid4())

    def books(self):
        answer = OURS.get(f"{DIALER}/api/v1/calls/history/{self.number}", timeout=30)
        assert answer.ok, answer.text
        return answer.json()["data"]

    def form(self, signer):
        url = f"{DIALER}/webhooks/signalwire/inbound"
        params = {"AccountSid": PROJECT, "CallSid": self.sid, "From": self.number, "To": FROM, "Direction": "inbound"}
        params |= {"CallStatus": "completed", "SequenceNumber": "3", "CallDuration": "31"}
        return Form(url, params, SIGNERS[signer](SIGNING_KEY, url, params), SIGNING_KEY)


def of_inbound_calls(number, signer):
    caller = Caller(f"+1212555{number:02}71")
    form = caller.form(signer)
    with claim(f"the dialer refuses a changed …/inbound that {signer} had signed, and learns nothing from it"):
        changed(caller, form, signer)
    with claim(f"the dialer learns from an …/inbound signed by {signer} who has called"):
        assert caller.sid not in json.dumps(caller.books()), "it knew that before"
        believed(form, signer)
        eventually("the call in the books", lambda: caller.sid in json.dumps(caller.books()))


def by_signalwire(number, signer):
    call, other = (Call(f"+1212555{number:02}{n:02}") for n in (51, 52))
    same(call.books()["status"], "initiated")
    recording = {"RecordingSid": call.sid, "RecordingStatus": "completed", "RecordingDuration": "20"}
    recording |= {"RecordingUrl": "https://example.com/recording"}
    leg = {"CallStatus": "in-progress", "DialCallStatus": "completed"}
    forms = {
        "status": call.status(signer, "in-progress", 2),
        "answer": call.form(signer, "answer", CallStatus="in-progress"),
        "amd": call.form(signer, "amd", AnsweredBy="human", MachineDetectionDuration="2100"),
        "recording": call.form(signer, "recording", **recording),
        "dial-result": call.form(signer, "dial-result", **leg),
        "transfer": call.form(signer, "transfer", CallStatus="in-progress"),
        "transfer-result": call.form(signer, "transfer-result", **leg),
    }
    for purpose, form in forms.items():
        with claim(f"the dialer refuses a changed …/{purpose} that {signer} had signed, and learns nothing from it"):
            changed(call, form, signer, other)
    of_a_call(call, forms, signer)
    with claim(f"the dialer learns from a …/status signed by {signer} that nobody has picked up"):
        believed(other.status(signer, "no-answer", 1), signer)
        other.becomes(status="no-answer")
    of_inbound_calls(number, signer)


def of_a_call(call, forms, signer):
    """What a whole call teaches, one webhook after the other."""
    with claim(f"the dialer learns from a …/status signed by {signer} that somebody has picked up"):
        believed(forms["status"], signer)
        assert call.becomes(status="in-progress")["answeredAt"], "nobody knows when"
    with claim(f"the dialer answers an …/answer signed by {signer} with the agent's document"):
        document = believed(forms["answer"], signer)
        assert ElementTree.fromstring(document).find("./Connect/Stream").get("url").startswith("wss://"), document
    with claim(f"the dialer learns from an …/amd signed by {signer} who has picked up"):
        believed(forms["amd"], signer)
        call.becomes(answeredBy="human")
    with claim(f"the dialer learns from a …/recording signed by {signer} where it is"):
        believed(forms["recording"], signer)
        call.becomes(recordingUrl=forms["recording"].params["RecordingUrl"])
    with claim(f"the dialer learns from a …/status signed by {signer} that the call is over, and how long it was"):
        believed(call.status(signer, "completed", 3, CallDuration="94"), signer)
        call.becomes(status="completed", duration=94)
    for purpose in ("dial-result", "transfer", "transfer-result"):
        with claim(f"the dialer answers a …/{purpose} signed by {signer} with a document that ends the call"):
            document = believed(forms[purpose], signer)
            same([verb.tag for verb in ElementTree.fromstring(document)], ["Hangup"])


def post_event(body, header):
    headers = {"Content-Type": "application/json"} | ({"ElevenLabs-Signature": header} if header else {})
    return requests.post(f"{DIALER}/webhooks/elevenlabs", data=body.encode(), headers=headers, timeout=30)


def event_about(call, kind, **data):
    data = {"agent_id": AGENT, "conversation_id": f"conv_{call.id}"} | data
    data |= {"user_id": call.id, "conversation_initiation_client_data": {"dynamic_variables": {"call_id": call.id}}}
    return json.dumps({"type": kind, "event_timestamp": int(time.time()), "data": data}, ensure_ascii=False)


def talk_about(call):
    said = [("agent", "Hello, this is the demo agent."), ("user", "Schön, dass Sie anrufen.")]
    turns = [{"role": role, "message": text, "time_in_call_secs": at} for at, (role, text) in enumerate(said)]
    metadata = {"start_time_unix_secs": int(time.time()) - 20, "call_duration_secs": 20, "cost": 200}
    analysis = {"call_successful": "success", "transcript_summary": "The person was pleased."}
    return event_about(call, "post_call_transcription", status="done", transcript=turns, metadata=metadata, analysis=analysis)


def by_elevenlabs():
    call, unreached = Call("+12125550161"), Call("+12125550162")
    failure = {"failure_reason": "busy", "metadata": {"type": "sip", "body": {"sip_status_code": 486}}}
    for about, kind, body, learned in [
        (call, "post_call_transcription", talk_about(call), {"summary": "The person was pleased.", "successful": True}),
        (unreached, "call_initiation_failure", event_about(unreached, "call_initiation_failure", **failure), None),
    ]:
        header = header_of_elevenlabs(body, ELEVENLABS_SECRET)
        with claim(f"the dialer refuses a changed {kind} that elevenlabs refuses too, and learns nothing from it"):
            flipped = header[:-1] + ("0" if header[-1] != "0" else "1")
            for words, one, signature in [
                ("its body", body.replace("busy", "done").replace("pleased", "angry"), header),
                ("its signature", body, flipped),
                ("the secret", body, header_of_elevenlabs(body, ANOTHER_KEY)),
                ("its age", body, header_of_elevenlabs(body, ELEVENLABS_SECRET, HALF_AN_HOUR_S + 60)),
                ("no signature", body, None),
            ]:
                assert event_by_elevenlabs(one, signature, ELEVENLABS_SECRET) is None, f"elevenlabs believes {words}"
                refused(about, words, lambda o=one, s=signature: post_event(o, s))
        with claim(f"the dialer learns from a {kind} that elevenlabs believes"):
            assert event_by_elevenlabs(body, header, ELEVENLABS_SECRET), "elevenlabs does not believe it"
            same(post_event(body, header).status_code, 200)
            if learned:
                said = about.becomes(**learned)["transcript"]
                assert "Schön, dass Sie anrufen." in json.dumps(said, ensure_ascii=False), said
            else:
                told = eventually("the failure", lambda a=about: a.books()["metadata"]["agentError"])
                assert "busy" in told, told
