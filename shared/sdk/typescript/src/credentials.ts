import type { AgentFlowOptions, Secret } from "./options.ts";

/** Adds the caller's secret to a request's headers. */
export type Sign = (headers: Record<string, string>) => Promise<void>;

/** Returns the function that authenticates calls. */
export function signer({ apiKey, token, credentials }: AgentFlowOptions): Sign {
  if (apiKey !== undefined && token !== undefined) {
    throw new TypeError("give an apiKey or a token, not both");
  }
  if (apiKey !== undefined) {
    return async (headers) => {
      headers["x-api-key"] = await reveal("apiKey", apiKey);
    };
  }
  if (token !== undefined) {
    return async (headers) => {
      headers.authorization = `Bearer ${await reveal("token", token)}`;
    };
  }
  if (credentials === "include") {
    return async () => {};
  }
  throw new TypeError("an apiKey is needed, or a token, or credentials: 'include' for a browser's session");
}

// The platform's own error for an invalid header contains the header: so a secret could
// get into a log.
async function reveal(name: string, secret: Secret): Promise<string> {
  const value = (typeof secret === "function" ? await secret() : secret)?.trim();
  if (!/^[\x21-\x7e]+$/.test(value ?? "")) {
    throw new TypeError(`the ${name} is empty or has characters that cannot stand in a header`);
  }
  return value;
}
