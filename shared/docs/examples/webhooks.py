#!/usr/bin/env python3
"""Webhooks: print the events of a chat as they arrive.

The program listens on a free port of 127.0.0.1, registers itself as a webhook,
chats in a new thread, prints the two messages of that chat and removes the webhook.
Events come in any order, and those of other chats come as well. callbacks.py shows
how to check a signature.
"""

import http.server
import json
import sys
import time
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from settings import settings

BASE_URL, API_KEY, AGENT = settings("BASE_URL", "API_KEY", "AGENT")
THREAD = f"tides-{time.time_ns()}"


def call(method, path, body=None):
    """Sends a request and returns the JSON of its answer."""
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    request = Request(BASE_URL + path, body and json.dumps(body).encode(), headers, method=method)
    try:
        with urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except HTTPError as refused:
        sys.exit(f"{refused} {refused.read().decode()}")
    except URLError as failed:
        sys.exit(f"{BASE_URL} {failed.reason}")


class Receiver(http.server.BaseHTTPRequestHandler):
    events = []

    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        if event["data"].get("thread_id") == THREAD:
            Receiver.events.append(event)

    def log_message(self, *_):
        pass


receiver = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
receiver.timeout = 1
webhook = call(
    "POST",
    "/api/v1/webhooks",
    {"url": f"http://127.0.0.1:{receiver.server_port}/", "events": ["message.created"]},
)["data"]
try:
    call("POST", f"/agents/{AGENT}/chat", {"text": "Ahoy!", "stream": False, "thread_id": THREAD})
    deadline = time.monotonic() + 60
    while len(Receiver.events) < 2 and time.monotonic() < deadline:
        receiver.handle_request()  # waits for a second at most
finally:
    call("DELETE", f"/api/v1/webhooks/{webhook['id']}")
for event in sorted(Receiver.events, key=lambda event: event["data"]["message"]["id"]):
    print(event["type"], event["data"]["message"]["content"])
if len(Receiver.events) < 2:
    sys.exit("the events did not arrive within 60 s")
