import { readFileSync } from "node:fs";
import { expect, expectTypeOf, test } from "vitest";
import { generate, target } from "../../generate.mjs";
import type { ChatEvent, ChatRequest } from "../../src/index.ts";
import type { operations } from "../../src/openapi.gen.ts";

test("the types are those of the OpenAPI document; if not: npm run generate", async () => {
  expect(readFileSync(target, "utf8")).toBe(await generate());
});

test("only AgentFlow's part is included", () => {
  expect(readFileSync(target, "utf8")).not.toMatch(/flametalk|flapjack|flowgent|flexyagents/i);
});

type Chat = operations["agentflowChatCreate"];

test("the client's requests and answers have the document's types", () => {
  expectTypeOf<ChatRequest>().toExtend<Chat["requestBody"]["content"]["application/json"]>();
  expectTypeOf<ChatEvent["event"]>().toEqualTypeOf<Chat["responses"][200]["content"]["text/event-stream"]["event"]>();
});
