#!/usr/bin/env python3
"""FlexyAgents: a conversation of two turns, read line by line.

Needs BASE_URL, API_KEY and AGENT; see README.md. Standard library only.
"""

import json
import os
import sys
import urllib.error
import urllib.request

URL = f"{os.environ['BASE_URL']}/api/agents/{os.environ['AGENT']}/chat"


def lines(text, thread_id=None):
    """Yields the lines of an answer, each a dict with a type."""
    body = {"messages": [{"role": "user", "content": text}], "stream": True}
    if thread_id:
        body["thread_id"] = thread_id
    request = urllib.request.Request(
        URL,
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {os.environ['API_KEY']}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        for line in answer:
            if line.strip():  # a blank line only keeps the connection alive
                yield json.loads(line)


def chat(text, thread_id=None):
    """Prints an answer while it is written and returns the id of its thread."""
    for line in lines(text, thread_id):
        if line["type"] == "start":
            thread_id = line["thread_id"]
        elif line["type"] == "delta":
            print(line["content"], end="", flush=True)
        elif line["type"] == "error":
            sys.exit(f"\nthe answer broke off: {line['code']}: {line['message']}")
        elif line["type"] == "done":
            print(f" ({line['usage']['credits']} credits)")
    return thread_id


try:
    thread = chat("My boat is called Teal.")
    chat("What is my boat called?", thread)
except urllib.error.HTTPError as refused:
    error = json.load(refused)["error"]
    sys.exit(f"{refused.code} {error['code']}: {error['message']}")
