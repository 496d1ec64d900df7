"""Everything that the vendors' own SDKs can prove of us: see docs/providers.md."""

import claims
import compare_documents
import compare_requests
import drive_deepgram
import drive_elevenlabs
import drive_signalwire
import network
import sign_for_dialer
import verify_simulator
from signatures import signalwire_sdk


def drive_by_signalwire():
    """Proof 1 by SignalWire's SDK, whose claims come as lines."""
    lines = signalwire_sdk("drive", network.SIMULATOR).splitlines()
    assert lines, "it has claimed nothing"
    for line in lines:
        claims.told(line)


for proof in [
    drive_signalwire.drive,
    drive_by_signalwire,
    drive_elevenlabs.drive,
    drive_deepgram.drive,
    verify_simulator.verify,
    sign_for_dialer.sign,
    compare_requests.compare,
    compare_documents.compare,
]:
    with claims.to_its_end(f"{proof.__module__}.{proof.__name__}"):
        network.faults()
        proof()
claims.finish()
