import { ProtocolError } from "./errors.ts";

/** An answer that must be an object. Its fields are the document's word. */
export function objectOf<T extends object>(data: unknown): T {
  if (typeof data !== "object" || data === null) {
    throw new ProtocolError("the answer is no JSON object");
  }
  return data as T;
}
