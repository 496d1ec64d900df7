"""Proof 4, the documents that lead a call: ours say what those say that the vendors' SDKs write."""

import json
import os
import subprocess
from xml.etree import ElementTree

from twilio.twiml.voice_response import VoiceResponse

from claims import claim, same
from intents import TO, WEBHOOKS
from network import FROM
from signatures import signalwire_sdk

OURS = os.environ["SDK_CHECK_INTENTS"]
NOWHERE = "http://127.0.0.1:9"
ACTION = f"{WEBHOOKS}/dial-result?a=1&b=%3C2%3E"
AGENT = "sip:+12025550100@sip.rtc.elevenlabs.io:5060;transport=tcp"


def dial(**attributes):
    response = VoiceResponse()
    return response, response.dial(caller_id=FROM, action=ACTION, **attributes)


def hang_up():
    response = VoiceResponse()
    response.hangup()
    return response


def dial_agent():
    response, leg = dial(answer_on_bridge=True, time_limit=1800)
    leg.sip(AGENT)
    return response


def dial_number():
    response, leg = dial(timeout=25, time_limit=14400)
    leg.number(TO)
    return response


DOCUMENTS = {
    "document-hang-up": hang_up,
    "document-dial-agent": dial_agent,
    "document-dial-number": dial_number,
}


def compare():
    for name, written in DOCUMENTS.items():
        ran = subprocess.run([OURS, NOWHERE, name], capture_output=True, text=True, timeout=60, check=True)
        theirs = {"twilio": str(written()), "signalwire": json.loads(signalwire_sdk("document", name))}
        for sdk, document in theirs.items():
            with claim(f"{name}: ours says what the one of {sdk} says"):
                same(tree(ran.stdout), tree(document))


def tree(document):
    """What a document says; the order of attributes and the blanks between elements say nothing."""

    def said(element):
        return element.tag, element.attrib, (element.text or "").strip(), [said(child) for child in element]

    return said(ElementTree.fromstring(document.strip()))
