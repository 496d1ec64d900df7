"""The pretend phone network under test: where it is, who is there, and its controls."""

import os
import time

import requests

SIMULATOR = os.environ["SDK_CHECK_SIMULATOR"]

# As the simulator is when nobody tells it otherwise, and as carriers/examples/intents has them.
PROJECT = "11111111-2222-4333-8444-555555555555"
TOKEN = "PT-simulator"
SIGNING_KEY = "PSK-simulator"
ELEVENLABS_KEY = "xi-simulator"
ELEVENLABS_SECRET = "wsec-simulator"
DEEPGRAM_KEY = "dg-simulator"

# Of agents and of SIP trunk numbers there are more than one page has, and one number of Exotel's: scripts/sdk-check.sh.
AGENT = "agent_demo"
FROM = "+12025550100"
FROM_ID = "phnum_12025550100"
EXOTEL_ID = "phnum_918012345678"
MANY = 101

PATIENCE_S = 30
# In the time of the simulator: longer than anything here takes.
ENDLESS_MS = 4_000_000_000
INSTANT = {"min": 0, "max": 0}
NEVER = {"min": ENDLESS_MS, "max": ENDLESS_MS}


def control(what, body):
    response = requests.put(f"{SIMULATOR}/_simulator/{what}", json=body, timeout=30)
    assert response.ok, f"{what}: {response.text}"


def script(number, *behaviours):
    """The person at `number` does this, call by call."""
    control("people", {"scripts": {number: list(behaviours)}})


def people(**times):
    """How long everything takes for everybody, each a range of simulated milliseconds; no time where nothing is said."""
    instant = {name: INSTANT for name in ("dial_ms", "ring_ms", "detection_ms", "processing_ms")}
    control("people", {"config": instant | times})


def faults(*names, **timing):
    """From now on exactly these things go wrong, every time."""
    control("faults", {"triggers": {name: {} for name in names}, "timing": timing})


def webhook(url):
    """Where ElevenLabs sends its events; None: nowhere."""
    control("webhook", {"elevenlabs_webhook_url": url})


def eventually(what, ask):
    """Asks until there is something, and returns it."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := ask()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)
    return found
