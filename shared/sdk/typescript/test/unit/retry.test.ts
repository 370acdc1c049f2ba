import { getEventListeners } from "node:events";
import { expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import {
  AgentFlowError,
  APIError,
  AutoRedeployFailedError,
  ConflictError,
  ConnectionError,
  MessageLimitReachedError,
  RateLimitedError,
  TimeoutError,
} from "../../src/index.ts";
import { Me } from "../../src/me.ts";
import { Retries, readRetryAfter } from "../../src/retry.ts";
import { Transport } from "../../src/transport.ts";
import { client, collect, rejection } from "../support/client.ts";
import { FakeClock } from "../support/clock.ts";
import { answer, hangUp, type Script, events as scripted, serve, write } from "../support/server.ts";
import { events, wireOf } from "../support/turn.ts";

const ok = { content: "hi", text: "hi", tools: [], thread_id: "t", flow_balance_remaining: "1.000" };

/** Closes the connection after the answer's headers, before its body. */
const headOnly: Script = (res, req) => {
  res.writeHead(200, { "content-type": "text/event-stream", "content-length": "1000" });
  res.flushHeaders();
  res.write("", () => req.socket.destroy());
};

/** Closes the connection within a JSON answer. */
const halfJSON: Script = async (res, req) => {
  res.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  await write(res, '{"content":"h');
  req.socket.destroy();
};

/** Sends comments, which are not events. */
const onlyComments: Script = scripted([": heartbeat\n\n", ": heartbeat\n\n"]);

const passing: [string, Script][] = [
  ["no answer", hangUp],
  ["503 model_unavailable", answer(503, { error: "model_unavailable" })],
  ["503 of a gateway", answer(503, "<html>busy</html>")],
  ["429 rate_limited", answer(429, { error: "rate_limited" })],
  ["429 of a gateway", answer(429, { message: "Too Many Requests" })],
  ["502 of a gateway", answer(502, { message: "Internal server error" })],
  ["504 of a gateway", answer(504, { message: "Endpoint request timed out" })],
];

for (const [name, script] of [...passing, ["a broken answer", halfJSON] as [string, Script]]) {
  test(`repeated with the same Idempotency-Key: ${name}`, async () => {
    const server = await serve(script, script, answer(200, ok));
    expect(await client(server.url).agents.chat("a", { text: "hi" })).toEqual(ok);
    expect(server.received).toHaveLength(3);
    const keys = server.received.map((r) => r.headers["idempotency-key"]);
    expect(keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(new Set(keys).size).toBe(1);
    expect(new Set(server.received.map((r) => r.body)).size).toBe(1);
  });
}

for (const [name, script] of [
  ...passing,
  ["a head without events", headOnly],
  ["only comments", onlyComments],
] as const) {
  test(`a stream is repeated before its first event: ${name}`, async () => {
    const server = await serve(script, script, scripted([wireOf(events)]));
    const { got, error } = await collect(client(server.url).agents.chatStream("a", { text: "hi" }));
    expect(error).toBeUndefined();
    expect(got).toEqual(events);
    expect(server.received).toHaveLength(3);
    expect(new Set(server.received.map((r) => r.headers["idempotency-key"])).size).toBe(1);
  });
}

const lasting: [number, unknown, new (...args: never[]) => APIError][] = [
  [400, { error: "invalid_request", message: "text is required" }, APIError],
  [401, { error: "invalid_api_key" }, APIError],
  [402, { error: "insufficient_flow" }, APIError],
  [403, { error: "forbidden" }, APIError],
  [404, { error: "not_found" }, APIError],
  [409, { error: "conflict" }, ConflictError],
  [410, { error: "agent_tombstoned" }, APIError],
  [413, { error: "payload_too_large" }, APIError],
  [429, { error: "message_limit_reached" }, MessageLimitReachedError],
  [500, { error: "internal_error" }, APIError],
  [502, { error: "auto_redeploy_failed" }, AutoRedeployFailedError],
];

for (const [status, body, kind] of lasting) {
  test(`not repeated: ${status} ${JSON.stringify(body)}`, async () => {
    const server = await serve(answer(status, body));
    const { agents, clock } = client(server.url);
    expect(await rejection(agents.chat("a", { text: "hi" }))).toBeInstanceOf(kind);
    expect(clock.slept).toEqual([]);
    expect(server.received).toHaveLength(1);
  });
}

test("after maxRetries the last error is thrown", async () => {
  const server = await serve(hangUp, hangUp, answer(503, { error: "model_unavailable" }));
  const { agents } = client(server.url);
  expect(await rejection(agents.chat("a", { text: "hi" }))).toMatchObject({ status: 503 });
  expect(server.received).toHaveLength(3);
});

test("the call's maxRetries overrides the client's; 0 sends once", async () => {
  const server = await serve(
    hangUp,
    answer(200, ok),
    hangUp,
    answer(409, { error: "conflict" }, { "retry-after": "1" }),
  );
  const { agents } = client(server.url, { maxRetries: 0 });
  expect(await agents.chat("a", { text: "hi" }, { maxRetries: 1 })).toEqual(ok);
  expect(await rejection(agents.chat("a", { text: "hi" }))).toBeInstanceOf(ConnectionError);
  expect(await rejection(agents.chat("a", { text: "hi" }))).toBeInstanceOf(ConflictError);
  expect(server.received).toHaveLength(4);
});

test("GET and DELETE are retried too; only DELETE carries a key", async () => {
  const server = await serve(hangUp, answer(200, { id: "u" }), hangUp, answer(200, {}));
  const { me } = client(server.url);
  await me.get();
  await me.apiKeys.delete("k-1");
  const keys = server.received.map((r) => r.headers["idempotency-key"]);
  expect(keys.slice(0, 2)).toEqual([undefined, undefined]);
  expect(keys[2]).toMatch(/^[0-9a-f-]{36}$/);
  expect(keys[3]).toBe(keys[2]);
});

test("after a broken connection the client waits for the first attempt's answer, beyond maxRetries", async () => {
  const running = answer(409, { error: "conflict" }, { "retry-after": "2" });
  const server = await serve(
    hangUp,
    running,
    running,
    running,
    running,
    answer(200, ok, { "idempotency-replayed": "true" }),
  );
  const { agents, clock } = client(server.url, { maxRetries: 1 });
  const r = await agents.chat("a", { text: "hi" });
  expect(r).toEqual(ok);
  expect(r.response.replayed).toBe(true);
  expect(clock.slept).toEqual([250, 2250, 2250, 2250, 2250]);
});

test("... but not for longer than timeout", async () => {
  const running = answer(409, { error: "conflict" }, { "retry-after": "2" });
  const server = await serve(...Array(10).fill(running));
  const { agents, clock } = client(server.url, { timeout: 7_000 });
  expect(await rejection(agents.chat("a", { text: "hi" }))).toBeInstanceOf(ConflictError);
  expect(clock.slept).toEqual([2250, 2250, 2250]);
});

test("the client waits for Retry-After plus jitter", async () => {
  const server = await serve(answer(429, { error: "rate_limited" }, { "retry-after": "7" }), answer(200, ok));
  const { agents, clock } = client(server.url);
  await agents.chat("a", { text: "hi" });
  expect(clock.slept).toEqual([7_250]);
});

test("a Retry-After of more than a minute is left to the caller", async () => {
  const server = await serve(answer(429, { error: "rate_limited" }, { "retry-after": "61" }));
  const { agents, clock } = client(server.url);
  const error = await rejection(agents.chat("a", { text: "hi" }));
  expect(error).toBeInstanceOf(RateLimitedError);
  expect(error).toMatchObject({ retryAfter: 61 });
  expect(clock.slept).toEqual([]);
});

test("aborting during a wait ends it at once", async () => {
  const abort = new AbortController();
  const server = await serve(answer(503, {}, { "retry-after": "30" }));
  const clock = {
    ...systemClock,
    sleep: (ms: number, signal: AbortSignal | undefined) => {
      setTimeout(() => abort.abort());
      return systemClock.sleep(ms, signal);
    },
  };
  const me = new Me(new Transport({ baseUrl: server.url, apiKey: "k" }, clock));
  expect(await rejection(me.get({ signal: abort.signal }))).toMatchObject({ name: "AbortError" });
});

test("a wait leaves neither timer nor listener, finished or aborted", async () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const abort = new AbortController();
  const ended = systemClock.sleep(1_000, abort.signal);
  await vi.advanceTimersByTimeAsync(1_000);
  await ended;
  const aborted = rejection(systemClock.sleep(1_000, abort.signal));
  expect(getEventListeners(abort.signal, "abort")).toHaveLength(1);
  abort.abort("why");
  expect(await aborted).toBe("why");
  expect(await rejection(systemClock.sleep(1_000, abort.signal))).toBe("why");
  expect(vi.getTimerCount()).toBe(0);
  expect(getEventListeners(abort.signal, "abort")).toHaveLength(0);
});

test("full jitter: from 0 to twice the last limit, at most 8 s", () => {
  const pauses = (chance: number) => {
    const clock = new FakeClock();
    clock.chance = chance;
    const retries = new Retries(7, 1_000, clock);
    return Array.from({ length: 8 }, () => retries.next(new ConnectionError("")));
  };
  expect(pauses(0)).toEqual([0, 0, 0, 0, 0, 0, 0, undefined]);
  expect(pauses(1)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, undefined]);
  expect(pauses(0.5)).toEqual([250, 500, 1_000, 2_000, 4_000, 4_000, 4_000, undefined]);
});

test("only answers and network failures are retried", () => {
  for (const error of [
    new TimeoutError(""),
    new AgentFlowError(""),
    new TypeError(""),
    new DOMException("", "AbortError"),
    undefined,
  ]) {
    expect(new Retries(2, 1_000, new FakeClock()).next(error)).toBeUndefined();
  }
});

const now = Date.parse("2026-11-24T10:00:00Z");
const retryAfters: [string, Record<string, string>, number | undefined][] = [
  ["none", {}, undefined],
  ["seconds", { "retry-after": "120" }, 120],
  ["zero", { "retry-after": "0" }, 0],
  ["spaces", { "retry-after": "  3 " }, 3],
  ["a date", { "retry-after": "Tue, 24 Nov 2026 10:00:30 GMT" }, 30],
  ["a date that is past", { "retry-after": "Tue, 24 Nov 2026 09:00:00 GMT" }, 0],
  [
    "a date, by the service's clock",
    { "retry-after": "Tue, 24 Nov 2026 12:00:30 GMT", date: "Tue, 24 Nov 2026 12:00:10 GMT" },
    20,
  ],
  ["an old form of date", { "retry-after": "Tuesday, 24-Nov-26 10:00:30 GMT" }, 30],
  ["a fraction", { "retry-after": "1.5" }, undefined],
  ["a negative number", { "retry-after": "-1" }, undefined],
  ["words", { "retry-after": "soon" }, undefined],
  ["empty", { "retry-after": "" }, undefined],
];

for (const [name, headers, want] of retryAfters) {
  test(`Retry-After: ${name}`, () => {
    expect(readRetryAfter(new Headers(headers), now)).toBe(want);
  });
}
