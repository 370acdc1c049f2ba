"""pywa: it reads the facts that we read, and accepts the signatures that we accept."""

import base64
import json
import logging
import os
import sys

from pywa import WhatsApp, handlers, types

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from steps import same  # noqa: E402

logging.disable()  # it logs the webhooks that it cannot read

# pywa builds nothing of these: it wants contacts in each status and edit, and a phone number in
# each system message, and knows neither standby nor quality.
UNREAD = {
    "account 2": "notice",  # phone_number_quality_update
    "account 6": "ignored",  # security
    "changed_ids 1": "identity",  # user_changed_user_id without a phone number
    "standby 0": "message",
    "standby 1": "ignored",
    "standby 2": "ignored",  # an echo without contacts
    "statuses 4": "status",  # failed, without contacts
    "statuses 6": "ignored",  # of a group
}

HANDLERS = [
    handlers.MessageHandler, handlers.CallbackButtonHandler, handlers.CallbackSelectionHandler, handlers.FlowCompletionHandler,
    handlers.CallPermissionUpdateHandler, handlers.MessageStatusHandler, handlers.PhoneNumberChangeHandler, handlers.EditedMessageHandler,
    handlers.DeletedMessageHandler, handlers.UserMarketingPreferencesHandler, handlers.AccountUpdateHandler, handlers.TemplateStatusUpdateHandler,
    handlers.TemplateCategoryUpdateHandler,
]


def user(u):
    return {"phone": u.wa_id, "user_id": u.bsuid, "parent_id": u.parent_bsuid, "name": u.name, "username": u.username}


def head(u, kind):
    return {"kind": kind, "account": u.metadata.phone_number_id, "id": u.id, "time": int(u.timestamp.timestamp())}


def message(m):
    """The facts of a message, and what an agent should read of it."""
    facts = {**head(m, "message"), **user(m.from_user), "type": m.type.value}
    reply = getattr(m, "reply_to_message", None)
    facts["reply_to"] = reply.id if reply else None
    match m:
        case types.CallbackButton():
            return facts, [m.title]
        case types.CallbackSelection():
            return facts, [m.title, m.description]
        case types.FlowCompletion():
            return facts, [f"{name}: {value}" for name, value in m.response.items() if name != "flow_token"]
        case types.CallPermissionUpdate():
            return facts, ["allows calls"]
    says = [m.text]
    if m.media:
        facts |= {"file_id": m.media.id, "file_url": m.media.url, "file_type": m.media.mime_type, "file_hash": m.media.sha256}
        facts |= {"file_name": getattr(m.media, "filename", None), "voice": "yes" if m.voice else None}
        says += [m.caption]
    if m.reaction:
        facts["reply_to"] = m.reaction.message_id
        says += [m.reaction.emoji or "removed"]
    if m.location:
        says += [str(m.location.latitude), str(m.location.longitude), m.location.name, m.location.address]
    for contact in m.contacts or []:
        says += [contact.name.formatted_name, *(p.phone for p in contact.phones), *(e.email for e in contact.emails)]
    if m.order:
        says += [m.order.text, *(f"{p.quantity} x {p.sku} at {p.price:g} {p.currency}" for p in m.order.products)]
    if m.referral:
        says += [m.referral.headline, m.referral.body, m.referral.source_url]
    if reply and reply.referred_product:
        says += [reply.referred_product.sku]
    if m.unsupported:
        says += [m.unsupported.type]
    return facts, says


def read(u):
    """The facts of an update, and what an agent should read of it."""
    match u:
        case types.MessageStatus():
            facts = {**head(u, "status"), **user(u.from_user), "state": u.status.value, "ref": u.tracker}
            if u.pricing:
                facts |= {"price_type": u.pricing.type.value, "price_category": u.pricing.category.value}
            if u.error:
                facts |= {"error": u.error.code, "error_details": u.error.details}
            return facts, []
        case types.PhoneNumberChange():
            return {**head(u, "identity"), "from_phone": u.old_wa_id, "to_phone": u.new_wa_id, "to_user_id": u.new_user_id}, []
        case types.EditedMessage():
            return {**head(u, "correction"), **user(u.from_user), "of": u.original_message_id, "text": u.message.text}, []
        case types.DeletedMessage():
            return {**head(u, "correction"), **user(u.from_user), "of": u.original_message_id}, []
        case types.UserMarketingPreferences():
            facts = {**head(u, "preference"), **user(u.from_user), "opted_out": str(u.value.value == "stop").lower()}
            del facts["id"]  # it has none, pywa gives that of the account
            return facts, []
        case types.AccountUpdate():
            return {"kind": "notice", "code": u.event.value, "time": int(u.timestamp.timestamp())}, []
        case types.TemplateStatusUpdate():
            return {"kind": "notice", "code": u.new_status.value, "time": int(u.timestamp.timestamp())}, []
        case types.TemplateCategoryUpdate():
            return {"kind": "notice", "code": "CATEGORY", "time": int(u.timestamp.timestamp())}, []
    return message(u)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        webhooks = json.load(file)
    built = []
    client = WhatsApp(phone_id="106540352242922", token="t", app_secret=webhooks[0]["secret"], verify_token="v", server=None)
    for handler in HANDLERS:
        client.add_handlers(handler(lambda _, u: built.append(u)))
    for w in webhooks:
        name, body = w["name"], base64.b64decode(w["body"])
        same(f"{name}, signature", None, client.webhook_update_validator(body, w["signature"]))
        built.clear()
        client.webhook_update_handler(body)
        if name in UNREAD:
            same(f"{name}, unread", (UNREAD[name], 0), (w["facts"]["kind"], len(built)))
            continue
        if len(built) != 1:
            same(name, "one update", built)
            continue
        facts, says = read(built[0])
        same(name, w["facts"], {key: str(value) for key, value in facts.items() if value})
        same(f"{name}, text", [], [part for part in says if part and part not in w["text"]])

    body, signature = base64.b64decode(webhooks[0]["body"]), webhooks[0]["signature"]
    flips = [body[:i] + bytes([body[i] ^ 1 << bit]) + body[i + 1 :] for i in range(len(body)) for bit in range(8)]
    same("any bit flipped", [], [flip for flip in flips if client.webhook_update_validator(flip, signature) is None])


main()
