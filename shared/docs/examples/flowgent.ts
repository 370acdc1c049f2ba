// FlowGent: two questions in one thread, and the thread's history. In
// callbacks.ts the answer is posted to a URL instead.
import { settings } from "./settings.ts";

const [BASE_URL, API_KEY, AGENT] = settings("BASE_URL", "API_KEY", "AGENT");

/** Asks and returns the body of the answer. */
async function ask(messages: string, more: object = {}) {
  const answer = await fetch(`${BASE_URL}/api/public/agent/${AGENT}/chat`, {
    method: "POST",
    headers: { Authorization: API_KEY, "Content-Type": "application/json" },
    body: JSON.stringify({ messages, ...more }),
  });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`${answer.status} ${text}`);
  }
  const { statusCode, body } = JSON.parse(text);
  if (statusCode !== 200) {
    throw new Error(text); // some failures are in the body of an HTTP 200
  }
  return body;
}

const first = await ask("When is low tide?");
const second = await ask("And high tide?", { thread_id: first.metadata.thread_id });
for (const { role, content } of second.conversation_history) {
  console.log(`${role}: ${content}`);
}
console.log(`${second.metadata.used_credits} credits`);
