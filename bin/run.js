#!/usr/bin/env node
// The command line. Whatever Node from 20 on calls it, it runs under one that suits; a clone sets itself up first.
import module from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { words } from './setup-words.js';
import { handOver, isClone, isSuitable, root, suitableNode, toolchain } from './toolchain.js';

if (isClone && !process.env.MESSENGER_READY) {
  const { reportAndExit, setUp } = await import('./setup.js');
  await setUp().catch(reportAndExit);
}

if (!isSuitable(process.version)) {
  if (!isClone) {
    const [why, mend] = words.why.oldNode(process.version);
    process.stderr.write(`${why}\n${words.mend} ${mend}\n`);
    process.exit(1);
  }
  await handOver(suitableNode(), [fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
}

if (isClone) module.enableCompileCache(join(toolchain, 'compile-cache'));
const { execute, settings } = await import('@oclif/core');
settings.enableAutoTranspile = false;
await execute({ loadOptions: { root } });
