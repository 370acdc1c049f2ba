"""pywa sends the messages of a file to a Graph API, each as its own request."""

import json
import os
import sys

import httpx
from pywa import WhatsApp
from pywa.types.templates import TemplateLanguage

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from steps import same  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    given = json.load(file)

session = httpx.Client()
client = WhatsApp(phone_id=given["number"], token=given["token"], session=session)
session.base_url = given["url"]

for m in given["messages"]:
    options = {"reply_to_message_id": m["reply_to"] or None, "tracker": m["ref"] or None}
    if m["template"]:
        sent = client.send_template(m["to"], m["template"], TemplateLanguage(m["language"]), **options)
    else:
        sent = client.send_message(m["to"], m["text"], **options)
    same(f"{m['name']} is accepted", True, sent.id.startswith("wamid."))

same("typing is accepted", True, client.indicate_typing("wamid.in").success)
