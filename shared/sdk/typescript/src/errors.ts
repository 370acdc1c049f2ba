import type { ResponseMeta } from "./response.ts";
import type { ErrorCode } from "./types.ts";

/** What every error of this package is, except a caller's own abort reason and `TypeError` for wrong arguments. */
export class AgentFlowError extends Error {
  override readonly name: string = "AgentFlowError";
  /**
   * The Idempotency-Key of a POST or DELETE that failed. The same call with it, within 24 hours, takes effect at most once:
   * it gives the first answer again if there was one.
   */
  idempotencyKey: string | undefined;
}

/** No answer came, or it broke off: the network's failure. `cause` has the platform's error. */
export class ConnectionError extends AgentFlowError {
  override readonly name = "ConnectionError";
}

/** Makes a ConnectionError, with the URL and the reason, of a failure of what comes over the network. @internal */
export async function received<T>(arriving: Promise<T>, url: string): Promise<T> {
  try {
    return await arriving;
  } catch (cause) {
    throw new ConnectionError(`the connection to ${url} failed: ${reasonOf(cause)}`, { cause });
  }
}

/** The innermost cause that says something: Node's fetch hides a refused connection or an unknown host behind "fetch failed". */
function reasonOf(error: unknown): string {
  let reason = "unknown reason";
  // A chain of causes may be a ring.
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

/** The answer, its beginning or its next bytes took longer than the caller allows. */
export class TimeoutError extends AgentFlowError {
  override readonly name = "TimeoutError";
}

/** Something answered that does not speak this API. Look at `baseUrl` first. */
export class ProtocolError extends AgentFlowError {
  override readonly name = "ProtocolError";
}

/** A turn broke off after its answer had begun: the in-stream `error` event. */
export class StreamError extends AgentFlowError {
  override readonly name = "StreamError";
  /** @param code the event's `error`, as `model_unavailable`. */
  constructor(
    readonly code: string,
    message: string,
    /** What the turn left of the balance. */
    readonly balance_remaining: string | undefined,
  ) {
    super(message);
  }
}

/**
 * A key was made, but the answer with its secret was lost on the way, and the service shows a secret once. Delete the key by
 * its `id` and make another.
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
  /** The answer's `error`, as `not_found`; undefined when something in front of the service answered. */
  readonly code: ErrorCode | (string & {}) | undefined;
  /** Names the request in the service's logs. */
  readonly requestId: string | undefined;
  /** How long the service asks to wait, in seconds. */
  readonly retryAfter: number | undefined;
  /** The answer, parsed if it is JSON. */
  readonly body: unknown;
  /** The answer's head. Not enumerable: printing the error leaves it out. */
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

/** 400: the request is not of the documented form; the message names the field. */
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
  /** What was available, a decimal. */
  readonly balance: string | undefined = text(this.body, "balance");
  /** Where to add to it. */
  readonly topup_url: string | undefined = text(this.body, "topup_url");
}

/** 403: this key or session may not do that. */
export class ForbiddenError extends APIError {
  override readonly name = "ForbiddenError";
}

/** 404: there is no such agent or key, or it is not yours. */
export class NotFoundError extends APIError {
  override readonly name = "NotFoundError";
}

/** 409: the Idempotency-Key was used for another request, or its first request is still running (then `retryAfter` is there). */
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

/** 429 `message_limit_reached`: the month's messages or tokens are used up. Waiting a little does not help. */
export class MessageLimitReachedError extends APIError {
  override readonly name = "MessageLimitReachedError";
}

/** 502 `auto_redeploy_failed`: the deployed version cannot run as it is configured; its model is unknown or refused. */
export class AutoRedeployFailedError extends APIError {
  override readonly name = "AutoRedeployFailedError";
}

/** 503 `model_unavailable`: the model's provider is busy. */
export class ModelUnavailableError extends APIError {
  override readonly name = "ModelUnavailableError";
}

type Kind = new (...args: ConstructorParameters<typeof APIError>) => APIError;

// Every code of the OpenAPI document has its class; the type holds it so.
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

// A gateway in front of the service has statuses, but not the service's codes.
// A 502 or 503 of its own says nothing about models.
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

/** The error that an answer means. */
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
