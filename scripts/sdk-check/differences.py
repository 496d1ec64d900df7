"""Where our requests differ from those of the vendors' own SDKs, on purpose: each difference, and why.

A difference that is not here fails the check. So does one that is here and does not occur.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Difference:
    # Which SDKs, and which intents; "*": all of them.
    sdks: tuple
    intents: tuple
    # What differs: the method, the path, a field of query or body …
    part: str
    # What each side sends; None: nothing.
    ours: object
    theirs: object
    reason: str = field(compare=False)

    def covers(self, sdk, intent, part, ours, theirs):
        fits = sdk in self.sdks and ("*" in self.intents or intent in self.intents)
        return fits and (part, ours, theirs) == (self.part, self.ours, self.theirs)


BY_SIGNALWIRE = ("twilio", "signalwire")

ALLOWED = [
    Difference(
        BY_SIGNALWIRE,
        ("*",),
        "prefix",
        "/api/laml",
        "",
        "SignalWire documents the API below /api/laml; its SDK asks for the same below the root of the host",
    ),
    Difference(
        BY_SIGNALWIRE,
        ("*",),
        "suffix",
        "",
        ".json",
        "SignalWire documents the addresses without .json; SDKs descended from Twilio's write it. Both are answered alike",
    ),
]
