import { closeCodes, errorStatus } from '../protocol/errors.ts';
import { paths } from '../protocol/names.ts';
import { type OperationName, operations } from '../protocol/operations.ts';
import { permissions } from '../protocol/roles.ts';
import { type About, accessText, asyncApi, operationNames, waysOf } from './documents.ts';
import { type Schema, schemaText } from './schema-text.ts';

interface SocketDocument {
  readonly operations: Readonly<Record<string, { readonly action: string; readonly summary: string }>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly messages: Readonly<Record<string, { readonly payload: { readonly properties: Payload } }>>;
  };
}
type Payload = Readonly<Record<string, Schema>>;

/** The reference of the interface as one page, from the documents machines read: no script, nothing from elsewhere. */
export function referencePage(about: About): string {
  const document = asyncApi(about, operationNames) as unknown as SocketDocument;
  const { schemas, messages } = document.components;
  const payload = (name: string): Payload => messages[name]?.payload.properties ?? {};
  const events = Object.entries(document.operations).filter(([, { action }]) => action === 'send');
  const title = `${about.name}: interface`;
  return page(
    title,
    [
      contents('Operations', operationNames, ''),
      contents(
        'Events',
        events.map(([name]) => name),
        '',
      ),
      contents('Models', Object.keys(schemas), 'model-'),
    ],
    [
      `<h1>${text(title)}</h1>`,
      introduction(about),
      '<h2>Permissions</h2>',
      table(
        ['permission', 'roles'],
        Object.entries(permissions).map(([name, roles]) => [name, roles.join(', ')]),
      ),
      '<h2>Errors</h2>',
      table(['code', 'HTTP status'], Object.entries(errorStatus)),
      '<h2>Closes of the socket</h2>',
      table(['why', 'close code'], Object.entries(closeCodes)),
      '<h2>Operations</h2>',
      ...operationNames.map((name) =>
        operation(name, payload(`${name}.request`).input, payload(`${name}.reply`).output),
      ),
      '<h2>Events</h2>',
      ...events.map(([name, { summary }]) =>
        section(name, name, [paragraph(summary), schema('Body', payload(name).body)]),
      ),
      '<h2>Models</h2>',
      ...Object.entries(schemas).map(([name, model]) => section(`model-${name}`, name, [schema('', model)])),
    ],
  );
}

function introduction({ version }: About): string {
  const frames = [
    '→ { "id": 7, "op": "message.send", "input": { … } }',
    '← { "id": 7, "ok": true, "output": { … } }',
    '← { "id": 7, "ok": false, "error": { "code": "forbidden", "reason": "not_a_member" } }',
    '← { "event": "entry.appended", "body": { … } }',
  ].join('\n');
  return `<p>Version ${text(version)}. Machines read <a href="/openapi.json">openapi.json</a> and
<a href="/asyncapi.json">asyncapi.json</a>.</p>
<p>By WebSocket at <code>${paths.socket}</code>: one JSON object a frame, and <code>connection.open</code> in the first.</p>
<pre>${text(frames)}</pre>
<p>By HTTP: <code>POST ${paths.api}&lt;operation&gt;</code> with the input as JSON and <code>Authorization: Bearer &lt;access
token&gt;</code>. The answer is the reply without <code>id</code>. A script uses an API token in place of the access token; it
may what is both among its scopes and in its person’s role.</p>`;
}

function operation(name: OperationName, input: Schema | undefined, output: Schema | undefined): string {
  return section(name, name, [
    paragraph(operations[name].summary),
    paragraph(`By ${waysOf(name).join(' and ')}. Access: ${accessText(name)}.`),
    schema('Input', input),
    schema('Output', output),
  ]);
}

function schema(title: string, described: Schema | undefined): string {
  if (described === undefined) return '';
  const heading = title === '' ? '' : `<h4>${title}</h4>`;
  return `${heading}<pre>${linkModels(text(schemaText(described)))}</pre>`;
}

/** Names of models begin with `@` in the text of a schema. */
function linkModels(escaped: string): string {
  return escaped.replace(/@(\w+)/g, '<a href="#model-$1">$1</a>');
}

function paragraph(words: string): string {
  return `<p>${text(words).replace(/`([^`]+)`/g, '<code>$1</code>')}</p>`;
}

function section(id: string, title: string, parts: readonly string[]): string {
  return `<section id="${text(id)}"><h3>${text(title)}</h3>${parts.join('\n')}</section>`;
}

function contents(title: string, names: readonly string[], prefix: string): string {
  const items = names.map((name) => `<li><a href="#${text(prefix + name)}">${text(name)}</a></li>`);
  return `<h2>${title}</h2><ul>${items.join('')}</ul>`;
}

function table(head: readonly string[], rows: readonly (readonly [string, string | number])[]): string {
  const cells = (tag: string, values: readonly (string | number)[]) =>
    `<tr>${values.map((value) => `<${tag}>${text(String(value))}</${tag}>`).join('')}</tr>`;
  return `<table>${cells('th', head)}${rows.map((row) => cells('td', row)).join('')}</table>`;
}

function text(value: string): string {
  return value.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function page(title: string, nav: readonly string[], main: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<link rel="stylesheet" href="/docs/reference.css">
</head>
<body>
<nav aria-label="Contents">${nav.join('\n')}</nav>
<main>
${main.join('\n')}
</main>
</body>
</html>
`;
}

export const referenceStyle = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --line: light-dark(#ddd, #444); }
body { margin: 0; }
nav { padding: 1rem; font-size: 14px; border-block-end: 1px solid var(--line); }
nav h2 { font-size: 1rem; margin: 0.5rem 0; }
nav ul { list-style: none; margin: 0; padding: 0; columns: 14rem; }
nav a { display: block; padding: 0.25rem 0; overflow-wrap: anywhere; }
main { padding: 1rem; max-width: 60rem; }
h1 { font-size: 1.5rem; }
h3 { font: 600 1.125rem ui-monospace, monospace; overflow-wrap: anywhere; }
h4 { margin: 0.5rem 0 0; font-size: 0.875rem; }
section { border-block-start: 1px solid var(--line); padding-block: 0.5rem; }
pre { overflow-x: auto; padding: 0.75rem; font-size: 14px; background: light-dark(#f5f5f5, #222); }
table { border-collapse: collapse; }
th, td { text-align: start; padding: 0.25rem 1rem 0.25rem 0; border-block-end: 1px solid var(--line); }
@media (min-width: 900px) {
  body { display: grid; grid-template-columns: 18rem 1fr; }
  nav { position: sticky; inset-block-start: 0; height: 100dvh; overflow: auto; box-sizing: border-box; border: 0; }
  nav ul { columns: auto; }
}
`;
