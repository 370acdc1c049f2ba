// A library that verifies messages of Amazon SNS: it accepts what we accept, and nothing else.
import { readFileSync } from "node:fs";
import Validator from "sns-payload-validator";
import { same } from "../steps.ts";

interface Given {
  place: string;
  certificate: string;
  messages: { name: string; takes: boolean; body: string }[];
}

const given = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Given;
const validator = new Validator();
// The library would download the certificate.
(validator as unknown as { certCache: Map<string, string> }).certCache.set(given.place, given.certificate);

for (const message of given.messages) {
  let takes = true;
  try {
    await validator.validate(Buffer.from(message.body, "base64").toString());
  } catch {
    takes = false;
  }
  same(message.name, message.takes, takes);
}
