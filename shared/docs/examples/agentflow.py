#!/usr/bin/env python3
"""AgentFlow: a whole answer, and one as server-sent events."""

import json
import sys
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from settings import settings

BASE_URL, API_KEY, AGENT = settings("BASE_URL", "API_KEY", "AGENT")


def chat(**body):
    """Posts a chat and returns the open answer."""
    headers = {"x-api-key": API_KEY, "Content-Type": "application/json"}
    try:
        return urlopen(Request(f"{BASE_URL}/agents/{AGENT}/chat", json.dumps(body).encode(), headers), timeout=60)
    except HTTPError as refused:
        sys.exit(f"{refused} {refused.read().decode()}")
    except URLError as failed:
        sys.exit(f"{BASE_URL} {failed.reason}")


def events(lines):
    """Yields server-sent events, each a name and its data."""
    for line in lines:
        field, _, value = line.decode().strip().partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


with chat(text="Which way does the ferry go?", stream=False) as answer:
    whole = json.load(answer)
print(f"{whole['content']} ({whole['flow_balance_remaining']} left)")

with chat(text="And back?") as answer:
    for name, data in events(answer):
        if name == "message":  # a piece of the answer
            print(data, end="", flush=True)
        elif name == "error":
            sys.exit(f"\nthe answer broke off: {data}")
        elif name == "flow_meta":  # the last event
            print(f" ({data['balance_remaining']} left)")
