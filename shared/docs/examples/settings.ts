// BASE_URL, API_KEY and AGENT for the examples in TypeScript. They come from the
// environment. Any that are missing come from the .local/demo.json of this
// clone, which `make run` writes.
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

/** Returns the environment variable of that name, else the demo's value. */
export function setting(name: string): string {
  return process.env[name] || (demo()[name] ?? "");
}

export const BASE_URL = setting("BASE_URL");
export const API_KEY = setting("API_KEY");
export const AGENT = setting("AGENT");
