/** A JSON Schema, as far as the protocol's schemas go. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
}

/** The schema for people, much as a type is written. Names of models begin with `@`. */
export function schemaText(schema: Schema, indent = ''): string {
  if (schema.$ref !== undefined) return `@${schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)}`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map((choice) => schemaText(choice, indent)).join(' | ');
  if (schema.allOf !== undefined) return schema.allOf.map((part) => schemaText(part, indent)).join(' & ');
  if (schema.type === 'array') return `[ ${schemaText(schema.items ?? {}, indent)} … ]${boundsText(schema)}`;
  if (schema.type === 'object') return objectText(schema, indent);
  if (typeof schema.type === 'object') {
    return schema.type.map((type) => schemaText({ ...schema, type }, indent)).join(' | ');
  }
  return `${schema.format ?? schema.type ?? 'anything'}${schema.type === 'null' ? '' : boundsText(schema)}`;
}

function objectText({ properties = {}, required = [], additionalProperties: any }: Schema, indent: string): string {
  if (typeof any === 'object') return `{ name: ${schemaText(any, indent)} … }`;
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(([name, property]) => {
    const optional = required.includes(name) && property.default === undefined ? '' : '?';
    const fallback = property.default === undefined ? '' : ` = ${JSON.stringify(property.default)}`;
    const note = property.description === undefined ? '' : `  // ${property.description}`;
    return `${inner}${name}${optional}: ${schemaText(property, inner)}${fallback}${note}`;
  });
  return lines.length === 0 ? '{ }' : `{\n${lines.join('\n')}\n${indent}}`;
}

/** What any JSON number may be anyway is no bound. */
function boundsText(schema: Schema): string {
  const most = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum;
  const low = schema.minLength ?? (schema.minimum === 0 ? undefined : schema.minimum);
  const high = schema.maxLength ?? schema.maxItems ?? most;
  if (low === undefined && high === undefined) return '';
  return ` (${low ?? ''}–${high ?? ''})`;
}
