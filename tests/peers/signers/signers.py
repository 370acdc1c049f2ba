"""Twilio's library for Python: it accepts the fake's webhooks, and signs them itself."""

import base64
import json
import os
import sys
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator, get_signature_algorithm

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from steps import same  # noqa: E402


class Form(dict):
    """A form as web frameworks pass it: with all values of a field, blank ones too."""

    def __init__(self, body):
        for name, value in parse_qsl(body, keep_blank_values=True, strict_parsing=body != ""):
            self.setdefault(name, []).append(value)

    def getlist(self, name):
        return self[name]


signatures = []
with open(sys.argv[1], encoding="utf-8") as file:
    for webhook in json.load(file):
        body = base64.b64decode(webhook["body"]).decode()
        algorithm = get_signature_algorithm(webhook["settings"])
        validator = RequestValidator(webhook["key"])
        given = body if webhook["json"] else Form(body)
        same(webhook["name"], True, validator.validate(webhook["url"], given, webhook["signature"], algorithm))
        same(f"{webhook['name']}, with another signature", False, validator.validate(webhook["url"], given, "x" + webhook["signature"][1:], algorithm))
        signatures.append(validator.compute_signature(webhook["url"], {} if webhook["json"] else given, algorithm))
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(signatures, file)
