import { createParser, type EventSourceMessage } from "eventsource-parser";
import type { ByteSource } from "./body.ts";
import type { Deadline } from "./deadline.ts";

/** EventReader parses an answer's bytes into server-sent events. Comments are heartbeats. */
export class EventReader {
  readonly #source: ByteSource;
  readonly #deadline: Deadline;
  readonly #decoder = new TextDecoder();
  readonly #ready: EventSourceMessage[] = [];
  #openLine = false;
  #ended = false;
  readonly #parser = createParser({ onEvent: (event) => this.#ready.push(event) });

  constructor(source: ByteSource, deadline: Deadline) {
    this.#source = source;
    this.#deadline = deadline;
    // With a fetch that ignores its signal, a read would never end.
    deadline.signal.addEventListener("abort", () => this.#source.cancel().catch(() => {}), { once: true });
  }

  /** Returns the next event, undefined at the end. Rejects if no byte arrives for idle milliseconds. */
  async next(idle: number): Promise<EventSourceMessage | undefined> {
    for (;;) {
      this.#deadline.signal.throwIfAborted();
      const event = this.#ready.shift();
      if (event !== undefined) {
        return event;
      }
      if (this.#ended) {
        return undefined;
      }
      this.#deadline.within(idle, "the stream was silent: nothing came");
      const { done, value } = await this.#source.read();
      this.#deadline.pause();
      this.#deadline.signal.throwIfAborted();
      if (done) {
        this.#end();
        continue;
      }
      this.#feed(typeof value === "string" ? value : this.#decoder.decode(value, { stream: true }));
    }
  }

  #feed(text: string): void {
    if (text !== "") {
      this.#openLine = text.endsWith("\r");
      this.#parser.feed(text);
    }
  }

  // The parser holds a last CR back for an LF, which cannot follow any more.
  #end(): void {
    this.#ended = true;
    if (this.#openLine) {
      this.#parser.feed("\n");
    }
  }

  /** Reads to the end, for at most ms milliseconds, and discards the bytes. */
  async drain(ms: number): Promise<void> {
    this.#deadline.within(ms, "the stream did not end");
    while (!(await this.#source.read()).done) {
      // Errors do not matter here.
    }
  }
}
