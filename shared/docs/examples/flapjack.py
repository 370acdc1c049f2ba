#!/usr/bin/env python3
"""Flapjack: a thread with two messages, answered as server-sent events."""

import json
import sys
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from settings import settings

BASE_URL, API_KEY, AGENT = settings("BASE_URL", "API_KEY", "AGENT")


def flapjack(path, body=None):
    """Posts a body, or gets a path without one, and returns the open answer."""
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    try:
        return urlopen(Request(BASE_URL + path, body and json.dumps(body).encode(), headers), timeout=60)
    except HTTPError as refused:
        sys.exit(f"{refused} {refused.read().decode()}")
    except URLError as failed:
        sys.exit(f"{BASE_URL} {failed.reason}")


thread = json.load(flapjack("/api/threads", {"agentId": AGENT}))["id"]
for question in "Count the lighthouses.", "And the ferries?":
    with flapjack(f"/api/threads/{thread}/messages", {"content": question}) as answer:
        for line in answer:
            if not line.startswith(b"data: "):
                continue  # an event's name, a heartbeat, or a blank line
            data = json.loads(line[len("data: ") :])
            if "delta" in data:  # event: token
                print(data["delta"], end="", flush=True)
            elif "code" in data:  # event: error
                sys.exit(f"\nthe answer broke off: {data}")
    print()

# The thread's title is derived from its first message.
print(json.load(flapjack(f"/api/threads/{thread}"))["title"])
