#!/usr/bin/env python3
"""FlexyAgents: a whole answer, and one in the same thread as lines of JSON."""

import json
import sys
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from settings import settings

BASE_URL, API_KEY, AGENT = settings("BASE_URL", "API_KEY", "AGENT")


def chat(text, **more):
    """Posts a chat and returns the open answer."""
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    body = json.dumps({"messages": [{"role": "user", "content": text}], **more}).encode()
    try:
        return urlopen(Request(f"{BASE_URL}/api/agents/{AGENT}/chat", body, headers), timeout=60)
    except HTTPError as refused:
        sys.exit(f"{refused} {refused.read().decode()}")
    except URLError as failed:
        sys.exit(f"{BASE_URL} {failed.reason}")


with chat("My boat is called Teal.") as answer:
    whole = json.load(answer)
print(f"{whole['message']['content']} ({whole['usage']['credits']} credits)")

# With a thread_id the agent knows the earlier messages.
with chat("What is my boat called?", thread_id=whole["thread_id"], stream=True) as answer:
    for line in answer:
        if not line.strip():
            continue  # a blank line keeps the connection alive
        part = json.loads(line)
        if part["type"] == "delta":
            print(part["content"], end="", flush=True)
        elif part["type"] == "error":
            sys.exit(f"\nthe answer broke off: {part}")
        elif part["type"] == "done":
            print(f" ({part['usage']['credits']} credits)")
