"""What the fuzzer has to know that the API's description cannot tell: values of our formats, and which things exist."""

import json
import os
import re
import zlib
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

import jsonschema_rs
import schemathesis
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

with open(os.environ["API_FUZZ_SEEDED"], encoding="utf-8") as seeded:
    SEEDED = json.load(seeded)

# Who asks: somebody who owns what there is; or else "nobody", without a token, or "other", another user.
STRANGER = os.environ.get("API_FUZZ_STRANGER")

# Ids of what the owner has, such as no stranger may learn of, or act on.
OWNED = {id for thing in SEEDED["known"] for id in thing.values() if len(id) > 20 and id != SEEDED["user"]}

# What begins or ends a thing, or takes it away, has things of its own: everybody else's stay.
COMMANDS = {"start": "startable", "end": "endable", "cancel": "endable"}

# With what a single call is placed.
CALLER = {"phoneId": "number", "agentId": "agent"}

# What no schema can tell. Whoever sends it is refused although all of the schema is kept.
BETWEEN_THE_LINES = re.compile(
    r"is not after the start date|is required where scheduleType is scheduled|there is no such user"
    r"|must be later than (fromDate|startDate)|must be left out where `at` is given"
    r"|must be at most 366 days before endDate|only 10000 candidates have pages|must not be given together with cursor"
    r"|must not be ADMIN_TOKEN|must not have more than 500 numbers|is not known: its provider has no such"
    r"|must be part of a phone number"
)


DATES = st.dates(date(1970, 1, 2), date(2999, 12, 30)).map(date.isoformat)
TIMES = st.times().map(lambda time: f"T{time.isoformat()}Z")

for name, values in {
    "contacts-csv": st.lists(st.integers(0, 9999), max_size=5).map(
        lambda rows: "Phone Number;name\n" + "".join(f"+1212555{n:04};Person {n}\n" for n in rows)
    ),
    "cursor": st.just(SEEDED["cursor"]),
    "date-time-or-date": st.builds(str.__add__, DATES, st.just("") | TIMES),
    "date-time-or-local": st.builds(str.__add__, DATES, TIMES | TIMES.map(lambda time: time.removesuffix("Z"))),
    "phone-number": st.integers(0, 9999).map(lambda n: f"+1212555{n:04}"),
    "phone-number-part": st.integers(0, 9999).map(lambda n: f"555-{n:04}"),
    "region": st.sampled_from(["IN", "us", "GB", "DE"]),
    "time-zone": st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "America/Chicago"]),
    "user-id": st.just(SEEDED["user"]),
}.items():
    schemathesis.openapi.format(name, values)


@schemathesis.deserializer("text/csv")
def table(context, response):
    return response.text


def wrong_parts(case):
    """Where in a request something was made to be wrong."""
    return [where for where, part in case.meta.components.items() if part.mode is GenerationMode.NEGATIVE]


@schemathesis.hook
def before_call(context, case, kwargs):
    """Three of four ids are of things that exist. Which, follows from what was generated: the seed decides."""
    if case.path_parameters and case.path_parameters.get("keyId") == SEEDED["own_key"]:
        # All that is asked after it would be refused.
        case.path_parameters["keyId"] = SEEDED["deletable"]["api-keys"][0]["api-keys"]
    if case.meta is None or case.meta.phase.name.value == "stateful":
        return
    wrong = {where.value for where in wrong_parts(case)}
    kinds = re.findall(r"/([^/{}]+)/\{([^}]+)\}", case.operation.path)
    chance = zlib.crc32(json.dumps([case.path_parameters, case.body], default=str, sort_keys=True).encode())
    if chance % 4 == 0:
        return
    if "text/csv" in answered_with(case) and chance // 4 % 2 and "header" not in wrong:
        case.headers["Accept"] = "text/csv"
    things = things_for(case, [kind for kind, _ in kinds]) if kinds and "path" not in wrong else []
    if things:
        thing = things[chance // 4 % len(things)]
        case.path_parameters |= {name: thing[kind] for kind, name in kinds}
    if isinstance(case.body, dict) and "call_id" in case.body and "body" not in wrong:
        case.body["call_id"] = SEEDED["live"]
    if case.operation.path.endswith("/calls/outbound") and isinstance(case.body, dict) and "body" not in wrong:
        case.body |= {name: SEEDED[kind] for name, kind in CALLER.items() if case.body.get(name)}
    if "query" not in wrong:
        agree(case.query, SEEDED["known"][chance // 4 % len(SEEDED["known"])]["campaigns"])


def agree(query, campaign):
    """Makes the parts of a query fit each other: `campaign`, few days, and a cursor or a page."""
    if query.get("campaignId"):
        query["campaignId"] = campaign
    if query.get("startDate"):
        end = date.fromisoformat(str(query.get("endDate") or query["startDate"])[:10])
        query["startDate"] = max(end - timedelta(days=7), date(1970, 1, 1)).isoformat()
        query["endDate"] = query.get("endDate") or end.isoformat()
    if query.get("cursor"):
        query.pop("page", None)


def answered_with(case):
    return case.operation.definition.raw["responses"].get("200", {}).get("content", {})


def things_for(case, kinds):
    """Things of all `kinds` that the operation may have."""
    if case.operation.method.upper() == "DELETE":
        return SEEDED["deletable"].get(kinds[-1], [])
    command = case.operation.path.rsplit("/", 1)[1]
    if command in COMMANDS:
        return SEEDED[COMMANDS[command]]
    return [thing for thing in SEEDED["known"] if thing.keys() >= set(kinds)]


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """False for what no schema can tell."""
    kind = type(failure).__name__
    if kind == "RejectedPositiveData" and response.status_code == 422:
        return not all(BETWEEN_THE_LINES.search(error["message"]) for error in response.json()["errors"])
    if kind == "AcceptedNegativeData":
        # In a query an empty value is as good as none. A body that was made to be wrong may be right by chance.
        query = urlsplit(response.request.url).query
        return "" not in dict(parse_qsl(query, keep_blank_values=True)).values() and not is_right_by_chance(case)
    return True


def is_right_by_chance(case):
    if [where.value for where in wrong_parts(case)] != ["body"]:
        return False
    document, operation = case.operation.schema.raw_schema, case.operation.definition.raw
    schema = operation["requestBody"]["content"][case.media_type]["schema"]
    return jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]}).is_valid(case.body)


@schemathesis.check
def stays_closed(context, response, case):
    """Strangers get nowhere, and learn of nothing that they did not name themselves."""
    if STRANGER is None:
        return
    definition = case.operation.definition.raw
    doors = definition.get("security", case.operation.schema.raw_schema["security"])
    status, request = response.status_code, response.request
    if {} in doors:
        return
    if STRANGER == "nobody":
        # Another address or method than those there are is refused before anybody is asked who they are.
        is_nothing_there = status == 405 or "route_not_found" in response.text
        assert status == 401 or is_nothing_there, f"nobody is answered {status}"
    elif not case.operation.path.startswith("/webhooks/"):
        # In a query it chooses among what is one's own, which may come to nothing.
        of_the_owner = [id for id in OWNED if id in urlsplit(request.url).path]
        assert not of_the_owner or status >= 400 or "/history/" in request.url, f"another user is answered {status}"
    asked = f"{request.url} {request.body}"
    told = [id for id in OWNED if id in response.text and id not in asked]
    assert not told, f"a stranger is told of {told}"
