"""Proof 4: our own clients send what the vendors' SDKs send for the same intent, apart from the differences that are named."""

import json
import os
import subprocess
from dataclasses import replace
from email.message import Message

import requests

import drive_elevenlabs
import drive_signalwire
import network
from claims import claim
from differences import ALLOWED
from intents import INTENTS, TO
from network import EXOTEL_ID, FROM_ID, SIMULATOR, eventually
from server import Server

OURS = os.environ["SDK_CHECK_INTENTS"]
# What comes in pages, of which there is more than one.
PAGED = ("list-calls", "list-numbers", "list-agents")
TALKER = "+12125550141"
CALLS = 101
HOP = ("connection", "transfer-encoding", "content-length", "keep-alive")


def pass_on(request):
    """The simulator's answer to a request."""
    headers = {name: value for name, value in request.headers.items() if name.lower() not in ("host", *HOP)}
    answer = requests.request(request.method, f"{SIMULATOR}{request.target}", headers=headers, data=request.body, timeout=30)
    return answer.status_code, {k: v for k, v in answer.headers.items() if k.lower() not in HOP}, answer.content


def compare():
    network.people()
    network.script(TO, "busy")
    stage = Stage()
    stage.fill()
    occurred = set()
    for intent, sdks in INTENTS.items():
        for sdk, does in sdks.items():
            with claim(f"{intent}: our client sends what {sdk} sends"):
                differences = stage.differences(intent, sdk, does)
                named = {one: allowed(sdk, intent, *one) for one in differences}
                occurred |= {reason for reason in named.values() if reason}
                unnamed = [f"{part}: ours {ours!r}, theirs {theirs!r}" for (part, ours, theirs), why in named.items() if not why]
                assert not unnamed, "; ".join(unnamed)
    with claim("a request that differs in anything is found to differ"):
        found_out(stage)
    with claim("every difference that is named occurs"):
        idle = [f"{one.part} ({one.reason})" for one in ALLOWED if one not in occurred]
        assert not idle, idle


def found_out(stage):
    """Changes one thing after the other in a request of ours, and compares it with what it was."""
    [genuine] = stage.sent_by_us("call-over-sip-trunk", FROM_ID)
    assert not unlike(parts(genuine, None), parts(genuine, None))
    body = json.loads(genuine.body)
    one_less = json.dumps({name: value for name, value in body.items() if name != "to_number"}).encode()
    other_kind = genuine.body.replace(b'"is_member":true', b'"is_member":1')
    changes = [{"method": "PUT"}, {"url": f"{genuine.url}/x"}, {"url": f"{genuine.url}?a=b"}]
    changes += [{"body": one_less}, {"body": other_kind}]
    for name in ("xi-api-key", "content-type"):
        headers = Message()
        for header, value in genuine.headers.items():
            headers[header] = "x/y" if header.lower() == name else value
        changes.append({"headers": headers})
    for change in changes:
        assert replace(genuine, **change) != genuine, f"nothing was changed: {change}"
        assert unlike(parts(genuine, None), parts(replace(genuine, **change), None)), f"not found out: {change}"


def allowed(sdk, intent, part, ours, theirs):
    return next((one for one in ALLOWED if one.covers(sdk, intent, part, ours, theirs)), None)


class Stage:
    """A tap before the simulator, and what the intents are about."""

    def __init__(self):
        self.tap = Server(pass_on)
        talk = drive_signalwire.KEEPS_TALKING
        self.documents = Server(lambda _: (200, {"Content-Type": "application/xml"}, talk))
        network.script(TALKER, {"answer": {"talk_ms": network.ENDLESS_MS}})
        self.conversation = None

    def fill(self):
        """More calls than one page has, so that both sides turn pages; and a conversation."""
        for _ in range(CALLS):
            drive_signalwire.place(self.documents, TO)
        self.conversation = drive_elevenlabs.place(TO).conversation_id

    def going_on(self):
        sid = drive_signalwire.place(self.documents, TALKER).sid
        return eventually("an answer", lambda: drive_signalwire.fetched(sid).status == "in-progress" and sid)

    def subject(self, intent):
        """What is asked about: made anew for each side, where the first would leave nothing for the second."""
        if intent in ("look-up-call", "hang-up", "redirect"):
            return self.going_on()
        known = {"call-over-sip-trunk": FROM_ID, "call-over-exotel": EXOTEL_ID}
        known |= {"get-conversation": self.conversation}
        known |= dict.fromkeys(("transcribe", "transcribe-channels"), f"{self.documents.base}/talk.wav")
        return known.get(intent)

    def differences(self, intent, sdk, does):
        """(part, ours, theirs) of whatever is not the same."""
        ours_about, theirs_about = self.subject(intent), self.subject(intent)
        ours, theirs = self.sent_by_us(intent, ours_about), self.sent_by(does, theirs_about)
        assert ours and theirs, "nothing was sent"
        assert (len(ours) > 1) == (intent in PAGED), f"{len(ours)} requests"
        if len(ours) != len(theirs):
            return [("requests", len(ours), len(theirs))]
        pairs = zip(ours, theirs, strict=True)
        return sorted({one for pair in pairs for one in unlike(*map(parts, pair, (ours_about, theirs_about)))}, key=repr)

    def sent_by_us(self, intent, about):
        self.tap.take()
        command = [OURS, self.tap.base, intent, *([about] if about else [])]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert ran.returncode == 0, ran.stderr[-2000:]
        return self.tap.take()

    def sent_by(self, does, about):
        self.tap.take()
        does(self.tap.base, about)
        return self.tap.take()


def unlike(ours, theirs):
    return [(part, ours.get(part), theirs.get(part)) for part in ours.keys() | theirs.keys() if ours.get(part) != theirs.get(part)]


def parts(request, about):
    """All that makes a request, each under its name; what it is about is left out, for each side has its own."""
    path, dot, suffix = request.path.partition(".json")
    account = path.find("/2010-04-01/")
    prefix, path = (path[:account], path[account:]) if account >= 0 else (None, path)
    content_type = request.headers.get_content_type() if request.body else None
    charset = request.headers.get_content_charset() if request.body else None
    found = {
        "method": request.method,
        "prefix": prefix,
        "path": path.replace(about, "(id)") if about else path,
        "suffix": dot + suffix,
        "authorization": request.headers["Authorization"] or request.headers["xi-api-key"],
        "authorization header": "Authorization" if request.headers["Authorization"] else "xi-api-key",
        "content type": content_type,
        "charset": charset,
    }
    found |= grouped("query", request.query)
    if content_type == "application/x-www-form-urlencoded":
        found |= grouped("body", request.form)
    elif content_type == "application/json":
        found |= dict(flat("body", json.loads(request.body)))
    elif request.body:
        found["body"] = request.body
    return found


def grouped(where, pairs):
    """Names with their values, in the order in which a repeated name has them."""
    groups = {}
    for name, value in pairs:
        groups.setdefault(f"{where} {name}", []).append(value)
    return {name: tuple(values) for name, values in groups.items()}


def flat(path, value):
    """Every value of a JSON text under its path, with its kind: true is not 1."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from flat(f"{path}.{name}" if "." in path or " " in path else f"{path} {name}", inner)
    elif isinstance(value, list) and value:
        for at, inner in enumerate(value):
            yield from flat(f"{path}[{at}]", inner)
    else:
        yield path, (type(value).__name__, repr(value))
