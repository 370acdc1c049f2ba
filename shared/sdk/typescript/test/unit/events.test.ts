import { expect, test } from "vitest";
import { parseEvent } from "../../src/events.ts";
import { ProtocolError } from "../../src/index.ts";
import { broken, events } from "../support/turn.ts";

for (const event of [...events, ...broken]) {
  test(`${event.event} ${JSON.stringify(event.data)}`, () => {
    expect(parseEvent(event.event, JSON.stringify(event.data))).toEqual(event);
  });
}

test("unknown names give undefined, with any data", () => {
  for (const name of [undefined, "", "usage", "toString", "__proto__"]) {
    expect(parseEvent(name, "not JSON")).toBeUndefined();
  }
});

for (const [name, data] of [
  ["message", "hi"],
  ["message", "7"],
  ["message", "null"],
  ["status", '"thinking"'],
  ["done", "[]"],
  ["flow_meta", "null"],
  ["error", ""],
  ["ui_blocks", '{"blocks":['],
] as const) {
  test(`${name} with ${data || "nothing"} is a ProtocolError`, () => {
    expect(() => parseEvent(name, data)).toThrow(ProtocolError);
  });
}

test("unknown fields are kept", () => {
  expect(parseEvent("status", '{"state":"thinking","more":1}')?.data).toEqual({ state: "thinking", more: 1 });
});
