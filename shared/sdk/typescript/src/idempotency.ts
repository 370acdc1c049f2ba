/** Returns the caller's Idempotency-Key, or a new one. */
export function idempotencyKeyOf(given: string | undefined): string {
  if (given === undefined) {
    return newKey();
  }
  if (!/^[\x21-\x7e]{1,255}$/.test(given)) {
    throw new TypeError("idempotencyKey must have 1 to 255 visible ASCII characters");
  }
  return given;
}

function newKey(): string {
  if (typeof crypto.randomUUID === "function") {
    return crypto.randomUUID();
  }
  // Pages that were loaded over plain HTTP do not have randomUUID.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}
