import type { ResponseMeta } from "./response.ts";
import type { ErrorCode } from "./types.ts";

/** The base class of this package's errors, except a caller's own abort reason and `TypeError` for wrong arguments. */
export class AgentFlowError extends Error {
  override readonly name: string = "AgentFlowError";
  /**
   * The Idempotency-Key of a POST or DELETE that failed. The same call with it, within 24 hours, takes effect at most once:
   * it gives the first answer again if there was one.
   */
  idempotencyKey: string | undefined;
}

/** The network failed: the answer is missing or incomplete. `cause` has the platform's error. */
export class ConnectionError extends AgentFlowError {
  override readonly name = "ConnectionError";
}

/** Returns a ConnectionError with the URL and the reason of a network failure. @internal */
export async function received<T>(arriving: Promise<T>, url: string): Promise<T> {
  try {
    return await arriving;
  } catch (cause) {
    throw new ConnectionError(`the connection to ${url} failed: ${reasonOf(cause)}`, { cause });
  }
}

/** The innermost cause with a message: Node's fetch hides a refused connection or an unknown host behind "fetch failed". */
function reasonOf(error: unknown): string {
  let reason = "unknown reason";
  // A chain of causes may be circular.
  for (let depth = 0; depth < 8 && error instanceof Error; depth++) {
    const { code, message } = error as Error & { code?: unknown };
    reason = message || (typeof code === "string" ? code : reason);
    if (typeof code === "string" && !reason.includes(code)) {
      reason += ` (${code})`;
    }
    error = error.cause;
  }
  return reason;
}

/** The answer, its beginning or its next bytes exceeded the caller's timeout. */
export class TimeoutError extends AgentFlowError {
  override readonly name = "TimeoutError";
}

/** The answer is not from this API. Check `baseUrl` first. */
export class ProtocolError extends AgentFlowError {
  override readonly name = "ProtocolError";
}

/** A turn failed after its answer had begun: the in-stream `error` event. */
export class StreamError extends AgentFlowError {
  override readonly name = "StreamError";
  /** @param code the event's `error`, for example `model_unavailable`. */
  constructor(
    readonly code: string,
    message: string,
    /** The balance after the turn. */
    readonly balance_remaining: string | undefined,
  ) {
    super(message);
  }
}

/**
 * A key was created, but the answer with its secret was lost, and the service shows a secret once. Delete the key by
 * its `id` and create another.
 */
export class ApiKeyLostError extends AgentFlowError {
  override readonly name = "ApiKeyLostError";
  constructor(readonly id: string) {
    super(`the answer with the secret of key ${id} was lost; delete that key and make another`);
  }
}

/** The service refused or failed, with a status of 400 or more. */
export class APIError extends AgentFlowError {
  override readonly name: string = "APIError";
  readonly status: number;
  /** The answer's `error`, for example `not_found`; undefined if a gateway in front of the service answered. */
  readonly code: ErrorCode | (string & {}) | undefined;
  /** The request's id in the service's logs. */
  readonly requestId: string | undefined;
  /** The service's Retry-After, in seconds. */
  readonly retryAfter: number | undefined;
  /** The answer, parsed if it is JSON. */
  readonly body: unknown;
  /** The answer's status and headers. Not enumerable: printing the error leaves it out. */
  declare readonly response: ResponseMeta;

  constructor(response: ResponseMeta, body: unknown, retryAfter?: number) {
    const code = text(body, "error");
    super(`${[response.status, code].filter(Boolean).join(" ")}${prefixed(": ", text(body, "message"))}`);
    this.status = response.status;
    this.code = code;
    this.requestId = response.requestId;
    this.retryAfter = retryAfter;
    this.body = body;
    Object.defineProperty(this, "response", { value: response });
    this.idempotencyKey = response.idempotencyKey;
  }
}

/** 400: the request is invalid; the message names the field. */
export class InvalidRequestError extends APIError {
  override readonly name = "InvalidRequestError";
}

/** 401: the key or session is unknown, revoked or expired. */
export class InvalidApiKeyError extends APIError {
  override readonly name = "InvalidApiKeyError";
}

/** 402: the balance does not cover the turn's hold. Nothing was charged. */
export class InsufficientFlowError extends APIError {
  override readonly name = "InsufficientFlowError";
  /** The available credits, a decimal. */
  readonly balance: string | undefined = text(this.body, "balance");
  /** The page to buy credits. */
  readonly topup_url: string | undefined = text(this.body, "topup_url");
}

/** 403: this key or session has no right to do that. */
export class ForbiddenError extends APIError {
  override readonly name = "ForbiddenError";
}

/** 404: the agent or key does not exist, or belongs to another org. */
export class NotFoundError extends APIError {
  override readonly name = "NotFoundError";
}

/** 409: the Idempotency-Key was used for another request, or its first request is still running (then `retryAfter` is set). */
export class ConflictError extends APIError {
  override readonly name = "ConflictError";
}

/** 410: the agent was deleted. */
export class AgentTombstonedError extends APIError {
  override readonly name = "AgentTombstonedError";
}

/** 413: the body is larger than 1 MiB. */
export class PayloadTooLargeError extends APIError {
  override readonly name = "PayloadTooLargeError";
}

/** 429: too many requests a minute. */
export class RateLimitedError extends APIError {
  override readonly name = "RateLimitedError";
}

/** 429 `message_limit_reached`: the month's messages or tokens are used up. A retry within the month fails too. */
export class MessageLimitReachedError extends APIError {
  override readonly name = "MessageLimitReachedError";
}

/** 502 `auto_redeploy_failed`: the agent's model is unknown or refused. */
export class AutoRedeployFailedError extends APIError {
  override readonly name = "AutoRedeployFailedError";
}

/** 503 `model_unavailable`: the model's provider is busy. */
export class ModelUnavailableError extends APIError {
  override readonly name = "ModelUnavailableError";
}

type Kind = new (...args: ConstructorParameters<typeof APIError>) => APIError;

// The type ensures that every code of the OpenAPI document has a class.
const byCode: Record<ErrorCode, Kind> = {
  invalid_request: InvalidRequestError,
  invalid_api_key: InvalidApiKeyError,
  insufficient_flow: InsufficientFlowError,
  forbidden: ForbiddenError,
  not_found: NotFoundError,
  conflict: ConflictError,
  agent_tombstoned: AgentTombstonedError,
  payload_too_large: PayloadTooLargeError,
  rate_limited: RateLimitedError,
  message_limit_reached: MessageLimitReachedError,
  auto_redeploy_failed: AutoRedeployFailedError,
  model_unavailable: ModelUnavailableError,
  unsupported_media_type: APIError,
  internal_error: APIError,
};

// A gateway in front of the service uses statuses, but not the service's codes. Its own
// 502 or 503 is not about models.
const byStatus: Record<number, Kind> = {
  400: InvalidRequestError,
  401: InvalidApiKeyError,
  402: InsufficientFlowError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  410: AgentTombstonedError,
  413: PayloadTooLargeError,
  429: RateLimitedError,
};

/** Returns the error of an answer. */
export function errorOf(response: ResponseMeta, body: unknown, retryAfter: number | undefined): APIError {
  const code = text(body, "error");
  const known = code !== undefined && Object.hasOwn(byCode, code) ? byCode[code as ErrorCode] : undefined;
  return new (known ?? byStatus[response.status] ?? APIError)(response, body, retryAfter);
}

function text(body: unknown, field: string): string | undefined {
  const value = typeof body === "object" && body !== null ? (body as Record<string, unknown>)[field] : undefined;
  return typeof value === "string" ? value : undefined;
}

function prefixed(prefix: string, s: string | undefined): string {
  return s === undefined ? "" : prefix + s;
}
