import { TimeoutError } from "./errors.ts";

// Timers have 32 bits: a longer timeout would fire at once.
const longestTimer = 2 ** 31 - 1;

/**
 * Deadline cancels one attempt: when the caller aborts, when a step takes too long, or
 * when the result is not needed any more. Its signal's reason is the error to throw.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(outer: AbortSignal | undefined) {
    this.#outer = outer;
    if (outer?.aborted) {
      this.#controller.abort(outer.reason);
    } else {
      outer?.addEventListener("abort", this.#onAbort);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Allows ms milliseconds from now for the next step. */
  within(ms: number, what: string): void {
    this.pause();
    if (ms <= longestTimer) {
      this.#timer = setTimeout(() => this.#controller.abort(new TimeoutError(`${what} within ${ms} ms`)), ms);
    }
  }

  /** Stops the clock until the next `within`. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** Cancels the attempt. */
  abort(): void {
    this.#controller.abort();
    this.release();
  }

  /** Releases the timer and the caller's signal after the attempt. */
  release(): void {
    this.pause();
    this.#outer?.removeEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = () => this.#controller.abort(this.#outer?.reason);
}
