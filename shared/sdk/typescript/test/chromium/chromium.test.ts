// Tests the ESM build in a real browser, on a page of another origin than the service.
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import type * as SDK from "../../src/index.ts";
import { listen } from "../support/listen.ts";
import { dist, folder } from "../support/sdk.ts";
import { answer, events as scripted, serve } from "../support/server.ts";
import { events, wireOf } from "../support/turn.ts";

declare global {
  interface Window {
    sdk: typeof SDK;
  }
}

const { base_url: baseUrl, orgs } = inject("demo");
// These tests use their own org: others run at the same time, and balances are compared here.
const demo = { baseUrl, apiKey: orgs.other.api_key, slug: orgs.other.agent_slug };

const page = `<!doctype html><meta charset="utf-8"><title>page</title>
<script type="importmap">{"imports": {"@quintet/sdk": "/sdk.js", "eventsource-parser": "/eventsource-parser.js"}}</script>
<script type="module">window.sdk = await import("@quintet/sdk");</script>`;

const files: Record<string, [string, () => string]> = {
  "/": ["text/html", () => page],
  "/sdk.js": ["text/javascript", () => readFileSync(join(dist(), "index.js"), "utf8")],
  "/eventsource-parser.js": [
    "text/javascript",
    () => readFileSync(join(folder, "node_modules/eventsource-parser/dist/index.js"), "utf8"),
  ],
};

let pages: Server;
let origin: string;
let browser: Browser;
let tab: Page;

beforeAll(async () => {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(`there is no ${executablePath}: install chromium, or name it in CHROMIUM`);
  }
  pages = createServer((req, res) => {
    const [type, read] = files[req.url ?? ""] ?? ["text/plain", () => ""];
    res.writeHead(200, { "content-type": type });
    res.end(read());
  });
  origin = await listen(pages);
  browser = await chromium.launch({
    executablePath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
});

afterAll(async () => {
  await browser?.close();
  pages?.close();
});

beforeEach(async () => {
  tab = await browser.newPage();
  const wrong: unknown[] = [];
  tab.on("pageerror", (error) => wrong.push(error));
  await tab.goto(origin);
  await tab.waitForFunction(() => window.sdk !== undefined);
  expect(wrong).toEqual([]);
  return () => tab.close();
});

test("the service and the page have different origins", () => {
  expect(new URL(baseUrl).origin).not.toBe(origin);
});

test("buffered, with the headers that the service exposes to pages", async () => {
  const got = await tab.evaluate(async ({ baseUrl, apiKey, slug }) => {
    const af = new window.sdk.AgentFlow({ baseUrl, apiKey });
    const r = await af.agents.chat(slug, { text: "[[words 50]] Grüße 👋" });
    const { flowBalance, flowPrecharge, requestId } = r.response;
    return { r, flowBalance, flowPrecharge, requestId };
  }, demo);
  expect(got.r.content).toMatch(/^w1 w2 .* w50$/);
  expect(Number(got.flowBalance)).toBeGreaterThan(Number(got.r.flow_balance_remaining));
  expect(Number(got.flowPrecharge)).toBeGreaterThan(0);
  expect(got.requestId).toMatch(/./);
});

test("streamed, piece by piece while the model still answers", async () => {
  const got = await tab.evaluate(async ({ baseUrl, apiKey, slug }) => {
    const af = new window.sdk.AgentFlow({ baseUrl, apiKey });
    const seen: { event: string; data: unknown; at: number }[] = [];
    for await (const { event, data } of af.agents.chatStream(slug, { text: "[[words 10]] [[delay 50]]" })) {
      seen.push({ event, data, at: performance.now() });
    }
    return seen;
  }, demo);
  const pieces = got.filter(({ event }) => event === "message");
  expect(pieces.map(({ data }) => data).join("")).toBe("w1 w2 w3 w4 w5 w6 w7 w8 w9 w10");
  expect((pieces.at(-1)?.at ?? 0) - (pieces[0]?.at ?? 0)).toBeGreaterThan(9 * 50 * 0.5);
  expect(got.slice(-2).map(({ event }) => event)).toEqual(["done", "flow_meta"]);
});

test("errors are readable across origins", async () => {
  const got = await tab.evaluate(async ({ baseUrl, slug }) => {
    const af = new window.sdk.AgentFlow({ baseUrl, apiKey: "af_live_unknown" });
    try {
      return await af.agents.chat(slug, { text: "hi" });
    } catch (error) {
      const { name, code, status, requestId } = error as SDK.APIError;
      return { name, code, status, requestId };
    }
  }, demo);
  expect(got).toMatchObject({
    name: "InvalidApiKeyError",
    code: "invalid_api_key",
    status: 401,
    requestId: expect.any(String),
  });
});

test("aborting in mid-stream closes the connection", async () => {
  const cors = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "x-api-key,content-type,idempotency-key",
  };
  const server = await serve(answer(200, {}, cors), async (res) => {
    res.writeHead(200, { "content-type": "text/event-stream", ...cors });
    res.write(wireOf(events.slice(0, 2)));
  });
  const name = await tab.evaluate(async (baseUrl) => {
    const abort = new AbortController();
    const af = new window.sdk.AgentFlow({ baseUrl, apiKey: "k" });
    try {
      for await (const event of af.agents.chatStream("a", { text: "hi" }, { signal: abort.signal })) {
        if (event.event === "message") {
          abort.abort();
        }
      }
      return "ended";
    } catch (error) {
      return (error as Error).name;
    }
  }, server.url);
  expect(name).toBe("AbortError");
  expect(server.received.map((q) => q.method)).toEqual(["OPTIONS", "POST"]);
  await server.received[1]?.closed;
});

test("a service that does not allow the page's origin is a ConnectionError", async () => {
  const server = await serve(scripted([wireOf(events)]), scripted([wireOf(events)]));
  const name = await tab.evaluate(async (baseUrl) => {
    const af = new window.sdk.AgentFlow({ baseUrl, apiKey: "k", maxRetries: 0 });
    return af.agents.chat("a", { text: "hi" }).catch((error) => error.name);
  }, server.url);
  expect(name).toBe("ConnectionError");
  expect(server.received.map((q) => q.method)).toEqual(["OPTIONS"]);
});

test("a redirect is refused in browsers too", async () => {
  const cors = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "x-api-key,content-type,idempotency-key",
  };
  const server = await serve(answer(200, {}, cors), answer(307, "", { ...cors, location: "/elsewhere" }));
  const name = await tab.evaluate(async (baseUrl) => {
    const af = new window.sdk.AgentFlow({ baseUrl, apiKey: "k" });
    return af.agents.chat("a", { text: "hi" }).catch((error) => error.name);
  }, server.url);
  expect(name).toBe("ProtocolError");
  expect(server.received.map((q) => q.method)).toEqual(["OPTIONS", "POST"]);
});
