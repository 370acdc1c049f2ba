// Twilio's library for JavaScript: it accepts the fake's webhooks, and signs them itself.
import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "node:querystring";
import { getExpectedTwilioSignature, getSignatureAlgorithm, validateRequest, validateRequestWithBody } from "twilio/lib/webhooks/webhooks.js";
import { same } from "../steps.ts";

interface Webhook {
  name: string;
  url: string;
  key: string;
  settings: string;
  signature: string;
  json: boolean;
  body: string;
}

const [input = "", output = ""] = process.argv.slice(2);
const signatures = (JSON.parse(readFileSync(input, "utf8")) as Webhook[]).map((webhook) => {
  const body = Buffer.from(webhook.body, "base64").toString();
  const algorithm = getSignatureAlgorithm(webhook.settings);
  const fields = webhook.json ? {} : parse(body);
  const takes = (signature: string) =>
    webhook.json
      ? validateRequestWithBody(webhook.key, signature, webhook.url, body, algorithm)
      : validateRequest(webhook.key, signature, webhook.url, fields, algorithm);
  same(webhook.name, true, takes(webhook.signature));
  same(`${webhook.name}, with another signature`, false, takes(`x${webhook.signature.slice(1)}`));
  return getExpectedTwilioSignature(webhook.key, webhook.url, fields, algorithm);
});
writeFileSync(output, JSON.stringify(signatures));
