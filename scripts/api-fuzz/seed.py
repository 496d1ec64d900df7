"""Fills a dialer through its API: campaigns in every status, contacts, calls that took place and what was said in them, and
one that goes on.

    seed.py BASE

Asks with the token in API_FUZZ_TOKEN. Writes into the file API_FUZZ_SEEDED which things exist, for those who ask about them.
"""

import json
import os
import sys
import time

import requests

KEPT = 24
DELETABLE = 60
ENDABLE = 24
STARTABLE = 24
# A user has at most a hundred.
KEYS = 40
PATIENCE_S = 60
# In the time of the simulator, which goes by a hundred times as fast.
TALK_MS = 1_000_000_000

# What the simulator offers, and single calls have where they name nothing else.
NUMBER = os.environ["OUTBOUND_PHONE_NUMBER"]
AGENT = os.environ["OUTBOUND_AGENT_ID"]

[base] = sys.argv[1:]
session = requests.Session()
session.headers["Authorization"] = f"Bearer {os.environ['API_FUZZ_TOKEN']}"


def ask(method, address, body=None):
    response = session.request(method, base + address, json=body, timeout=30)
    assert response.ok, f"{method} {address}: {response.status_code} {response.text}"
    return response.json()


def campaign(name, **fields):
    needed = {"name": name, "phoneNumber": NUMBER, "voiceAgentId": AGENT, "retryDelay": 1}
    return ask("POST", "/api/campaigns", needed | fields)["campaign"]["id"]


def contacts(campaign_id, area, count):
    rows = [
        {"phoneNumber": f"+1{area}555{n:04}", "name": f"Person {n}", "email": f"p{n}@example.com", "metadata": {"n": n}}
        for n in range(count)
    ]
    ask("POST", f"/api/v1/campaigns/{campaign_id}/contacts", {"contacts": rows})


def called():
    """A campaign whose contacts were all called."""
    made = campaign("Calls that took place", maxConcurrentCalls=10, callAttemptsPerContact=2)
    contacts(made, 212, 40)
    ask("POST", f"/api/campaigns/{made}/start")
    deadline = time.monotonic() + PATIENCE_S
    while ask("GET", f"/api/campaigns/{made}")["campaign"]["status"] != "completed":
        assert time.monotonic() < deadline, "the calls do not come to an end"
        time.sleep(0.2)
    return made


def talking():
    """The id of a call that goes on until everything was asked: the simulator is told who talks that long."""
    simulator = os.environ["ELEVENLABS_BASE_URL"]
    scripts = {"+12155550000": [{"answer": {"talk_ms": TALK_MS}}]}
    requests.put(f"{simulator}/_simulator/people", json={"scripts": scripts}, timeout=30).raise_for_status()
    made = campaign("A call that goes on")
    contacts(made, 215, 1)
    ask("POST", f"/api/campaigns/{made}/start")
    deadline = time.monotonic() + PATIENCE_S
    while not (calls := ask("GET", f"/api/campaigns/{made}/calls?status=in-progress")["calls"]):
        assert time.monotonic() < deadline, "nobody picks up"
        time.sleep(0.2)
    return calls[0]["id"]


def in_status(number):
    """A campaign of few contacts, in one of the statuses that a command leads to. Nobody is called: it begins in 2090."""
    made = campaign(f"Kept {number}", startDate="2090-01-01", tags=["kept"], metadata={"number": number})
    contacts(made, 213, 3)
    for status in [[], ["waiting_for_approval"], ["active"], ["active", "paused"]][number % 4]:
        ask("PUT", f"/api/campaigns/{made}", {"status": status})
    return made


def people_of(made):
    """Each contact of a campaign, with its campaign."""
    people = ask("GET", f"/api/campaigns/{made}/contacts?limit=100")["contacts"]
    return [{"campaigns": made, "contacts": str(person["id"]), "history": person["phoneNumber"]} for person in people]


def calls_of(made):
    """Each call of a campaign in which something was said, with its contact and its campaign."""
    people = {person["contacts"]: person for person in people_of(made)}
    talks = ask("GET", f"/api/campaigns/{made}/conversations?limit=100")["conversations"]
    assert talks, "nothing was said in any call"
    told = ask("GET", f"/api/campaigns/{made}/conversations/{talks[0]['id']}")["conversation"]
    assert told["transcript"], "nobody knows what was said"
    return [people[str(talk["contactId"])] | {"calls": talk["callId"], "conversations": talk["id"]} for talk in talks]


def keys_of(user):
    """The id of the key that this script itself asks with, and keys that may be taken back."""
    keys = f"/api/v1/users/{user}/api-keys"
    own = ask("GET", keys)["data"][0]["id"]
    made = [ask("POST", keys, {"name": f"Deletable {n}"})["data"]["id"] for n in range(KEYS)]
    return own, [{"users": user, "api-keys": key} for key in made]


def suppressed(area, count):
    """Numbers that must not be called, and nobody calls."""
    numbers = [{"phoneNumber": f"+1{area}555{n:04}", "reason": f"Reason {n}"} for n in range(count)]
    made = [ask("POST", "/api/suppressions", number)["suppression"]["id"] for number in numbers]
    return [{"suppressions": suppression} for suppression in made]


def main():
    first = called()
    kept = [in_status(n) for n in range(KEPT)]
    crowd = campaign("Of deletable contacts", startDate="2090-01-01")
    contacts(crowd, 214, DELETABLE)
    deletable = {
        "campaigns": [{"campaigns": campaign(f"Deletable {n}", startDate="2090-01-01")} for n in range(DELETABLE)],
        "contacts": people_of(crowd),
    }
    endable = [{"campaigns": in_status(n)} for n in range(ENDABLE)]
    startable = [{"campaigns": campaign(f"Startable {n}", startDate="2090-01-01")} for n in range(STARTABLE)]
    user = ask("GET", "/api/v1/users/me")["data"]["_id"]
    own_key, deletable["api-keys"] = keys_of(user)
    [kept_suppression] = suppressed(216, 1)
    deletable["suppressions"] = suppressed(217, DELETABLE)
    people = calls_of(first) + [person for made in kept for person in people_of(made)]
    known = [person | {"users": user} | kept_suppression for person in people]
    cursor = ask("GET", "/api/v1/analytics/calls/logs?limit=1")["data"]["pagination"]["nextCursor"]
    with open(os.environ["API_FUZZ_SEEDED"], "w", encoding="utf-8") as file:
        things = {"known": known, "deletable": deletable, "endable": endable, "startable": startable}
        ids = {"user": user, "own_key": own_key, "cursor": cursor, "number": NUMBER, "agent": AGENT}
        json.dump(things | ids | {"live": talking()}, file)


main()
