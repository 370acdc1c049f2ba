"""A hook for Schemathesis, and additional checks."""

import itertools
import json

import jsonschema_rs
import schemathesis
from schemathesis.generation.meta import CoverageScenario


requests = itertools.count()
KEY = "Idempotency-Key"
QUESTION = {"role": "user", "content": "Who says that?"}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Applies rules that no schema can express, so that more requests are valid."""
    number = next(requests)
    key = case.headers.get(KEY) if case.headers else None
    if isinstance(key, str) and 0 < len(key) <= 200 and number % 4:
        case.headers[KEY] = f"{key} {number}"  # the examples' few keys would conflict with other bodies
    body = case.body
    if case.meta is None or not case.meta.generation.mode.is_positive or not isinstance(body, dict):
        return
    if isinstance(body.get("messages"), list):
        case.body = body = {**body, "messages": [*body["messages"], QUESTION]}  # the last message must be the user's
    if isinstance(body.get("from"), str) and isinstance(body.get("to"), str):
        case.body = body = {**body, "to": "2999-12-31T23:59:59.999Z"}  # `to` must be after `from`
    if case.operation.path.endswith("/chat") and number % 2:
        case.body = {**body, "stream": True}  # random values rarely have it


@schemathesis.check
def unrouted(ctx, response, case):
    """Checks that an unknown method gets the answer of an unknown path."""
    scenario = getattr(case.meta and case.meta.phase.data, "scenario", None)
    if scenario != CoverageScenario.UNSPECIFIED_HTTP_METHOD or response.request.method == "OPTIONS":
        return
    assert response.status_code == 404, f"{response.request.method} is answered with {response.status_code}"
    if response.request.method != "HEAD":
        assert response.json() == {"error": "not_found"}
    assert response.headers.get("x-request-id"), "there is no X-Request-Id"


NDJSON = "application/x-ndjson"


@schemathesis.check
def lines(ctx, response, case):
    """Checks each line of a stream against the document; Schemathesis itself checks only events."""
    if not response.headers.get("content-type", [""])[0].startswith(NDJSON):
        return
    document = case.operation.schema.raw_schema
    answer = document["paths"][case.operation.path][case.operation.method.lower()]["responses"][str(response.status_code)]
    schema = {"components": document["components"], **answer["content"][NDJSON]["schema"]}
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    body = response.content.decode()
    assert body.endswith("\n"), "the last line is not ended"
    for line in body[:-1].split("\n"):
        validator.validate(json.loads(line))
