// AgentFlow: a whole answer, and one as events, with the client. `make examples`
// installs the client under this name.
import { AgentFlow } from "@agentflow/sdk";
import { settings } from "./settings.ts";

const [BASE_URL, API_KEY, AGENT] = settings("BASE_URL", "API_KEY", "AGENT");
const af = new AgentFlow({ apiKey: API_KEY, baseUrl: BASE_URL });

const whole = await af.agents.chat(AGENT, { text: "Which way does the ferry go?" });
console.log(`${whole.content} (${whole.flow_balance_remaining} left)`);

for await (const { event, data } of af.agents.chatStream(AGENT, { text: "And back?" })) {
  if (event === "message") {
    process.stdout.write(data); // a piece of the answer
  } else if (event === "flow_meta") {
    console.log(` (${data.balance_remaining} left)`); // the last event
  }
}
