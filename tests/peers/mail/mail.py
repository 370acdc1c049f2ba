"""Libraries of Python that read mail webhooks and replies: they find what we find."""

import base64
import json
import os
import sys
import warnings

import django
from django.conf import settings

settings.configure(
    ANYMAIL={"WEBHOOK_SECRET": "ada:pass:word", "MAILGUN_WEBHOOK_SIGNING_KEY": "key"},
    INSTALLED_APPS=["anymail"],
    SECRET_KEY="x",
    ALLOWED_HOSTS=["testserver"],
)
django.setup()
warnings.simplefilter("ignore")  # Anymail has given up SendGrid, and says so

from anymail.signals import inbound  # noqa: E402
from anymail.webhooks import amazon_ses, mailgun, postmark, sendgrid  # noqa: E402
from django.core.exceptions import SuspiciousOperation  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from mailparser_reply import EmailReplyParser  # noqa: E402
from sendgrid.helpers.eventwebhook import EventWebhook  # noqa: E402
from unquotemail import Unquote  # noqa: E402

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from steps import same  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    given = json.load(file)

# Anymail's view of Amazon SES asks boto3 for clients, which are not needed: the mail that is
# stored in a bucket is given.
amazon_ses._get_anymail_boto3_params = lambda **_: ({}, {})


class SES(amazon_ses.AmazonSESInboundWebhookView):
    def fetch_s3_chunks(self, *_):
        yield base64.b64decode(given["stored"])


VIEWS = {
    "sendgrid": sendgrid.SendGridInboundWebhookView.as_view(),
    "mailgun": mailgun.MailgunInboundWebhookView.as_view(),
    "postmark": postmark.PostmarkInboundWebhookView.as_view(),
    "ses": SES.as_view(),
}


def read(name, content_type, body, authorization):
    """What Anymail finds in a request."""
    events = []

    def keep(event, **_):
        events.append(event)

    inbound.connect(keep)
    headers = {"HTTP_AUTHORIZATION": authorization} if authorization else {}
    headers["HTTP_X_AMZ_SNS_MESSAGE_TYPE"] = "Notification"
    headers["HTTP_X_AMZ_SNS_MESSAGE_ID"] = "m-1"
    request = RequestFactory().generic("POST", "/", body, content_type=content_type, **headers)
    try:
        VIEWS[name.partition("_")[0]](request)
    finally:
        inbound.disconnect(keep)
    (event,) = events
    message = event.message
    return {
        "id": message["Message-ID"],
        "from": message.from_email.addr_spec,
        "name": message.from_email.display_name,
        "subject": message.subject,
        "in_reply_to": message["In-Reply-To"],
        "references": (message["References"] or "").split(),
        "token": message.envelope_recipient.partition("+")[2].partition("@")[0],
        "files": [[part.get_filename(), part.get_content_type(), len(part.get_content_bytes())] for part in message.attachments],
        "replied": message.text.replace("\r\n", "\n").startswith(given["text"] + "\n"),
        "time": event.timestamp and event.timestamp.timestamp(),
    }


for sample in given["samples"]:
    body = base64.b64decode(sample["body"])
    same(sample["name"], sample["facts"], read(sample["name"], sample["content_type"], body, sample["authorization"]))

for request in given["basic"]:
    try:
        read("postmark", "application/json", base64.b64decode(given["postmark"]), request["authorization"])
        takes = True
    except SuspiciousOperation:
        takes = False
    same(f"basic authentication {request['name']}", request["takes"], takes)

for request in given["mailgun"]:
    try:
        read("mailgun", request["content_type"], base64.b64decode(request["body"]), "Basic " + base64.b64encode(b"ada:pass:word").decode())
        takes = True
    except SuspiciousOperation:
        takes = False
    same(f"mailgun signature {request['name']}", request["takes"], takes)

for request in given["sendgrid"]:
    body = base64.b64decode(request["body"]).decode()
    takes = EventWebhook(request["key"]).verify_signature(body, request["signature"], request["timestamp"])
    same(f"sendgrid signature {request['name']}", request["takes"], takes)


def words(text):
    return " ".join((text or "").split())


def unquote(text):
    try:
        parser = Unquote(None, text)
        parser.parse()
        return parser.get_text()
    except Exception:  # it fails on some texts
        return text


# Where both libraries agree on a cut, we make the same, with these exceptions. Both cut what a
# mail forwards, and answers that stand between quoted lines; both leave Outlook's line above the
# history in some languages. Where they find nothing to cut, we may: they know fewer languages.
EXCEPTIONS = ["a forwarded mail", "answer above and between", "forwarded by outlook", "outlook de", "outlook fr"]
languages = ["en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "pl", "cs", "ja", "ko", "he"]
others, agreed = [], 0
for quote in given["quotes"]:
    first, second = words(EmailReplyParser(languages=languages).parse_reply(text=quote["text"])), words(unquote(quote["text"]))
    if first == second and first not in ("", words(quote["text"])):
        agreed += 1
        if first != words(quote["want"]):
            others.append(quote["name"])
same("replies that both libraries cut in another way", EXCEPTIONS, sorted(others))
same("replies that both libraries cut", True, agreed >= 15)
