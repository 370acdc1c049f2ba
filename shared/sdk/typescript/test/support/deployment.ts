// Runs the product as `make run` does, once for all tests that need it.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { listen } from "./listen.ts";

const root = resolve(import.meta.dirname, "../../../../..");
const patience = 120_000;

/** The contents of demo.json. */
export interface Demo {
  base_url: string;
  orgs: Record<"demo" | "other" | "empty", DemoOrg>;
}

/** An org with a key and a deployed agent. */
export interface DemoOrg {
  id: string;
  api_key: string;
  session_cookie?: string;
  email: string;
  agent_id: string;
  agent_slug: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    demo: Demo;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "quintet-sdk-"));
  const binary = join(folder, "local");
  const built = spawnSync("go", ["build", "-o", binary, "./shared/cmd/local"], { cwd: root, encoding: "utf8" });
  if (built.status !== 0) {
    throw new Error(`build the local program: ${built.error ?? built.stderr}`);
  }
  const ministack = process.env.MINISTACK ?? join(root, ".venv/bin/ministack");
  const product = spawn(binary, ["serve", "--state", folder, "--ministack", ministack], {
    cwd: root,
    env: { ...process.env, PORT: await freePort() },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = async () => {
    await interrupt(product);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    project.provide("demo", await ready(product, join(folder, "demo.json")));
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** Waits for demo.json, which is written once everything is served. */
async function ready(product: ChildProcess, file: string): Promise<Demo> {
  let said = "";
  product.stdout?.on("data", (chunk) => {
    said += chunk;
  });
  product.stderr?.on("data", (chunk) => {
    said += chunk;
  });
  const failed = new Promise<never>((_, reject) => {
    product.once("error", reject);
    product.once("exit", (code) => reject(new Error(`the product ended with ${code}:\n${said}`)));
  });
  failed.catch(() => {});
  const deadline = Date.now() + patience;
  while (Date.now() < deadline) {
    await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, 50))]);
    try {
      return JSON.parse(readFileSync(file, "utf8"));
    } catch {
      // It does not exist yet, or is incomplete.
    }
  }
  throw new Error(`not ready in ${patience} ms:\n${said}`);
}

/** Sends what Ctrl-C sends; the product stops all its processes. */
async function interrupt(product: ChildProcess): Promise<void> {
  if (product.exitCode !== null || product.signalCode !== null || product.pid === undefined) {
    return;
  }
  const exited = new Promise((resolve) => product.once("exit", resolve));
  product.kill("SIGINT");
  await exited;
}

async function freePort(): Promise<string> {
  const server = createServer();
  const { port } = new URL(await listen(server));
  await new Promise((resolve) => server.close(resolve));
  return port;
}
