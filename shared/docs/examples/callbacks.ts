// FlowGent: a chat whose answer is posted to a callback URL. The program listens
// on a free port of 127.0.0.1, asks, waits for the callback and checks its
// signature. WEBHOOK_SECRET is the org's secret for callbacks.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { settings } from "./settings.ts";

const [BASE_URL, API_KEY, AGENT, WEBHOOK_SECRET] = settings("BASE_URL", "API_KEY", "AGENT", "WEBHOOK_SECRET");

/** Reports whether a request is signed with the org's secret, as Standard Webhooks specifies. */
function signed(headers: IncomingHttpHeaders, body: string): boolean {
  const time = Number(headers["webhook-timestamp"]);
  if (!(Math.abs(Date.now() / 1000 - time) <= 300)) {
    return false; // an old request, replayed by an attacker
  }
  const key = Buffer.from(WEBHOOK_SECRET.replace(/^whsec_/, ""), "base64");
  const sum = createHmac("sha256", key).update(`${headers["webhook-id"]}.${time}.${body}`).digest("base64");
  const want = Buffer.from(`v1,${sum}`);
  // There are two signatures while a secret is rotated.
  const given = String(headers["webhook-signature"]).split(" ").map((s) => Buffer.from(s));
  return given.some((s) => s.length === want.length && timingSafeEqual(s, want));
}

const receiver = createServer();
const callback = new Promise<string>((resolve, reject) => {
  receiver.on("request", async (request, response) => {
    const body = await text(request);
    const genuine = signed(request.headers, body);
    response.writeHead(genuine ? 204 : 401).end(() => genuine && resolve(body));
  });
  setTimeout(() => reject(new Error("no callback with a valid signature arrived within 60 s")), 60_000).unref();
});
await new Promise<void>((listening) => receiver.listen(0, "127.0.0.1", listening));

const answer = await fetch(`${BASE_URL}/api/public/agent/${AGENT}/chat`, {
  method: "POST",
  headers: { Authorization: API_KEY, "Content-Type": "application/json" },
  body: JSON.stringify({
    messages: "When is low tide?",
    callback_url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/answers`,
  }),
});
if (!answer.ok) {
  throw new Error(`${answer.status} ${await answer.text()}`);
}
console.log((await answer.json()).status);

const { statusCode, body } = JSON.parse(await callback);
console.log(statusCode, statusCode === 200 ? body.conversation_history.at(-1).content : body);
receiver.close();
receiver.closeAllConnections();
