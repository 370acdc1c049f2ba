// Tests the reason in a ConnectionError.
import { createServer } from "node:http";
import { expect, test } from "vitest";
import { ConnectionError } from "../../src/index.ts";
import { client, rejection } from "../support/client.ts";
import { listen } from "../support/listen.ts";

const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });
const both = Object.assign(new AggregateError([refused, refused]), { code: "ECONNREFUSED" });
const unknown = Object.assign(new Error("getaddrinfo ENOTFOUND x.test"), { code: "ENOTFOUND" });
const untrusted = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });

test.each([
  ["refused", new TypeError("fetch failed", { cause: refused }), "connect ECONNREFUSED 127.0.0.1:1"],
  ["refused on IPv4 and IPv6", new TypeError("fetch failed", { cause: both }), "ECONNREFUSED"],
  ["an unknown host", new TypeError("fetch failed", { cause: unknown }), "getaddrinfo ENOTFOUND x.test"],
  ["TLS", new TypeError("fetch failed", { cause: untrusted }), "self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)"],
  ["a browser's error", new TypeError("Failed to fetch"), "Failed to fetch"],
  ["no error", "gone", "unknown reason"],
])("a ConnectionError names URL and cause: %s", async (_, cause, reason) => {
  const fetch = () => Promise.reject(cause);
  const error = await rejection(client("https://x.test/live", { maxRetries: 0, fetch }).me.get());
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error).toMatchObject({ message: `the connection to https://x.test/live/me failed: ${reason}`, cause });
});

test("a refused connection of the platform's fetch is named", async () => {
  const server = createServer();
  const url = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  const error = await rejection(client(url, { maxRetries: 0 }).me.get());
  expect(error).toMatchObject({ message: expect.stringContaining(`${url}/me failed: `) });
  expect(error).toMatchObject({ message: expect.stringContaining("ECONNREFUSED") });
});
