// JavaScript's library of Standard Webhooks: it accepts sent requests, and no others.
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";
import { same } from "../steps.ts";

interface Sent {
  name: string;
  secret: string;
  takes: boolean;
  headers: Record<string, string>;
  body: string;
}

type Change = [body: Buffer, headers: Record<string, string>];

function takes(secret: string, [body, headers]: Change): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

/** Returns the bytes with each of their bits flipped. */
function flips(text: Buffer): Buffer[] {
  return Array.from({ length: 8 * text.length }, (_, bit) => {
    const flipped = Buffer.from(text);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    return flipped;
  });
}

/** Returns the request with each of its bits flipped. Bits of a signature are flipped in all signatures. */
function* changed(body: Buffer, headers: Record<string, string>): Generator<Change> {
  for (const flipped of flips(body)) {
    yield [flipped, headers];
  }
  for (const name of ["webhook-id", "webhook-timestamp"]) {
    for (const flipped of flips(Buffer.from(headers[name] ?? ""))) {
      yield [body, { ...headers, [name]: flipped.toString("latin1") }];
    }
  }
  const signatures = (headers["webhook-signature"] ?? "").split(" ").map((text) => flips(Buffer.from(text.slice("v1,".length), "base64")));
  for (const bit of signatures[0]?.keys() ?? []) {
    const texts = signatures.map((all) => `v1,${all[bit]?.toString("base64")}`);
    yield [body, { ...headers, "webhook-signature": texts.join(" ") }];
  }
}

for (const request of JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Sent[]) {
  const body = Buffer.from(request.body, "base64");
  same(request.name, request.takes, takes(request.secret, [body, request.headers]));
  const taken = [...changed(body, request.headers)].filter((change) => takes(request.secret, change));
  same(`${request.name}, any bit flipped`, [], taken);
}
