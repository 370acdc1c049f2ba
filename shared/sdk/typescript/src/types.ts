// The names under which callers meet the API's shapes.

/** A part of a message's content. */
export interface TextPart {
  type: "text";
  text: string;
}

/** One message of a conversation. Only the last user message drives the turn: the service keeps the history. */
export interface ChatMessage {
  role: "user" | "assistant";
  content: string | TextPart[];
}

/** What every turn may say beside its message. */
interface ChatContext {
  /** Names the conversation, 1 to 128 characters of `A-Za-z0-9_.:-`. Without it there is one per caller and agent. */
  thread_id?: string;
}

/** A turn given as text. */
export interface ChatText extends ChatContext {
  text: string;
}

/** A turn given as a list of messages, as OpenAI's clients have it. */
export interface ChatMessages extends ChatContext {
  messages: ChatMessage[];
}

/** The body of a turn. */
export type ChatRequest = ChatText | ChatMessages;

/** A tool's use in a turn. */
export interface ToolUse {
  name: string;
  arguments: unknown;
  result: string;
}

/** The answer to a buffered turn. */
export interface ChatAnswer {
  content: string;
  text: string;
  tools: ToolUse[];
  thread_id: string;
  /** What is available after the turn, a decimal with three places. */
  flow_balance_remaining: string;
}

/** Where a streamed turn stands. `tool` names the tool in the two tool states. */
export interface Status {
  state: "thinking" | "tool_start" | "tool_done";
  tool?: string;
}

/** Something to show beside the text: cards, buttons, lists. */
export type UiBlock = Record<string, unknown>;

/** The data of `ui_blocks`. */
export interface UiBlocks {
  blocks: UiBlock[];
}

/** The data of `done`: the whole answer once more. */
export interface Done {
  content: string;
  text: string;
  tools: ToolUse[];
  thread_id: string;
}

/** The data of `flow_meta`, the last event. */
export interface FlowMeta {
  /** What is available after the turn, a decimal with three places. */
  balance_remaining: string;
}

/** The data of `error`: what broke the turn off after it began. */
export interface StreamFailure {
  error: string;
  message: string;
}

/** Who is calling. */
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

/** A key just made. `key` is the secret; it is never shown again. */
export interface NewApiKey extends ApiKey {
  key: string;
}

/** Which part of a list is wanted. */
export interface Page {
  /** How many at most, 1 to 100. */
  limit?: number;
  /** Only what comes after the one with this id. */
  after?: string;
}
