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
    refuse(`set BASE_URL, API_KEY and AGENT, or start \`make run\`, which writes ${file} (${error})`);
  }
}

/** Returns the settings of these names, each a variable of the environment. */
export function settings<Names extends string[]>(...names: Names): { [I in keyof Names]: string } {
  const given = (name: string) => process.env[name]?.trim(); // a value from a file has a line break at its end
  const defaults = given("BASE_URL") ? {} : demo();
  const value = (name: string) => given(name) || defaults[name] || "";
  const missing = names.filter((name) => !value(name));
  if (missing.length > 0) {
    refuse(`set ${missing.join(" and ")}, as BASE_URL is set`);
  }
  return names.map((name) => checked(name, value(name))) as { [I in keyof Names]: string };
}

function checked(name: string, value: string): string {
  if (!/^[!-~]+$/.test(value)) {
    refuse(`${name} must be printable ASCII without blanks`);
  }
  if (name !== "BASE_URL") {
    return value;
  }
  if (!/^https?:\/\//.test(value)) {
    refuse("BASE_URL must begin with http:// or https://");
  }
  return value.replace(/\/+$/, "");
}

function refuse(why: string): never {
  console.error(why);
  process.exit(1);
}
