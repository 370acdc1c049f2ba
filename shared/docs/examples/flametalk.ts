// Flametalk: create an agent, deploy it, ask it, change and deploy it again, and
// delete it.
import { settings } from "./settings.ts";

const [BASE_URL, API_KEY] = settings("BASE_URL", "API_KEY");

/** Sends a request and returns the JSON of its answer. */
async function call(method: string, path: string, body?: object) {
  const answer = await fetch(BASE_URL + path, {
    method,
    headers: { Authorization: `Bearer ${API_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) {
    throw new Error(`${answer.status} ${await answer.text()}`);
  }
  return answer.json();
}

/** Deploys the agent's newest version. */
async function deploy(agent: string): Promise<void> {
  const { data } = await call("GET", `/v1/agents/${agent}`);
  const deployed = await call("POST", `/v1/agents/${agent}/versions/${data.versions[0].id}/deploy`);
  console.log("deployed", deployed.data.deployed_version.version_label);
}

const { data } = await call("POST", "/v1/agents", { name: "Tide table", instructions: "You know the tides." });
console.log("created", data.id);
await deploy(data.id);
// Flametalk's API has no chat. The agent chats over the other four, here over
// AgentFlow's.
const answer = await call("POST", `/agents/${data.id}/chat`, { text: "Ahoy!", stream: false });
console.log(answer.content);
await call("PATCH", `/v1/agents/${data.id}`, { instructions: "You know the tides and the winds." });
await deploy(data.id);
console.log(JSON.stringify((await call("DELETE", `/v1/agents/${data.id}`)).data));
