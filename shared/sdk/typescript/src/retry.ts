import type { Clock } from "./clock.ts";
import { APIError, ConflictError, ConnectionError, MessageLimitReachedError } from "./errors.ts";

const firstPause = 500;
const longestPause = 8_000;
const longestRetryAfter = 60;

/**
 * Retries says for one call whether and when to try again.
 *
 * Every POST and DELETE carries an Idempotency-Key, the same on every try, so
 * that a second try of one that did arrive has no second effect. That makes it
 * safe to repeat whatever may pass: no answer at all, 429, 503, and the 502 and
 * 504 that something in front of the service gave. Not repeated: other answers,
 * `message_limit_reached`, which lasts for the month, `auto_redeploy_failed`,
 * which lasts until somebody changes the agent, and the caller's timeouts.
 *
 * A 409 with Retry-After says that an earlier try is still running, as it may
 * after a broken connection: a turn goes on without its client. Its answer is
 * worth waiting for; these waits are bounded by patience, not counted as retries.
 */
export class Retries {
  readonly #most: number;
  readonly #patience: number;
  readonly #clock: Clock;
  #done = 0;
  #waitingSince: number | undefined;

  /** @param patience the longest wait for an earlier try's answer, in milliseconds. */
  constructor(most: number, patience: number, clock: Clock) {
    this.#most = most;
    this.#patience = patience;
    this.#clock = clock;
  }

  /** How many milliseconds to wait before the next try; undefined: give up. */
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
    // Full jitter: callers that failed together do not come back together.
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
  // Date.parse takes almost anything; a date of HTTP begins with a weekday.
  const at = /^[A-Za-z]{3,9},? /.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) {
    return undefined;
  }
  // The service's own clock is the one that it counts by.
  const served = Date.parse(headers.get("date") ?? "");
  return Math.max(0, (at - (Number.isNaN(served) ? now : served)) / 1000);
}
