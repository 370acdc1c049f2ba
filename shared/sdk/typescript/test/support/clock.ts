import type { Clock } from "../../src/clock.ts";

/** A clock that only sleeps advance. It records them and does not wait. */
export class FakeClock implements Clock {
  readonly slept: number[] = [];
  time = Date.parse("2026-01-01T00:00:00Z");
  /** The result of random. */
  chance = 0.5;

  now(): number {
    return this.time;
  }

  random(): number {
    return this.chance;
  }

  async sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    this.slept.push(ms);
    this.time += ms;
  }
}
