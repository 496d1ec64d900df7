"""Proof 4, the SDKs' side: what carriers/examples/intents does, done with the vendors' own SDKs.

An intent's name is that of the program's argument. `INTENTS` has for each which SDKs can do it, and how.
"""

from deepgram import DeepgramClient
from deepgram.environment import DeepgramClientEnvironment as Environment
from elevenlabs import ElevenLabs
from elevenlabs.types import AgentConfigOverrideInput as Agent
from elevenlabs.types import ConversationConfigClientOverrideInput as Overrides
from elevenlabs.types import ConversationConfigOverride as Conversation
from elevenlabs.types import ConversationInitiationClientDataRequestInput as ClientData
from elevenlabs.types import PromptAgentApiModelOverrideInput as Prompt
from elevenlabs.types import TelephonyCallConfigInput as Telephony
from elevenlabs.types import TtsConversationalConfigOverride as Voice
from twilio.rest import Client

from models import known
from network import AGENT, DEEPGRAM_KEY, ELEVENLABS_KEY, FROM, PROJECT, TOKEN
from signatures import signalwire_sdk

TO = "+12125550142"
CALL_ID = "0190c7a0-0000-7000-8000-000000000042"
WEBHOOKS = "http://127.0.0.1:9/webhooks/signalwire/calls/1"
PAGE_SIZE = 100
# Our client looks a minute further back than it is told to, for clocks that differ.
SINCE_UNIX = 1_700_000_000
ONCE = {"max_retries": 0}

CALL = {
    "to": TO,
    "from_": FROM,
    "url": f"{WEBHOOKS}/answer",
    "status_callback": f"{WEBHOOKS}/status",
    "status_callback_event": ["initiated", "ringing", "answered", "completed"],
    "timeout": 30,
}
IN_FULL = CALL | {
    "machine_detection": "Enable",
    "async_amd": "true",
    "async_amd_status_callback": f"{WEBHOOKS}/amd",
    "record": True,
    "recording_status_callback": f"{WEBHOOKS}/recording",
    "recording_status_callback_event": ["completed"],
}


def twilio(do):
    def intend(base, id):
        client = Client(PROJECT, TOKEN)
        # Below the root of the host: the SDK would look for further pages below the prefix twice.
        client.api.base_url = base
        do(client, id)

    return intend


def signalwire(name):
    return lambda base, id: signalwire_sdk("intent", base, name, *([id] if id else []))


def elevenlabs(do):
    return lambda base, id: do(ElevenLabs(api_key=ELEVENLABS_KEY, base_url=base).conversational_ai, id)


def deepgram(do):
    def intend(base, id):
        sockets = {"production": "ws://127.0.0.1:9", "agent": "ws://127.0.0.1:9", "agent_rest": base}
        client = DeepgramClient(api_key=DEEPGRAM_KEY, environment=Environment(base=base, **sockets))
        do(client.listen.v1.media, id)

    return intend


def client_data():
    override = Overrides(
        agent=Agent(language="en", first_message="Hello Ann.", prompt=Prompt(prompt="You are kind.")),
        tts=Voice(voice_id="voice_demo"),
        conversation=Conversation(max_duration_seconds=600),
    )
    variables = {"first_name": "Ann", "visits": 3, "is_member": True, "call_id": CALL_ID}
    return known(ClientData(user_id=CALL_ID, dynamic_variables=variables, conversation_config_override=override))


def call(number_id):
    asked = {"agent_id": AGENT, "agent_phone_number_id": number_id, "to_number": TO}
    asked |= {"telephony_call_config": known(Telephony(ringing_timeout_secs=30))}
    return asked | {"conversation_initiation_client_data": client_data(), "request_options": ONCE}


def announcement():
    asked = {"agent_id": AGENT, "from_number": FROM, "to_number": TO, "direction": "outbound"}
    return asked | {"conversation_initiation_client_data": client_data(), "request_options": ONCE}


def all_agents(sdk, _):
    page = sdk.agents.list(page_size=PAGE_SIZE)
    while page.has_more:
        page = sdk.agents.list(page_size=PAGE_SIZE, cursor=page.next_cursor)


def find_conversation(sdk, _):
    sdk.conversations.list(agent_id=AGENT, user_id=CALL_ID, call_start_after_unix=SINCE_UNIX, page_size=30)


def both(name, by_twilio):
    return {"twilio": twilio(by_twilio), "signalwire": signalwire(name)}


LISTED = {"to": TO, "from_": FROM, "page_size": PAGE_SIZE}
REDIRECTED = {"url": f"{WEBHOOKS}/transfer?to=Sales+Team", "method": "POST"}
HEARD = {"model": "nova-3", "smart_format": True, "utterances": True, "request_options": ONCE}

INTENTS = {
    "place-call": both("place-call", lambda sdk, _: sdk.calls.create(**CALL)),
    "place-call-in-full": both("place-call-in-full", lambda sdk, _: sdk.calls.create(**IN_FULL)),
    "look-up-call": both("look-up-call", lambda sdk, id: sdk.calls(id).fetch()),
    "list-calls": both("list-calls", lambda sdk, _: sdk.calls.list(**LISTED)),
    "hang-up": both("hang-up", lambda sdk, id: sdk.calls(id).update(status="completed")),
    "redirect": both("redirect", lambda sdk, id: sdk.calls(id).update(**REDIRECTED)),
    "list-numbers": both("list-numbers", lambda sdk, _: sdk.incoming_phone_numbers.list(page_size=PAGE_SIZE)),
    "register-call": {"elevenlabs": elevenlabs(lambda sdk, _: sdk.twilio.register_call(**announcement()))},
    "call-over-sip-trunk": {"elevenlabs": elevenlabs(lambda sdk, id: sdk.sip_trunk.outbound_call(**call(id)))},
    "call-over-exotel": {"elevenlabs": elevenlabs(lambda sdk, id: sdk.exotel.outbound_call(**call(id)))},
    "get-conversation": {"elevenlabs": elevenlabs(lambda sdk, id: sdk.conversations.get(id))},
    "find-conversation": {"elevenlabs": elevenlabs(find_conversation)},
    "list-agents": {"elevenlabs": elevenlabs(all_agents)},
    "list-phone-numbers": {"elevenlabs": elevenlabs(lambda sdk, _: sdk.phone_numbers.list())},
    "find-phone-number": {"elevenlabs": elevenlabs(lambda sdk, _: sdk.phone_numbers.list(provider="sip_trunk"))},
    "transcribe": {
        "deepgram": deepgram(lambda sdk, id: sdk.transcribe_url(url=id, diarize=True, detect_language=True, **HEARD))
    },
    "transcribe-channels": {
        "deepgram": deepgram(lambda sdk, id: sdk.transcribe_url(url=id, multichannel=True, language="en", **HEARD))
    },
}
