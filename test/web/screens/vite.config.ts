import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The client with the demo engine: `vite --config test/web/screens/vite.config.ts`, or built for pictures and tests. */
export default defineConfig({
  root: here,
  publicDir: fileURLToPath(new URL('../../../src/web/public', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('../../../.cache/screens', import.meta.url)),
    emptyOutDir: true,
    target: 'chrome123',
    modulePreload: { polyfill: false },
  },
});
