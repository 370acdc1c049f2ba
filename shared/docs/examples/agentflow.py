#!/usr/bin/env python3
"""AgentFlow: a streamed answer, and what it cost.

Needs BASE_URL, API_KEY and AGENT; see README.md. Standard library only. The
program in TypeScript is in shared/sdk/typescript/README.md.
"""

import json
import os
import sys
import urllib.error
import urllib.request


def events(lines):
    """Yields the server-sent events of an answer, each a name and its data."""
    name = None
    for line in lines:
        field, _, value = line.decode().strip().partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


request = urllib.request.Request(
    f"{os.environ['BASE_URL']}/agents/{os.environ['AGENT']}/chat",
    data=json.dumps({"text": "Which way does the ferry go?"}).encode(),
    headers={"x-api-key": os.environ["API_KEY"], "Content-Type": "application/json"},
)
try:
    with urllib.request.urlopen(request, timeout=60) as answer:
        before = answer.headers["x-flow-balance"]
        for name, data in events(answer):
            if name == "message":
                print(data, end="", flush=True)
            elif name == "error":
                print(f"\nthe answer broke off: {data['error']}", file=sys.stderr)
            elif name == "flow_meta":
                print(f"\nbalance: {before} before, {data['balance_remaining']} after")
except urllib.error.HTTPError as refused:
    sys.exit(f"{refused.code} {json.load(refused)['error']}")
