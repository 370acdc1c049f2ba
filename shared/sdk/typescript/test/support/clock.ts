import type { Clock } from "../../src/clock.ts";

/** A clock that stands still but for sleeps, which it notes and does not wait for. */
export class FakeClock implements Clock {
  readonly slept: number[] = [];
  time = Date.parse("2026-01-01T00:00:00Z");
  /** What random gives. */
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
