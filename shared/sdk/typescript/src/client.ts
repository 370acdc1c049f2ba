import { Agents } from "./agents.ts";
import { Me } from "./me.ts";
import type { AgentFlowOptions } from "./options.ts";
import { Transport } from "./transport.ts";

/**
 * A client of AgentFlow's API, as Quintet serves it.
 *
 *     const af = new AgentFlow({ apiKey, baseUrl });
 *     const answer = await af.agents.chat("support-agent-457c1d", { text: "Hello" });
 */
export class AgentFlow {
  readonly agents: Agents;
  readonly me: Me;

  constructor(options: AgentFlowOptions) {
    const transport = new Transport(options);
    this.agents = new Agents(transport);
    this.me = new Me(transport);
  }
}
