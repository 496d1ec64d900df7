"""Proof 1, SignalWire by `twilio`: the SDK whose API SignalWire's follows drives our simulator."""

from datetime import datetime

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

import network
from claims import claim, refusal, same
from models import has_types
from network import FROM, MANY, PROJECT, SIMULATOR, TOKEN, eventually
from server import Server

# SignalWire's own prefix, and the one its SDK asks below. The SDK follows pages from the root of the host, so a list of
# several pages is only found below the second.
PREFIXES = ("/api/laml", "")
STATUSES = ("queued", "ringing", "in-progress", "canceled", "completed", "busy", "failed", "no-answer")
TALKER, BUSY, HELD = "+12125550101", "+12125550102", "+12125550103"
NOBODY = "00000000-0000-4000-8000-000000000000"
KEEPS_TALKING = b"<Response><Pause length='4000000'/></Response>"


def client(prefix="", token=TOKEN):
    made = Client(PROJECT, token)
    made.api.base_url = f"{SIMULATOR}{prefix}"
    return made


def wanted(documents, **more):
    return {"from_": FROM, "url": f"{documents.base}/answer"} | more


def place(documents, to, **more):
    return client().calls.create(to=to, **wanted(documents, **more))


def fetched(sid):
    return client().calls(sid).fetch()


def reaches(sid, status):
    return eventually(f"a call that is {status}", lambda: (call := fetched(sid)).status == status and call)


def is_a_call(call):
    has_types(call, sid=str, date_created=datetime, date_updated=datetime, duration=int, price_unit=str)
    has_types(call, start_time=(datetime, type(None)), end_time=(datetime, type(None)), subresource_uris=dict)
    assert call.status in STATUSES, call.status
    same((call.account_sid, call.api_version), (PROJECT, "2010-04-01"))
    return call


def drive():
    network.people()
    documents = Server(lambda _: (200, {"Content-Type": "application/xml"}, KEEPS_TALKING))
    network.script(BUSY, "busy")
    for number in (TALKER, HELD):
        network.script(number, {"answer": {"talk_ms": network.ENDLESS_MS}})
    calls(documents)
    lists(documents)
    changes(documents)
    numbers()
    recordings(documents)
    errors(documents)
    network.faults()


def calls(documents):
    for prefix in PREFIXES:
        with claim(f"twilio places a call below {prefix or '/'} and reads back what it asked for"):
            asked = wanted(documents, status_callback=f"{documents.base}/status", timeout=30)
            asked |= {"status_callback_event": ["initiated", "ringing", "answered", "completed"]}
            asked |= {"machine_detection": "Enable", "async_amd": "true", "record": True}
            asked |= {"async_amd_status_callback": f"{documents.base}/amd"}
            call = is_a_call(client(prefix).calls.create(to=BUSY, **asked))
            same((call.to, call._from, call.direction), (BUSY, FROM, "outbound-api"))
            assert call.status in ("queued", "ringing", "busy"), call.status
        with claim(f"twilio fetches a call below {prefix or '/'} until it is over"):
            over = is_a_call(eventually("the end", lambda c=call: (f := client(prefix).calls(c.sid).fetch()).end_time and f))
            same((over.sid, over.to, over.status, over.duration), (call.sid, BUSY, "busy", 0))


def lists(documents):
    placed = [place(documents, f"+1303555{n:04}", status_callback=f"{documents.base}/status").sid for n in range(5)]
    with claim("twilio lists the calls to one number, and no others"):
        found = client().calls.list(to="+13035550002")
        same([is_a_call(call).sid for call in found], [placed[2]])
    with claim("twilio follows the pages of a list to its end, newest first, nothing twice"):
        listed = [is_a_call(call).sid for call in client().calls.list(from_=FROM, page_size=2)]
        same(len(set(listed)), len(listed))
        same(listed[:5], placed[::-1])
        assert len(listed) >= 7, listed
    with claim("twilio narrows a list to a status and to a time"):
        same({call.status for call in client().calls.list(status="busy")}, {"busy"})
        long_ago = datetime(2020, 1, 1)
        same(client().calls.list(start_time_before=long_ago), [])
        assert client().calls.list(start_time_after=long_ago), "no call has begun since 2020"


def changes(documents):
    with claim("twilio gives a call that goes on another document"):
        talk = place(documents, TALKER)
        reaches(talk.sid, "in-progress")
        documents.take()
        other = f"{documents.base}/other?to=Sales+Team"
        same(is_a_call(client().calls(talk.sid).update(url=other, method="POST")).sid, talk.sid)
        eventually("the other document", lambda: [one for one in documents.take() if one.url == other])
    with claim("twilio ends a call that goes on"):
        is_a_call(client().calls(talk.sid).update(status="completed"))
        has_types(reaches(talk.sid, "completed"), start_time=datetime, end_time=datetime)
    with claim("twilio takes back a call that nobody has picked up"):
        network.people(ring_ms=network.NEVER)
        ringing = place(documents, HELD)
        reaches(ringing.sid, "ringing")
        client().calls(ringing.sid).update(status="canceled")
        same(is_a_call(fetched(ringing.sid)).status, "canceled")
        network.people()


def numbers():
    with claim("twilio lists the numbers of the project, page by page, and fetches one"):
        listed = client().incoming_phone_numbers.list(page_size=40)
        same(len({number.sid for number in listed}), MANY + 1)
        first = listed[0]
        has_types(first, date_created=datetime, date_updated=datetime, friendly_name=str)
        same((first.phone_number, first.capabilities["voice"], first.account_sid), (FROM, True, PROJECT))
        same(client("/api/laml").incoming_phone_numbers(first.sid).fetch().phone_number, FROM)
    with claim("twilio finds a number by its digits"):
        same([number.phone_number for number in client().incoming_phone_numbers.list(phone_number=FROM)], [FROM])


def recordings(documents):
    with claim("twilio lists the recordings of a call and of the project, and fetches one"):
        talk = place(documents, TALKER, record=True)
        reaches(talk.sid, "in-progress")
        client().calls(talk.sid).update(status="completed")
        [recording] = eventually("the recording", client().calls(talk.sid).recordings.list)
        has_types(recording, date_created=datetime, start_time=datetime, channels=int, duration=int)
        same((recording.call_sid, recording.status, recording.account_sid), (talk.sid, "completed", PROJECT))
        listed = [one.sid for one in client().recordings.list(page_size=1)]
        same((len(set(listed)), listed[0]), (len(listed), recording.sid))
        same([one.sid for one in client().recordings.list(call_sid=talk.sid)], [recording.sid])
        same(client("/api/laml").recordings(recording.sid).fetch().call_sid, talk.sid)
    with claim("twilio's client hears a recording at its own address, and a stranger does not"):
        address = f"{SIMULATOR}{recording.uri}.wav"
        for token, status in ((TOKEN, 200), ("another", 401)):
            same(client(token=token).request("GET", address).status_code, status)


def refused(status, code, do):
    with refusal(TwilioRestException) as caught:
        do()
    same((caught.error.status, caught.error.code), (status, code))
    assert caught.error.msg, caught.error


def errors(documents):
    asked = wanted(documents)
    wrong = [
        ("a number that is none", 21211, {"to": "nobody"}),
        ("a number that cannot be called", 21217, {"to": "+123"}),
        ("a caller's number that is not the project's", 21210, {"to": BUSY, "from_": "+13335550100"}),
        ("no document", 21205, {"to": BUSY, "url": ""}),
        ("a time to ring that is none", 21208, {"to": BUSY, "timeout": -1}),
    ]
    for what, code, fields in wrong:
        with claim(f"twilio reads the refusal of {what} as {code}"):
            refused(400, code, lambda fields=fields: client().calls.create(**(asked | fields)))
    with claim("twilio reads that there is no such call as 20404"):
        refused(404, 20404, client().calls(NOBODY).fetch)
    with claim("twilio reads that its token is wrong as 20003"):
        refused(401, 20003, client(token="another").calls(NOBODY).fetch)
    with claim("twilio reads that a call which is over cannot be changed as 10000"):
        over = place(documents, BUSY)
        reaches(over.sid, "busy")
        refused(400, 10000, lambda: client().calls(over.sid).update(status="completed"))
    # The last two come in the shapes of SignalWire that its model has no code for: lists of errors.
    for fault, status, code in [
        ("create_too_many_requests", 429, 20429),
        ("create_internal_error", 500, 20504),
        ("create_no_balance", 402, None),
        ("create_unavailable", 503, None),
    ]:
        with claim(f"twilio reads {fault.replace('_', ' ')} as HTTP {status}"):
            network.faults(fault)
            with refusal(TwilioRestException) as caught:
                client().calls.create(to=BUSY, **asked)
            same(caught.error.status, status)
            assert code is None or caught.error.code == code, caught.error.code
            network.faults()
