/** What an answer's head says. In browsers a header is there only if the service exposes it to pages. */
export interface ResponseMeta {
  readonly status: number;
  readonly headers: Headers;
  /** Names the request in the service's logs. */
  readonly requestId: string | undefined;
  /** What was available before this turn's hold, a decimal. */
  readonly flowBalance: string | undefined;
  /** What was held for this turn, a decimal. */
  readonly flowPrecharge: string | undefined;
  /** The Idempotency-Key that was sent with a POST or DELETE. */
  readonly idempotencyKey: string | undefined;
  /** This is an earlier answer again: nothing was done or charged for it. */
  readonly replayed: boolean;
}

/** Reads an answer's head. */
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

/** A result with the head of the answer that brought it. `response` is not enumerable: printing or copying leaves it out. */
export type WithResponse<T> = T & { readonly response: ResponseMeta };

/** Ties a result to its answer's head. */
export function withResponse<T extends object>(data: T, response: ResponseMeta): WithResponse<T> {
  return Object.defineProperty(data, "response", { value: response }) as WithResponse<T>;
}
