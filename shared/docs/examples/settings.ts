// Settings of the examples in TypeScript, from the environment. Without BASE_URL
// they come from the .local/demo.json of this clone, which `make run` writes.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

function demo(): Record<string, string> {
  const file = process.env.DEMO || fileURLToPath(new URL("../../../.local/demo.json", import.meta.url));
  try {
    const { base_url, orgs } = JSON.parse(readFileSync(file, "utf8"));
    const { api_key, agent_id, webhook_secret } = orgs.demo;
    return { BASE_URL: base_url, API_KEY: api_key, AGENT: agent_id, WEBHOOK_SECRET: webhook_secret };
  } catch (error) {
    console.error(`set BASE_URL, API_KEY and AGENT, or start \`make run\`, which writes ${file} (${error})`);
    process.exit(1);
  }
}

/** Returns the settings of these names, each a variable of the environment. */
export function settings<Names extends string[]>(...names: Names): { [I in keyof Names]: string } {
  const defaults = process.env.BASE_URL ? {} : demo();
  const found = names.map((name) => process.env[name] || defaults[name]);
  const missing = names.filter((_, i) => !found[i]);
  if (missing.length > 0) {
    console.error(`set ${missing.join(" and ")}, as BASE_URL is set`);
    process.exit(1);
  }
  return found as { [I in keyof Names]: string };
}
