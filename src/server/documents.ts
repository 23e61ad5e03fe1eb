import * as z from 'zod';
import { closeCodes, type ErrorCode, errorStatus } from '../protocol/errors.ts';
import { events } from '../protocol/events.ts';
import * as ids from '../protocol/ids.ts';
import * as models from '../protocol/models.ts';
import { epochHeader, paths } from '../protocol/names.ts';
import { type OperationName, operations } from '../protocol/operations.ts';

type Json = Readonly<Record<string, unknown>>;

/** The protocol's models by name, so that documents refer to them instead of repeating them. */
const named = z.registry<{ id: string }>();
for (const [name, value] of [...Object.entries(models), ...Object.entries(ids)]) {
  if (value instanceof z.ZodType) named.add(value, { id: name });
}

const wireError = z.object({
  code: z.enum(Object.keys(errorStatus) as [keyof typeof errorStatus]),
  reason: z.string().describe('A stable word for programs.'),
  retryAfter: z.number().optional().describe('Seconds.'),
  fields: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .optional()
    .describe('What is wrong in the input, and where.'),
});
named.add(wireError, { id: 'error' });

/** Schemas of one document, in which a model is described once. */
function makeSchemas(): {
  /** JSON Schema 2020-12, with references into `definitions`. */
  of(schema: z.ZodType, io: 'input' | 'output'): Json;
  readonly definitions: Record<string, unknown>;
} {
  const definitions: Record<string, unknown> = {};
  return {
    definitions,
    of(schema, io) {
      const whole = z.toJSONSchema(schema, {
        metadata: named,
        io,
        unrepresentable: 'any',
        override({ jsonSchema }) {
          // Answers may get further properties; clients ignore those they do not know.
          if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
        },
      });
      const { $defs, $schema: _, ...own } = pointingAtComponents(whole) as Record<string, unknown>;
      Object.assign(definitions, $defs);
      return own;
    },
  };
}

function pointingAtComponents(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pointingAtComponents);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) =>
      key === '$ref' && typeof each === 'string'
        ? [key, each.replace('#/$defs/', '#/components/schemas/')]
        : [key, pointingAtComponents(each)],
    ),
  );
}

export interface About {
  readonly name: string;
  readonly version: string;
  /** Where it is reached, without a slash at its end. */
  readonly address: string;
}

export const operationNames = Object.keys(operations) as OperationName[];
const httpNames = operationNames.filter((name) => waysOf(name).includes('HTTP'));
const socketNames = operationNames.filter((name) => waysOf(name).includes('WebSocket'));

export type Way = 'WebSocket' | 'HTTP' | 'the CLI';

/** How an operation can be reached. */
export function waysOf(name: OperationName): readonly Way[] {
  const row = operations[name];
  if (row.access === 'local') return ['the CLI'];
  if (name === 'connection.open') return ['WebSocket'];
  return 'http' in row ? ['HTTP'] : ['WebSocket', 'HTTP'];
}

function httpOperation(name: OperationName, schemas: ReturnType<typeof makeSchemas>): Json {
  const { summary, input, output } = operations[name];
  const answer = { type: 'object', required: ['ok', 'output'] };
  return {
    post: {
      operationId: name,
      tags: [name.split('.', 1)[0]],
      summary,
      description: `Access: ${accessText(name)}.`,
      security: securityOf(name),
      parameters: 'anyEpoch' in operations[name] ? [] : [{ $ref: '#/components/parameters/epoch' }],
      requestBody: { required: true, content: { 'application/json': { schema: schemas.of(input, 'input') } } },
      responses: {
        200: {
          description: 'Done.',
          content: {
            'application/json': {
              schema: { ...answer, properties: { ok: { const: true }, output: schemas.of(output, 'output') } },
            },
          },
        },
        default: { $ref: '#/components/responses/error' },
      },
    },
  };
}

/** What of the schemes below lets in. An API token needs the permission among its scopes. */
function securityOf(name: OperationName): readonly Json[] {
  const row = operations[name];
  if (row.access === 'anyone') return [];
  const accessToken = { accessToken: [] };
  return 'session' in row ? [accessToken] : [accessToken, { apiToken: [row.access] }];
}

/** Who may call, in words. */
export function accessText(name: OperationName): string {
  const row = operations[name];
  if (name === 'connection.open') return 'anyone; an API token needs the scope `chat`';
  if (row.access === 'anyone') return 'anyone';
  if (row.access === 'local') return 'the owner of the host';
  return `permission \`${row.access}\`${'session' in row ? '; not for API tokens' : ''}`;
}

/** OpenAPI 3.1 of `POST /api/<operation>`. */
export function openApi(about: About): Json {
  const schemas = makeSchemas();
  const operationPaths = Object.fromEntries(
    httpNames.map((name) => [`${paths.api}${name}`, httpOperation(name, schemas)]),
  );
  const error = schemas.of(wireError, 'output');
  const failure = { type: 'object', required: ['ok', 'error'], properties: { ok: { const: false }, error } };
  return {
    openapi: '3.1.0',
    info: { title: about.name, version: about.version, description: 'Every operation, by HTTP.' },
    servers: [{ url: about.address }],
    paths: operationPaths,
    components: {
      schemas: schemas.definitions,
      responses: {
        error: { description: errorText(), content: { 'application/json': { schema: failure } } },
      },
      parameters: {
        epoch: {
          name: epochHeader,
          in: 'header',
          required: false,
          schema: { type: 'string' },
          description: 'The epoch the client knows. If it is another, the answer is `epoch_changed`.',
        },
      },
      securitySchemes: {
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'What signing in answers. May what the role of its person may.',
        },
        apiToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'What `token.create` answers. May what is both among its scopes and in the role of its person.',
        },
      },
    },
  };
}

function errorText(): string {
  const codes = Object.entries(errorStatus) as [ErrorCode, number][];
  return `The status says the code: ${codes.map(([code, status]) => `${status} ${code}`).join(', ')}.`;
}

/** AsyncAPI 3.0 of the WebSocket: requests with their replies, and events. */
export function asyncApi(about: About, names: readonly OperationName[] = socketNames): Json {
  const schemas = makeSchemas();
  const channel = { $ref: '#/channels/socket' };
  const messages: Record<string, Json> = {};
  const actions: Record<string, Json> = {};
  const inChannel = (name: string) => ({ $ref: `#/channels/socket/messages/${name}` });
  const frame = (properties: Json) => ({
    type: 'object',
    required: Object.keys(properties),
    properties,
  });
  const id = { type: 'integer', minimum: 0, description: 'The client’s own; not used twice on one socket.' };

  for (const name of names) {
    const { summary, input, output } = operations[name];
    const [request, reply] = [`${name}.request`, `${name}.reply`];
    messages[request] = {
      name: request,
      summary,
      payload: frame({ id, op: { const: name }, input: schemas.of(input, 'input') }),
    };
    messages[reply] = {
      name: reply,
      payload: frame({ id, ok: { const: true }, output: schemas.of(output, 'output') }),
    };
    actions[name] = {
      action: 'receive',
      channel,
      summary,
      description: `Access: ${accessText(name)}.`,
      messages: [inChannel(request)],
      reply: { channel, messages: [inChannel(reply), inChannel('error')] },
    };
  }
  messages.error = {
    name: 'error',
    summary: 'A request failed.',
    payload: frame({ id, ok: { const: false }, error: schemas.of(wireError, 'output') }),
  };
  for (const [name, { summary, body }] of Object.entries(events)) {
    messages[name] = {
      name,
      summary,
      payload: frame({ event: { const: name }, body: schemas.of(body, 'output') }),
    };
    actions[name] = { action: 'send', channel, summary, messages: [inChannel(name)] };
  }

  const address = new URL(about.address);
  return {
    asyncapi: '3.0.0',
    info: { title: about.name, version: about.version, description: `One JSON object a frame. ${closeText()}` },
    defaultContentType: 'application/json',
    servers: { instance: { host: address.host, protocol: address.protocol === 'https:' ? 'wss' : 'ws' } },
    channels: { socket: { address: paths.socket, messages: inComponents(messages) } },
    operations: actions,
    components: { schemas: schemas.definitions, messages },
  };
}

function inComponents(messages: Readonly<Record<string, Json>>): Json {
  return Object.fromEntries(Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]));
}

function closeText(): string {
  const codes = Object.entries(closeCodes).map(([name, code]) => `${code} ${name}`);
  return `A socket closes with: ${codes.join(', ')}.`;
}
