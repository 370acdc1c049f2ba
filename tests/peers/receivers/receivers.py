"""Python's library of Standard Webhooks: it accepts sent requests, and no others."""

import base64
import json
import os
import sys

from standardwebhooks import Webhook

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from steps import same  # noqa: E402


def takes(secret, body, headers):
    try:
        Webhook(secret).verify(body, headers)
    except Exception:  # the type depends on the error
        return False
    return True


def flips(text):
    """The bytes with each of their bits flipped."""
    for bit in range(8 * len(text)):
        flipped = bytearray(text)
        flipped[bit // 8] ^= 1 << bit % 8
        yield bytes(flipped)


def changed(body, headers):
    """The request with each of its bits flipped; those of a signature in all of them."""
    for flipped in flips(body):
        yield flipped, headers
    for name in ["webhook-id", "webhook-timestamp"]:
        for flipped in flips(headers[name].encode()):
            yield body, {**headers, name: flipped.decode("latin-1")}
    signatures = [base64.b64decode(text.removeprefix("v1,")) for text in headers["webhook-signature"].split(" ")]
    for all_flipped in zip(*map(flips, signatures)):
        texts = ["v1," + base64.b64encode(flipped).decode() for flipped in all_flipped]
        yield body, {**headers, "webhook-signature": " ".join(texts)}


with open(sys.argv[1], encoding="utf-8") as file:
    for request in json.load(file):
        body, headers = base64.b64decode(request["body"]), request["headers"]
        same(request["name"], request["takes"], takes(request["secret"], body, headers))
        taken = [change for change in changed(body, headers) if takes(request["secret"], *change)]
        same(f"{request['name']}, any bit flipped", [], taken)
