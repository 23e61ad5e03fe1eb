import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { events } from '../../src/protocol/events.ts';
import type { OperationRow } from '../../src/protocol/operation.ts';
import { type OperationName, operations } from '../../src/protocol/operations.ts';
import { asyncApi, openApi } from '../../src/server/documents.ts';
import { referencePage } from '../../src/server/reference-page.ts';

const about = { name: 'The <Club>', version: '1.2.3', address: 'https://chat.example.org' };

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, { readonly post: OpenApiOperation }>>;
}
interface OpenApiOperation {
  readonly operationId: OperationName;
  readonly summary: string;
  readonly security: readonly object[];
  readonly requestBody: { readonly content: { readonly 'application/json': { readonly schema: object } } };
  readonly responses: Readonly<Record<string, object>>;
}
interface AsyncApi {
  readonly asyncapi: string;
  readonly servers: Readonly<Record<string, { readonly host: string; readonly protocol: string }>>;
  readonly operations: Readonly<Record<string, { readonly action: string }>>;
}

type Row = OperationRow<z.ZodType, z.ZodType>;
const rows: readonly (readonly [string, Row])[] = Object.entries(operations);
const openapi = openApi(about) as unknown as OpenApi;
const asyncapi = asyncApi(about) as unknown as AsyncApi;

/** Every `$ref` in a document, wherever it stands. */
function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    key === '$ref' && typeof each === 'string' ? [each] : references(each),
  );
}

function resolve(document: unknown, reference: string): unknown {
  const steps = reference.replace(/^#\//, '').split('/');
  return steps.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], document);
}

describe.each([
  ['openapi.json', openapi],
  ['asyncapi.json', asyncapi],
])('%s', (_, document) => {
  test('refers to nothing that is not in it', () => {
    const found = references(document);
    expect(found.length).toBeGreaterThan(50);
    expect(found.filter((reference) => resolve(document, reference) === undefined)).toEqual([]);
  });

  test('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });
});

describe('openapi.json', () => {
  test('is OpenAPI 3.1 with every operation that HTTP reaches', () => {
    expect(openapi.openapi).toBe('3.1.0');
    const reached = rows.filter(([name, { access }]) => name !== 'connection.open' && access !== 'local');
    expect(Object.keys(openapi.paths)).toEqual(reached.map(([name]) => `/api/${name}`));
  });

  test('asks for a token exactly where one is needed, and takes API tokens by their scopes where they may call', () => {
    for (const { post } of Object.values(openapi.paths)) {
      const row: Row = operations[post.operationId];
      const session = { accessToken: [] };
      expect([post.operationId, post.security]).toEqual([
        post.operationId,
        row.access === 'anyone' ? [] : row.session ? [session] : [session, { apiToken: [row.access] }],
      ]);
    }
  });

  test('has an id, a summary, a body and answers for each', () => {
    for (const { post } of Object.values(openapi.paths)) {
      expect(post.summary).not.toBe('');
      expect(post.requestBody.content['application/json'].schema).toMatchObject({ type: 'object' });
      expect(Object.keys(post.responses)).toEqual(['200', 'default']);
    }
  });

  test('lets answers grow: only inputs forbid further properties', () => {
    const answers = Object.values(openapi.paths).map(({ post }) => post.responses[200]);
    expect(JSON.stringify(answers)).not.toContain('additionalProperties');
    const sending = openapi.paths['/api/message.send']?.post.requestBody.content['application/json'].schema;
    expect(sending).toMatchObject({ additionalProperties: false, required: ['conversationId', 'clientId', 'text'] });
  });
});

describe('asyncapi.json', () => {
  test('is AsyncAPI 3.0 with every request a socket takes and every event', () => {
    expect(asyncapi.asyncapi).toBe('3.0.0');
    expect(asyncapi.servers.instance).toEqual({ host: 'chat.example.org', protocol: 'wss' });
    const requests = rows.filter(([, { http, access }]) => http !== true && access !== 'local');
    expect(Object.entries(asyncapi.operations).map(([name, { action }]) => [name, action])).toEqual([
      ...requests.map(([name]) => [name, 'receive']),
      ...Object.keys(events).map((name) => [name, 'send']),
    ]);
  });
});

describe('the reference page', () => {
  const page = referencePage(about);
  const sectionOf = (name: OperationName) => page.split(`<section id="${name}">`)[1]?.split('</section>', 1)[0] ?? '';

  test('describes every operation, event and model, and every link on it leads somewhere', () => {
    for (const name of [...Object.keys(operations), ...Object.keys(events)]) expect(page).toContain(`id="${name}"`);
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target);
    expect(targets.length).toBeGreaterThan(60);
    for (const target of new Set(targets)) expect(page).toContain(`id="${target}"`);
  });

  test('says of each operation who may call it, and what API tokens may not', () => {
    expect(sectionOf('token.create')).toContain('permission <code>tokens</code>; not for API tokens');
    expect(sectionOf('audit.list')).toContain('permission <code>audit</code>.');
    expect(sectionOf('user.setPassword')).toContain('By the CLI. Access: the owner of the host.');
    expect(sectionOf('auth.signIn')).toContain('By HTTP. Access: anyone.');
  });

  test('shows each answer that a union allows, and names ids by what they are of', () => {
    for (const status of ['signed_in', 'second_factor_needed', 'enrolment_needed']) {
      expect(sectionOf('auth.signIn')).toContain(`status: &#34;${status}&#34;`);
    }
    expect(sectionOf('session.close')).toContain('href="#model-sessionId"');
  });

  test('runs no script, loads nothing from elsewhere, and escapes what people named', () => {
    expect(page).not.toMatch(/<script|style="|https?:\/\/(?!chat\.example\.org)/);
    expect(page).toContain('The &#60;Club&#62;');
  });
});
