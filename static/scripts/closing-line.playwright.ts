import type { FullResult, Reporter, Suite } from "@playwright/test/reporter";

/** Prints the plain closing line that CI counts. */
export default class ClosingLine implements Reporter {
  private suite: Suite | undefined;

  onBegin(_config: unknown, suite: Suite): void {
    this.suite = suite;
  }

  onEnd(result: FullResult): void {
    const tests = this.suite?.allTests() ?? [];
    const outcomes = tests.map((test) => test.outcome());
    const skipped = outcomes.filter((outcome) => outcome === "skipped").length;
    const failed = outcomes.filter((outcome) => outcome === "unexpected").length;
    const broken = result.status !== "passed" && failed === 0 ? 1 : 0;
    for (const test of tests.filter((one) => one.outcome() === "flaky")) {
      process.stdout.write(`\nflaky, passed on its second try: ${test.titlePath().join(" › ")}`);
    }
    const tail = skipped ? `, ${skipped} skipped` : "";
    process.stdout.write(
      `\n${outcomes.length - skipped - failed} passed, ${failed + broken} failed${tail}\n`,
    );
  }

  printsToStdio(): boolean {
    return false;
  }
}
