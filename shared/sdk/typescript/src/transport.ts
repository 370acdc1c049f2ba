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
  /** Begins with a slash; callers' values in it are escaped. */
  path: string;
  body?: unknown;
  accept: "application/json" | "text/event-stream";
  options: RequestOptions;
}

/** A 2xx answer, and its deadline. */
export interface Answer {
  response: Response;
  meta: ResponseMeta;
  deadline: Deadline;
  settings: Settings;
}

/** Transport sends calls, retries temporary failures, and turns other answers than 2xx into errors. */
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
    // Browsers require that fetch is called on the global object.
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
   * Sends a call until read accepts a 2xx answer. Until then the call may be retried;
   * afterwards the reader must end the answer's deadline.
   */
  async send<T>(call: Call, read: (answer: Answer) => Promise<T>): Promise<T> {
    const { signal } = call.options;
    const settings = settingsOf(call.options, this.#settings);
    const retries = new Retries(settings.maxRetries, settings.timeout, this.#clock);
    const key = call.method === "GET" ? undefined : idempotencyKeyOf(call.options.idempotencyKey);
    // Encoded once: a retry with another body would be refused.
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
      // Following it would send the key to the redirect's target.
      return new ProtocolError("the answer is a redirect, which is not followed: correct baseUrl");
    }
    const body = await response.text().catch(() => "");
    return errorOf(meta, parsed(body), readRetryAfter(response.headers, this.#clock.now()));
  }
}

/**
 * Returns the error of a failed attempt: the reason of the abort or timeout, if there was
 * one. A bug of this package, or of the given fetch, is not a network failure and is not
 * retried.
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
