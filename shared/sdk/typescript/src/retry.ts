import type { Clock } from "./clock.ts";
import { APIError, ConflictError, ConnectionError, MessageLimitReachedError } from "./errors.ts";

const firstPause = 500;
const longestPause = 8_000;
const longestRetryAfter = 60;

/**
 * Retries decides for one call whether and when to retry.
 *
 * Every POST and DELETE carries an Idempotency-Key, the same on every attempt, so that
 * a second attempt has no second effect. So it is safe to retry every temporary
 * failure: no answer, 429, 503, and the 502 and 504 of a gateway in front of the
 * service. Not retried are other answers, `message_limit_reached`, which lasts for the
 * month, `auto_redeploy_failed`, which lasts until the agent is changed, and the
 * caller's timeouts.
 *
 * A 409 with Retry-After means that an earlier attempt is still running, for example
 * after a broken connection: a turn continues without its client. The client waits for
 * its answer; these waits are bounded by patience, and do not count as retries.
 */
export class Retries {
  readonly #most: number;
  readonly #patience: number;
  readonly #clock: Clock;
  #done = 0;
  #waitingSince: number | undefined;

  /** @param patience the longest wait for an earlier attempt's answer, in milliseconds. */
  constructor(most: number, patience: number, clock: Clock) {
    this.#most = most;
    this.#patience = patience;
    this.#clock = clock;
  }

  /** Returns the milliseconds to wait before the next attempt; undefined: give up. */
  next(error: unknown): number | undefined {
    const after = error instanceof APIError ? error.retryAfter : undefined;
    if (error instanceof ConflictError && after !== undefined && this.#most > 0) {
      const now = this.#clock.now();
      this.#waitingSince ??= now;
      const pause = after * 1000 + this.#jitter(firstPause);
      return now + pause - this.#waitingSince <= this.#patience ? pause : undefined;
    }
    if (!mayPass(error) || this.#done >= this.#most || (after !== undefined && after > longestRetryAfter)) {
      return undefined;
    }
    // Full jitter: callers that failed together do not retry together.
    const pause = (after ?? 0) * 1000 + this.#jitter(Math.min(longestPause, firstPause * 2 ** this.#done));
    this.#done++;
    return pause;
  }

  #jitter(most: number): number {
    return this.#clock.random() * most;
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof ConnectionError) {
    return true;
  }
  if (!(error instanceof APIError) || error instanceof MessageLimitReachedError) {
    return false;
  }
  const { status, code } = error;
  return status === 429 || status === 503 || ((status === 502 || status === 504) && code === undefined);
}

/** Reads Retry-After, in either of its forms, as seconds from now. */
export function readRetryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+$/.test(value)) {
    return Number(value);
  }
  // Date.parse accepts almost any text; an HTTP date begins with a weekday.
  const at = /^[A-Za-z]{3,9},? /.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) {
    return undefined;
  }
  // The date is relative to the service's clock.
  const served = Date.parse(headers.get("date") ?? "");
  return Math.max(0, (at - (Number.isNaN(served) ? now : served)) / 1000);
}
