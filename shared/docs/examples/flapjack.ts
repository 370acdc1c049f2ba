// Flapjack: a thread with two messages, answered as server-sent events.
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { settings } from "./settings.ts";

const [BASE_URL, API_KEY, AGENT] = settings("BASE_URL", "API_KEY", "AGENT");

/** Posts a body, or gets a path without one. */
async function flapjack(path: string, body?: object): Promise<Response> {
  const answer = await fetch(BASE_URL + path, {
    method: body ? "POST" : "GET",
    headers: { Authorization: `Bearer ${API_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) {
    throw new Error(`${answer.status} ${await answer.text()}`);
  }
  return answer;
}

const thread = await (await flapjack("/api/threads", { agentId: AGENT })).json();
for (const content of ["Count the lighthouses.", "And the ferries?"]) {
  const answer = await flapjack(`/api/threads/${thread.id}/messages`, { content });
  for await (const line of createInterface({ input: Readable.from(answer.body!) })) {
    if (!line.startsWith("data: ")) {
      continue; // an event's name, a heartbeat, or a blank line
    }
    const data = JSON.parse(line.slice("data: ".length));
    if ("delta" in data) {
      process.stdout.write(data.delta); // event: token
    } else if ("code" in data) {
      throw new Error(`the answer broke off: ${line}`); // event: error
    }
  }
  console.log();
}

// The thread's title is derived from its first message.
const { title } = await (await flapjack(`/api/threads/${thread.id}`)).json();
console.log(title);
