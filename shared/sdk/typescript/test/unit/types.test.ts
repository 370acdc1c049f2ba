// These tests are checked by the type checker.
import { expectTypeOf, test } from "vitest";
import {
  AgentFlow,
  type APIError,
  type ChatAnswer,
  type ChatEvent,
  type Done,
  type FlowMeta,
  InsufficientFlowError,
  InvalidApiKeyError,
  type ResponseMeta,
  type Status,
  type StreamFailure,
  type UiBlocks,
} from "../../src/index.ts";

test("an event's name determines its data's type, and a switch over the names is complete", () => {
  const read = (event: ChatEvent): unknown => {
    switch (event.event) {
      case "status":
        expectTypeOf(event.data).toEqualTypeOf<Status>();
        return event.data.state === "thinking" ? undefined : event.data.tool;
      case "message":
        expectTypeOf(event.data).toEqualTypeOf<string>();
        return event.data;
      case "ui_blocks":
        expectTypeOf(event.data).toEqualTypeOf<UiBlocks>();
        return event.data.blocks;
      case "done":
        expectTypeOf(event.data).toEqualTypeOf<Done>();
        return event.data.content;
      case "flow_meta":
        expectTypeOf(event.data).toEqualTypeOf<FlowMeta>();
        return event.data.balance_remaining;
      case "error":
        expectTypeOf(event.data).toEqualTypeOf<StreamFailure>();
        return event.data.message;
      default:
        return event satisfies never;
    }
  };
  expectTypeOf(read).returns.toBeUnknown();
});

test("errors of the same shape are different types", () => {
  const read = (error: APIError): string | undefined => {
    if (error instanceof InvalidApiKeyError) {
      return error.code;
    }
    if (error instanceof InsufficientFlowError) {
      return error.topup_url;
    }
    expectTypeOf(error).toEqualTypeOf<APIError>();
    return error.code;
  };
  expectTypeOf(read).toBeFunction();
});

test("arguments", () => {
  const af = new AgentFlow({ apiKey: "k", baseUrl: "https://x.test" });
  // An environment variable may be undefined; the constructor checks that.
  const options: ConstructorParameters<typeof AgentFlow>[0] = {
    apiKey: process.env.NOT_THERE,
    baseUrl: "https://x.test",
  };
  expectTypeOf(options).toBeObject();
  expectTypeOf(af.agents.chat).returns.resolves.toEqualTypeOf<ChatAnswer & { readonly response: ResponseMeta }>();
  expectTypeOf(af.agents.chatStream).returns.toExtend<AsyncIterable<ChatEvent>>();
  const wrong = () => {
    // @ts-expect-error a turn has a text or messages
    af.agents.chat("a", { thread_id: "t" });
    // @ts-expect-error instructions belong to the agent
    af.agents.chat("a", { messages: [{ role: "system", content: "hi" }] });
    // @ts-expect-error the base URL has no default
    new AgentFlow({ apiKey: "k" });
  };
  expectTypeOf(wrong).toBeFunction();
});
