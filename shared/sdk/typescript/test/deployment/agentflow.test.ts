// Tests the client with the product as `make run` starts it, and its local model.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, inject, test } from "vitest";
import {
  AgentFlow,
  type AgentFlowOptions,
  AgentTombstonedError,
  AutoRedeployFailedError,
  type ChatEvent,
  ConflictError,
  InsufficientFlowError,
  InvalidApiKeyError,
  InvalidRequestError,
  ModelUnavailableError,
  NotFoundError,
  PayloadTooLargeError,
  StreamError,
} from "../../src/index.ts";
import { collect, rejection } from "../support/client.ts";
import { run } from "../support/program.ts";
import { dist, folder } from "../support/sdk.ts";

const { base_url: baseUrl, orgs } = inject("demo");
const { agent_slug: slug, agent_id: id } = orgs.demo;
const decimal = /^\d+\.\d{3}$/;

let count = 0;
const thread = () => `sdk-${process.pid}-${++count}`;
const as = (apiKey: string, more: Partial<AgentFlowOptions> = {}) => new AgentFlow({ baseUrl, apiKey, ...more });
const af = as(orgs.demo.api_key);
const words = (n: number) => Array.from({ length: n }, (_, i) => `w${i + 1}`).join(" ");
const joined = (got: ChatEvent[]) => got.map((event) => (event.event === "message" ? event.data : "")).join("");

test("buffered: by slug and by id, the balance before and after", async () => {
  for (const name of [slug, id]) {
    const r = await af.agents.chat(name, { text: "[[words 50]]", thread_id: thread() });
    expect(r).toEqual({
      content: words(50),
      text: words(50),
      tools: [],
      thread_id: `sdk-${process.pid}-${count}`,
      flow_balance_remaining: expect.stringMatching(decimal),
    });
    const { flowBalance, flowPrecharge, requestId, replayed } = r.response;
    expect(Number(flowBalance)).toBeGreaterThan(Number(r.flow_balance_remaining));
    expect(Number(flowPrecharge)).toBeGreaterThan(0);
    expect(requestId).toMatch(/./);
    expect(replayed).toBe(false);
  }
});

test("streamed: pieces joined are the whole answer, flow_meta is last, and the headers are available", async () => {
  const stream = af.agents.chatStream(slug, { text: "[[words 20]]", thread_id: thread() });
  const { got, error } = await collect(stream);
  expect(error).toBeUndefined();
  expect(joined(got)).toBe(words(20));
  expect(got.filter((event) => event.event === "message").length).toBeGreaterThanOrEqual(20);
  expect(got[0]).toEqual({ event: "status", data: { state: "thinking" } });
  expect(got.at(-2)).toMatchObject({ event: "done", data: { content: words(20), text: words(20), tools: [] } });
  expect(got.at(-1)).toEqual({ event: "flow_meta", data: { balance_remaining: expect.stringMatching(decimal) } });
  expect((await stream.response()).flowBalance).toMatch(/^\d+(\.\d+)?$/);
});

test("pieces arrive while the model still answers", async () => {
  const times: number[] = [];
  for await (const event of af.agents.chatStream(slug, { text: "[[words 10]] [[delay 50]]", thread_id: thread() })) {
    if (event.event === "message") {
      times.push(performance.now());
    }
  }
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(9 * 50 * 0.5);
});

test("a conversation: messages with parts, then text, under one thread_id", async () => {
  const thread_id = thread();
  const content = [{ type: "text" as const, text: "Grüße 👩‍👩‍👧" }];
  const first = await af.agents.chat(slug, { messages: [{ role: "user", content }], thread_id });
  expect(first.content).toBe("You said: Grüße 👩‍👩‍👧");
  const { got } = await collect(af.agents.chatStream(slug, { text: "[[recall]]", thread_id }));
  expect(joined(got)).toBe("Grüße 👩‍👩‍👧");
});

test("Unicode characters of every length pass the stream unchanged", async () => {
  const text = "é 世界 👩‍👩‍👧‍👦 مرحبا \u2028 🇩🇪 e\u0301";
  const { got } = await collect(af.agents.chatStream(slug, { text, thread_id: thread() }));
  expect(joined(got)).toBe(`You said: ${text}`);
});

test("an Idempotency-Key gives the first answer again, buffered and streamed", async () => {
  const request = { text: "[[words 5]]", thread_id: thread() };
  const options = { idempotencyKey: crypto.randomUUID() };
  const first = await af.agents.chat(slug, request, options);
  const second = await af.agents.chat(slug, request, options);
  expect(second).toEqual(first);
  expect([first.response.replayed, second.response.replayed]).toEqual([false, true]);

  const streamed = { idempotencyKey: crypto.randomUUID() };
  const once = await collect(af.agents.chatStream(slug, request, streamed));
  const again = af.agents.chatStream(slug, request, streamed);
  expect(await collect(again)).toEqual(once);
  expect((await again.response()).replayed).toBe(true);

  expect(await rejection(af.agents.chat(slug, { text: "another" }, options))).toBeInstanceOf(ConflictError);
});

test("a retry after a lost connection waits for the running turn's answer: one turn", async () => {
  const request = { text: "[[words 10]] [[delay 100]]", thread_id: thread() };
  const options = { idempotencyKey: crypto.randomUUID() };
  for await (const event of af.agents.chatStream(slug, request, options)) {
    if (event.event === "message") {
      break;
    }
  }
  const stream = af.agents.chatStream(slug, request, options);
  const { got, error } = await collect(stream);
  expect(error).toBeUndefined();
  expect(joined(got)).toBe(words(10));
  expect((await stream.response()).replayed).toBe(true);
});

test("aborting in mid-stream", async () => {
  const abort = new AbortController();
  const got: ChatEvent[] = [];
  const loop = async () => {
    const request = { text: "[[words 100]] [[delay 50]]", thread_id: thread() };
    for await (const event of af.agents.chatStream(slug, request, { signal: abort.signal })) {
      got.push(event);
      if (event.event === "message") {
        abort.abort();
      }
    }
  };
  expect(await rejection(loop())).toMatchObject({ name: "AbortError" });
  expect(got.at(-1)?.event).toBe("message");
});

test("a turn that fails midway: its pieces, error, flow_meta, then StreamError", async () => {
  const stream = af.agents.chatStream(slug, { text: "[[words 9]] [[break 3]]", thread_id: thread() });
  const { got, error } = await collect(stream);
  expect(joined(got).trim()).toBe("w1 w2 w3");
  expect(got.slice(-2).map((event) => event.event)).toEqual(["error", "flow_meta"]);
  expect(error).toBeInstanceOf(StreamError);
  expect((error as StreamError).balance_remaining).toMatch(decimal);
});

const once = { maxRetries: 0 };
const refusals: [string, () => Promise<unknown>, new (...args: never[]) => Error, object][] = [
  [
    "400",
    () => af.agents.chat(slug, { text: "hi", thread_id: "no spaces" }),
    InvalidRequestError,
    { code: "invalid_request" },
  ],
  [
    "401",
    () => as("af_live_unknown").agents.chat(slug, { text: "hi" }),
    InvalidApiKeyError,
    { code: "invalid_api_key" },
  ],
  [
    "402",
    () => as(orgs.empty.api_key).agents.chat(orgs.empty.agent_slug, { text: "hi" }),
    InsufficientFlowError,
    { code: "insufficient_flow", balance: expect.stringMatching(decimal), topup_url: expect.stringMatching(/./) },
  ],
  [
    "404 of nobody's agent",
    () => af.agents.chat("nobody-000000", { text: "hi" }),
    NotFoundError,
    { code: "not_found" },
  ],
  [
    "404 of another org's",
    () => af.agents.chat(orgs.other.agent_slug, { text: "hi" }),
    NotFoundError,
    { code: "not_found" },
  ],
  [
    "413",
    () => af.agents.chat(slug, { text: "x".repeat(2 ** 20) }),
    PayloadTooLargeError,
    { code: "payload_too_large" },
  ],
  [
    "502",
    () => af.agents.chat(slug, { text: "[[nomodel]]" }, once),
    AutoRedeployFailedError,
    { code: "auto_redeploy_failed" },
  ],
  [
    "503",
    () => af.agents.chat(slug, { text: "[[throttle]]" }, once),
    ModelUnavailableError,
    { code: "model_unavailable" },
  ],
];

for (const [name, call, kind, fields] of refusals) {
  test(`refused: ${name}`, async () => {
    const error = await rejection(call());
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ ...fields, requestId: expect.stringMatching(/./) });
  });
}

test("a stream's loop throws refusals unchanged", async () => {
  const { got, error } = await collect(as("af_live_unknown").agents.chatStream(slug, { text: "hi" }));
  expect(got).toEqual([]);
  expect(error).toBeInstanceOf(InvalidApiKeyError);
});

test("refused: 410 for a deleted agent", async () => {
  const manage = async (method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${orgs.demo.api_key}`, "content-type": "application/json" };
    const init: RequestInit = { method, headers };
    if (body) {
      init.body = JSON.stringify(body);
    }
    return (await fetch(`${baseUrl}/v1/agents${path}`, init)).json() as Promise<{ data: { id: string; slug: string } }>;
  };
  const { data } = await manage("POST", "", { name: "Short Lived", instructions: "Be brief." });
  await manage("DELETE", `/${data.id}`);
  expect(await rejection(af.agents.chat(data.id, { text: "hi" }))).toBeInstanceOf(AgentTombstonedError);
});

test("me: the caller", async () => {
  const me = await af.me.get();
  expect(me).toMatchObject({ org_id: orgs.demo.id, balance: expect.stringMatching(decimal) });
});

test("me.apiKeys, with a session: create, list, use, revoke", async () => {
  const token = (orgs.demo.session_cookie ?? "").replace(/^af_session=/, "");
  const session = new AgentFlow({ baseUrl, token });
  expect(await session.me.get()).toMatchObject({ email: orgs.demo.email, org_id: orgs.demo.id });
  const made = await session.me.apiKeys.create({ name: "my-bot" });
  expect(made.key).toMatch(/^af_live_/);
  const listed = await session.me.apiKeys.list();
  expect(listed.find((key) => key.id === made.id)).toMatchObject({ name: "my-bot", created_at: made.created_at });
  expect(JSON.stringify(listed)).not.toContain(made.key);
  const bot = as(made.key);
  expect((await bot.agents.chat(slug, { text: "hi", thread_id: thread() })).content).toBe("You said: hi");
  await session.me.apiKeys.delete(made.id);
  await expect.poll(() => bot.me.get().catch((error) => error), { timeout: 10_000 }).toBeInstanceOf(InvalidApiKeyError);
});

// The README's program, with this deployment's agent and address.
let program: string;
beforeAll(() => {
  dist();
  const [, code] = /```ts\n(.*?)```/s.exec(readFileSync(join(folder, "README.md"), "utf8")) ?? [];
  program = (code ?? "").replace("demo-agent-0a1b2c", slug).replace("http://127.0.0.1:3000", baseUrl);
});

test("the README's program runs as printed", async () => {
  const printed = await run("module", program, { AGENTFLOW_API_KEY: orgs.demo.api_key });
  expect(printed).toMatch(
    /^You said: Where do rivers end\? \(\d+\.\d{3} left\)\nYou said: Where do they begin\? \(\d+\.\d{3} left\)\n$/,
  );
});
