import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import { plainSettings } from '../../src/protocol/models.ts';
import { type OperationName, operations } from '../../src/protocol/operations.ts';

/** A text of JSON: what `JSON.stringify` cannot write, such as a key `__proto__`, can stand in it. */
type JsonText = string;

const deep = (depth: number, open: string, middle: string, close: string) =>
  open.repeat(depth) + middle + close.repeat(depth);

/** What a field can be given that may mean harm, or is only wrong. */
const values: Readonly<Record<string, JsonText>> = {
  null: 'null',
  true: 'true',
  zero: '0',
  'a negative number': '-1',
  'a fraction': '0.5',
  'a huge number': '1e308',
  'a number that is infinite': '1e999',
  'a number beyond exact ones': '9007199254740994',
  'the largest exact number': '9007199254740991',
  'an empty text': '""',
  'a text': '"text"',
  'a text of spaces': '" \\u00a0 "',
  'half a character': '"a\\ud800b"',
  'half a character at the end': '"abcdefghijkl\\udc00"',
  'a NUL': '"abcdefgh\\u0000ijkl"',
  'a text that turns the line around': '"abcd\\u202eefghijk"',
  'a quote of SQL': `"x' OR 1=1; DROP TABLE users; --"`,
  'wildcards of LIKE': '"%_\\\\%"',
  'the name of a prototype': '"__proto__"',
  'the name of a constructor': '"constructor"',
  'an id of nobody': `"${randomUUID()}"`,
  'a long text': JSON.stringify('x'.repeat(1_000)),
  'an oversized text': JSON.stringify('x'.repeat(50_000)),
  'an empty list': '[]',
  'a list of nothing': '[null]',
  'a list of texts': '["text","__proto__"]',
  'a long list of ids': JSON.stringify(Array.from({ length: 1_200 }, () => randomUUID())),
  'an empty object': '{}',
  'an object': '{"text":"text"}',
  'an object with a prototype': '{"__proto__":{"role":"owner"}}',
  'an object with a constructor': '{"constructor":{"prototype":{"role":"owner"}}}',
  'a deep list': deep(20_000, '[', '', ']'),
  'a deep object': deep(8_000, '{"a":', '1', '}'),
};

/** Of these the first that a field takes stands in it where another field is the bad one. */
const good: readonly unknown[] = [
  randomUUID(),
  'correct horse battery',
  'someone@example.org',
  'someone',
  ['chat'],
  [1],
  [randomUUID()],
  [randomUUID(), randomUUID()],
  [{ conversationId: randomUUID(), deliveredSeq: 1, readSeq: 1 }],
  1,
  true,
  false,
  { text: 'text', replyTo: null },
  { conversationId: randomUUID(), seq: 1 },
  ['yes', 'no'],
  '👍',
  'https://example.org/in',
  {},
  plainSettings,
  [{ userId: randomUUID(), name: 'someone', displayName: 'Someone', match: 'name' }],
  [{ time: 1, senderId: null, clientId: randomUUID(), kind: 'message', body: { text: 'text' } }],
  [
    {
      userId: randomUUID(),
      role: 'member',
      member: true,
      spans: [{ from: 1, to: null }],
      joinedSeq: 1,
      deliveredSeq: 0,
      readSeq: 0,
      keeping: { pinned: false, archived: false, mutedUntil: null, markedUnread: false },
      draft: null,
      hidden: [],
    },
  ],
  ...['messenger', 'member', 'totp', 'body', 'en', 'active', 'link', 'spam', 'acted', 'open', 'everybody', 'all'],
];

interface Field {
  readonly name: string;
  readonly schema: z.ZodType;
}

function fieldsOf(op: OperationName): readonly Field[] {
  return Object.entries(operations[op].input.shape).map(([name, schema]) => ({ name, schema: schema as z.ZodType }));
}

/** What stands for a field of this name, where the table takes it: what really is there, so that handlers look further. */
export type Known = Readonly<Record<string, unknown>>;

/** Every field given, each with something it takes. Fails where nothing above fits: then add what does. */
export function goodInput(op: OperationName, known: Known = {}): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    fieldsOf(op).map(({ name, schema }) => {
      const found = [known[name], ...good].find((value) => value !== undefined && schema.safeParse(value).success);
      if (found === undefined) throw new Error(`what does ${op} take as ${name}?`);
      return [name, found];
    }),
  );
}

/** Only what has to be given. */
function leastInput(op: OperationName, known: Known): Readonly<Record<string, unknown>> {
  const needed = fieldsOf(op).filter(({ schema }) => !schema.safeParse(undefined).success);
  const whole = goodInput(op, known);
  return Object.fromEntries(needed.map(({ name }) => [name, whole[name]]));
}

export interface BadInput {
  /** What is wrong, in words. */
  readonly what: string;
  /** Where it is wrong; empty for the whole. */
  readonly field: string;
  readonly json: JsonText;
  /** The table takes it: the operation then has to be up to it. */
  readonly valid: boolean;
}

/** Everything wrong that can be said to an operation, as far as its row tells. */
export function badInputs(op: OperationName, known: Known = {}): readonly BadInput[] {
  const given = (what: string, field: string, json: JsonText): BadInput => {
    const valid = operations[op].input.safeParse(JSON.parse(json)).success;
    return { what: field === '' ? what : `${field}: ${what}`, field, json, valid };
  };
  const whole = goodInput(op, known);
  const least = leastInput(op, known);
  const noObjects = ['null', 'true', '1', '"text"', '[]', JSON.stringify([whole]), deep(20_000, '[', '', ']')];
  const strangeFields = ['unknown', '__proto__', 'constructor', 'toString', 'ж'.repeat(500)];
  const strangeValues = fieldsOf(op).flatMap(({ name }) =>
    Object.entries(values).flatMap(([what, json]) => [
      given(what, name, withField(whole, name, json)),
      given(`${what}, and only what is needed`, name, withField(least, name, json)),
    ]),
  );
  return [
    ...noObjects.map((json) => given(`no object: ${json.slice(0, 10)}`, '', json)),
    ...strangeFields.map((name) =>
      given(`a field ${name.slice(0, 20)}`, '', withField(whole, name, '{"role":"owner"}')),
    ),
    ...strangeValues,
  ];
}

function withField(input: Readonly<Record<string, unknown>>, name: string, json: JsonText): JsonText {
  const { [name]: _, ...others } = input;
  const rest = JSON.stringify(others).slice(1, -1);
  return `{${rest}${rest === '' ? '' : ','}${JSON.stringify(name)}:${json}}`;
}
