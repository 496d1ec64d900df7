"""Fills a dialer through its API: campaigns in every status, contacts, calls that took place.

    seed.py BASE TOKEN FILE

Writes into FILE which things exist, for those who ask about them.
"""

import json
import sys
import time

import requests

KEPT = 24
DELETABLE = 60
ENDABLE = 24
PATIENCE_S = 60

base, token, path = sys.argv[1:]
session = requests.Session()
session.headers["Authorization"] = f"Bearer {token}"


def ask(method, address, body=None):
    response = session.request(method, base + address, json=body, timeout=30)
    assert response.ok, f"{method} {address}: {response.status_code} {response.text}"
    return response.json()


def campaign(name, **fields):
    needed = {"name": name, "phoneNumber": "+12025550100", "voiceAgentId": "agent_demo", "retryDelay": 1}
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


def in_status(number):
    """A campaign of few contacts, in one of the statuses that a command leads to. Nobody is called: it begins in 2090."""
    made = campaign(f"Kept {number}", startDate="2090-01-01", tags=["kept"], metadata={"number": number})
    contacts(made, 213, 3)
    for status in [[], ["waiting_for_approval"], ["active"], ["active", "paused"]][number % 4]:
        ask("PUT", f"/api/campaigns/{made}", {"status": status})
    return made


def main():
    first = called()
    kept = [first, *(in_status(n) for n in range(KEPT))]
    deletable = [campaign(f"Deletable {n}", startDate="2090-01-01") for n in range(DELETABLE)]
    endable = [in_status(n) for n in range(ENDABLE)]
    user = ask("GET", f"/api/v1/campaigns/{first}")["data"]["userId"]["_id"]
    known = []
    for made in kept:
        people = ask("GET", f"/api/campaigns/{made}/contacts?limit=5")["contacts"]
        for person in people:
            known.append({"campaigns": made, "contacts": str(person["id"]), "history": person["phoneNumber"]})
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"known": known, "deletable": deletable, "endable": endable, "user": user}, file)


main()
