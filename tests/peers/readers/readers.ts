// Node's readers of streams: they find the expected events, wherever a stream is cut.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { Readable, type Transform } from "node:stream";
import { isDeepStrictEqual } from "node:util";
import { AgentFlow, StreamError } from "@quintet/sdk";
import { createParser } from "eventsource-parser";
import { bodyOf } from "../../../shared/sdk/typescript/src/body.ts";
import { Deadline } from "../../../shared/sdk/typescript/src/deadline.ts";
import { EventReader } from "../../../shared/sdk/typescript/src/sse.ts";
import { same } from "../steps.ts";

interface Recording {
  name: string;
  media: string;
  body: string;
  cuts: number[][];
  events: { name: string; data: string }[];
}

type Found = [name: string, data: unknown][];
type Reader = (pieces: Uint8Array[]) => Promise<Found>;

const require = createRequire(import.meta.url);
const split2: () => Transform = require("split2");
// Node's own EventSource uses this package, which has no types.
const { EventSourceStream } = require("undici/lib/web/eventsource/eventsource-stream.js");

const parsed = (name: string | undefined, data: string): [string, unknown] => [name ?? "", JSON.parse(data)];

const eventsourceParser: Reader = async (pieces) => {
  const found: Found = [];
  const parser = createParser({ onEvent: (event) => found.push(parsed(event.event, event.data)) });
  const decoder = new TextDecoder();
  for (const piece of pieces) {
    parser.feed(decoder.decode(piece, { stream: true }));
  }
  return found;
};

const undici: Reader = async (pieces) => {
  const found: Found = [];
  const push = (event: { type: string; options: { data: string } } | null) => {
    if (event !== null) {
      found.push(parsed(event.type, event.options.data)); // null ends the stream
    }
  };
  const stream = new EventSourceStream({ eventSourceSettings: {}, push });
  for (const piece of pieces) {
    stream.write(Buffer.from(piece));
  }
  await new Promise((resolve) => stream.end(resolve));
  return found;
};

function webStream(pieces: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) {
        controller.enqueue(piece);
      }
      controller.close();
    },
  });
}

const ours: Reader = async (pieces) => {
  const found: Found = [];
  const deadline = new Deadline(undefined);
  const reader = new EventReader(bodyOf(new Response(webStream(pieces))).source, deadline);
  for (let event = await reader.next(60_000); event !== undefined; event = await reader.next(60_000)) {
    found.push(parsed(event.event, event.data));
  }
  deadline.release();
  return found;
};

const client: Reader = async (pieces) => {
  const found: Found = [];
  const answer = async () => new Response(webStream(pieces), { headers: { "content-type": "text/event-stream" } });
  const af = new AgentFlow({ apiKey: "af_live_x", baseUrl: "http://in.memory", maxRetries: 0, fetch: answer });
  try {
    for await (const event of af.agents.chatStream("a", { text: "hi" })) {
      found.push([event.event, event.data]);
    }
  } catch (error) {
    if (!(error instanceof StreamError)) {
      throw error;
    }
  }
  return found;
};

const readline: Reader = async (pieces) => {
  const found: Found = [];
  for await (const line of createInterface({ input: Readable.from(pieces), crlfDelay: Number.POSITIVE_INFINITY })) {
    found.push(parsed("", line));
  }
  return found;
};

const split: Reader = async (pieces) => {
  const found: Found = [];
  for await (const line of Readable.from(pieces).pipe(split2())) {
    found.push(parsed("", line));
  }
  return found;
};

function readersOf({ media, name }: Recording): Record<string, Reader> {
  if (media === "application/x-ndjson") {
    return { "node:readline": readline, split2: split };
  }
  const readers = { "eventsource-parser": eventsourceParser, undici, "our reader": ours };
  return name.startsWith("agentflow") ? { ...readers, "our client": client } : readers;
}

for (const recording of JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Recording[]) {
  const body = new Uint8Array(Buffer.from(recording.body, "base64"));
  const want: Found = recording.events.map((event) => parsed(event.name, event.data));
  for (const [name, read] of Object.entries(readersOf(recording))) {
    let places: number[] = [];
    let got: unknown;
    for (places of recording.cuts) {
      const all = [0, ...places, body.length];
      const pieces = all.slice(1).map((to, i) => body.slice(all[i], to));
      got = await read(pieces).catch(String);
      if (!isDeepStrictEqual(got, want)) {
        break;
      }
    }
    same(`${name} reads ${recording.name}`, { places, found: want }, { places, found: got });
  }
}
