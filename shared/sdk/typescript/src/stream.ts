import { bodyOf } from "./body.ts";
import type { Deadline } from "./deadline.ts";
import { ConnectionError, ProtocolError, StreamError } from "./errors.ts";
import { type ChatEvent, parseEvent } from "./events.ts";
import type { ResponseMeta } from "./response.ts";
import { EventReader } from "./sse.ts";
import { type Answer, type Call, failure, type Transport } from "./transport.ts";
import type { StreamFailure } from "./types.ts";

const drainTime = 1_000;

/**
 * A turn's answer, event by event: loop over it with `for await`, once. The request is
 * sent when the loop, or `response()`, begins. Leaving the loop closes the connection;
 * the turn itself continues, and its answer is in the thread.
 */
export class ChatStream implements AsyncIterable<ChatEvent> {
  readonly #open: () => Promise<OpenStream>;
  #opened: Promise<OpenStream> | undefined;
  #taken = false;

  /** @internal */
  constructor(transport: Transport, call: Omit<Call, "accept">) {
    // The call may be retried until its first event has arrived, and not after it.
    this.#open = () => transport.send({ ...call, accept: "text/event-stream" }, OpenStream.begin);
  }

  /** The status and headers of the answer, once its first event has arrived: balance, precharge, request id. */
  async response(): Promise<ResponseMeta> {
    return (await this.#start()).meta;
  }

  [Symbol.asyncIterator](): AsyncGenerator<ChatEvent, void, undefined> {
    if (this.#taken) {
      throw new TypeError("a ChatStream can be read once");
    }
    this.#taken = true;
    return this.#events();
  }

  #start(): Promise<OpenStream> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  async *#events(): AsyncGenerator<ChatEvent, void, undefined> {
    const open = await this.#start();
    let broken: StreamFailure | undefined;
    try {
      for (let event = open.first; ; event = await open.next()) {
        if (event.event === "error") {
          broken = event.data;
        }
        if (event.event !== "flow_meta") {
          yield event;
          continue;
        }
        open.finish();
        yield event;
        if (broken !== undefined) {
          throw streamError(broken, event.data.balance_remaining, open.meta);
        }
        return;
      }
    } finally {
      open.close();
    }
  }
}

function streamError(broken: StreamFailure, balance: string | undefined, meta: ResponseMeta): StreamError {
  const error = new StreamError(broken.error, broken.message, balance);
  error.idempotencyKey = meta.idempotencyKey;
  return error;
}

/** OpenStream is a stream whose first event has arrived. */
class OpenStream {
  #finished = false;

  private constructor(
    readonly meta: ResponseMeta,
    readonly first: ChatEvent,
    private readonly reader: EventReader,
    private readonly deadline: Deadline,
    private readonly idle: number,
  ) {}

  static async begin({ response, meta, deadline, settings }: Answer): Promise<OpenStream> {
    const type = response.headers.get("content-type") ?? "";
    if (!type.toLowerCase().startsWith("text/event-stream") || response.body === null) {
      throw new ProtocolError(`the answer is no event stream but ${type || "untyped"}`);
    }
    const { source, live } = bodyOf(response);
    const reader = new EventReader(source, deadline);
    // A body that arrives whole has no heartbeats before its end.
    const idle = live ? settings.idleTimeout : settings.timeout;
    return new OpenStream(meta, await nextEvent(reader, idle), reader, deadline, idle);
  }

  async next(): Promise<ChatEvent> {
    try {
      return await nextEvent(this.reader, this.idle);
    } catch (error) {
      throw this.#explained(failure(error, this.deadline.signal));
    }
  }

  /** After the last event: reads the rest of the body in the background, so that the connection can serve the next call. */
  finish(): void {
    this.#finished = true;
    void this.#drain();
  }

  close(): void {
    if (!this.#finished) {
      this.deadline.abort();
    }
  }

  async #drain(): Promise<void> {
    try {
      await this.reader.drain(drainTime);
      this.deadline.release();
    } catch {
      this.deadline.abort();
    }
  }

  #explained(error: unknown): unknown {
    if (error instanceof ConnectionError) {
      error.idempotencyKey = this.meta.idempotencyKey;
    }
    return error;
  }
}

async function nextEvent(reader: EventReader, idle: number): Promise<ChatEvent> {
  for (;;) {
    const raw = await reader.next(idle);
    if (raw === undefined) {
      throw new ConnectionError("the stream ended before its last event");
    }
    const event = parseEvent(raw.event, raw.data);
    if (event !== undefined) {
      return event;
    }
  }
}
