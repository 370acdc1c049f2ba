// A stream has the same events wherever the network cuts it.
import { expect, test } from "vitest";
import { type ChatEvent, ConnectionError, StreamError } from "../../src/index.ts";
import { client, collect, reading } from "../support/client.ts";
import { events as scripted, serve } from "../support/server.ts";
import { broken, events, wireOf } from "../support/turn.ts";

const bytes = (s: string) => new TextEncoder().encode(s);

async function read(chunks: Uint8Array[]) {
  return collect(reading(chunks).agents.chatStream("a-1", { text: "hi" }));
}

for (const [name, newline] of [
  ["LF", "\n"],
  ["CRLF", "\r\n"],
  ["CR", "\r"],
] as const) {
  const all = bytes(wireOf(events, newline));

  test(`${name}: cut in two at every byte`, async () => {
    for (let at = 0; at <= all.length; at++) {
      const { got, error } = await read([all.slice(0, at), all.slice(at)]);
      expect(error, `cut at ${at}`).toBeUndefined();
      expect(got, `cut at ${at}`).toEqual(events);
    }
  });

  test(`${name}: in pieces of every size`, async () => {
    for (let size = 1; size < 40; size++) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < all.length; at += size) {
        chunks.push(all.slice(at, at + size));
      }
      expect(await read(chunks), `pieces of ${size}`).toEqual({ got: events, error: undefined });
    }
  });

  test(`${name}: ended at every byte`, async () => {
    for (let at = 0; at <= all.length; at++) {
      const { got, error } = await read([all.slice(0, at)]);
      expect(got, `ended at ${at}`).toEqual(events.slice(0, got.length));
      if (got.length < events.length) {
        expect(error, `ended at ${at}`).toBeInstanceOf(ConnectionError);
      } else {
        expect(error, `ended at ${at}`).toBeUndefined();
        // A complete stream may miss only its last line break.
        expect(at).toBeGreaterThanOrEqual(all.length - 1);
      }
    }
  });
}

test("a turn that failed midway: every event, then a StreamError, wherever it is cut", async () => {
  const all = bytes(wireOf(broken));
  for (let at = 0; at <= all.length; at++) {
    const { got, error } = await read([all.slice(0, at), all.slice(at)]);
    expect(got).toEqual(broken);
    expect(error).toBeInstanceOf(StreamError);
    expect(error).toMatchObject({
      code: "internal_error",
      message: "the model broke off",
      balance_remaining: "999.900",
      idempotencyKey: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  }
});

test("byte by byte over a real connection", async () => {
  const all = bytes(wireOf(events, "\r\n"));
  const server = await serve(scripted(Array.from(all, (byte) => Uint8Array.of(byte))));
  const { got, error } = await collect(client(server.url).agents.chatStream("a-1", { text: "hi" }));
  expect(error).toBeUndefined();
  expect(got).toEqual(events);
});

test("an event arrives as soon as it is complete, not with the next one", async () => {
  const answered: ChatEvent[] = [];
  let turn: (() => void) | undefined;
  const server = await serve(async (res) => {
    res.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of events) {
      const seen = new Promise<void>((resolve) => {
        turn = resolve;
      });
      res.write(wireOf([event]));
      await seen; // the next event is written only after this one was read
    }
    res.end();
  });
  for await (const event of client(server.url).agents.chatStream("a-1", { text: "hi" })) {
    answered.push(event);
    turn?.();
  }
  expect(answered).toEqual(events);
});

test("fields of other servers: no space, ids, retry, several data lines, a byte order mark", async () => {
  const text =
    '\uFEFFid: 1\nretry: 5\nevent:message\ndata:"a"\n\nevent: done\ndata: {"content":"a",\ndata: "text":"a","tools":[],"thread_id":"t"}\n\nevent: flow_meta\ndata: {"balance_remaining":"1.000"}\n\n';
  expect((await read([bytes(text)])).got).toEqual([
    { event: "message", data: "a" },
    { event: "done", data: { content: "a", text: "a", tools: [], thread_id: "t" } },
    { event: "flow_meta", data: { balance_remaining: "1.000" } },
  ]);
});
