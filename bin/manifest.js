// Writes down what commands there are, so that starting one need not load them all.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Config, settings } from '@oclif/core';
import { root } from './toolchain.js';

settings.enableAutoTranspile = false;
const config = await Config.load({ root, ignoreManifest: true });
const { manifest } = config.plugins.get(config.pjson.name);
const file = join(root, 'oclif.manifest.json');
writeFileSync(`${file}.new`, `${JSON.stringify(manifest)}\n`);
renameSync(`${file}.new`, file);
