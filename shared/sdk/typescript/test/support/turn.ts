import type { ChatEvent } from "../../src/index.ts";

const text = "Grüße, 世界 👩‍👩‍👧 \u2028 w1\nw2";

/** The events of a turn with every kind of event and Unicode characters of every length. */
export const events: ChatEvent[] = [
  { event: "status", data: { state: "thinking" } },
  { event: "message", data: "Grüße, 世界 👩‍" },
  { event: "message", data: "👩‍👧 \u2028" },
  { event: "status", data: { state: "tool_start", tool: "look_up" } },
  { event: "status", data: { state: "tool_done", tool: "look_up" } },
  { event: "ui_blocks", data: { blocks: [{ type: "card", title: "é" }] } },
  { event: "message", data: " w1\nw2" },
  { event: "done", data: { content: text, text, tools: [], thread_id: "t-1" } },
  { event: "flow_meta", data: { balance_remaining: "999.458" } },
];

/** The same turn, failed midway. */
export const broken: ChatEvent[] = [
  { event: "status", data: { state: "thinking" } },
  { event: "message", data: "half an ans" },
  { event: "error", data: { error: "internal_error", message: "the model broke off" } },
  { event: "flow_meta", data: { balance_remaining: "999.900" } },
];

/** Returns an event in wire format. */
export function wire(event: ChatEvent, newline = "\n"): string {
  return [`event: ${event.event}`, `data: ${JSON.stringify(event.data)}`, "", ""].join(newline);
}

/** Returns a turn in wire format, with a comment as heartbeat before each event. */
export function wireOf(all: ChatEvent[], newline = "\n"): string {
  return all.map((event) => `: heartbeat${newline}${newline}${wire(event, newline)}`).join("");
}
