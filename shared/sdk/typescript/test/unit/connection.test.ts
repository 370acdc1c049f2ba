// Tests the handling of a real connection.
import { getEventListeners } from "node:events";
import { expect, test, vi } from "vitest";
import { ConnectionError, ProtocolError, TimeoutError } from "../../src/index.ts";
import { client, collect, rejection } from "../support/client.ts";
import { answer, open, type Script, events as scripted, serve, silence, write } from "../support/server.ts";
import { events, wire, wireOf } from "../support/turn.ts";

const body = { text: "hi" };

/** Sends the first two events of a stream and then is silent. */
const halfAStream: Script = async (res) => {
  open(res);
  await write(res, wireOf(events.slice(0, 2)));
};

test("aborting in mid-stream closes the connection and rejects with the caller's reason", async () => {
  const server = await serve(halfAStream);
  const abort = new AbortController();
  const reason = new Error("no longer wanted");
  const loop = collect(read());
  async function* read() {
    for await (const event of client(server.url).agents.chatStream("a", body, { signal: abort.signal })) {
      yield event;
      if (event.event === "message") {
        abort.abort(reason);
      }
    }
  }
  const { got, error } = await loop;
  expect(got).toEqual(events.slice(0, 2));
  expect(error).toBe(reason);
  await server.received[0]?.closed;
});

test("aborting while the loop waits for an event does not wait for the event", async () => {
  const server = await serve(halfAStream);
  const abort = new AbortController();
  const stream = client(server.url).agents.chatStream("a", body, { signal: abort.signal })[Symbol.asyncIterator]();
  await stream.next();
  await stream.next();
  const waiting = rejection(stream.next());
  abort.abort();
  expect(await waiting).toMatchObject({ name: "AbortError" });
  await server.received[0]?.closed;
});

test("received events are not delivered after an abort", async () => {
  const server = await serve(scripted([wireOf(events)]));
  const abort = new AbortController();
  const stream = client(server.url).agents.chatStream("a", body, { signal: abort.signal })[Symbol.asyncIterator]();
  await stream.next();
  abort.abort();
  expect(await rejection(stream.next())).toMatchObject({ name: "AbortError" });
});

test("leaving the loop closes the connection", async () => {
  const server = await serve(halfAStream);
  for await (const event of client(server.url).agents.chatStream("a", body)) {
    expect(event).toEqual(events[0]);
    break;
  }
  await server.received[0]?.closed;
});

test("an exception in the loop closes the connection", async () => {
  const server = await serve(halfAStream);
  const oops = new Error("oops");
  const loop = async () => {
    for await (const _ of client(server.url).agents.chatStream("a", body)) {
      throw oops;
    }
  };
  expect(await rejection(loop())).toBe(oops);
  await server.received[0]?.closed;
});

test("an aborted signal sends nothing", async () => {
  const server = await serve();
  const { agents } = client(server.url);
  const options = { signal: AbortSignal.abort() };
  expect(await rejection(agents.chat("a", body, options))).toMatchObject({ name: "AbortError" });
  expect((await collect(agents.chatStream("a", body, options))).error).toMatchObject({ name: "AbortError" });
  expect(server.received).toEqual([]);
});

test("aborting a buffered call closes the connection", async () => {
  const abort = new AbortController();
  const server = await serve(() => abort.abort());
  const error = await rejection(client(server.url).agents.chat("a", body, { signal: abort.signal }));
  expect(error).toMatchObject({ name: "AbortError" });
  await server.received[0]?.closed;
});

test("a complete stream leaves its connection for later calls", async () => {
  const calls = 10;
  const late: Script = async (res) => {
    open(res);
    await write(res, wireOf(events));
    setTimeout(() => res.end(), 5); // the end follows the last event separately
  };
  const server = await serve(...Array(calls).fill(late));
  const { agents } = client(server.url);
  for (let i = 0; i < calls; i++) {
    await collect(agents.chatStream("a", body));
  }
  // The end is read in the background, so the next call may be too early to reuse it.
  expect(new Set(server.received.map((r) => r.socket)).size).toBeLessThan(calls);
});

test("the loop ends with flow_meta, also when the server keeps the connection open", async () => {
  const server = await serve(async (res) => {
    open(res);
    await write(res, wireOf(events));
  });
  expect(await collect(client(server.url).agents.chatStream("a", body))).toEqual({ got: events, error: undefined });
  await server.received[0]?.closed; // a second later
});

test("timeout: a buffered call without an answer is cancelled and not retried", async () => {
  const server = await serve(silence);
  const sent: RequestInit[] = [];
  const watched: typeof fetch = (input, init = {}) => {
    sent.push(init);
    return fetch(input, init);
  };
  const { agents } = client(server.url, { fetch: watched });
  const error = await rejection(agents.chat("a", body, { timeout: 30, idempotencyKey: "k" }));
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error).toMatchObject({ message: "no answer within 30 ms", idempotencyKey: "k" });
  expect(sent.map(({ signal }) => signal?.aborted)).toEqual([true]);
});

test("timeout: an answer that begins and never ends", async () => {
  const server = await serve(async (res) => {
    res.writeHead(200, { "content-type": "application/json" });
    await write(res, '{"content":');
  });
  const error = await rejection(client(server.url, { timeout: 30 }).agents.chat("a", body));
  expect(error).toBeInstanceOf(TimeoutError);
});

test("timeout: a stream's beginning", async () => {
  const server = await serve(silence);
  const { error } = await collect(client(server.url).agents.chatStream("a", body, { timeout: 30 }));
  expect(error).toBeInstanceOf(TimeoutError);
});

test("idleTimeout: a stream that becomes silent", async () => {
  const server = await serve(halfAStream);
  const stream = client(server.url).agents.chatStream("a", body, { idleTimeout: 300 });
  const { got, error } = await collect(stream);
  expect(got).toEqual(events.slice(0, 2));
  expect(error).toBeInstanceOf(TimeoutError);
  await server.received[0]?.closed;
});

test("timeout does not apply to a running stream, and heartbeats prevent the idle timeout", async () => {
  const server = await serve(async (res) => {
    open(res);
    await write(res, wireOf(events.slice(0, 1)));
    const began = Date.now();
    while (Date.now() - began < 750) {
      await write(res, ": heartbeat\n\n");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    res.end(wireOf(events.slice(1)));
  });
  const stream = client(server.url).agents.chatStream("a", body, { timeout: 500, idleTimeout: 500 });
  expect(await collect(stream)).toEqual({ got: events, error: undefined });
});

test("a connection that breaks in mid-stream is a ConnectionError without a retry", async () => {
  const server = await serve(async (res, req) => {
    open(res);
    await write(res, wireOf(events.slice(0, 3)));
    req.socket.destroy();
  });
  const { got, error } = await collect(client(server.url).agents.chatStream("a", body, { idempotencyKey: "k" }));
  expect(got).toEqual(events.slice(0, 3));
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error).toMatchObject({ idempotencyKey: "k" });
  expect(server.received).toHaveLength(1);
});

test("damaged data is a ProtocolError and closes the connection", async () => {
  const server = await serve(async (res) => {
    open(res);
    await write(res, `${wire({ event: "message", data: "a" })}event: message\ndata: {"not":"a string"}\n\n`);
  });
  const { got, error } = await collect(client(server.url).agents.chatStream("a", body));
  expect(got).toHaveLength(1);
  expect(error).toBeInstanceOf(ProtocolError);
  await server.received[0]?.closed;
});

test("an answer that is not an event stream closes the connection", async () => {
  const server = await serve(async (res) => {
    res.writeHead(200, { "content-type": "text/html" });
    await write(res, "<!doctype html>");
  });
  const { error } = await collect(client(server.url).agents.chatStream("a", body));
  expect(error).toBeInstanceOf(ProtocolError);
  await server.received[0]?.closed;
});

test("a fetch that ignores its signal cannot block an aborted loop", async () => {
  let cancelled = false;
  const abort = new AbortController();
  const deaf = async () =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode(wireOf(events.slice(0, 1)))),
        cancel: () => {
          cancelled = true;
        },
      }),
      { headers: { "content-type": "text/event-stream" } },
    );
  const { agents } = client("http://in.memory", { fetch: deaf });
  const stream = agents.chatStream("a", body, { signal: abort.signal })[Symbol.asyncIterator]();
  await stream.next();
  const waiting = rejection(stream.next());
  abort.abort();
  expect(await waiting).toMatchObject({ name: "AbortError" });
  expect(cancelled).toBe(true);
});

test("a long-lived signal accumulates no listeners", async () => {
  const ok = answer(200, { id: "u" });
  const whole = scripted([wireOf(events)]);
  const server = await serve(ok, answer(404, {}), silence, whole, halfAStream, halfAStream);
  const { agents, me } = client(server.url);
  const { signal } = new AbortController();
  await me.get({ signal });
  await rejection(me.get({ signal }));
  await rejection(me.get({ signal, timeout: 300 }));
  await collect(agents.chatStream("a", body, { signal }));
  await collect(agents.chatStream("a", body, { signal, idleTimeout: 300 }));
  for await (const _ of agents.chatStream("a", body, { signal })) {
    break;
  }
  await expect.poll(() => getEventListeners(signal, "abort").length).toBe(0);
});

test("a stream is read once", async () => {
  const server = await serve(scripted([wireOf(events)]));
  const stream = client(server.url).agents.chatStream("a", body);
  await collect(stream);
  expect(() => stream[Symbol.asyncIterator]()).toThrow(TypeError);
});

test("an unread stream sends nothing", async () => {
  const server = await serve();
  client(server.url).agents.chatStream("a", body);
  await new Promise((resolve) => setImmediate(resolve));
  expect(server.received).toEqual([]);
});

test("response() starts the stream; the loop then yields all its events", async () => {
  const head = { "x-flow-balance": "12.345", "x-flow-precharge": "0.5", "x-request-id": "r-1" };
  const server = await serve(scripted([wireOf(events)], head));
  const stream = client(server.url).agents.chatStream("a", body, { idempotencyKey: "k" });
  expect(await stream.response()).toMatchObject({
    status: 200,
    flowBalance: "12.345",
    flowPrecharge: "0.5",
    requestId: "r-1",
    idempotencyKey: "k",
    replayed: false,
  });
  expect((await collect(stream)).got).toEqual(events);
  expect(server.received).toHaveLength(1);
});

/** A fetch like React Native's: the answer has no body, only its text. */
const bodiless: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const { ok, status, headers, type } = response;
  return { ok, status, headers, type, text: () => response.text() } as Response;
};

test("a fetch that cannot stream yields all events at the end, and is called once", async () => {
  const server = await serve(scripted([wireOf(events)]));
  const { got, error } = await collect(
    client(server.url, { fetch: bodiless, maxRetries: 2 }).agents.chatStream("a", body),
  );
  expect(error).toBeUndefined();
  expect(got).toEqual(events);
  expect(server.received.length).toBe(1);
});

test("a whole body may be silent for longer than a stream", async () => {
  vi.useFakeTimers();
  try {
    let arrive: (text: string) => void = () => {};
    const text = new Promise<string>((resolve) => {
      arrive = resolve;
    });
    const slow = (async () => ({
      ok: true,
      status: 200,
      headers: new Headers({ "content-type": "text/event-stream" }),
      text: () => text,
    })) as unknown as typeof fetch;
    const loop = collect(
      client("http://in.memory", { fetch: slow, idleTimeout: 50, timeout: 5_000 }).agents.chatStream("a", body),
    );
    await vi.advanceTimersByTimeAsync(4_999);
    arrive(wireOf(events));
    expect(await loop).toEqual({ got: events, error: undefined });
  } finally {
    vi.useRealTimers();
  }
});

test("a fetch without a response is not a network error", async () => {
  let asked = 0;
  const broken = (async () => {
    asked++;
    return undefined;
  }) as unknown as typeof fetch;
  const error = await rejection(client("http://127.0.0.1:1", { fetch: broken, maxRetries: 2 }).agents.chat("a", body));
  expect(error).toBeInstanceOf(TypeError);
  expect(asked).toBe(1);
});
