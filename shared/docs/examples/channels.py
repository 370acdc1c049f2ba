#!/usr/bin/env python3
"""Channels: write to the agent over each channel, in the provider's place.

For each channel the program creates a connection with secrets of its own, signs a
message as the provider does, sends it to the connection's webhook, prints the
thread, and deletes the connection. The answer is in the thread. No provider sends
it, as none knows these secrets; a local deployment keeps the mails.
"""

import base64
import hashlib
import hmac
import json
import secrets
import sys
import time
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from settings import settings

BASE_URL, API_KEY, AGENT = settings("BASE_URL", "API_KEY", "AGENT")
TEXT = "Do you rent shoes?"
PHONE, PAGE, ACCOUNT = "106540352242922", "104000000000001", "17841400000000000"
PERSON, ADDRESS = "robin@example.org", "help@mail.example"
UNIQUE = str(time.time_ns())  # a message with a known id is not answered again
SECRET, TOKEN = secrets.token_hex(16), secrets.token_hex(16)
META = {"access_token": "EAAG", "app_secret": SECRET, "verify_token": TOKEN}


def send(method, url, body=None, headers=None):
    """Sends a request and returns the body of its answer."""
    try:
        with urlopen(Request(url, body, headers or {}, method=method), timeout=60) as answer:
            return answer.read().decode()
    except HTTPError as refused:
        sys.exit(f"{refused} {refused.read().decode()}")
    except URLError as failed:
        sys.exit(f"{url} {failed.reason}")


def call(method, path, body=None):
    """Calls Quintet's API and returns the data of its answer."""
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    return json.loads(send(method, BASE_URL + path, body and json.dumps(body).encode(), headers))["data"]


def mac(key, text, digest):
    return hmac.new(key.encode(), text, digest)


def meta(url, body):
    """Confirms the URL, then signs the raw body, as Meta does for its three channels."""
    challenge = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "1158201444"}
    if send("GET", f"{url}?{urlencode(challenge)}") != "1158201444":
        sys.exit("the challenge was not returned")
    raw = json.dumps(body).encode()
    signature = "sha256=" + mac(SECRET, raw, hashlib.sha256).hexdigest()
    send("POST", url, raw, {"Content-Type": "application/json", "X-Hub-Signature-256": signature})


def whatsapp(url):
    message = {"from": "31612345678", "id": f"wamid.{UNIQUE}", "timestamp": str(int(time.time()))}
    message |= {"type": "text", "text": {"body": TEXT}}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": PHONE},
        "contacts": [{"wa_id": "31612345678", "profile": {"name": "Robin"}}],
        "messages": [message],
    }
    entry = {"id": "215589313241560883", "changes": [{"field": "messages", "value": value}]}
    meta(url, {"object": "whatsapp_business_account", "entry": [entry]})


def direct(kind, account):
    """Returns the sender of a message to an account of Instagram or a page of Messenger."""

    def write(url):
        now = time.time_ns() // 1_000_000
        message = {"sender": {"id": "6811000000000001"}, "recipient": {"id": account}}
        message |= {"timestamp": now, "message": {"mid": f"m_{UNIQUE}", "text": TEXT}}
        meta(url, {"object": kind, "entry": [{"id": account, "time": now, "messaging": [message]}]})

    return write


def twilio(sender, number):
    """Returns the sender of a message to a number. Twilio signs the URL and the sorted fields."""

    def write(url):
        fields = {"MessageSid": "SM" + secrets.token_hex(16), "AccountSid": "AC" + "0" * 32}
        fields |= {"From": sender, "To": number, "Body": TEXT, "NumMedia": "0"}
        signed = url + "".join(name + fields[name] for name in sorted(fields))
        signature = base64.b64encode(mac(SECRET, signed.encode(), hashlib.sha1).digest()).decode()
        send("POST", url, urlencode(fields).encode(), {"X-Twilio-Signature": signature})

    return write


def postmark(url):
    """Sends parsed mail as JSON. Postmark signs nothing: it logs in."""
    mail = {"From": PERSON, "To": ADDRESS, "Subject": "Shoes", "MessageID": UNIQUE, "TextBody": TEXT}
    login = base64.b64encode(f"hook:{SECRET}".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {login}"}
    send("POST", url, json.dumps(mail).encode(), headers)


def mailgun(url):
    """Sends raw mail in a form. Mailgun signs the time and a token that counts once."""
    raw = f"From: {PERSON}\r\nTo: {ADDRESS}\r\nMessage-ID: <{UNIQUE}@example.org>\r\n\r\n{TEXT}\r\n"
    form = {"recipient": ADDRESS, "sender": PERSON, "body-mime": raw}
    form |= {"timestamp": str(int(time.time())), "token": secrets.token_hex(25)}
    signed = form["timestamp"] + form["token"]
    form["signature"] = mac(SECRET, signed.encode(), hashlib.sha256).hexdigest()
    send("POST", url, urlencode(form).encode())


def number(text):
    return {"account_sid": "AC" + "0" * 32, "auth_token": SECRET, "from": text}


def mail(provider, **login):
    return {"provider": provider, "address": ADDRESS} | login


CHANNELS = {
    "WhatsApp": ("whatsapp", {"phone_number_id": PHONE} | META, whatsapp),
    "Instagram": ("instagram", {"account_id": ACCOUNT} | META, direct("instagram", ACCOUNT)),
    "Messenger": ("messenger", {"page_id": PAGE} | META, direct("page", PAGE)),
    "SMS": ("twilio", number("+15551234567"), twilio("+31612345678", "+15551234567")),
    "WhatsApp by Twilio": (
        "twilio",
        number("whatsapp:+15551234567"),
        twilio("whatsapp:+31612345678", "whatsapp:+15551234567"),
    ),
    "mail by Postmark": ("email", mail("postmark", username="hook", password=SECRET), postmark),
    "mail by Mailgun": ("email", mail("mailgun", signing_key=SECRET), mailgun),
}


def answered(channel, connection):
    """Waits for the thread of a connection and returns its messages, the oldest first."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for thread in call("GET", f"/api/v1/threads?channel={channel}&limit=10"):
            if thread["id"].split(".")[1] == connection:
                return call("GET", f"/api/v1/threads/{thread['id']}/messages")[::-1]
        time.sleep(0.2)
    sys.exit("the message was not answered within 60 s")


for name, (channel, credentials, write) in CHANNELS.items():
    wanted = {"type": channel, "agent_id": AGENT, "name": name, "credentials": credentials}
    connection = call("POST", "/api/v1/connections", wanted | {"settings": {"quiet_seconds": 0}})
    try:
        write(connection["webhook_url"])
        for message in answered(channel, connection["id"]):
            print(f"{name}, {message['role']}: {message['content']}")
    finally:
        call("DELETE", f"/api/v1/connections/{connection['id']}")
