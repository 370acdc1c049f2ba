import { defineConfig } from "vitest/config";

const project = (name: string, more = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...more },
});

// The product takes a while to start, the first time with a build.
const deployment = { globalSetup: ["test/support/deployment.ts"], testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    reporters: ["test/support/reporter.ts"],
    projects: [
      project("unit"),
      project("package", { testTimeout: 60_000 }),
      project("deployment", deployment),
      project("chromium", deployment),
    ],
  },
});
