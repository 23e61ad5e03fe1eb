import { describe, expect, test } from 'vitest';
import { events } from '../../src/protocol/events.ts';
import { operations } from '../../src/protocol/operations.ts';
import { asyncApi, openApi } from '../../src/server/documents.ts';
import { referencePage } from '../../src/server/reference-page.ts';

const about = { name: 'The <Club>', version: '1.2.3', address: 'https://chat.example.org' };

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, { readonly post: OpenApiOperation }>>;
}
interface OpenApiOperation {
  readonly operationId: string;
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
    const names = Object.keys(operations).filter((name) => name !== 'connection.open');
    expect(Object.keys(openapi.paths)).toEqual(names.map((name) => `/api/${name}`));
  });

  test('asks for a token exactly where one is needed', () => {
    const open = Object.values(openapi.paths).filter(({ post }) => post.security.length === 0);
    expect(open.map(({ post }) => post.operationId)).toEqual(
      Object.entries(operations)
        .filter(([name, { access }]) => access === 'anyone' && name !== 'connection.open')
        .map(([name]) => name),
    );
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
    const requests = Object.entries(operations).filter(([, row]) => !('http' in row));
    expect(Object.entries(asyncapi.operations).map(([name, { action }]) => [name, action])).toEqual([
      ...requests.map(([name]) => [name, 'receive']),
      ...Object.keys(events).map((name) => [name, 'send']),
    ]);
  });
});

describe('the reference page', () => {
  const page = referencePage(about);

  test('describes every operation, event and model, and every link on it leads somewhere', () => {
    for (const name of [...Object.keys(operations), ...Object.keys(events)]) expect(page).toContain(`id="${name}"`);
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target);
    expect(targets.length).toBeGreaterThan(60);
    for (const target of new Set(targets)) expect(page).toContain(`id="${target}"`);
  });

  test('runs no script, loads nothing from elsewhere, and escapes what people named', () => {
    expect(page).not.toMatch(/<script|style="|https?:\/\/(?!chat\.example\.org)/);
    expect(page).toContain('The &#60;Club&#62;');
  });
});
