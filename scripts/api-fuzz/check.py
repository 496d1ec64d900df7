"""What needs no chance: strangers are refused everywhere, NUL does no harm, and every example fits its own schema.

    check.py BASE
"""

import json
import os
import re
import sys

import jsonschema_rs
import requests

[base] = sys.argv[1:]
# Which token opens what: the schemes of the document.
TOKENS = {"bearer": os.environ["API_FUZZ_TOKEN"], "agent_tools": os.environ["API_FUZZ_TOOLS_TOKEN"]}
with open(os.environ["API_FUZZ_SEEDED"], encoding="utf-8") as file:
    THING = json.load(file)["known"][0]
DOCUMENT = requests.get(f"{base}/api/openapi.json", timeout=30).json()
ME = requests.get(f"{base}/api/v1/users/me", headers={"Authorization": f"Bearer {TOKENS['bearer']}"}, timeout=30).json()
IS_ADMINISTRATOR = ME["data"]["role"] == "admin"
ADMINISTRATORS_ONLY = ["/api/v1/users"]
METHODS = ("get", "put", "post", "patch", "delete")
wrong = []


def operations():
    for address, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), address, item[method]


def validator(schema):
    # References in it are to the document's components.
    return jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def resolved(node):
    while "$ref" in node:
        found = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def check(what, schema, example):
    for error in validator(schema).iter_errors(example):
        wrong.append(f"{what}: the example does not fit: {error.instance_path}: {error.message}")


def fill(address):
    def value(match):
        return f"{match[1]}/{THING.get(match[1], '1')}"

    return re.sub(r"([^/]+)/\{[^}]+\}", value, address)


def door(operation):
    """The scheme whose token the operation asks for; none where it is open to everybody."""
    schemes = [scheme for one in operation.get("security", DOCUMENT["security"]) for scheme in one or [None]]
    return None if None in schemes else schemes[0]


def carrying(token):
    return {"Authorization": f"Bearer {token}"}


def refuse_strangers():
    """Without a token, with one that nobody has, and with one that opens other doors."""
    refusal = validator({"$ref": "#/components/schemas/ErrorBody"})
    for method, address, operation in operations():
        opened_by = door(operation)
        if opened_by is None:
            continue
        others = [token for scheme, token in TOKENS.items() if scheme != opened_by]
        for header in ({}, *map(carrying, ["nobody-has-this-token", *others])):
            answer = requests.request(method, base + fill(address), headers=header, timeout=30)
            if answer.status_code != 401 or not refusal.is_valid(answer.json()):
                wrong.append(f"{method} {address} answers a stranger {answer.status_code}")
        # Where there is no 200 the answer is no HTTP any more: a WebSocket.
        if method == "GET" and "200" in operation["responses"]:
            answer = requests.request(method, base + fill(address), headers=carrying(TOKENS[opened_by]), timeout=30)
            expected = 403 if address in ADMINISTRATORS_ONLY and not IS_ADMINISTRATOR else 200
            if answer.status_code != expected:
                wrong.append(f"{method} {fill(address)} answers its owner {answer.status_code}: {answer.text}")


def texts(value, path=()):
    """Where in `value` texts are."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, (dict, list)):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from texts(part, (*path, key))


def with_nul(value, path):
    """`value` with the character NUL in the text at `path`."""
    if not path:
        return value + "\0"
    changed = value.copy()
    changed[path[0]] = with_nul(value[path[0]], path[1:])
    return changed


def send_nul():
    """Databases choke on it: whatever can hold a text is sent one with it."""
    for method, address, operation in operations():
        headers = carrying(TOKENS[door(operation) or "bearer"])
        requests_with_nul = []
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                requests_with_nul.append({"params": {parameter["name"]: "a\0b"}})
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            example = resolved(content["schema"]).get("example")
            bodies = [with_nul(example, path) for path in texts(example)]
            for body in bodies if kind == "text/csv" else map(json.dumps, bodies):
                requests_with_nul.append({"data": body.encode(), "headers": {"Content-Type": kind}})
        for sent in requests_with_nul:
            sent["headers"] = headers | sent.get("headers", {})
            answer = requests.request(method, base + fill(address), timeout=30, **sent)
            if answer.status_code >= 500:
                wrong.append(f"{method} {address} answers {answer.status_code} to NUL: {sent}")


def examine_bodies():
    """Every JSON body has an example, its own or its schema's."""
    for method, address, operation in operations():
        bodies = {"request": operation.get("requestBody", {})} | operation["responses"]
        for name, body in bodies.items():
            for kind, content in resolved(body).get("content", {}).items():
                what = f"{method} {address} {name} {kind}"
                schema = content.get("schema", {})
                given = [content["example"]] if "example" in content else []
                given += [resolved(one)["value"] for one in content.get("examples", {}).values()]
                target = resolved(schema)
                given += [target["example"]] if "example" in target else target.get("examples", [])
                if not given:
                    wrong.append(f"{what}: has no example")
                for example in given:
                    check(what, schema, example)


def examine_schemas():
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for field, part in {"": schema, **schema.get("properties", {})}.items():
            for example in [part["example"]] if "example" in part else part.get("examples", []):
                check(f"{name}.{field}", part, example)


def examine_descriptions():
    for method, address, operation in operations():
        for parameter in operation.get("parameters", []):
            if not parameter.get("description"):
                wrong.append(f"{method} {address}: nobody says what {parameter['name']} is")
        for status, response in operation["responses"].items():
            if not resolved(response).get("description"):
                wrong.append(f"{method} {address}: nobody says what {status} means")


def examine_names():
    ids = [operation["operationId"] for _, _, operation in operations()]
    wrong.extend(f"operationId {id} is used twice" for id in {id for id in ids if ids.count(id) > 1})


refuse_strangers()
send_nul()
examine_bodies()
examine_schemas()
examine_descriptions()
examine_names()
print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
sys.exit(1 if wrong else 0)
