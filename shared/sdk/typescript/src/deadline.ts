import { TimeoutError } from "./errors.ts";

// Timers count in 32 bits: what is longer would end at once.
const longestTimer = 2 ** 31 - 1;

/**
 * Deadline ends one try: when the caller aborts, when what is awaited takes too
 * long, or when nobody wants it any more. Its signal's reason is what to throw.
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

  /** Allows ms milliseconds from now for what comes next. */
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

  /** Breaks off what still runs. */
  abort(): void {
    this.#controller.abort();
    this.release();
  }

  /** Lets go of timer and caller's signal: the try is over. */
  release(): void {
    this.pause();
    this.#outer?.removeEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = () => this.#controller.abort(this.#outer?.reason);
}
