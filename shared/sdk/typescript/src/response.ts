/** An answer's status and headers. Browsers only show headers that the service exposes to pages. */
export interface ResponseMeta {
  readonly status: number;
  readonly headers: Headers;
  /** The request's id in the service's logs. */
  readonly requestId: string | undefined;
  /** The credits that were available before this turn's hold, a decimal. */
  readonly flowBalance: string | undefined;
  /** The credits held for this turn, a decimal. */
  readonly flowPrecharge: string | undefined;
  /** The Idempotency-Key that was sent with a POST or DELETE. */
  readonly idempotencyKey: string | undefined;
  /** This is the replay of an earlier answer: it had no effect and no charge. */
  readonly replayed: boolean;
}

/** Reads an answer's status and headers. */
export function metaOf(response: Response, idempotencyKey: string | undefined): ResponseMeta {
  const header = (name: string) => response.headers.get(name) ?? undefined;
  return {
    status: response.status,
    headers: response.headers,
    requestId: header("x-request-id"),
    flowBalance: header("x-flow-balance"),
    flowPrecharge: header("x-flow-precharge"),
    idempotencyKey,
    replayed: header("idempotency-replayed") === "true",
  };
}

/** A result with the status and headers of its answer. `response` is not enumerable: printing or copying leaves it out. */
export type WithResponse<T> = T & { readonly response: ResponseMeta };

/** Adds its answer's status and headers to a result. */
export function withResponse<T extends object>(data: T, response: ResponseMeta): WithResponse<T> {
  return Object.defineProperty(data, "response", { value: response }) as WithResponse<T>;
}
