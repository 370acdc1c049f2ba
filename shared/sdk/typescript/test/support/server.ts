import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { onTestFinished } from "vitest";
import { listen } from "./listen.ts";

/** A received request. */
export interface Received {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
  socket: Socket;
  /** Resolves when the client disconnects before the answer's end. */
  closed: Promise<void>;
}

/** Answers one request. */
export type Script = (res: ServerResponse, req: Received) => void | Promise<void>;

/** A server that plays one script for each request, and records the requests. */
export interface Scripted {
  url: string;
  received: Received[];
  play(...scripts: Script[]): void;
}

/** Starts a scripted server for the running test. */
export async function serve(...scripts: Script[]): Promise<Scripted> {
  const left = [...scripts];
  const received: Received[] = [];
  const server = createServer(async (req, res) => {
    const body = await read(req);
    const closed = new Promise<void>((resolve) => res.on("close", () => !res.writableFinished && resolve()));
    const asked = {
      method: req.method ?? "",
      url: req.url ?? "",
      headers: req.headers,
      body,
      socket: req.socket,
      closed,
    };
    received.push(asked);
    const script = left.shift();
    if (script === undefined) {
      answer(599, { error: "no_script_left" })(res, asked);
      return;
    }
    await script(res, asked);
  });
  const url = await listen(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url, received, play: (...more) => left.push(...more) };
}

async function read(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Sends a whole JSON answer; a string is sent unchanged. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}): Script {
  return (res) => {
    res.writeHead(status, { "content-type": "application/json", ...headers });
    res.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

/** Closes the connection before an answer. */
export const hangUp: Script = (_res, req) => {
  req.socket.destroy();
};

/** Never answers. */
export const silence: Script = () => {};

/** Sends an event stream of these chunks, each in its own write. */
export function events(chunks: (string | Uint8Array)[], headers: Record<string, string> = {}): Script {
  return async (res) => {
    open(res, headers);
    for (const chunk of chunks) {
      await write(res, chunk);
    }
    res.end();
  };
}

/** Begins an event stream. */
export function open(res: ServerResponse, headers: Record<string, string> = {}): void {
  res.writeHead(200, { "content-type": "text/event-stream", ...headers });
  res.socket?.setNoDelay();
  res.flushHeaders();
}

/** Writes and waits until the kernel has accepted the bytes. */
export function write(res: ServerResponse, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => res.write(chunk, () => resolve()));
}
