#!/usr/bin/env python3
"""FlowGent: two questions in one thread, and the thread's history.

callbacks.py has the answer posted to a URL instead.
"""

import json
import sys
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from settings import settings

BASE_URL, API_KEY, AGENT = settings("BASE_URL", "API_KEY", "AGENT")


def ask(text, **more):
    """Asks and returns the body of the answer."""
    headers = {"Authorization": API_KEY, "Content-Type": "application/json"}
    body = json.dumps({"messages": text, **more}).encode()
    try:
        with urlopen(Request(f"{BASE_URL}/api/public/agent/{AGENT}/chat", body, headers), timeout=60) as answer:
            envelope = json.load(answer)
    except HTTPError as refused:
        sys.exit(f"{refused} {refused.read().decode()}")
    except URLError as failed:
        sys.exit(f"{BASE_URL} {failed.reason}")
    if envelope["statusCode"] != 200:  # some failures are in the body of an HTTP 200
        sys.exit(json.dumps(envelope))
    return envelope["body"]


first = ask("When is low tide?")
second = ask("And high tide?", thread_id=first["metadata"]["thread_id"])
for message in second["conversation_history"]:
    print(f"{message['role']}: {message['content']}")
print(f"{second['metadata']['used_credits']} credits")
