import { objectOf } from "./objects.ts";
import type { RequestOptions } from "./options.ts";
import { type WithResponse, withResponse } from "./response.ts";
import { segment } from "./segment.ts";
import { ChatStream } from "./stream.ts";
import type { Transport } from "./transport.ts";
import type { ChatAnswer, ChatRequest } from "./types.ts";

/** Chats with agents. */
export class Agents {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Runs a turn and returns the whole answer. */
  async chat(slug: string, request: ChatRequest, options: RequestOptions = {}): Promise<WithResponse<ChatAnswer>> {
    const call = turn(slug, { ...request, stream: false }, options);
    const { data, meta } = await this.#transport.json(call);
    return withResponse(objectOf<ChatAnswer>(data), meta);
  }

  /** Runs a turn and streams its events. */
  chatStream(slug: string, request: ChatRequest, options: RequestOptions = {}): ChatStream {
    return new ChatStream(this.#transport, turn(slug, { ...request, stream: true }, options));
  }
}

function turn(slug: string, body: ChatRequest & { stream: boolean }, options: RequestOptions) {
  return { method: "POST", path: `/agents/${segment("slug", slug)}/chat`, body, options } as const;
}
