import type { Reporter, TestCase, TestModule, TestRunEndReason } from "vitest/node";

/** Prints results in the form of `go test -v`, for one parser of both kinds of tests. */
export default class GoReporter implements Reporter {
  #passed = 0;
  #failed = 0;

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result();
    const seconds = ((test.diagnostic()?.duration ?? 0) / 1000).toFixed(2);
    const name = `${test.module.relativeModuleId} ${test.fullName}`;
    if (state === "passed") {
      this.#passed++;
      console.log(`--- PASS: ${name} (${seconds}s)`);
      return;
    }
    this.#failed++; // a skipped test counts as a failure
    console.log(`--- FAIL: ${name} (${seconds}s)`);
    for (const error of errors ?? [{ message: state }]) {
      console.log(
        ["    ", error.message, "diff" in error ? error.diff : "", "stack" in error ? error.stack : ""].join("\n"),
      );
    }
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], reason: TestRunEndReason): void {
    for (const module of modules) {
      for (const error of module.errors()) {
        this.#failed++;
        console.log(`--- FAIL: ${module.relativeModuleId}\n${error.stack ?? error.message}`);
      }
    }
    for (const error of errors) {
      this.#failed++;
      console.log("--- FAIL: outside of any test\n", error);
    }
    console.log(`${this.#passed} passed, ${this.#failed} failed (${reason})`);
  }
}
