import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** Returns the package's folder. */
export const folder = resolve(import.meta.dirname, "../..");

/** The built package's folder; it must have been built. */
export function dist(): string {
  const built = resolve(folder, "dist");
  if (!existsSync(resolve(built, "index.js"))) {
    throw new Error("there is no dist: run `npm run build` first");
  }
  return built;
}
