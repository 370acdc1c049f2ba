import { type Clock, systemClock } from "./clock.ts";
import { type Sign, signer } from "./credentials.ts";
import { Deadline } from "./deadline.ts";
import { AgentFlowError, errorOf, ProtocolError, received } from "./errors.ts";
import { idempotencyKeyOf } from "./idempotency.ts";
import {
  type AgentFlowOptions,
  baseOf,
  checkOptions,
  type RequestOptions,
  type Settings,
  settingsOf,
} from "./options.ts";
import { metaOf, type ResponseMeta } from "./response.ts";
import { Retries, readRetryAfter } from "./retry.ts";

/** A request, before it is signed and sent. */
export interface Call {
  method: "GET" | "POST" | "DELETE";
  /** Begins with a slash; what callers gave in it is escaped. */
  path: string;
  body?: unknown;
  accept: "application/json" | "text/event-stream";
  options: RequestOptions;
}

/** An answer of 2xx and what ends the reading of it. */
export interface Answer {
  response: Response;
  meta: ResponseMeta;
  deadline: Deadline;
  settings: Settings;
}

/** Transport sends calls, repeats those that may pass, and makes errors of what is not 2xx. */
export class Transport {
  readonly #base: string;
  readonly #sign: Sign;
  readonly #credentials: RequestCredentials | undefined;
  readonly #settings: Settings;
  readonly #fetch: typeof fetch;
  readonly #clock: Clock;

  constructor(options: AgentFlowOptions, clock: Clock = systemClock) {
    checkOptions(options);
    this.#base = baseOf(options.baseUrl);
    this.#sign = signer(options);
    this.#credentials = options.credentials;
    this.#settings = settingsOf(options);
    // Browsers want fetch to be called on the global object.
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#clock = clock;
  }

  /** Sends a call and reads its answer as JSON; undefined for an empty one. */
  async json(call: Omit<Call, "accept">): Promise<{ data: unknown; meta: ResponseMeta }> {
    return this.send({ ...call, accept: "application/json" }, async ({ response, meta, deadline }) => {
      const body = await received(response.text(), response.url);
      deadline.release();
      try {
        return { data: body === "" ? undefined : JSON.parse(body), meta };
      } catch (cause) {
        throw new ProtocolError("the answer is not JSON", { cause });
      }
    });
  }

  /**
   * Sends a call until read is content with an answer of 2xx. Until then the
   * call may be repeated; afterwards the answer's deadline is the reader's to end.
   */
  async send<T>(call: Call, read: (answer: Answer) => Promise<T>): Promise<T> {
    const { signal } = call.options;
    const settings = settingsOf(call.options, this.#settings);
    const retries = new Retries(settings.maxRetries, settings.timeout, this.#clock);
    const key = call.method === "GET" ? undefined : idempotencyKeyOf(call.options.idempotencyKey);
    // Written once: a repeat with another body would be refused.
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    for (;;) {
      try {
        return await this.#try({ ...call, body }, key, settings, read);
      } catch (error) {
        if (error instanceof AgentFlowError) {
          error.idempotencyKey = key;
        }
        const pause = retries.next(error);
        if (pause === undefined) {
          throw error;
        }
        await this.#clock.sleep(pause, signal);
      }
    }
  }

  async #try<T>(
    call: Call & { body: string | undefined },
    key: string | undefined,
    settings: Settings,
    read: (answer: Answer) => Promise<T>,
  ): Promise<T> {
    const { method, path, body, accept, options } = call;
    const headers: Record<string, string> = { accept };
    await this.#sign(headers);
    const init: RequestInit = { method, headers, redirect: "manual" };
    if (body !== undefined) {
      headers["content-type"] = "application/json";
      init.body = body;
    }
    if (key !== undefined) {
      headers["idempotency-key"] = key;
    }
    if (this.#credentials !== undefined) {
      init.credentials = this.#credentials;
    }

    const url = this.#base + path;
    const deadline = new Deadline(options.signal);
    init.signal = deadline.signal;
    deadline.within(settings.timeout, "no answer");
    try {
      deadline.signal.throwIfAborted();
      const response = await received(this.#fetch(url, init), url);
      const meta = metaOf(response, key);
      if (!response.ok) {
        throw await this.#refusal(response, meta);
      }
      return await read({ response, meta, deadline, settings });
    } catch (error) {
      const reason = failure(error, deadline.signal);
      deadline.abort();
      throw reason;
    }
  }

  async #refusal(response: Response, meta: ResponseMeta): Promise<Error> {
    if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
      // Following it would hand the key to whoever it points at.
      return new ProtocolError("the answer is a redirect, which is not followed: correct baseUrl");
    }
    const body = await response.text().catch(() => "");
    return errorOf(meta, parsed(body), readRetryAfter(response.headers, this.#clock.now()));
  }
}

/**
 * What a failed try means: whoever ended it has the word. Anything else is what
 * it is: a mistake of ours, or of the fetch that was given, is not the network's
 * and passes by no repetition.
 */
export function failure(error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : error;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
