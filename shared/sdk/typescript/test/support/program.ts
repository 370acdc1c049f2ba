import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { folder } from "./sdk.ts";

/** Runs a program in Node like a user of the package, and returns its output. */
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
