import { Agents } from "../../src/agents.ts";
import type { AgentFlowOptions, ChatEvent } from "../../src/index.ts";
import { Me } from "../../src/me.ts";
import { Transport } from "../../src/transport.ts";
import { FakeClock } from "./clock.ts";

/** Returns a client whose waits take no time. */
export function client(baseUrl: string, options: Partial<AgentFlowOptions> = {}) {
  const clock = new FakeClock();
  const transport = new Transport({ baseUrl, apiKey: "af_live_test", ...options }, clock);
  return { agents: new Agents(transport), me: new Me(transport), clock };
}

/** Returns a client whose answers are all an event stream of these chunks. */
export function reading(chunks: Uint8Array[], options: Partial<AgentFlowOptions> = {}) {
  return client("http://in.memory", {
    maxRetries: 0,
    fetch: async () => new Response(streamOf(chunks), { headers: { "content-type": "text/event-stream" } }),
    ...options,
  });
}

function streamOf(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks[at++];
      if (chunk === undefined) {
        controller.close();
      } else {
        controller.enqueue(chunk);
      }
    },
  });
}

/** Reads a stream to its end and returns its events and its error. */
export async function collect(stream: AsyncIterable<ChatEvent>): Promise<{ got: ChatEvent[]; error: unknown }> {
  const got: ChatEvent[] = [];
  try {
    for await (const event of stream) {
      got.push(event);
    }
    return { got, error: undefined };
  } catch (error) {
    return { got, error };
  }
}

/** Returns the error of a rejected promise. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it was not rejected");
}
