// whatsapp-api-js: it reads the facts that we read, and accepts the signatures that we accept.
import { readFileSync } from "node:fs";
import { WhatsAppAPI } from "whatsapp-api-js";
import type { PostData, ServerMessage } from "whatsapp-api-js/types";
import { same } from "../steps.ts";

interface Delivered {
  name: string;
  body: string;
  secret: string;
  signature: string;
  facts: Record<string, string>;
  text: string;
}

// The library reads neither fields without a phone number id nor people on standby, and has no
// types of edits and withdrawn messages.
const UNREAD = /^(account|standby|corrections) /;

/** Returns what an agent should read of a message. */
function says(m: ServerMessage): (string | undefined)[] {
  switch (m.type) {
    case "text":
      return [m.text.body, m.referral?.headline, m.referral?.body, m.context?.referred_product?.product_retailer_id];
    case "image":
      return [m.image.caption];
    case "video":
      return [m.video.caption];
    case "document":
      return [m.document.caption, m.document.filename];
    case "button":
      return [m.button.text];
    case "reaction":
      return [m.reaction.emoji];
    case "location":
      return [m.location.name, m.location.address, String(m.location.latitude), String(m.location.longitude)];
    case "contacts":
      return m.contacts.flatMap((c) => [c.name.formatted_name, ...(c.phones ?? []).map((p) => p.phone), ...(c.emails ?? []).map((e) => e.email)]);
    case "order":
      return [m.order.text, ...m.order.product_items.map((p) => `${p.quantity} x ${p.product_retailer_id} at ${p.item_price} ${p.currency}`)];
    case "unsupported":
      return [m.unsupported.type];
    case "interactive":
      switch (m.interactive.type) {
        case "button_reply":
          return [m.interactive.button_reply.title];
        case "list_reply":
          return [m.interactive.list_reply.title, m.interactive.list_reply.description];
        case "nfm_reply":
          return Object.entries(JSON.parse(m.interactive.nfm_reply.response_json) as Record<string, string>)
            .filter(([name]) => name !== "flow_token")
            .map(([name, value]) => `${name}: ${value}`);
        case "call_permission_reply":
          return [m.interactive.call_permission_reply.response === "accept" ? "allows calls" : "does not allow calls"];
      }
  }
  return [];
}

/** Returns the facts about the file of a message. */
function file(m: ServerMessage): Record<string, string | undefined> {
  const found = { image: "image" in m && m.image, audio: "audio" in m && m.audio, video: "video" in m && m.video, document: "document" in m && m.document, sticker: "sticker" in m && m.sticker };
  const media = Object.values(found).find(Boolean);
  if (!media) {
    return {};
  }
  return {
    file_id: media.id,
    file_url: media.url,
    file_type: media.mime_type,
    file_hash: media.sha256,
    file_name: "filename" in media ? media.filename : undefined,
    voice: "voice" in media && media.voice ? "yes" : undefined,
  };
}

const webhooks = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Delivered[];
const library = new WhatsAppAPI({ token: "t", appSecret: webhooks[0]?.secret ?? "", webhookVerifyToken: "v" });
let read: { facts: Record<string, string | undefined>; says: (string | undefined)[] }[] = [];
library.on.message = ({ phoneID, contact, message }) => {
  if (message.type === "system") {
    const { customer, wa_id, new_wa_id, user_id } = message.system;
    const to = wa_id ?? new_wa_id;
    const facts = { kind: "identity", account: phoneID, id: message.id, time: message.timestamp };
    read.push({ facts: { ...facts, from_phone: customer ?? message.from, to_phone: to === undefined ? to : String(to), to_user_id: user_id }, says: [] });
    return;
  }
  const replyTo = message.type === "reaction" ? message.reaction.message_id : message.context?.id;
  read.push({
    facts: {
      kind: "message",
      account: phoneID,
      id: message.id,
      type: message.type,
      time: message.timestamp,
      reply_to: replyTo,
      phone: contact.wa_id,
      user_id: contact.user_id,
      parent_id: contact.parent_user_id,
      name: contact.profile?.name,
      username: contact.profile?.username,
      ...file(message),
    },
    says: says(message),
  });
};
library.on.status = ({ phoneID, contact, id, status, timestamp, pricing, error, biz_opaque_callback_data, type }) => {
  read.push({
    facts:
      type === "group"
        ? { kind: "ignored", account: phoneID }
        : {
            kind: "status",
            account: phoneID,
            id,
            state: status,
            time: timestamp,
            ref: biz_opaque_callback_data,
            price_type: pricing?.type,
            price_category: pricing?.category,
            error: error && String(error.code),
            error_details: error?.error_data.details,
            phone: contact.wa_id,
            user_id: contact.user_id,
            parent_id: contact.parent_user_id,
            name: contact.profile?.name,
            username: contact.profile?.username,
          },
    says: [],
  });
};

for (const w of webhooks) {
  const body = Buffer.from(w.body, "base64").toString();
  same(`${w.name}, signature`, true, await library.verifyRequestSignature(body, w.signature));
  if (UNREAD.test(w.name)) {
    continue;
  }
  read = [];
  await library.post(JSON.parse(body) as PostData, body, w.signature);
  same(`${w.name}, updates`, 1, read.length);
  for (const r of read) {
    const facts = Object.fromEntries(Object.entries(r.facts).filter(([, value]) => value));
    same(w.name, sorted(w.facts), sorted(facts));
    same(`${w.name}, text`, [], r.says.filter((part) => part && !w.text.includes(part)));
  }
}

function sorted(facts: Record<string, unknown>): unknown[] {
  return Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1));
}

const [body, signature] = [Buffer.from(webhooks[0]?.body ?? "", "base64"), webhooks[0]?.signature ?? ""];
const taken: string[] = [];
for (let bit = 0; bit < 8 * body.length; bit++) {
  const flipped = Buffer.from(body);
  flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  // The library takes a text: a byte that is no UTF-8 would become another one in it.
  if ((bit & 7) !== 7 && (await library.verifyRequestSignature(flipped.toString(), signature))) {
    taken.push(flipped.toString());
  }
}
same("any bit flipped", [], taken);
