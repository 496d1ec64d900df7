"""The vendors' own signers and verifiers of webhooks, and what is done to a webhook to have it refused."""

import hashlib
import hmac
import json
import os
import subprocess
import time
from dataclasses import dataclass, replace

from elevenlabs import ElevenLabs
from elevenlabs.errors import BadRequestError
from twilio.request_validator import RequestValidator

HERE = os.path.dirname(os.path.abspath(__file__))
ANOTHER_KEY = "another-key"


def signalwire_sdk(*arguments, given=None):
    """What SignalWire's SDK says: see signalwire_sdk.js."""
    command = ["node", f"{HERE}/signalwire_sdk.js", *arguments]
    ran = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout


@dataclass(frozen=True)
class Form:
    """A request of SignalWire: an address, fields, and what claims to prove who sent it."""

    url: str
    params: dict
    signature: str
    key: str

    def flips(self):
        """The same with one thing changed: what was changed, and the form."""
        fields = self.params or {"CallStatus": "completed"}
        name, value = next(reversed(fields.items()))
        yield "its body", replace(self, params=fields | {name: f"{value}0"})
        yield "its address", replace(self, url=self.url.replace("?", "?more=1&") if "?" in self.url else f"{self.url}?more=1")
        flipped = ("B" if self.signature[0] == "A" else "A") + self.signature[1:]
        yield "its signature", replace(self, signature=flipped)
        yield "the key", replace(self, key=ANOTHER_KEY)


def by_twilio(form):
    return RequestValidator(form.key).validate(form.url, form.params, form.signature)


def by_signalwire(form):
    given = [{"key": form.key, "url": form.url, "params": form.params, "signature": form.signature}]
    [verdict] = json.loads(signalwire_sdk("verify", given=given))
    return verdict


def signed_by_twilio(key, url, params):
    return RequestValidator(key).compute_signature(url, params)


def signed_by_signalwire(key, url, params):
    [signature] = json.loads(signalwire_sdk("sign", given=[{"key": key, "url": url, "params": params}]))
    return signature


def event_by_elevenlabs(body, header, secret):
    """The event in `body`; None where ElevenLabs' SDK does not believe it."""
    try:
        return ElevenLabs(api_key="none").webhooks.construct_event(body, header, secret)
    except BadRequestError:
        return None


def header_of_elevenlabs(body, secret, age_s=0):
    """Their SDK only verifies. So this is ours; whoever uses it has their verifier judge it first."""
    at = int(time.time()) - age_s
    digest = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v0={digest}"
