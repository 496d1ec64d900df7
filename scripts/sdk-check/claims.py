"""What is claimed, and how many of the claims hold. Each is one line: `ok …`, or `FAILED …: why`."""

import os
import sys
import traceback
from contextlib import contextmanager

HERE = os.path.dirname(os.path.abspath(__file__))

PASSED, FAILED = "ok", "FAILED"
counts = {PASSED: 0, FAILED: 0}


@contextmanager
def claim(words):
    """The claim holds where nothing is raised. Whatever is raised ends here, so that the other claims are heard as well."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - an SDK may raise anything
        told(f"{FAILED} {words}: {why(error)} ({where(error)})")
    else:
        told(f"{PASSED} {words}")


@contextmanager
def to_its_end(words):
    """What is done in here is no claim, but must not fail either: claims would be missing."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - an SDK may raise anything
        told(f"{FAILED} {words} did not come to its end: {why(error)} ({where(error)})")


def why(error):
    return f"{type(error).__name__}: {error}".replace("\n", " ")[:1000]


def where(error):
    """The last line of a script of ours that led to the error, and did more than compare."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if os.path.dirname(frame.filename) == HERE]
    frames = [frame for frame in frames if frame.filename != __file__] or frames
    return f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}"


def told(line):
    """Counts a line that says what became of a claim."""
    counts[line.split(" ", 1)[0]] += 1
    print(line, flush=True)


def same(actual, wanted):
    assert actual == wanted, f"it is {actual!r}, not {wanted!r}"


@contextmanager
def refusal(kind):
    """What is done in here must be refused with an error of `kind`, which is in `.error` afterwards."""
    caught = type("Caught", (), {"error": None})()
    try:
        yield caught
    except kind as error:
        caught.error = error
    assert caught.error is not None, f"nothing was refused, {kind.__name__} was expected"


def finish():
    """Says how many claims held, and ends the program."""
    print(f"{counts[PASSED]} passed, {counts[FAILED]} failed", flush=True)
    sys.exit(1 if counts[FAILED] or not counts[PASSED] else 0)
