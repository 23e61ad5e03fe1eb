import type * as z from 'zod';
import type { OperationRow } from '../../src/protocol/operation.ts';
import { type OperationName, operations } from '../../src/protocol/operations.ts';
import { type Permission, permissions, type Role } from '../../src/protocol/roles.ts';

export interface Who {
  readonly name: string;
  /** Null: nobody is signed in. */
  readonly role: Role | null;
  /** Null: no API token. */
  readonly scopes: readonly Permission[] | null;
}

export type Row = OperationRow<z.ZodType, z.ZodType>;
export const rows = Object.entries(operations) as readonly (readonly [OperationName, Row])[];

/** What the tables say: the code and reason with which the caller is refused, or null. */
export function refusalOf({ access, session }: Row, { role, scopes }: Who): string | null {
  if (access === 'anyone') return null;
  if (access === 'local') return 'forbidden not_allowed';
  if (role === null) return 'unauthenticated no_token';
  if (!(permissions[access] as readonly Role[]).includes(role)) return 'forbidden not_allowed';
  if (scopes !== null && session) return 'forbidden needs_a_session';
  if (scopes !== null && !scopes.includes(access)) return 'forbidden scope_missing';
  return null;
}
