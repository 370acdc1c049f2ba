import { defineConfig } from "vitest/config";

const project = (name: string, folders: string, more = {}) => ({
  test: { name, include: [`test/${folders}/**/*.test.ts`], ...more },
});

// These want the product, which takes a while to start, the first time with a build.
const deployment = { globalSetup: ["test/support/deployment.ts"], testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    reporters: ["test/support/reporter.ts"],
    projects: [
      project("unit", "unit"),
      project("package", "package", { testTimeout: 60_000 }),
      project("deployment", "deployment", deployment),
      project("chromium", "chromium", deployment),
    ],
  },
});
