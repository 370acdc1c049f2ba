// The API's shapes under the names that callers use. The shapes are those of the OpenAPI
// document.
import type { components, operations } from "./openapi.gen.ts";

type Schemas = components["schemas"];
type Refusals = components["responses"];
type Chat = operations["agentflowChatCreate"];
type Answers = Chat["responses"][200]["content"];

/** One message of a conversation. Only the last user message is answered: the service keeps the history. */
export type ChatMessage = Schemas["ChatMessage"];

/** Options of every turn. */
interface ChatContext {
  /** The thread's id, 1 to 128 characters of `A-Za-z0-9_.:-`. Without it, each caller has one thread with each agent. */
  thread_id?: Schemas["ThreadId"];
}

/** A turn given as text. */
export interface ChatText extends ChatContext {
  text: Schemas["QuestionText"];
}

/** A turn given as a list of messages, like those of OpenAI's clients. */
export interface ChatMessages extends ChatContext {
  messages: ChatMessage[];
}

/** The body of a turn. */
export type ChatRequest = ChatText | ChatMessages;

/** The answer to a buffered turn. `flow_balance_remaining` is the available credits after it, a decimal with three places. */
export type ChatAnswer = Answers["application/json"];

/** A tool's use in a turn. */
export type ToolUse = ChatAnswer["tools"][number];

/** The state of a streamed turn. `tool` names the tool in the two tool states. */
export type Status = Schemas["AgentFlowStatus"];

/** The data of `ui_blocks`. */
export type UiBlocks = Schemas["AgentFlowBlocks"];

/** A block to display beside the text: cards, buttons, lists. */
export type UiBlock = UiBlocks["blocks"][number];

/** The data of `done`: the whole answer. */
export type Done = Schemas["AgentFlowDone"];

/** The data of `flow_meta`, the last event: the available credits after the turn, a decimal with three places. */
export type FlowMeta = Schemas["AgentFlowFlowMeta"];

/** The data of `error`: the failure of a turn that had begun. */
export type StreamFailure = Schemas["AgentFlowStreamError"];

/** The names of a streamed turn's events. */
export type EventName = Answers["text/event-stream"]["event"];

/** The codes of the service's errors. */
export type ErrorCode = Refusals[keyof Refusals]["content"]["application/json"]["error"];

/** The caller. */
export interface Me {
  id: string;
  email: string;
  org_id: string;
  balance: string;
}

/** An API key as lists show it: `hint` has the last characters of its secret. */
export interface ApiKey {
  id: string;
  name: string;
  hint?: string;
  created_at: string;
}

/** A new key. `key` is the secret; it is never shown again. */
export interface NewApiKey extends ApiKey {
  key: string;
}

/** The requested part of a list. */
export interface Page {
  /** The largest number of items, 1 to 100. */
  limit?: number;
  /** Only items after the one with this id. */
  after?: string;
}
