export type { Agents } from "./agents.ts";
export { AgentFlow } from "./client.ts";
export {
  AgentFlowError,
  AgentTombstonedError,
  APIError,
  ApiKeyLostError,
  AutoRedeployFailedError,
  ConflictError,
  ConnectionError,
  ForbiddenError,
  InsufficientFlowError,
  InvalidApiKeyError,
  InvalidRequestError,
  MessageLimitReachedError,
  ModelUnavailableError,
  NotFoundError,
  PayloadTooLargeError,
  ProtocolError,
  RateLimitedError,
  StreamError,
  TimeoutError,
} from "./errors.ts";
export type { ChatEvent, ChatEventData } from "./events.ts";
export type { ApiKeys } from "./me.ts";
export type { AgentFlowOptions, RequestOptions, Secret } from "./options.ts";
export type { ResponseMeta, WithResponse } from "./response.ts";
export type { ChatStream } from "./stream.ts";
export type {
  ApiKey,
  ChatAnswer,
  ChatMessage,
  ChatMessages,
  ChatRequest,
  ChatText,
  Done,
  ErrorCode,
  EventName,
  FlowMeta,
  Me,
  NewApiKey,
  Page,
  Status,
  StreamFailure,
  ToolUse,
  UiBlock,
  UiBlocks,
} from "./types.ts";
