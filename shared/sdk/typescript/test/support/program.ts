import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { folder } from "./sdk.ts";

/** Runs a program in Node as a user of the package would have it, and returns what it printed. */
export async function run(
  kind: "module" | "commonjs",
  source: string,
  env: Record<string, string> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)("node", [`--input-type=${kind}`, "--eval", source], {
    cwd: folder,
    env: { ...process.env, ...env },
  });
  return stdout;
}
