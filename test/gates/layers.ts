import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { emptyNames, layers, typesOnly } from './layer-table.ts';

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const anyOf = (alternatives: readonly string[]) => `(?:${alternatives.join('|')})`;
const folder = (layer: string) => `^src/${layer}/`;

function layerRules(name: string): IForbiddenRuleType[] {
  const layer = layers[name];
  if (!layer) throw new Error(`no layer ${name}`);
  const from = { path: folder(name) };
  const rules: IForbiddenRuleType[] = [
    {
      name: `${name} uses only ${[...layer.uses, 'itself'].join(', ')}`,
      severity: 'error',
      from,
      to: { path: '^src/', pathNot: [folder(name), ...layer.uses.map(folder)] },
    },
    {
      name: `${name} takes only its own packages (${layer.packages.join(', ') || 'none'})`,
      severity: 'error',
      from,
      to: {
        path: 'node_modules',
        ...(layer.packages.length === 0
          ? {}
          : { pathNot: `node_modules/(?:@types/)?${anyOf(layer.packages.map(escaped))}/` }),
      },
    },
  ];
  if (!layer.node)
    rules.push({
      name: `${name} knows nothing of Node`,
      severity: 'error',
      from,
      to: { dependencyTypes: ['core'] },
    });
  const types = typesOnly[name];
  if (types)
    rules.push({
      name: `${name} takes only types from other layers`,
      severity: 'error',
      from,
      to: {
        path: '^src/',
        pathNot: [folder(name), ...types.except.map((file) => `^${escaped(file)}$`)],
        dependencyTypesNot: ['type-only'],
      },
    });
  return rules;
}

const rules: IForbiddenRuleType[] = [
  ...Object.keys(layers).flatMap(layerRules),
  {
    // Circles of types alone vanish when they are stripped, and harm nobody.
    name: 'no circles',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'everything resolves',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true, pathNot: '^virtual:' },
  },
  { name: 'src knows no test', severity: 'error', from: { path: '^src/' }, to: { path: '^test/' } },
  {
    name: 'the server runs without development packages',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/web/' },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
];

async function cruiseModules(): Promise<ICruiseResult> {
  const { output } = await cruise(
    ['src', 'test'],
    {
      validate: true,
      ruleSet: { forbidden: rules },
      doNotFollow: { path: 'node_modules' },
      tsPreCompilationDeps: true,
      enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
    },
    {},
    { tsConfig: extractTSConfig('tsconfig.json') },
  );
  if (typeof output === 'string') throw new Error('expected a result, got a report');
  return output;
}

function sourceFiles(): string[] {
  return readdirSync('src', { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile() && /\.tsx?$/.test(item.name))
    .map((item) => join(item.parentPath, item.name));
}

function judgeNames(files: readonly string[]): string[] {
  return files.flatMap((file) => {
    const layer = file.split('/')[1] ?? '';
    const parts = [...dirname(file).split('/'), basename(file).replace(/\.tsx?$/, '')];
    const empty = parts.find((part) => emptyNames.includes(part));
    return [
      ...(layers[layer] ? [] : [`${file}: ${layer} is no layer of test/gates/layer-table.ts`]),
      ...(empty ? [`${file}: "${empty}" does not say what is inside`] : []),
    ];
  });
}

/** Other uses of the world in core are found by Biome, which cannot forbid one member of a global. */
function judgeChance(files: readonly string[]): string[] {
  return files
    .filter((file) => file.startsWith('src/core/') && /\bMath\.random\b/.test(readFileSync(file, 'utf8')))
    .map((file) => `${file}: core takes chance from platform.random`);
}

const files = sourceFiles();
const result = await cruiseModules();
const seen = new Set(result.modules.map((module) => module.source));
const unseen = files.filter((file) => !seen.has(file) && !file.endsWith('.d.ts'));
const failures = [
  ...result.summary.violations.map(({ from, to, rule, cycle }) =>
    cycle ? `${from} → ${cycle.map((step) => step.name).join(' → ')}: ${rule.name}` : `${from} → ${to}: ${rule.name}`,
  ),
  ...unseen.map((file) => `${file}: was not looked at`),
  ...judgeNames(files),
  ...judgeChance(files),
];
if (files.length === 0) failures.push('found no modules at all: run it from the project’s root');

for (const failure of failures) console.error(failure);
console.log(`layers: ${files.length} modules, ${failures.length} violations`);
process.exitCode = failures.length === 0 ? 0 : 1;
