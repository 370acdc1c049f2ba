#!/usr/bin/env python3
"""Webhooks: print the events of a chat as they arrive.

The program listens on a free port of 127.0.0.1, registers itself as a webhook,
chats, prints two events and removes the webhook. flowgent.py shows how to check
a signature. Needs BASE_URL, API_KEY and AGENT; see README.md.
"""

import http.server
import json
import os
import sys
import urllib.request


def call(method, path, body=None):
    request = urllib.request.Request(
        os.environ["BASE_URL"] + path,
        method=method,
        data=json.dumps(body).encode() if body else None,
        headers={"Authorization": f"Bearer {os.environ['API_KEY']}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


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
    call("POST", f"/agents/{os.environ['AGENT']}/chat", {"text": "Ahoy!", "stream": False})
    for _ in range(2):  # the user's message and the agent's
        receiver.handle_request()
finally:
    call("DELETE", f"/api/v1/webhooks/{webhook['id']}")
if len(Receiver.events) < 2:
    sys.exit("the events did not arrive within 60 s")
