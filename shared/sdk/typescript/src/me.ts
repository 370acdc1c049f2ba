import { ApiKeyLostError } from "./errors.ts";
import { objectOf } from "./objects.ts";
import type { RequestOptions } from "./options.ts";
import { type WithResponse, withResponse } from "./response.ts";
import { segment } from "./segment.ts";
import type { Transport } from "./transport.ts";
import type { ApiKey, Me as MeShape, NewApiKey, Page } from "./types.ts";

/** The caller. */
export class Me {
  /** The caller's API keys; they want a session. */
  readonly apiKeys: ApiKeys;
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
    this.apiKeys = new ApiKeys(transport);
  }

  /** Who is calling, and what is available. */
  async get(options: RequestOptions = {}): Promise<WithResponse<MeShape>> {
    const { data, meta } = await this.#transport.json({ method: "GET", path: "/me", options });
    return withResponse(objectOf<MeShape>(data), meta);
  }
}

/** Makes, lists and revokes API keys. */
export class ApiKeys {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Makes a key. Its secret is in this answer and nowhere else; a lost one is an `ApiKeyLostError`. */
  async create(request: { name: string }, options: RequestOptions = {}): Promise<WithResponse<NewApiKey>> {
    const { data, meta } = await this.#transport.json({ method: "POST", path: "/me/api-keys", body: request, options });
    const made = objectOf<ApiKey & { key?: string }>(data);
    if (typeof made.key !== "string") {
      throw new ApiKeyLostError(made.id);
    }
    return withResponse(made as NewApiKey, meta);
  }

  /** The keys that are not revoked, newest first, 100 at a time unless `limit` says fewer. */
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
