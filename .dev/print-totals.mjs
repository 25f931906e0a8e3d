// Prints `N passed, N failed` from vitest's JSON report. Exit 0 only where tests ran and none failed.
import { readFileSync } from 'node:fs';

const [path] = process.argv.slice(2);
let report = {};
try {
  report = JSON.parse(readFileSync(path, 'utf8'));
} catch {
  // vitest did not get as far as a report: nothing ran.
}
const { numPassedTests: passed = 0, numFailedTests: failed = 0, numPendingTests = 0, numTodoTests = 0 } = report;
// A file that cannot even be loaded fails without a failed test in it.
const brokenFiles = (report.testResults ?? []).filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
).length;
const skipped = numPendingTests + numTodoTests;
const failures = failed + brokenFiles;
process.stdout.write(`${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = passed > 0 && failures === 0 ? 0 : 1;
