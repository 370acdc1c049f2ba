import { ApiKeyLostError } from "./errors.ts";
import { objectOf } from "./objects.ts";
import type { RequestOptions } from "./options.ts";
import { type WithResponse, withResponse } from "./response.ts";
import { segment } from "./segment.ts";
import type { Transport } from "./transport.ts";
import type { ApiKey, Me as MeShape, NewApiKey, Page } from "./types.ts";

/** The caller. */
export class Me {
  /** The caller's API keys; these calls need a session. */
  readonly apiKeys: ApiKeys;
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
    this.apiKeys = new ApiKeys(transport);
  }

  /** Returns the caller and the available credits. */
  async get(options: RequestOptions = {}): Promise<WithResponse<MeShape>> {
    const { data, meta } = await this.#transport.json({ method: "GET", path: "/me", options });
    return withResponse(objectOf<MeShape>(data), meta);
  }
}

/** Creates, lists and revokes API keys. */
export class ApiKeys {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Creates a key. Its secret is only in this answer; if that is lost, the call rejects with an `ApiKeyLostError`. */
  async create(request: { name: string }, options: RequestOptions = {}): Promise<WithResponse<NewApiKey>> {
    const { data, meta } = await this.#transport.json({ method: "POST", path: "/me/api-keys", body: request, options });
    const made = objectOf<ApiKey & { key?: string }>(data);
    if (typeof made.key !== "string") {
      throw new ApiKeyLostError(made.id);
    }
    return withResponse(made as NewApiKey, meta);
  }

  /** Lists the keys that are not revoked, newest first, at most 100 or `limit`. */
  async list(page: Page = {}, options: RequestOptions = {}): Promise<WithResponse<ApiKey[]>> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(page)) {
      if (value !== undefined) {
        query.set(name, String(value));
      }
    }
    const path = query.size > 0 ? `/me/api-keys?${query}` : "/me/api-keys";
    const { data, meta } = await this.#transport.json({ method: "GET", path, options });
    return withResponse(objectOf<ApiKey[]>(data), meta);
  }

  /** Revokes a key; it stops working within 5 seconds. */
  async delete(id: string, options: RequestOptions = {}): Promise<void> {
    await this.#transport.json({ method: "DELETE", path: `/me/api-keys/${segment("id", id)}`, options });
  }
}
