// FlexyAgents: a whole answer, and one in the same thread as lines of JSON.
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { settings } from "./settings.ts";

const [BASE_URL, API_KEY, AGENT] = settings("BASE_URL", "API_KEY", "AGENT");

async function chat(text: string, more: object = {}): Promise<Response> {
  const answer = await fetch(`${BASE_URL}/api/agents/${AGENT}/chat`, {
    method: "POST",
    headers: { Authorization: `Bearer ${API_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify({ messages: [{ role: "user", content: text }], ...more }),
  });
  if (!answer.ok) {
    throw new Error(`${answer.status} ${await answer.text()}`);
  }
  return answer;
}

const whole = await (await chat("My boat is called Teal.")).json();
console.log(`${whole.message.content} (${whole.usage.credits} credits)`);

// With a thread_id the agent knows the earlier messages.
const answer = await chat("What is my boat called?", { thread_id: whole.thread_id, stream: true });
for await (const line of createInterface({ input: Readable.from(answer.body!) })) {
  if (line === "") {
    continue; // a blank line keeps the connection alive
  }
  const part = JSON.parse(line);
  if (part.type === "delta") {
    process.stdout.write(part.content);
  } else if (part.type === "error") {
    throw new Error(`the answer broke off: ${line}`);
  } else if (part.type === "done") {
    console.log(` (${part.usage.credits} credits)`);
  }
}
