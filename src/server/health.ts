/** A part of the instance that may be well or not: a store, the bus. */
export interface Part {
  readonly name: string;
  check(): Health | Promise<Health>;
}
export interface Health {
  readonly ok: boolean;
  /** For people. */
  readonly says: string;
}
export type NamedHealth = Health & { readonly name: string };

const patienceMs = 2_000;

/** Asks every part at once. One that throws, or does not answer within two seconds, is not well. */
export function checkParts(parts: readonly Part[]): Promise<readonly NamedHealth[]> {
  return Promise.all(parts.map(async (part) => ({ name: part.name, ...(await checkPart(part)) })));
}

async function checkPart(part: Part): Promise<Health> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Health>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, says: 'does not answer' }), patienceMs);
  });
  try {
    return await Promise.race([late, askPart(part)]);
  } finally {
    clearTimeout(timer);
  }
}

async function askPart(part: Part): Promise<Health> {
  try {
    return await part.check();
  } catch (error) {
    return { ok: false, says: error instanceof Error ? error.message : String(error) };
  }
}
