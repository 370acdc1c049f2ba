#!/usr/bin/env python3
"""FlowGent: a chat whose answer is posted to a callback URL.

The program listens on a free port of 127.0.0.1, asks, waits for the callback
and checks its signature. WEBHOOK_SECRET is the org's secret for callbacks.
"""

import base64
import hashlib
import hmac
import http.server
import json
import sys
import time
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from settings import settings

BASE_URL, API_KEY, AGENT, WEBHOOK_SECRET = settings("BASE_URL", "API_KEY", "AGENT", "WEBHOOK_SECRET")


def signed(headers, body):
    """Reports whether a request is signed with the org's secret, as Standard Webhooks specifies."""
    moment, signatures = headers["webhook-timestamp"] or "", headers["webhook-signature"] or ""
    if not moment.isdecimal() or abs(time.time() - int(moment)) > 300:
        return False  # an old request, replayed by an attacker
    key = base64.b64decode(WEBHOOK_SECRET.removeprefix("whsec_"))
    text = f"{headers['webhook-id']}.{moment}.".encode() + body
    want = b"v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest())
    # There are two signatures while a secret is rotated.
    return any(hmac.compare_digest(s.encode(), want) for s in signatures.split())


class Callback(http.server.BaseHTTPRequestHandler):
    envelope = None

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        genuine = signed(self.headers, body)
        if genuine:
            Callback.envelope = json.loads(body)
        self.send_response(204 if genuine else 401)
        self.end_headers()

    def log_message(self, *_):
        pass


receiver = http.server.HTTPServer(("127.0.0.1", 0), Callback)
receiver.timeout = 1
body = {"messages": "When is low tide?", "callback_url": f"http://127.0.0.1:{receiver.server_port}/answers"}
headers = {"Authorization": API_KEY, "Content-Type": "application/json"}
chat = Request(f"{BASE_URL}/api/public/agent/{AGENT}/chat", json.dumps(body).encode(), headers)
try:
    with urlopen(chat, timeout=60) as answer:
        print(json.load(answer)["status"])
except HTTPError as refused:
    sys.exit(f"{refused} {refused.read().decode()}")
except URLError as failed:
    sys.exit(f"{BASE_URL} {failed.reason}")

deadline = time.time() + 60
while not Callback.envelope and time.time() < deadline:
    receiver.handle_request()
if not Callback.envelope:
    sys.exit("no callback with a valid signature arrived within 60 s")
status, body = Callback.envelope["statusCode"], Callback.envelope["body"]
print(status, body["conversation_history"][-1]["content"] if status == 200 else body)
