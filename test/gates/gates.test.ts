import { execFileSync } from 'node:child_process';
import { test } from 'vitest';

const gates = ['lint', 'types', 'layers', 'dead', 'generated'];

test.each(gates)('npm run check:%s finds nothing', { timeout: 120_000 }, (gate) => {
  try {
    execFileSync('npm', ['run', '--silent', `check:${gate}`], { stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`npm run check:${gate}\n${stdout}\n${stderr}`, { cause: error });
  }
});
