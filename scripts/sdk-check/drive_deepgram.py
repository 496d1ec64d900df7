"""Proof 1, Deepgram by `deepgram-sdk`: the vendor's own SDK drives our simulator, its own models judge the answers."""

from deepgram import DeepgramClient
from deepgram.core.api_error import ApiError
from deepgram.environment import DeepgramClientEnvironment as Environment

import network
from claims import claim, refusal, same
from models import strict
from network import DEEPGRAM_KEY, SIMULATOR
from server import Server

ONCE = {"max_retries": 0}
SAID = ["Hello?", "Hello, this is the demo agent.", "I am calling about your appointment.", "Yes, that suits me."]


def client(key=DEEPGRAM_KEY):
    # The dialer needs no live socket; there is none.
    sockets = {"production": "ws://127.0.0.1:9", "agent": "ws://127.0.0.1:9", "agent_rest": SIMULATOR}
    return DeepgramClient(api_key=key, environment=Environment(base=SIMULATOR, **sockets)).listen.v1.media


def transcribe(url, key=DEEPGRAM_KEY, **asked):
    raw = client(key).with_raw_response
    return strict(raw.transcribe_url(url=url, request_options=ONCE, **({"model": "nova-3"} | asked)))


def drive():
    recordings = Server(lambda request: (200 if request.path == "/talk.wav" else 404, {"Content-Type": "audio/wav"}, b"RIFF"))
    talk = f"{recordings.base}/talk.wav"
    everything = {"smart_format": True, "utterances": True}
    with claim("deepgram transcribes a recording by its address, and its model holds what was said, by voice"):
        heard = transcribe(talk, diarize=True, detect_language=True, **everything)
        same([turn.transcript for turn in heard.results.utterances], SAID)
        same({turn.speaker for turn in heard.results.utterances}, {0, 1})
        [channel] = heard.results.channels
        same((channel.detected_language, heard.metadata.channels), ("en", 1))
        words = channel.alternatives[0].words
        assert words and all(word.end > word.start for word in words), words
        assert heard.metadata.request_id and heard.metadata.duration > 0, heard.metadata
    with claim("deepgram transcribes a recording of two channels, and its model holds each"):
        heard = transcribe(talk, multichannel=True, language="en", **everything)
        same((heard.metadata.channels, len(heard.results.channels)), (2, 2))
        same({turn.channel for turn in heard.results.utterances}, {0, 1})
    with claim("deepgram's simulator fetches the recording as a stranger, without our credentials"):
        fetched = recordings.take()
        assert fetched and all("Authorization" not in one.headers for one in fetched), "it brought credentials"
    errors(talk, recordings.base)
    network.faults()


def refused(status, word, **asked):
    with refusal(ApiError) as caught:
        transcribe(**asked)
    same((caught.error.status_code, caught.error.body["err_code"]), (status, word))
    assert caught.error.body["err_msg"] and caught.error.body["request_id"], caught.error.body
    return caught.error


def errors(talk, base):
    with claim("deepgram reads that its key is wrong"):
        refused(401, "INVALID_AUTH", url=talk, key="another")
    with claim("deepgram reads that a recording cannot be fetched"):
        refused(400, "REMOTE_CONTENT_ERROR", url=f"{base}/nothing.wav")
    with claim("deepgram reads what is wrong with a question, in the newer shape"):
        with refusal(ApiError) as caught:
            transcribe(talk, diarize="perhaps")
        same((caught.error.status_code, caught.error.body["category"]), (400, "INVALID_QUERY_PARAMETER"))
    with claim("deepgram reads that it asked for too much at once, and how long to wait"):
        network.faults("deepgram_too_many", deepgram_retry_after_s=7)
        same(refused(429, "TOO_MANY_REQUESTS", url=talk).headers["retry-after"], "7")
    for fault, status, word in [
        ("deepgram_no_balance", 402, "ASR_PAYMENT_REQUIRED"),
        ("deepgram_unavailable", 503, "SERVICE_UNAVAILABLE"),
    ]:
        with claim(f"deepgram reads {word} as HTTP {status}"):
            network.faults(fault)
            refused(status, word, url=talk)
