#!/usr/bin/env python3
"""Webhooks: print the events of a chat as they arrive.

The program listens on a free port of 127.0.0.1, registers itself as a webhook,
chats, prints two events and removes the webhook. callbacks.py shows how to check
a signature.
"""

import http.server
import json
import sys
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from settings import settings

BASE_URL, API_KEY, AGENT = settings("BASE_URL", "API_KEY", "AGENT")


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
        Receiver.events.append(event)
        self.send_response(204)
        self.end_headers()
        print(event["type"], event["data"].get("message", {}).get("content", ""))

    def log_message(self, *_):
        pass


receiver = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
receiver.timeout = 60
webhook = call(
    "POST",
    "/api/v1/webhooks",
    {"url": f"http://127.0.0.1:{receiver.server_port}/", "events": ["message.created"]},
)["data"]
try:
    call("POST", f"/agents/{AGENT}/chat", {"text": "Ahoy!", "stream": False})
    for _ in range(2):  # the user's message and the agent's
        receiver.handle_request()
finally:
    call("DELETE", f"/api/v1/webhooks/{webhook['id']}")
if len(Receiver.events) < 2:
    sys.exit("the events did not arrive within 60 s")
