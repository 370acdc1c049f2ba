// Says of each step of a program whether it went as it should.
import { isDeepStrictEqual } from "node:util";

/** One step: got is what it should be. */
export function same(step: string, want: unknown, got: unknown): void {
  if (isDeepStrictEqual(want, got)) {
    console.log(`ok ${step}`);
    return;
  }
  process.exitCode = 1;
  console.log(`FAILED ${step}\n  want ${JSON.stringify(want)}\n  got  ${JSON.stringify(got)}`);
}
