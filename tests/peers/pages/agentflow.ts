// AgentFlow's chat from TypeScript, with the client that has the page's interface.
import { AgentFlow, type ChatEvent, InvalidApiKeyError } from "@quintet/sdk";
import { same } from "../steps.ts";

const { BASE_URL: baseUrl = "", KEY: apiKey = "", SLUG: slug = "" } = process.env;
const decimal = /^\d+\.\d{3}$/;
const af = new AgentFlow({ apiKey, baseUrl });

const whole = await af.agents.chat(slug, { text: "Hi!" });
same("a whole answer", "You said: Hi!", whole.content);
same("what is left", true, decimal.test(whole.flow_balance_remaining));

const told: ChatEvent[] = [];
let pieces = "";
let left = "";
for await (const event of af.agents.chatStream(slug, { text: "[[words 4]]" })) {
  told.push(event);
  if (event.event === "message") {
    pieces += event.data;
  } else if (event.event === "flow_meta") {
    left = event.data.balance_remaining;
  }
}
same("events", "status message message message message done flow_meta", told.map((e) => e.event).join(" "));
same("pieces", "w1 w2 w3 w4", pieces);
same("what is left at the end", true, decimal.test(left));

// Twenty words cost more than 0.001 credits, the precision of balances.
const long = await af.agents.chat(slug, { text: "[[words 20]]" });
same("a turn is charged", true, Number(long.flow_balance_remaining) < Number(left));

const refused = await new AgentFlow({ apiKey: "af_live_of_nobody", baseUrl }).agents
  .chat(slug, { text: "Hi!" })
  .catch((e) => e);
same("401", true, refused instanceof InvalidApiKeyError);
