import { ProtocolError } from "./errors.ts";

/** Checks that an answer is an object. Its fields are trusted to be as documented. */
export function objectOf<T extends object>(data: unknown): T {
  if (typeof data !== "object" || data === null) {
    throw new ProtocolError("the answer is no JSON object");
  }
  return data as T;
}
