"""Proof 2: the vendors' own validators believe what our simulator signs, and nothing that was changed on the way."""

from elevenlabs.types import GetConversationResponseModel

import drive_elevenlabs
import drive_signalwire
import network
from claims import claim, same
from network import AGENT, ELEVENLABS_SECRET, FROM, SIGNING_KEY, eventually
from server import Server
from signatures import ANOTHER_KEY, Form, by_signalwire, by_twilio, event_by_elevenlabs

TALKER, PARTNER = "+12125550131", "+12125550132"
# What an address may hold, so that whoever signs it differently is found out.
QUERY = "?attempt=42&name=Ann+B%26C"
VALIDATORS = {"twilio": by_twilio, "SignalWire's SDK": by_signalwire}
EVENTS = {"status_callback_event": ["initiated", "ringing", "answered", "completed"]}
STATUSES = ["initiated", "ringing", "in-progress", "completed"]


def verify():
    network.people()
    network.script(drive_elevenlabs.BUSY, "busy")
    for number in (TALKER, PARTNER):
        network.script(number, {"answer": {"talk_ms": 20_000}})
    office = Server(reply)
    network.webhook(f"{office.base}/elevenlabs")
    arrived = webhooks(office)
    network.webhook(None)
    for kind in ("answer", "status", "amd", "recording", "dial", "dial-result", "told-by-get"):
        for name, believes in VALIDATORS.items():
            with claim(f"{name} believes the simulator's request to …/{kind}, and refuses it when it was changed"):
                forms = [form(one) for one in arrived if one.path == f"/{kind}"]
                assert forms, "none has arrived"
                for one in forms:
                    assert believes(one), f"refused: {one}"
                for changed, flipped in forms[-1].flips():
                    assert not believes(flipped), f"believed although {changed} was changed"
    with claim("the simulator tells of every status that was asked for, in order"):
        told = [dict(one.form) for one in arrived if one.path == "/status"]
        same([one["CallStatus"] for one in told], STATUSES)
        same([int(one["SequenceNumber"]) for one in told], [0, 1, 2, 3])
    events([one for one in arrived if one.path == "/elevenlabs"])


def reply(request):
    """The documents that calls of ours are led by."""
    base = f"http://{request.headers['Host']}"
    if request.path == "/answer":
        asked = {"agent_id": AGENT, "from_number": FROM, "to_number": TALKER, "direction": "outbound"}
        document = drive_elevenlabs.client().twilio.register_call(**asked)
    elif request.path == "/dial":
        action = f"{base}/dial-result{QUERY}".replace("&", "&amp;")
        document = f'<Response><Dial action="{action}"><Number>{PARTNER}</Number></Dial></Response>'
    else:
        document = "<Response><Hangup/></Response>"
    return 200, {"Content-Type": "application/xml"}, document.encode()


def webhooks(office):
    """Has two calls made, one to an agent and one that is handed on, and one that never becomes one; then what was told."""
    address = lambda path: f"{office.base}/{path}{QUERY}"  # noqa: E731
    create = drive_signalwire.client().calls.create
    everything = {"machine_detection": "Enable", "async_amd": "true", "async_amd_status_callback": address("amd")}
    everything |= {"record": True, "recording_status_callback": address("recording")} | EVENTS
    create(to=TALKER, from_=FROM, url=address("answer"), status_callback=address("status"), **everything)
    by_get = {"status_callback": address("told-by-get"), "status_callback_method": "GET"}
    create(to=TALKER, from_=FROM, url=address("dial"), **by_get, **EVENTS)
    drive_elevenlabs.place(drive_elevenlabs.BUSY)
    arrived = []

    def is_everything_told():
        arrived.extend(office.take())
        paths = [one.path for one in arrived]
        wanted = {"/recording": 1, "/dial-result": 1, "/amd": 1, "/status": 4, "/told-by-get": 4, "/elevenlabs": 2}
        return all(paths.count(path) >= count for path, count in wanted.items())

    eventually("all that is told of the calls", is_everything_told)
    return arrived


def form(request):
    signature = request.headers["X-SignalWire-Signature"]
    assert signature, "it is not signed"
    # What a GET says is in its address, and signed with it.
    params = dict(request.form) if request.method == "POST" else {}
    return Form(request.url, params, signature, SIGNING_KEY)


def events(arrived):
    read = {}
    for one in arrived:
        body, header = one.body.decode(), one.headers["ElevenLabs-Signature"]
        event = event_by_elevenlabs(body, header, ELEVENLABS_SECRET)
        kind = event["type"] if event else "an event"
        read[kind] = event
        with claim(f"elevenlabs believes the simulator's {kind}, and refuses it when it was changed"):
            assert event, f"refused: {header}"
            changes = {
                "its body": (body.replace('"', "'", 1), header, ELEVENLABS_SECRET),
                "its signature": (body, header[:-1] + ("0" if header[-1] != "0" else "1"), ELEVENLABS_SECRET),
                "its time": (body, header.replace("t=", "t=1", 1), ELEVENLABS_SECRET),
                "the secret": (body, header, ANOTHER_KEY),
            }
            for changed, flipped in changes.items():
                assert event_by_elevenlabs(*flipped) is None, f"believed although {changed} was changed"
    with claim("elevenlabs' model of a conversation holds what the simulator's post_call_transcription says"):
        talk = GetConversationResponseModel.model_validate(read["post_call_transcription"]["data"])
        same((talk.status, talk.agent_id), ("done", AGENT))
    with claim("the simulator's call_initiation_failure says which conversation, and why"):
        failure = read["call_initiation_failure"]["data"]
        same((failure["failure_reason"], failure["metadata"]["type"]), ("busy", "sip"))
        assert failure["conversation_id"], failure
