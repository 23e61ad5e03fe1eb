import { installServices } from './services.ts';

/** Runs once before all tests. */
export default function prepare(): void {
  if (process.env.TEST_STACK !== 'required') return;
  const missing = installServices();
  if (missing.length > 0)
    throw new Error(`TEST_STACK=required, and these are not there and could not be installed: ${missing.join(', ')}`);
}
