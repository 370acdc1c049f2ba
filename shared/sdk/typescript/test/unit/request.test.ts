// Tests the requests that are sent.
import { expect, test } from "vitest";
import { AgentFlow, type AgentFlowOptions, type ChatRequest } from "../../src/index.ts";
import { client, collect, rejection } from "../support/client.ts";
import { answer, events as scripted, serve } from "../support/server.ts";
import { events, wireOf } from "../support/turn.ts";

const ok = { content: "hi", text: "hi", tools: [], thread_id: "t", flow_balance_remaining: "1.000" };

const bodies: ChatRequest[] = [
  { text: "Hi!" },
  { text: "Hi!", thread_id: "t-1" },
  { messages: [{ role: "user", content: "Hi!" }] },
  { messages: [{ role: "user", content: [{ type: "text", text: "Grüße 👋" }] }], thread_id: "t-1" },
];

for (const body of bodies) {
  test(`buffered and streamed: ${JSON.stringify(body)}`, async () => {
    const server = await serve(answer(200, ok), scripted([wireOf(events)]));
    const { agents } = client(server.url);
    const r = await agents.chat("support-agent-457c1d", body);
    expect(r.content).toBe("hi");
    expect(r.flow_balance_remaining).toBe("1.000");
    expect((await collect(agents.chatStream("support-agent-457c1d", body))).error).toBeUndefined();
    expect(server.received.map((q) => [q.method, q.url, JSON.parse(q.body)])).toEqual([
      ["POST", "/agents/support-agent-457c1d/chat", { ...body, stream: false }],
      ["POST", "/agents/support-agent-457c1d/chat", { ...body, stream: true }],
    ]);
    expect(server.received[0]?.headers).toMatchObject({
      "content-type": "application/json",
      accept: "application/json",
      "x-api-key": "af_live_test",
    });
    expect(server.received[1]?.headers.accept).toBe("text/event-stream");
  });
}

test("only headers that a page may send across origins", async () => {
  const server = await serve(answer(200, ok));
  await client(server.url).agents.chat("a", { text: "hi" });
  // The platform's own headers, then those that the service's preflight allows.
  const platform = [
    "host",
    "connection",
    "accept",
    "accept-language",
    "accept-encoding",
    "sec-fetch-mode",
    "user-agent",
    "content-length",
  ];
  const allowed = ["content-type", "x-api-key", "authorization", "idempotency-key"];
  for (const name of Object.keys(server.received[0]?.headers ?? {})) {
    expect([...platform, ...allowed]).toContain(name);
  }
});

test("the answer's headers are beside the result, not in it", async () => {
  const head = {
    "x-flow-balance": "12.345",
    "x-flow-precharge": "0.5",
    "x-request-id": "r-1",
    "idempotency-replayed": "true",
  };
  const server = await serve(answer(200, ok, head));
  const r = await client(server.url).agents.chat("a", { text: "hi" }, { idempotencyKey: "k" });
  expect(r.response).toMatchObject({
    status: 200,
    flowBalance: "12.345",
    flowPrecharge: "0.5",
    requestId: "r-1",
    replayed: true,
    idempotencyKey: "k",
  });
  expect(JSON.parse(JSON.stringify(r))).toEqual(ok);
  expect({ ...r }).toEqual(ok);
});

test("a slug is one segment of the path", async () => {
  const server = await serve(...Array(3).fill(answer(200, ok)));
  const { agents } = client(server.url);
  for (const slug of ["a/b", "a?b#c", "ä %"]) {
    await agents.chat(slug, { text: "hi" });
  }
  expect(server.received.map((q) => q.url)).toEqual([
    "/agents/a%2Fb/chat",
    "/agents/a%3Fb%23c/chat",
    "/agents/%C3%A4%20%25/chat",
  ]);
  for (const slug of ["", ".", "..", undefined as never]) {
    expect(await rejection(agents.chat(slug, { text: "hi" }))).toBeInstanceOf(TypeError);
    expect(() => agents.chatStream(slug, { text: "hi" })).toThrow(TypeError);
  }
  expect(server.received).toHaveLength(3);
});

test("baseUrl keeps its path; slashes at its end do not matter", async () => {
  const server = await serve(...Array(3).fill(answer(200, { id: "u" })));
  for (const [end, path] of [
    ["/", "/me"],
    ["/live", "/live/me"],
    ["/live//", "/live/me"],
  ] as const) {
    await client(server.url + end).me.get();
    expect(server.received.at(-1)?.url).toBe(path);
  }
});

test("an apiKey, a token, or functions that return them, before every attempt", async () => {
  let n = 0;
  const ways: [Partial<AgentFlowOptions>, Record<string, string | undefined>][] = [
    [{ apiKey: " af_live_a\n" }, { "x-api-key": "af_live_a", authorization: undefined }],
    [{ apiKey: () => "af_live_b" }, { "x-api-key": "af_live_b" }],
    [{ apiKey: async () => `af_live_${++n}` }, { "x-api-key": "af_live_2" }],
    [
      { apiKey: undefined, token: "a.b.c" },
      { authorization: "Bearer a.b.c", "x-api-key": undefined },
    ],
    [{ apiKey: undefined, token: async () => "d.e.f" }, { authorization: "Bearer d.e.f" }],
    [
      { apiKey: undefined, credentials: "include" },
      { authorization: undefined, "x-api-key": undefined },
    ],
  ];
  for (const [options, headers] of ways) {
    const server = await serve(answer(503, {}), answer(200, { id: "u" }));
    await client(server.url, options).me.get();
    for (const [name, value] of Object.entries(headers)) {
      expect(server.received[1]?.headers[name]).toBe(value);
    }
  }
});

test("a function's error reaches the caller, and nothing is sent", async () => {
  const server = await serve();
  const failure = new Error("vault is closed");
  const apiKey = () => Promise.reject(failure);
  expect(await rejection(client(server.url, { apiKey }).me.get())).toBe(failure);
  expect(await rejection(client(server.url, { apiKey: () => "" }).me.get())).toBeInstanceOf(TypeError);
  expect(server.received).toEqual([]);
});

const wrong: [string, Partial<AgentFlowOptions>][] = [
  ["no way to sign", { apiKey: undefined }],
  ["two ways to sign", { token: "a.b.c" }],
  ["no base URL", { baseUrl: undefined as never }],
  ["a relative base URL", { baseUrl: "/api" }],
  ["another scheme", { baseUrl: "ftp://x.test" }],
  ["credentials in the base URL", { baseUrl: "https://a:b@x.test" }],
  ["a query in the base URL", { baseUrl: "https://x.test?a=b" }],
  ["a negative timeout", { timeout: -1 }],
  ["a timeout that is no number", { timeout: "5" as never }],
  ["NaN retries", { maxRetries: Number.NaN }],
];

for (const [name, options] of wrong) {
  test(`refused when made: ${name}`, () => {
    expect(() => new AgentFlow({ baseUrl: "https://x.test", apiKey: "k", ...options })).toThrow(TypeError);
  });
}

test("a missing baseUrl is named", () => {
  expect(() => new AgentFlow({ apiKey: "k" } as never)).toThrow(
    'baseUrl is missing, which has no default: new AgentFlow({ apiKey, baseUrl: "https://api.example.com" })',
  );
});

test.each([
  [{ apiKey: "k", baseURL: "https://x.test" }, "the option baseURL is called baseUrl here"],
  [{ apiKey: "k", base_url: "https://x.test" }, "the option base_url is called baseUrl here"],
  [{ api_key: "k", baseUrl: "https://x.test" }, "the option api_key is called apiKey here"],
  ["k", "the options must be an object"],
  [undefined, "the options must be an object"],
])("the options of other clients are named: %j", (options, message) => {
  expect(() => new AgentFlow(options as never)).toThrow(message);
});

test("invalid options and Idempotency-Keys are refused by the call", async () => {
  const server = await serve();
  const { agents } = client(server.url);
  for (const options of [
    { timeout: -1 },
    { idempotencyKey: "" },
    { idempotencyKey: "a b" },
    { idempotencyKey: "k".repeat(256) },
  ]) {
    expect(await rejection(agents.chat("a", { text: "hi" }, options))).toBeInstanceOf(TypeError);
  }
  expect(server.received).toEqual([]);
});

test("an infinite timeout means no timeout", async () => {
  const server = await serve(answer(200, { id: "u" }));
  await client(server.url).me.get({ timeout: Number.POSITIVE_INFINITY });
});

test("keys are generated without randomUUID too, as on pages over plain HTTP", async () => {
  const server = await serve(answer(200, ok), answer(200, ok));
  const { randomUUID } = crypto;
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  try {
    await client(server.url).agents.chat("a", { text: "hi" });
    await client(server.url).agents.chat("a", { text: "hi" });
  } finally {
    Object.defineProperty(crypto, "randomUUID", { value: randomUUID, configurable: true });
  }
  const keys = server.received.map((q) => q.headers["idempotency-key"]);
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(keys[1]).not.toBe(keys[0]);
});

test("a change of the request during retries does not change them", async () => {
  const body = { text: "first" };
  const server = await serve(
    (res, req) => {
      body.text = "second";
      answer(503, {})(res, req);
    },
    answer(200, ok),
  );
  await client(server.url).agents.chat("a", body);
  expect(server.received[1]?.body).toBe(server.received[0]?.body);
});

test("concurrent calls do not mix", async () => {
  const echo = (res: never, req: { body: string }) => {
    const { text } = JSON.parse(req.body);
    answer(200, { ...ok, content: text })(res, req as never);
  };
  const server = await serve(...Array(50).fill(echo));
  const { agents } = client(server.url);
  const texts = Array.from({ length: 50 }, (_, i) => `t${i}`);
  const answers = await Promise.all(texts.map((text) => agents.chat("a", { text })));
  expect(answers.map((r) => r.content)).toEqual(texts);
});
