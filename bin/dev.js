#!/usr/bin/env node
// The command line straight from the TypeScript sources, whose types Node 24 strips.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute, settings } from '@oclif/core';
import { root } from './toolchain.js';

settings.enableAutoTranspile = false;
settings.debug = true;
const text = readFileSync(join(root, 'package.json'), 'utf8')
  .replaceAll('./dist/', './src/')
  .replaceAll('**/*.js', '**/*.ts');
await execute({ loadOptions: { root, ignoreManifest: true, pjson: JSON.parse(text) } });
