"""Proof 1, ElevenLabs by `elevenlabs`: the vendor's own SDK drives our simulator, its own models judge the answers."""

from xml.etree import ElementTree

from elevenlabs import ElevenLabs
from elevenlabs.core.api_error import ApiError
from elevenlabs.types import ConversationInitiationClientDataRequestInput as ClientData
from elevenlabs.types import TelephonyCallConfigInput as Telephony

import network
from claims import claim, refusal, same
from models import known, strict
from network import AGENT, ELEVENLABS_KEY, EXOTEL_ID, FROM, FROM_ID, MANY, SIMULATOR, eventually

AGREES, BUSY, MACHINE, GONE = "+12125550111", "+12125550112", "+12125550113", "+12125550114"
# The SDK asks again by itself where an answer may change; here each answer counts.
ONCE = {"max_retries": 0}


def client(key=ELEVENLABS_KEY):
    return ElevenLabs(api_key=key, base_url=SIMULATOR).conversational_ai


def data(user="user-1"):
    return known(ClientData(user_id=user, dynamic_variables={"first_name": "Ann", "visits": 3, "is_member": True}))


def place(to, line="sip_trunk", number=FROM_ID, user="user-1"):
    asked = {"agent_id": AGENT, "agent_phone_number_id": number, "to_number": to, "request_options": ONCE}
    asked |= {"conversation_initiation_client_data": data(user)}
    asked |= {"telephony_call_config": known(Telephony(ringing_timeout_secs=30))}
    return strict(getattr(client(), line).with_raw_response.outbound_call(**asked))


def over(conversation_id):
    get = client().conversations.with_raw_response.get
    return eventually("the end", lambda: (c := strict(get(conversation_id))).status in ("done", "failed") and c)


def drive():
    network.people()
    network.script(AGREES, {"answer": {"talk_ms": 20_000}})
    network.script(BUSY, "busy")
    network.script(MACHINE, "voicemail")
    network.script(GONE, "no_answer")
    agents_and_numbers()
    calls()
    conversations()
    errors()
    network.faults()


def agents_and_numbers():
    with claim("elevenlabs lists the agents page by page, and its model holds each"):
        listed, cursor = [], None
        while True:
            page = strict(client().agents.with_raw_response.list(page_size=40, cursor=cursor))
            listed += [agent.agent_id for agent in page.agents]
            cursor = page.next_cursor
            same(page.has_more, cursor is not None)
            if not page.has_more:
                break
        same((listed[0], len(set(listed)), len(listed)), (AGENT, MANY, MANY))
    with claim("elevenlabs fetches an agent, and its model holds it"):
        same(strict(client().agents.with_raw_response.get(AGENT)).agent_id, AGENT)
    with claim("elevenlabs lists the numbers, and its model of their kind holds each"):
        numbers = strict(client().phone_numbers.with_raw_response.list())
        same(len(numbers), MANY + 1)
        first = numbers[0]
        same((first.phone_number, first.phone_number_id, first.provider), (FROM, FROM_ID, "sip_trunk"))
        same((first.assigned_agent.agent_id, first.supports_outbound), (AGENT, True))
    with claim("elevenlabs lists the numbers of one kind only"):
        for provider, count in (("sip_trunk", MANY), ("exotel", 1), ("twilio", 0)):
            found = strict(client().phone_numbers.with_raw_response.list(provider=provider))
            same([number.provider for number in found], [provider] * count)


def calls():
    with claim("elevenlabs announces a call and gets a document that connects it"):
        asked = {"agent_id": AGENT, "from_number": FROM, "to_number": AGREES, "direction": "outbound"}
        asked |= {"conversation_initiation_client_data": data("user-announced")}
        document = client().twilio.register_call(**asked)
        stream = ElementTree.fromstring(document).find("./Connect/Stream")
        assert stream is not None and stream.get("url").startswith("wss://"), document
    with claim("elevenlabs' model holds a conversation that was only announced"):
        [entry] = strict(client().conversations.with_raw_response.list(user_id="user-announced")).conversations
        talk = strict(client().conversations.with_raw_response.get(entry.conversation_id))
        same((talk.status, talk.metadata.phone_call), ("initiated", None))
    with claim("elevenlabs calls over a SIP trunk, and its model holds the answer"):
        placed = place(AGREES)
        same(placed.success, True)
        assert placed.conversation_id and placed.sip_call_id, placed
    with claim("elevenlabs calls over Exotel, and its model holds the answer"):
        placed = place(AGREES, "exotel", EXOTEL_ID)
        same(placed.success, True)
        assert placed.conversation_id and placed.call_sid, placed
        same(over(placed.conversation_id).metadata.phone_call.type, "exotel")
    with claim("elevenlabs reads that nobody was called, though HTTP says 200"):
        network.faults("outbound_refused")
        refused = place(AGREES)
        same((refused.success, refused.conversation_id, refused.sip_call_id), (False, None, None))
        network.faults()


def conversations():
    with claim("elevenlabs follows a conversation to its end, and its model holds every state of it"):
        network.people(processing_ms={"min": 100_000, "max": 100_000})
        placed = place(AGREES, user="user-of-one")
        talk, states = None, []
        get = client().conversations.with_raw_response.get
        while talk is None or talk.status not in ("done", "failed"):
            talk = strict(get(placed.conversation_id))
            states += [talk.status] if talk.status not in states[-1:] else []
        same((states[-1], set(states) <= {"initiated", "in-progress", "processing", "done"}), ("done", True))
        assert "processing" in states, states
        network.people()
    with claim("elevenlabs reads of a conversation who spoke, how it went, and what was handed over"):
        same((talk.user_id, talk.agent_id), ("user-of-one", AGENT))
        same({turn.role for turn in talk.transcript}, {"agent", "user"})
        same(talk.analysis.call_successful, "success")
        assert talk.analysis.transcript_summary and talk.metadata.call_duration_secs >= 20, talk.metadata
        same(talk.conversation_initiation_client_data.dynamic_variables["visits"], 3)
        call = talk.metadata.phone_call
        same((call.type, call.call_result, call.external_number), ("sip_trunking", "answered", AGREES))
    for number, status, result in ((BUSY, "failed", "busy"), (GONE, "failed", "no_answer"), (MACHINE, "done", "voicemail")):
        with claim(f"elevenlabs reads of a call that it was {result}"):
            talk = over(place(number, user="user-of-others").conversation_id)
            same((talk.status, talk.metadata.phone_call.call_result), (status, result))
    with claim("elevenlabs lists conversations page by page, and narrows the list"):
        listed, cursor = [], None
        while not listed or cursor:
            asked = {"agent_id": AGENT, "user_id": "user-of-others", "call_start_after_unix": 1_700_000_000}
            page = strict(client().conversations.with_raw_response.list(**asked, page_size=2, cursor=cursor))
            listed += [entry.conversation_id for entry in page.conversations]
            cursor = page.next_cursor
            same(page.has_more, cursor is not None)
        same((len(listed), len(set(listed))), (3, 3))
        same(strict(client().conversations.with_raw_response.list(agent_id="agent_1")).conversations, [])


def refused(status, do, *path):
    """What the SDK raises must be of that status; returns what stands at `path` in its body."""
    with refusal(ApiError) as caught:
        do()
    same(caught.error.status_code, status)
    found = caught.error.body
    for step in path:
        found = found[step]
    return found


def errors():
    with claim("elevenlabs reads that its key is wrong"):
        stranger = client("another").agents
        same(refused(401, lambda: stranger.list(request_options=ONCE), "detail", "status"), "invalid_api_key")
    with claim("elevenlabs reads that there is no such agent, no such number, and no such conversation"):
        refused(404, lambda: client().agents.get("agent_x", request_options=ONCE), "detail", "message")
        refused(404, lambda: place(AGREES, number="phnum_x"), "detail", "message")
        refused(404, lambda: client().conversations.get("conv_x", request_options=ONCE), "detail", "message")
    with claim("elevenlabs reads that a number is of another kind"):
        same(refused(400, lambda: place(AGREES, "exotel"), "detail", "param"), "agent_phone_number_id")
    with claim("elevenlabs reads which field is wrong"):
        same(refused(422, lambda: place("nobody"), "detail", 0, "loc"), ["body", "to_number"])
    for fault, status, word, meaning in [
        ("quota_exceeded", 401, "code", "quota_exceeded"),
        ("rate_limit_exceeded", 429, "code", "rate_limit_exceeded"),
        ("too_many_concurrent_requests", 429, "status", "too_many_concurrent_requests"),
        ("register_call_too_many", 429, "code", "concurrent_limit_exceeded"),
    ]:
        with claim(f"elevenlabs reads {meaning} as HTTP {status}"):
            network.faults(fault)
            asked = {"agent_id": AGENT, "from_number": FROM, "to_number": AGREES, "request_options": ONCE}
            same(refused(status, lambda a=asked: client().twilio.register_call(**a), "detail", word), meaning)
            network.faults()
