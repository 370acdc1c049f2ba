// Tests the published package.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as source from "../../src/index.ts";
import { run } from "../support/program.ts";
import { dist, folder } from "../support/sdk.ts";

const names = Object.keys(source).sort();

test("import gives what the source exports", async () => {
  dist();
  const printed = await run("module", 'console.log(JSON.stringify(Object.keys(await import("@quintet/sdk")).sort()))');
  expect(JSON.parse(printed)).toEqual(names);
});

test("require gives what the source exports", async () => {
  const printed = await run("commonjs", 'console.log(JSON.stringify(Object.keys(require("@quintet/sdk")).sort()))');
  expect(JSON.parse(printed)).toEqual(names);
});

test("the tarball has the build, the licence and the README, and no other file", () => {
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: folder,
    encoding: "utf8",
  });
  const files = JSON.parse(packed)[0].files.map((file: { path: string }) => file.path);
  const want = ["README.md", "package.json", ...["cjs", "d.cts", "d.ts", "js"].map((end) => `dist/index.${end}`)];
  // The prepack script adds the licence.
  expect(files.filter((path: string) => path !== "LICENSE").sort()).toEqual(want.sort());
});

test("the build uses no Node modules, and has one dependency", () => {
  const code = readdirSync(dist())
    .filter((name) => /\.c?js$/.test(name))
    .map((name) => readFileSync(join(dist(), name), "utf8"));
  expect(code).toHaveLength(2);
  for (const text of code) {
    expect(text).not.toMatch(/\b(process|Buffer|__dirname|node:)\b/);
    const wanted = [...text.matchAll(/(?:from |require\()"([^"]+)"/g)].map((match) => match[1]);
    expect(wanted).toEqual(["eventsource-parser"]);
  }
});

test("the lock file has no download addresses", () => {
  const lock = readFileSync(join(folder, "package-lock.json"), "utf8");
  expect(lock).not.toMatch(/"resolved": "https?:/);
});

test("errors of the two builds are told apart by name, as their classes differ", async () => {
  const program = `
    import { createRequire } from "node:module";
    import { NotFoundError } from "@quintet/sdk";
    const other = createRequire(import.meta.url)("@quintet/sdk").NotFoundError;
    const error = new other({ status: 404, headers: new Headers() }, null);
    console.log(error instanceof NotFoundError, error.name);`;
  expect(await run("module", program)).toBe("false NotFoundError\n");
});
