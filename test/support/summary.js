import { readFileSync } from 'node:fs';

/**
 * Prints `N passed, N failed` of a report by Vitest, as the last line. Where nothing may be missing a skipped test has
 * failed, and so has a file that could not be loaded or a run that ended badly without saying which test it was.
 */
const [file = '', exitCode = '0'] = process.argv.slice(2);

/** @typedef {{ status: string, fullName: string }} Assertion */
/** @returns {{ testResults: { name: string, status: string, message: string, assertionResults: Assertion[] }[] }} */
function readReport() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { testResults: [] };
  }
}

const { testResults } = readReport();
const tests = testResults.flatMap((result) => result.assertionResults.map((test) => ({ ...test, file: result.name })));
const passed = tests.filter((test) => test.status === 'passed');
const fallen = tests.filter((test) => test.status !== 'passed');
const unloaded = testResults.filter(
  (result) => result.status === 'failed' && !result.assertionResults.some((test) => test.status === 'failed'),
);

for (const test of fallen) console.log(`${test.status}: ${test.fullName} (${test.file})`);
for (const result of unloaded) console.log(`failed as a whole: ${result.name} ${result.message}`);

const known = fallen.length + unloaded.length;
const failed = known === 0 && (exitCode !== '0' || passed.length === 0) ? 1 : known;
console.log(`${passed.length} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
