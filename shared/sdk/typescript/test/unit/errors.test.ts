import { inspect } from "node:util";
import { expect, test } from "vitest";
import * as sdk from "../../src/index.ts";
import { client, collect, rejection } from "../support/client.ts";
import { answer, serve } from "../support/server.ts";

const table: [number, unknown, string, Record<string, unknown>][] = [
  [
    400,
    { error: "invalid_request", message: "text is required" },
    "InvalidRequestError",
    { message: "400 invalid_request: text is required" },
  ],
  [
    401,
    { error: "invalid_api_key" },
    "InvalidApiKeyError",
    { code: "invalid_api_key", message: "401 invalid_api_key" },
  ],
  [
    402,
    { error: "insufficient_flow", balance: "0.100", topup_url: "https://x.test/topup" },
    "InsufficientFlowError",
    { balance: "0.100", topup_url: "https://x.test/topup" },
  ],
  [
    402,
    "not JSON",
    "InsufficientFlowError",
    { balance: undefined, topup_url: undefined, code: undefined, body: "not JSON" },
  ],
  [403, { error: "forbidden", message: "owners only" }, "ForbiddenError", {}],
  [404, { error: "not_found" }, "NotFoundError", {}],
  [409, { error: "conflict" }, "ConflictError", { retryAfter: undefined }],
  [410, { error: "agent_tombstoned" }, "AgentTombstonedError", {}],
  [413, { error: "payload_too_large" }, "PayloadTooLargeError", {}],
  [413, { message: "Request Too Long" }, "PayloadTooLargeError", { code: undefined, message: "413: Request Too Long" }],
  [429, { error: "rate_limited" }, "RateLimitedError", {}],
  [429, { error: "message_limit_reached" }, "MessageLimitReachedError", {}],
  [500, { error: "internal_error" }, "APIError", {}],
  [502, { error: "auto_redeploy_failed" }, "AutoRedeployFailedError", {}],
  [502, { message: "Internal server error" }, "APIError", { status: 502 }],
  [503, { error: "model_unavailable" }, "ModelUnavailableError", {}],
  [503, "", "APIError", { message: "503" }],
  [418, { error: "toString", message: 7 }, "APIError", { code: "toString", message: "418 toString" }],
  [400, ["error"], "InvalidRequestError", { code: undefined, message: "400" }],
  [400, "null", "InvalidRequestError", { body: null }],
];

for (const [status, body, name, fields] of table) {
  test(`${status} ${JSON.stringify(body)} is ${name}, buffered and streamed`, async () => {
    const script = answer(status, body, { "x-request-id": "r-7" });
    const server = await serve(script, script);
    const { agents } = client(server.url, { maxRetries: 0 });
    const key = { idempotencyKey: "k-1" };
    const buffered = await rejection(agents.chat("a", { text: "hi" }, key));
    const { got, error: streamed } = await collect(agents.chatStream("a", { text: "hi" }, key));
    expect(got).toEqual([]);
    for (const error of [buffered, streamed]) {
      expect(error).toBeInstanceOf(sdk[name as "APIError"]);
      expect(error).toBeInstanceOf(sdk.APIError);
      expect(error).toBeInstanceOf(sdk.AgentFlowError);
      expect(error).toMatchObject({ name, status, requestId: "r-7", idempotencyKey: "k-1", ...fields });
      expect((error as sdk.APIError).response.headers.get("x-request-id")).toBe("r-7");
    }
  });
}

test("every error has the name of its export", () => {
  const names = Object.keys(sdk).filter((name) => name.endsWith("Error"));
  expect(names).toHaveLength(19);
  const head = { status: 400, headers: new Headers() };
  for (const name of names) {
    const error = Reflect.construct(sdk[name as "AgentFlowError"], [head, null]);
    expect(error).toBeInstanceOf(sdk.AgentFlowError);
    expect(error.name).toBe(name);
  }
});

test("a 200 that is not this API is a ProtocolError", async () => {
  const html = answer(200, "<!doctype html>", { "content-type": "text/html" });
  const server = await serve(html, html, answer(200, "7"), answer(204, ""));
  const { agents, me } = client(server.url);
  expect(await rejection(agents.chat("a", { text: "hi" }))).toBeInstanceOf(sdk.ProtocolError);
  expect((await collect(agents.chatStream("a", { text: "hi" }))).error).toBeInstanceOf(sdk.ProtocolError);
  expect(await rejection(me.get())).toBeInstanceOf(sdk.ProtocolError);
  expect(await rejection(me.get())).toBeInstanceOf(sdk.ProtocolError);
  expect(server.received).toHaveLength(4);
});

test("a redirect is refused: the key is sent nowhere else", async () => {
  const other = await serve();
  const server = await serve(answer(307, "", { location: `${other.url}/agents/a/chat` }));
  expect(await rejection(client(server.url).agents.chat("a", { text: "hi" }))).toBeInstanceOf(sdk.ProtocolError);
  expect(server.received).toHaveLength(1);
  expect(other.received).toEqual([]);
});

test("printed errors and clients contain no key", async () => {
  const secret = "af_live_secretsecret";
  const server = await serve(answer(401, { error: "invalid_api_key" }));
  const af = new sdk.AgentFlow({ baseUrl: server.url, apiKey: secret });
  const refused = await rejection(af.me.get());
  const damaged = new sdk.AgentFlow({ baseUrl: server.url, apiKey: `${secret}\n${secret}` });
  const wrong = await rejection(damaged.me.get());
  expect(wrong).toBeInstanceOf(TypeError);
  for (const thing of [refused, wrong, af]) {
    expect(inspect(thing, { depth: 9, showHidden: true })).not.toContain(secret);
    expect(JSON.stringify(thing)).not.toContain(secret);
  }
});
