interface Layer {
  /** Other layers it may import. */
  readonly uses: readonly string[];
  /** Packages it may import. */
  readonly packages: readonly string[];
  /** It may import Node's own modules. */
  readonly node: boolean;
  readonly is: string;
}

/** The dependency rule: the gate judges by this table, and docs/architecture.md shows it. */
export const layers: Readonly<Record<string, Layer>> = {
  protocol: {
    is: 'operations, events, frames, errors, limits',
    uses: [],
    packages: ['zod'],
    node: false,
  },
  ports: {
    is: 'what core needs from the world: interfaces only',
    uses: ['protocol'],
    packages: [],
    node: false,
  },
  core: {
    is: 'the rules',
    uses: ['ports', 'protocol'],
    packages: [],
    node: false,
  },
  adapters: {
    is: 'who provides a port: SQL, Redis, memory, system',
    uses: ['ports', 'protocol'],
    packages: [
      '@simplewebauthn/server',
      'argon2',
      'better-sqlite3',
      'htmlparser2',
      'ioredis',
      'jose',
      'kysely',
      'mongodb',
      'multilingual-stemmer',
      'nodemailer',
      'otplib',
      'pg',
      'pino',
      'pino-pretty',
    ],
    node: true,
  },
  server: {
    is: 'the gateway: HTTP and WebSocket',
    uses: ['core', 'ports', 'protocol'],
    packages: ['@hono/node-server', 'hono', 'ws', 'zod'],
    node: true,
  },
  workers: {
    is: 'background jobs',
    uses: ['core', 'ports', 'protocol'],
    packages: [],
    node: true,
  },
  config: {
    is: 'every setting, declared once',
    uses: ['protocol'],
    packages: ['leven', 'yaml', 'zod'],
    node: true,
  },
  app: {
    is: 'composition: configuration → platform, roles, lifecycle',
    uses: ['adapters', 'config', 'core', 'ports', 'protocol', 'server', 'workers'],
    packages: [],
    node: true,
  },
  provision: {
    is: 'what commands do to a machine: steps and checks',
    uses: ['config', 'protocol'],
    packages: ['csv-parse'],
    node: true,
  },
  commands: {
    is: 'the CLI: parse flags, ask, call, print',
    uses: ['app', 'config', 'core', 'ports', 'protocol', 'provision'],
    packages: ['@inquirer/prompts', '@oclif/core', 'leven', 'uqr', 'zod'],
    node: true,
  },
  web: {
    is: 'the client',
    uses: ['protocol'],
    packages: ['@preact/signals', 'preact', 'uqr', 'vite', 'vite-plugin-pwa', 'workbox-window'],
    node: false,
  },
};

/** Layers that take nothing but types from the layers they use; `except` are files whose values they may take. */
export const typesOnly: Readonly<Record<string, { readonly except: readonly string[] }>> = {
  ports: { except: [] },
  web: {
    except: [
      'src/protocol/errors.ts',
      'src/protocol/fold.ts',
      'src/protocol/limits.ts',
      'src/protocol/listed-conversation.ts',
      'src/protocol/names.ts',
    ],
  },
};

/** Names that say nothing about what is inside. */
export const emptyNames = ['utils', 'helpers', 'common', 'shared', 'managers', 'services', 'misc', 'index'];
