import { ProtocolError } from "./errors.ts";
import type { Done, EventName, FlowMeta, Status, StreamFailure, UiBlocks } from "./types.ts";

/** The data of each event of a streamed turn, by the event's name. */
export interface ChatEventData {
  /** The state of the turn; also a heartbeat. */
  status: Status;
  /** A piece of the answer. */
  message: string;
  ui_blocks: UiBlocks;
  /** The whole answer. */
  done: Done;
  /** The balance after the turn; always the last event. */
  flow_meta: FlowMeta;
  /** The turn failed. `flow_meta` follows, then the loop throws a `StreamError`. */
  error: StreamFailure;
}

/** One event of a streamed turn: `event` determines the type of `data`. */
export type ChatEvent = {
  [Name in EventName]: { event: Name; data: ChatEventData[Name] };
}[EventName];

const isObject = (data: unknown): boolean => typeof data === "object" && data !== null && !Array.isArray(data);

const forms: Record<EventName, (data: unknown) => boolean> = {
  status: isObject,
  message: (data) => typeof data === "string",
  ui_blocks: isObject,
  done: isObject,
  flow_meta: isObject,
  error: isObject,
};

/**
 * Reads one server-sent event. Returns undefined for a name that this release does not
 * know, so that the service can add events without breaking its clients.
 */
export function parseEvent(name: string | undefined, data: string): ChatEvent | undefined {
  if (name === undefined || !Object.hasOwn(forms, name)) {
    return undefined;
  }
  const event = name as EventName;
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (cause) {
    throw new ProtocolError(`the data of a ${event} event is not JSON`, { cause });
  }
  if (!forms[event](value)) {
    throw new ProtocolError(`the data of a ${event} event has another form than documented`);
  }
  return { event, data: value } as ChatEvent;
}
