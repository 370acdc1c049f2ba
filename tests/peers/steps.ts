// Reports the result of each step of a program.
import { isDeepStrictEqual } from "node:util";

/** Reports a step: ok if got equals want. */
export function same(step: string, want: unknown, got: unknown): void {
  if (isDeepStrictEqual(want, got)) {
    console.log(`ok ${step}`);
    return;
  }
  process.exitCode = 1;
  console.log(`FAILED ${step}\n  want ${JSON.stringify(want)}\n  got  ${JSON.stringify(got)}`);
}
