import type { AgentFlowOptions, Secret } from "./options.ts";

/** Puts the caller's secret into a request's headers. */
export type Sign = (headers: Record<string, string>) => Promise<void>;

/** Chooses how calls are signed. */
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

// The platform's own error for a bad header shows the header: a secret must not
// get into a log that way.
async function reveal(name: string, secret: Secret): Promise<string> {
  const value = (typeof secret === "function" ? await secret() : secret)?.trim();
  if (!/^[\x21-\x7e]+$/.test(value ?? "")) {
    throw new TypeError(`the ${name} is empty or has characters that cannot stand in a header`);
  }
  return value;
}
